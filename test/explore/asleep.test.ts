/**
 * Choices by which a step touches one cell or another: where the search has been through some of the ways that a step may
 * go, and another's step brings the rest of them up again. And waits that begin within another's step.
 */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FiberHandle from "effect/FiberHandle"
import * as Ref from "effect/Ref"
import { install, uninstall } from "../../src/explore/patches.ts"
import { unbounded } from "../../src/explore/tree.ts"
import * as Explore from "../../src/explore.ts"
import { isNode } from "../runtimes/node.ts"
import { engineOf, explore, judge, orders } from "./oracle.ts"

// Held throughout: to patch and to put back takes longer than many a search.
beforeAll(install)
afterAll(uninstall)

type Any = Effect.Effect<unknown, unknown, Explore.Explore>

const either = (one: Any, other: Any): Any =>
  Effect.flatMap(Explore.choose("which", ["one", "other"]), (which) => (which === "one" ? one : other))

const add = (ref: Ref.Ref<number>, n: number) => Ref.getAndUpdate(ref, (was) => was * 3 + n)

/** Two fibers over two refs. */
const over = (left: (r: Ref.Ref<number>, s: Ref.Ref<number>) => Any, right: typeof left): Any =>
  Effect.gen(function* () {
    const [r, s] = [yield* Ref.make(0), yield* Ref.make(0)]
    const fibers = [yield* Effect.forkChild(left(r, s)), yield* Effect.forkChild(right(r, s))] as const
    return [yield* Fiber.join(fibers[0]), yield* Fiber.join(fibers[1]), yield* Ref.get(r), yield* Ref.get(s)]
  })

/** Updates one of the two. */
const any = (n: number) => (r: Ref.Ref<number>, s: Ref.Ref<number>) => either(add(r, n), add(s, n))

const one = Effect.gen(function* () {
  const [r, s] = [yield* Ref.make(0), yield* Ref.make(0)]
  const one = yield* Effect.forkChild(either(Ref.getAndSet(r, 1), Ref.getAndSet(s, 1)))
  const two = yield* Effect.forkChild(Ref.set(r, 2))
  const three = yield* Effect.forkChild(Effect.andThen(Fiber.await(two), Ref.set(s, 2)))
  const seen = yield* Fiber.join(one)
  yield* Fiber.await(three)
  return [seen, yield* Ref.get(r), yield* Ref.get(s)]
})

const halfAsleep: Readonly<Record<string, readonly [executions: number, program: Any]>> = {
  "one of two, beside who changes both in turn": [4, one],
  "one of two, beside both": [4, over(any(1), (r, s) => Effect.andThen(add(r, 2), add(s, 2)))],
  "one of two, beside both the other way round": [4, over(any(1), (r, s) => Effect.andThen(add(s, 2), add(r, 2)))],
  "one of two, beside a look and both": [
    5,
    over(any(1), (r, s) => Effect.andThen(Ref.get(s), Effect.andThen(add(r, 2), add(s, 2))))
  ],
  "one of two, beside three": [
    5,
    over(any(1), (r, s) => Effect.andThen(add(r, 2), Effect.andThen(add(r, 3), add(s, 2))))
  ],
  "one of two, beside one of two": [6, over(any(1), any(2))],
  "one of two, beside a look and one of two": [8, over(any(1), (r, s) => Effect.andThen(Ref.get(s), any(2)(r, s)))],
  "a change or a look, beside both": [
    4,
    over(
      (r, s) => either(add(r, 1), Ref.get(s)),
      (r, s) => Effect.andThen(add(s, 2), add(r, 2))
    )
  ],
  "one, or both, beside both": [
    5,
    over(
      (r, s) => either(add(r, 1), Effect.andThen(add(s, 1), add(r, 5))),
      (r, s) => Effect.andThen(add(r, 2), add(s, 2))
    )
  ],
  "both, or one, beside both": [
    8,
    over(
      (r, s) => either(Effect.andThen(add(s, 1), add(r, 5)), add(r, 1)),
      (r, s) => Effect.andThen(add(r, 2), Effect.andThen(add(s, 2), add(r, 4)))
    )
  ],
  "one of two or none, beside a look at one and a change of the other": [
    5,
    Effect.gen(function* () {
      const [r, s] = [yield* Ref.make(0), yield* Ref.make(0)]
      const any = Effect.flatMap(Explore.choose("which", [r, s, undefined]), (ref) =>
        ref === undefined ? Effect.succeed(0) : add(ref, 1)
      )
      const fibers = [yield* Effect.forkChild(any), yield* Effect.forkChild(Ref.get(r))] as const
      yield* add(s, 2)
      return [yield* Fiber.join(fibers[0]), yield* Fiber.join(fibers[1]), yield* Ref.get(s)]
    })
  ],
  "a change or a wake": [
    5,
    Effect.gen(function* () {
      const [ref, gate] = [yield* Ref.make(0), yield* Deferred.make<number>()]
      const fibers = [
        yield* Effect.forkChild(either(add(ref, 1), Deferred.succeed(gate, 1))),
        yield* Effect.forkChild(Deferred.complete(gate, add(ref, 2)))
      ] as const
      return [yield* Fiber.join(fibers[0]), yield* Fiber.join(fibers[1]), yield* Ref.get(ref)]
    })
  ]
}

