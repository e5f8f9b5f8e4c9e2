/** Whom a step wakes, interrupts or starts at once: Effect runs him in the middle of that step, and the search does too. */
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FiberHandle from "effect/FiberHandle"
import * as FiberSet from "effect/FiberSet"
import * as Latch from "effect/Latch"
import * as MutableRef from "effect/MutableRef"
import * as Queue from "effect/Queue"
import * as Ref from "effect/Ref"
import * as Scheduler from "effect/Scheduler"
import type * as Explore from "../../src/explore.ts"
import { engineOf, explore, judge } from "./oracle.ts"
import { look, lookAfter, now, open } from "./wakers.ts"

type Any = Effect.Effect<unknown, unknown, Explore.Explore>

const outcomes = (program: Any) => [...explore(engineOf(program)).outcomes].sort()

/** Waits until it is interrupted, and then lets another go on. */
const handsOver = (gate: Deferred.Deferred<void>) =>
  Effect.onInterrupt(Effect.never, () => Deferred.succeed(gate, undefined))

/** Two that go together, and how the one ended that waits for the other: `none` where it never began. */
const together = (
  end: (first: Effect.Effect<never>, second: Effect.Effect<void>) => Effect.Effect<unknown, unknown, Explore.Explore>
) =>
  Effect.gen(function* () {
    const gate = yield* Deferred.make<void>()
    const said = yield* Ref.make("none")
    yield* Effect.exit(
      end(
        handsOver(gate),
        Effect.onExit(Deferred.await(gate), (exit) => Ref.set(said, exit._tag))
      )
    )
    return yield* Ref.get(said)
  })

