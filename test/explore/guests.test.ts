/**
 * Whoever goes on within the step of another: what a counterexample says of him and its token replays, and programs of
 * which the search once missed an outcome or an order.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberHandle from "effect/FiberHandle"
import * as FiberMap from "effect/FiberMap"
import * as FiberSet from "effect/FiberSet"
import * as MutableRef from "effect/MutableRef"
import * as Ref from "effect/Ref"
import * as Scheduler from "effect/Scheduler"
import * as Explore from "../../src/explore.ts"
import { engineOf, explore, judge, orders, outcome } from "./oracle.ts"
import { look, lookAfter, now, open } from "./wakers.ts"

type Any = Effect.Effect<unknown, unknown, Explore.Explore>
type Slot = Fiber.Fiber<unknown, unknown> | undefined

/** A law of logs: what is told first is this. */
const firstIs = (first: string): Explore.LogLaw => {
  const rest: Explore.Position = { key: "rest", change: () => rest, use: () => true, end: () => true }
  const start: Explore.Position = {
    key: "start",
    change: (event) => (event === first ? rest : `${event} comes first`),
    use: () => true,
    end: () => true
  }
  return {
    sequences: (log) => [
      { subject: "the log", parts: log.map((_, at) => ({ at, mode: "changes", role: "" })), start: () => [start] }
    ],
    same: String
  }
}

describe("whoever goes on at once", () => {
  const found = lookAfter(Deferred.await)

  it.effect("is named in the choices of a counterexample, whose token replays it", () =>
    Effect.gen(function* () {
      const verdict = yield* Explore.check(found, {
        always: { "nobody came": ({ exit }) => exit._tag === "Success" && exit.value === 0 }
      })
      assert.instanceOf(verdict, Explore.Falsified)
      const { choices, token } = verdict.counterexample
      assert.deepStrictEqual(choices, ["step 2: main.1 goes on, not main", "step 3: main.1 goes on at once"])
      assert.match(token, /^x1\.[0-9a-z]+\.1-1\.1-0$/)
      const { changed, exit } = yield* Explore.replay(found, token)
      assert.deepStrictEqual([changed, exit], [false, Exit.succeed(1)])
    })
  )

  it.effect("tells before what is told after it, though nothing else is touched", () =>
    Effect.gen(function* () {
      const { tell } = yield* Explore.recorder
      const gate = yield* Deferred.make<void>()
      const waiter = yield* Effect.forkChild(Effect.andThen(Deferred.await(gate), Explore.tell("he goes on")), now)
      yield* Effect.sync(() => {
        open(gate)
        tell("the gate is open")
      })
      yield* Fiber.await(waiter)
    }).pipe(
      (program) => Explore.check(program, { everyOrder: { "the gate comes first": firstIs("the gate is open") } }),
      Effect.map((verdict) => assert.strictEqual(verdict._tag, "Falsified"))
    )
  )

  it("is learnt of only where two clash: else no run is cut on its behalf", () => {
    const program = Effect.andThen(
      Effect.timeoutOption(Effect.yieldNow, 10),
      Effect.all([Effect.yieldNow, Effect.yieldNow], { concurrency: 2 })
    )
    const { blocked, executions } = explore(engineOf(program))
    assert.deepStrictEqual([executions, blocked], [16, 0])
  })

  it("does so only where it is no other order of what there is already", () => {
    const apart = look((gate) => Effect.as(Deferred.succeed(gate, undefined), 0))
    const beside = look((gate, ref) =>
      Effect.sync(() => {
        const seen = Ref.getUnsafe(ref)
        open(gate)
        return seen
      })
    )
    assert.deepStrictEqual(
      [apart, beside, found].map((program) => explore(engineOf(program)).executions),
      [1, 1, 3]
    )
  })
})

const unyielding = <A>(self: Effect.Effect<A>): Effect.Effect<A> =>
  Effect.provideService(self, Scheduler.PreventSchedulerYield, true)

/** Forks both, and waits for both. */
const bothForked = (one: Effect.Effect<unknown>, other: Effect.Effect<unknown>) =>
  Effect.flatMap(Effect.all([Effect.forkChild(one), Effect.forkChild(other)]), Fiber.awaitAll)

const deadlock = "deadlock"