const fault = (usual: Any, other: Any): Any =>
  Effect.flatMap(Explore.fault("which", "usual", ["other"]), (which) => (which === "usual" ? usual : other))

/** Where one spends what another might have spent, no step of the program says so. */
const bounded: Readonly<Record<string, readonly [traces: number, program: Any]>> = {
  "what is left of a step is beyond it": [
    6,
    over(
      (r, s) => fault(add(r, 1), add(s, 1)),
      (r, s) => Effect.andThen(fault(add(s, 2), add(s, 3)), add(r, 2))
    )
  ],
  "two who may spend it": [
    5,
    Effect.gen(function* () {
      const [r, s, t] = [yield* Ref.make(0), yield* Ref.make(0), yield* Ref.make(0)]
      const one = yield* Effect.forkChild(Effect.andThen(Ref.get(t), fault(Ref.get(s), Ref.get(r))))
      const two = yield* Effect.forkChild(fault(add(r, 2), add(t, 3)))
      return [yield* Fiber.join(one), yield* Fiber.join(two), yield* Ref.get(r), yield* Ref.get(t)]
    })
  ],
  "two who may spend it, beside a third": [
    15,
    Effect.gen(function* () {
      const [r, s, t] = [yield* Ref.make(0), yield* Ref.make(0), yield* Ref.make(0)]
      const looks = Effect.all([Ref.get(s), Ref.get(s), fault(Ref.get(t), add(r, 1))])
      const fibers = [yield* Effect.forkChild(looks), yield* Effect.forkChild(add(s, 1))] as const
      const seen = yield* fault(Ref.get(r), Ref.get(s))
      return [seen, yield* Fiber.join(fibers[0]), yield* Fiber.join(fibers[1]), yield* Ref.get(r)]
    })
  ],
  "one who is interrupted anywhere, and may spend it": [
    7,
    Effect.gen(function* () {
      const [r, s, t] = [yield* Ref.make(0), yield* Ref.make(0), yield* Ref.make(0)]
      const one = yield* Effect.forkChild(fault(Ref.get(s), add(t, 1)))
      yield* Explore.interruptAnywhere(one)
      const two = yield* Effect.forkChild(Effect.andThen(Ref.get(t), fault(Ref.get(r), add(s, 1))))
      yield* Fiber.await(one)
      return [yield* Fiber.join(two), yield* Ref.get(t), yield* Ref.get(s)]
    })
  ]
}