const programs: Readonly<Record<string, readonly [ends: ReadonlyArray<unknown>, program: Any]>> = {
  "Fiber.interruptAll: the first completes what the second waits for": [
    ["Failure", "Success", "none"],
    together((first, second) =>
      Effect.gen(function* () {
        const fibers = [yield* Effect.forkChild(first, now), yield* Effect.forkChild(second, now)]
        yield* Fiber.interruptAll(fibers)
      })
    )
  ],
  "the end of a fiber, which interrupts its children": [
    ["Failure", "Success", "none"],
    together((first, second) =>
      Effect.flatMap(
        Effect.forkChild(Effect.andThen(Effect.forkChild(first, now), Effect.forkChild(second, now))),
        Fiber.await
      )
    )
  ],
  "the end of the scope of a FiberSet": [
    ["Failure", "Success", "none"],
    together((first, second) =>
      Effect.scoped(
        Effect.gen(function* () {
          const set = yield* FiberSet.make<void>()
          yield* FiberSet.run(set, first, now)
          yield* FiberSet.run(set, second, now)
        })
      )
    )
  ],
  "Effect.all, one of which fails": [
    ["Failure", "Success", "none"],
    together((first, second) => Effect.all([first, second, Effect.fail("no")], { concurrency: 3 }))
  ],
  "Effect.raceAll, of which one is there at once": [
    ["Failure", "Success", "none"],
    together((first, second) => Effect.raceAll([first, second, Effect.void]))
  ],
  "one end, watched by a fiber and then by a FiberSet": [
    [0, 1],
    Effect.scoped(
      Effect.gen(function* () {
        const set = yield* FiberSet.make<void>()
        const gate = yield* Deferred.make<void>()
        const fiber = yield* Effect.forkChild(Deferred.await(gate), now)
        const watch = yield* Effect.forkChild(Effect.andThen(Fiber.await(fiber), FiberSet.size(set)), now)
        yield* FiberSet.add(set, fiber)
        yield* Deferred.succeed(gate, undefined)
        return yield* Fiber.join(watch)
      })
    )
  ],
  "plain code between two yields": [
    [0, 1],
    look((gate, ref) =>
      Effect.gen(function* () {
        yield* Effect.void
        open(gate)
        return Ref.getUnsafe(ref)
      })
    )
  ],
  "Effect.suspend": [
    [0, 1],
    look((gate, ref) =>
      Effect.suspend(() => {
        open(gate)
        return Effect.succeed(Ref.getUnsafe(ref))
      })
    )
  ],
  "Effect.sync": [
    [0, 1],
    look((gate, ref) =>
      Effect.sync(() => {
        open(gate)
        return Ref.getUnsafe(ref)
      })
    )
  ],
  "what follows Deferred.succeed": [
    [0, 1],
    look((gate, ref) => Effect.map(Deferred.succeed(gate, undefined), () => Ref.getUnsafe(ref)))
  ],
  "what may not yield": [
    [0, 1],
    look((gate, ref) =>
      Effect.provideService(
        Effect.andThen(Deferred.succeed(gate, undefined), Ref.get(ref)),
        Scheduler.PreventSchedulerYield,
        true
      )
    )
  ],
  "a Queue.take that lets an offer in": [
    [0, 1],
    Effect.gen(function* () {
      const queue = yield* Queue.bounded<number>(1)
      const ref = yield* Ref.make(0)
      yield* Queue.offer(queue, 1)
      const offers = yield* Effect.forkChild(Effect.andThen(Queue.offer(queue, 2), Ref.set(ref, 1)), now)
      const seen = yield* Effect.map(Queue.take(queue), () => Ref.getUnsafe(ref))
      yield* Fiber.await(offers)
      return seen
    })
  ],
  "a fiber that is started by a FiberHandle's runtime": [
    [0, 1],
    Effect.scoped(
      Effect.gen(function* () {
        const handle = yield* FiberHandle.make<void>()
        const ref = yield* Ref.make(0)
        const run = yield* FiberHandle.runtime(handle)<never>()
        const fiber = yield* Effect.sync(() => run(Ref.set(ref, 1)))
        yield* Fiber.await(fiber)
        return yield* Effect.sync(() => {
          run(Ref.set(ref, 2))
          return Ref.getUnsafe(ref) - 1
        })
      })
    )
  ],
  "interruptUnsafe in plain code": [
    [0, 1],
    Effect.gen(function* () {
      const ref = yield* Effect.sync(() => MutableRef.make(0))
      const fiber = yield* Effect.forkChild(
        Effect.onInterrupt(Effect.never, () => Effect.sync(() => MutableRef.set(ref, 1)))
      )
      return yield* Effect.sync(() => {
        fiber.interruptUnsafe()
        return MutableRef.get(ref)
      })
    })
  ],
  "one that wakes another, who looks": [
    [0, 1],
    Effect.gen(function* () {
      const [first, second] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
      const ref = yield* Ref.make(0)
      const last = yield* Effect.forkChild(Effect.andThen(Deferred.await(second), Ref.set(ref, 1)), now)
      const middle = yield* Effect.forkChild(
        Effect.andThen(Deferred.await(first), Deferred.succeed(second, undefined)),
        now
      )
      open(first)
      const seen = Ref.getUnsafe(ref)
      yield* Fiber.awaitAll([middle, last])
      return seen
    })
  ],
  "one that does much: it may be let go at each of its steps": [
    [
      [0, 0],
      [0, 1],
      [1, 1],
      [1, 2]
    ],
    Effect.gen(function* () {
      const gate = yield* Deferred.make<void>()
      const [one, other] = [yield* Ref.make(0), yield* Ref.make(0)]
      const waiter = yield* Effect.forkChild(
        Effect.gen(function* () {
          yield* Deferred.await(gate)
          yield* Ref.set(one, 1)
          yield* Ref.set(other, 1)
          yield* Ref.set(one, 2)
        }),
        now
      )
      open(gate)
      const seen = [Ref.getUnsafe(other), Ref.getUnsafe(one)]
      yield* Fiber.await(waiter)
      return seen
    })
  ],
  "one that wakes whom it then waits for, and goes on": [
    [0, 1],
    Effect.gen(function* () {
      const other = yield* Effect.forkChild(Effect.never, now)
      return yield* lookAfter((gate) => Effect.andThen(Deferred.await(gate), Fiber.interrupt(other)))
    })
  ],
  "one that waits for a race": [[0, 1], lookAfter((gate) => Effect.raceFirst(Deferred.await(gate), Effect.never))],
  "one that waits for two, in whatever order they end": [
    [0, 1],
    lookAfter((gate) => Effect.all([Deferred.await(gate), Effect.yieldNow], { concurrency: 2 }))
  ],
  "one that waits for two fibers": [
    [0, 1],
    lookAfter((gate) =>
      Effect.gen(function* () {
        const fibers = [yield* Effect.forkChild(Deferred.await(gate), now), yield* Effect.forkChild(Effect.void)]
        yield* Fiber.awaitAll(fibers)
      })
    )
  ],
  "one that waits for one after the other": [
    [0, 1],
    Effect.gen(function* () {
      const second = yield* Deferred.make<void>()
      yield* Effect.forkChild(Deferred.succeed(second, undefined), now)
      return yield* lookAfter((gate) => Effect.andThen(Deferred.await(gate), Deferred.await(second)))
    })
  ],
  "one that was interrupted, and waits for its child": [
    [0, 1],
    Effect.gen(function* () {
      const ref = yield* Ref.make(0)
      const parent = yield* Effect.forkChild(Effect.andThen(Effect.forkChild(Effect.never, now), Effect.never), now)
      const watch = yield* Effect.forkChild(Effect.andThen(Fiber.await(parent), Ref.set(ref, 1)), now)
      const seen = yield* Effect.sync(() => {
        parent.interruptUnsafe()
        return Ref.getUnsafe(ref)
      })
      yield* Fiber.await(watch)
      return seen
    })
  ],
  "a Latch, for which two wait": [
    [
      ["", "ab"],
      ["", "ba"],
      ["a", "ab"],
      ["b", "ba"],
      ["ab", "ab"],
      ["ba", "ba"]
    ],
    Effect.gen(function* () {
      const latch = yield* Latch.make(false)
      const ref = yield* Ref.make("")
      const waits = (name: string) =>
        Effect.forkChild(
          Effect.andThen(
            latch.await,
            Ref.update(ref, (all) => all + name)
          ),
          now
        )
      const fibers = [yield* waits("a"), yield* waits("b")]
      const seen = yield* Effect.sync(() => {
        latch.openUnsafe()
        return Ref.getUnsafe(ref)
      })
      yield* Fiber.awaitAll(fibers)
      return [seen, yield* Ref.get(ref)]
    })
  ],
  "one whom a third must have told before": [
    [0, 1],
    Effect.gen(function* () {
      const gate = yield* Deferred.make<void>()
      const [told, ref] = [yield* Ref.make(false), yield* Ref.make(0)]
      const waiter = yield* Effect.forkChild(
        Effect.gen(function* () {
          yield* Deferred.await(gate)
          if (yield* Ref.get(told)) yield* Ref.set(ref, 1)
        }),
        now
      )
      const tells = yield* Effect.forkChild(Ref.set(told, true))
      yield* Effect.yieldNow
      open(gate)
      const seen = Ref.getUnsafe(ref)
      yield* Fiber.awaitAll([waiter, tells])
      return seen
    })
  ]
}

describe("whoever is woken may go on in the middle of", () => {
  it.each(Object.entries(programs))("%s", (_, [ends, program]) => {
    assert.deepStrictEqual(outcomes(program), ends.map((end) => JSON.stringify(end)).sort())
    const judged = judge(program, 200, 1000)
    assert.deepStrictEqual([judged.wrong, judged.skipped], [[], false])
  })
})