/** Executions, outcomes. */
const programs: Readonly<Record<string, readonly [executions: number, ends: ReadonlyArray<unknown>, program: Any]>> = {
  "a fiber that has ended before a FiberSet has it": [
    4,
    [0, 1],
    Effect.scoped(
      Effect.gen(function* () {
        const set = yield* FiberSet.make<void>()
        const run = yield* FiberSet.runtime(set)<never>()
        return yield* Effect.sync(() => {
          run(Effect.void)
          return Array.from(set).length
        })
      })
    )
  ],
  "a fiber that has ended before a FiberMap has it": [
    4,
    [false, true],
    Effect.scoped(
      Effect.gen(function* () {
        const map = yield* FiberMap.make<string, void>()
        const run = yield* FiberMap.runtime(map)<never>()
        return yield* Effect.sync(() => {
          run("key", Effect.void)
          return FiberMap.hasUnsafe(map, "key")
        })
      })
    )
  ],
  "a fiber that has ended before a FiberHandle has it": [
    4,
    ["None", "Some"],
    Effect.scoped(
      Effect.gen(function* () {
        const handle = yield* FiberHandle.make<void>()
        const run = yield* FiberHandle.runtime(handle)<never>()
        return yield* Effect.sync(() => {
          run(Effect.void)
          return FiberHandle.getUnsafe(handle)._tag
        })
      })
    )
  ],
  "FiberSet.clear, and a fiber that comes meanwhile": [
    64,
    [0, 1],
    Effect.scoped(
      Effect.gen(function* () {
        const set = yield* FiberSet.make<void>()
        yield* bothForked(FiberSet.run(set, Effect.never), FiberSet.clear(set))
        return yield* FiberSet.size(set)
      })
    )
  ],
  "FiberMap.clear, and a fiber that comes meanwhile": [
    64,
    [0, 1],
    Effect.scoped(
      Effect.gen(function* () {
        const map = yield* FiberMap.make<string, void>()
        yield* bothForked(FiberMap.run(map, "key", Effect.never), FiberMap.clear(map))
        return yield* FiberMap.size(map)
      })
    )
  ],
  "a wait for one that is given up": [
    13,
    [null],
    Effect.gen(function* () {
      const fiber = yield* Effect.forkDetach(Effect.never, now)
      yield* Effect.exit(Effect.all([Fiber.interrupt(fiber), Effect.fail("no")], { concurrency: 2 }))
      return null
    })
  ],
  "a wait for several, itself among them, that is given up": [
    33,
    [null],
    Effect.gen(function* () {
      const slots = [MutableRef.make<Slot>(undefined), MutableRef.make<Slot>(undefined)] as const
      const all = () => slots.flatMap((slot) => MutableRef.get(slot) ?? [])
      const one = yield* Effect.forkChild(Effect.void, now)
      yield* Effect.sync(() => MutableRef.set(slots[0], one))
      const other = yield* Effect.forkChild(
        Effect.suspend(() => Fiber.awaitAll(all())),
        now
      )
      yield* Effect.sync(() => MutableRef.set(slots[1], other))
      yield* Effect.suspend(() => Fiber.interruptAll(all()))
      yield* Fiber.await(other)
      return null
    })
  ],
  "a callback that is registered, and runs an effect as it is": [
    11,
    [deadlock, ["Success", 0], ["Success", 3]],
    Effect.scoped(
      Effect.gen(function* () {
        const ref = yield* Ref.make(0)
        const set = yield* FiberSet.make<void>()
        const run = yield* FiberSet.runtime(set)<never>()
        const parked = MutableRef.make<ReadonlyArray<() => void>>([])
        const fiber = yield* Effect.forkChild(
          Effect.callback<number>((resume) => {
            MutableRef.update(parked, (all) => [...all, () => resume(Effect.succeed(1))])
            run(Ref.update(ref, (n) => n + 3))
          })
        )
        yield* Effect.forkDetach(
          Effect.sync(() => {
            for (const resume of MutableRef.getAndSet(parked, [])) resume()
          })
        )
        return [(yield* Fiber.await(fiber))._tag, yield* Ref.get(ref)]
      })
    )
  ],
  "one who interrupts whoever wakes him, and who is at the end of his step": [
    47,
    ["Failure", "Success"],
    Effect.gen(function* () {
      const gate = yield* Deferred.make<void>()
      const opener = yield* Effect.forkChild(Deferred.succeed(gate, undefined), now)
      const set = yield* FiberSet.make<void>()
      yield* FiberSet.run(set, Effect.andThen(Deferred.await(gate), Fiber.interruptAll([opener])))
      yield* FiberSet.size(set)
      const exit = yield* Fiber.await(opener)
      yield* FiberSet.size(set)
      return exit._tag
    }).pipe(Effect.scoped)
  ],
  "one in a FiberSet who interrupts whoever it belongs to": [
    8,
    ["Failure"],
    Effect.scoped(
      Effect.gen(function* () {
        const set = yield* FiberSet.make<void>()
        const owner = yield* Effect.forkChild(
          Effect.withFiber((self) => Effect.andThen(FiberSet.run(set, Fiber.interrupt(self)), Effect.never))
        )
        return (yield* Fiber.await(owner))._tag
      })
    )
  ],
  "a wait in the middle of a step that does not yield": [
    4,
    [0, 1],
    Effect.gen(function* () {
      const ref = yield* Ref.make(0)
      const fiber = yield* Effect.forkChild(Effect.void)
      const setter = yield* Effect.forkChild(unyielding(Effect.andThen(Fiber.await(fiber), Ref.set(ref, 1))))
      const seen = yield* Ref.get(ref)
      yield* Fiber.await(setter)
      return seen
    })
  ],
  "an interruption of itself, and a wait, in a step that does not yield": [
    2,
    ["Failure"],
    Effect.gen(function* () {
      const gate = yield* Deferred.make<void>()
      const self = Effect.withFiber((fiber) => Effect.sync(() => fiber.interruptUnsafe()))
      const fiber = yield* Effect.forkChild(unyielding(Effect.onInterrupt(self, () => Deferred.await(gate))))
      yield* Deferred.succeed(gate, undefined)
      return (yield* Fiber.await(fiber))._tag
    })
  ]
}