describe.runIf(isNode)("half asleep", () => {
  it.each(Object.keys(halfAsleep))("%s: the oracles find nothing wrong", (name) => {
    const [executions, program] = halfAsleep[name] ?? [0, Effect.void]
    assert.strictEqual(explore(engineOf(program)).executions, executions)
    const { skipped, whole, wrong } = judge(program, 1000)
    assert.deepStrictEqual([wrong, skipped, whole], [[], false, true])
  })

  it("whoever has it, another may have changed both before he chooses the second", () => {
    assert.deepStrictEqual([...explore(engineOf(one)).outcomes].sort(), ["[0,2,2]", "[2,1,2]", "[2,2,1]"])
  })

  it.each(Object.keys(bounded))("within one fault: %s", (name) => {
    const [traces, program] = bounded[name] ?? [0, Effect.void]
    const bounds = { ...unbounded, faults: 1 }
    const brute = explore(engineOf(program), { bounds, reduce: false })
    assert.deepStrictEqual([brute.complete, brute.traces.size], [true, traces])
    for (const order of ["default", ...orders, 4, 5, 6] as const) {
      const found = explore(engineOf(program), { bounds, order })
      assert.deepStrictEqual([...found.traces].sort(), [...brute.traces].sort(), `in order ${order}`)
      assert.strictEqual(found.executions, found.traces.size)
    }
  })

  // Nothing else of it is news: the check must find it by itself, and not by chance.
  it.effect("a check finds it in the midst of what tells nothing", () =>
    Effect.gen(function* () {
      const program = Effect.gen(function* () {
        const seen = yield* one
        const ref = yield* Ref.make(0)
        const adds = (n: number) => Effect.forEach([1, 2], () => add(ref, n), { discard: true })
        yield* Effect.all([adds(1), adds(2), adds(4)], { concurrency: 3 })
        return seen
      })
      const verdict = yield* Explore.check(program, {
        always: { never: ({ exit }) => exit._tag === "Success" && !(exit.value[0] === 2 && exit.value[2] === 1) }
      })
      assert.strictEqual(verdict._tag === "Falsified" && verdict.counterexample.law, "never")
    })
  )
})

/** Interrupts a fiber from a fiber that starts within the step: is that over at once, and how often was it told? */
const twice = (start: (interrupt: Effect.Effect<void>) => Effect.Effect<() => boolean>): Any =>
  Effect.gen(function* () {
    const target = yield* Effect.forkChild(Effect.uninterruptible(Effect.yieldNow))
    yield* Effect.forkChild(Effect.sync(() => target.interruptUnsafe()))
    const isOver = yield* start(Fiber.interrupt(target))
    const wasOver = isOver()
    yield* Explore.quiescence
    const exit = target.pollUnsafe()
    return [wasOver, exit?._tag === "Failure" ? exit.cause.reasons.length : 0]
  })

const within: Readonly<Record<string, Any>> = {
  "a fiber that is run": twice((interrupt) =>
    Effect.flatMap(Effect.context<never>(), (context) =>
      Effect.sync(() => {
        const isOver = Effect.runForkWith(context)(interrupt).pollUnsafe() !== undefined
        return () => isOver
      })
    )
  ),
  "a fiber of a handle": Effect.scoped(
    Effect.gen(function* () {
      const handle = yield* FiberHandle.make<void>()
      const run = yield* FiberHandle.runtime(handle)<never>()
      return yield* twice((interrupt) =>
        Effect.sync(() => {
          run(interrupt)
          const isOver = FiberHandle.getUnsafe(handle)._tag === "None"
          return () => isOver
        })
      )
    })
  )
}

describe.runIf(isNode)("a wait that begins within another's step", () => {
  it.each(Object.keys(within))("%s: what it waits for may come within that step, too", (name) => {
    const program = within[name] ?? Effect.void
    const { skipped, wrong } = judge(program, 500)
    assert.deepStrictEqual([wrong, skipped], [[], false])
    assert.include([...explore(engineOf(program)).outcomes], "[true,2]")
  })
})

describe.runIf(isNode)("an interruption that is looked after at once", () => {
  const program = Effect.gen(function* () {
    const ref = yield* Ref.make(0)
    const fiber = yield* Effect.forkChild(Effect.uninterruptible(Ref.set(ref, 1)))
    const isOver = yield* Effect.sync(() => {
      fiber.interruptUnsafe()
      return fiber.pollUnsafe() !== undefined
    })
    const { _tag } = yield* Fiber.await(fiber)
    return [isOver, _tag, yield* Ref.get(ref)]
  })

  it("ends whoever has just left a mask, and nobody within", () => {
    const { skipped, whole, wrong } = judge(program, 500)
    assert.deepStrictEqual([wrong, skipped, whole], [[], false, true])
    const ends = [
      '[false,"Failure",0]',
      '[false,"Failure",1]',
      '[true,"Failure",0]',
      '[true,"Failure",1]',
      '[true,"Success",1]'
    ]
    assert.deepStrictEqual([...explore(engineOf(program)).outcomes].sort(), ends)
  })
})