describe("programs that the search once ran otherwise", () => {
  it.each(Object.entries(programs))("%s", (_, [executions, ends, program]) => {
    const engine = engineOf(program)
    explore(engine) // learns
    const counts = (["default", ...orders] as const).map((order) => explore(engine, { order }).executions)
    assert.deepStrictEqual(
      counts,
      counts.map(() => executions)
    )
    assert.deepStrictEqual(
      [...explore(engine).outcomes].sort(),
      ends.map((end) => (end === deadlock ? deadlock : JSON.stringify(end))).sort()
    )
    assert.deepStrictEqual(judge(program, 200, 7000).wrong, [])
  })

  it.effect.each(Object.entries(programs))("and a check trusts itself: %s", ([, [executions, ends, program]]) =>
    Effect.map(Explore.check(program), (verdict) =>
      assert.deepStrictEqual(
        [verdict._tag, verdict.executions],
        [ends.includes(deadlock) ? "Falsified" : "Verified", executions]
      )
    )
  )
})

describe("a token of an execution", () => {
  const waits: Readonly<Record<string, (gate: Deferred.Deferred<void>) => Effect.Effect<unknown>>> = {
    "a Deferred": Deferred.await,
    "a race": (gate) => Effect.raceFirst(Deferred.await(gate), Effect.never),
    all: (gate) => Effect.all([Deferred.await(gate), Effect.yieldNow], { concurrency: 2 }),
    "several fibers": (gate) =>
      Effect.gen(function* () {
        const fibers = [yield* Effect.forkChild(Deferred.await(gate), now), yield* Effect.forkChild(Effect.void)]
        yield* Fiber.awaitAll(fibers)
      })
  }

  it.effect.each(Object.keys(waits))(
    "in which somebody was woken is no other's, whatever it takes to learn: %s",
    (name) =>
      Effect.gen(function* () {
        const program = lookAfter(waits[name] ?? (() => Effect.void))
        for (const end of explore(engineOf(program)).outcomes) {
          const verdict = yield* Explore.check(program, { always: { other: ({ exit }) => outcome(exit) !== end } })
          if (verdict._tag !== "Falsified") return assert.fail(`${end}: ${verdict._tag}`)
          const { changed, exit } = yield* Explore.replay(program, verdict.counterexample.token)
          assert.deepStrictEqual([changed, outcome(exit)], [false, end])
        }
        return undefined
      })
  )
})
