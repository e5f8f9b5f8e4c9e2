/** Cells that are made of several fields: races over each of them, which no race over another shows. */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Latch from "effect/Latch"
import * as PubSub from "effect/PubSub"
import * as Queue from "effect/Queue"
import { install, uninstall } from "../../src/explore/patches.ts"
import * as Explore from "../../src/explore.ts"
import { isNode } from "../runtimes/node.ts"
import { engineOf, explore, judge } from "./oracle.ts"

// Held throughout: to patch and to put back takes longer than many a search.
beforeAll(install)
afterAll(uninstall)

type Any = Effect.Effect<unknown, unknown, Explore.Explore>

const both = (left: Any, right: Any): Any => Effect.all([left, right], { concurrency: 2 })

/** How it ended, as a value. */
const ended = (it: Any): Any => Effect.map(Effect.exit(it), String)

const queued = (left: (queue: Queue.Queue<number, string>) => Any, right: typeof left): Any =>
  Effect.flatMap(Queue.bounded<number, string>(1), (queue) => both(ended(left(queue)), ended(right(queue))))

const published = (left: (bus: PubSub.PubSub<number>) => Any, right: typeof left): Any =>
  Effect.flatMap(PubSub.unbounded<number>({ replay: 1 }), (bus) => both(ended(left(bus)), ended(right(bus))))

const subscribed = (
  left: (bus: PubSub.PubSub<number>, it: PubSub.Subscription<number>) => Any,
  right: typeof left
): Any =>
  Effect.scoped(
    Effect.gen(function* () {
      const bus = yield* PubSub.unbounded<number>()
      const subscription = yield* PubSub.subscribe(bus)
      return yield* both(ended(left(bus, subscription)), ended(right(bus, subscription)))
    })
  )

const latched = (left: (latch: Latch.Latch) => Any): Any =>
  Effect.gen(function* () {
    const latch = yield* Latch.make()
    const waiting = yield* Effect.forkChild(latch.await)
    yield* left(latch)
    yield* Explore.quiescence
    const isThrough = waiting.pollUnsafe() !== undefined
    yield* latch.open
    yield* Fiber.join(waiting)
    return isThrough
  })

const programs: Readonly<Record<string, readonly [outcomes: number, program: Any]>> = {
  "a queue is shut down, and somebody offers": [2, queued(Queue.shutdown, (queue) => Queue.offer(queue, 1))],
  "a queue is shut down, and somebody takes": [1, queued(Queue.shutdown, Queue.take)],
  "a queue fails, and somebody offers": [
    2,
    queued(
      (queue) => Queue.fail(queue, "it"),
      (queue) => Queue.offer(queue, 1)
    )
  ],
  "two offer to a queue of one, and one takes": [
    2,
    queued((queue) => both(Queue.offer(queue, 1), Queue.offer(queue, 2)), Queue.take)
  ],
  "a bus is shut down, and somebody publishes": [2, published(PubSub.shutdown, (bus) => PubSub.publish(bus, 1))],
  "a bus is shut down, and somebody asks": [2, published(PubSub.shutdown, PubSub.isShutdown)],
  "somebody subscribes, and another publishes": [
    2,
    Effect.flatMap(PubSub.unbounded<number>(), (bus) =>
      Effect.scoped(
        Effect.gen(function* () {
          const [subscription] = yield* Effect.all([PubSub.subscribe(bus), PubSub.publish(bus, 1)], { concurrency: 2 })
          return yield* PubSub.remaining(subscription)
        })
      )
    )
  ],
  "somebody subscribes, and is told what was published last": [
    3,
    published(
      (bus) => Effect.scoped(Effect.flatMap(PubSub.subscribe(bus), PubSub.takeAll)),
      (bus) => Effect.andThen(PubSub.publish(bus, 1), PubSub.publish(bus, 2))
    )
  ],
  "somebody takes from a subscription, and another publishes": [
    2,
    subscribed(
      (_, subscription) => PubSub.take(subscription),
      (bus) => Effect.andThen(PubSub.publish(bus, 1), PubSub.size(bus))
    )
  ],
  "two take from a subscription": [
    2,
    subscribed(
      (_, subscription) => both(PubSub.take(subscription), PubSub.take(subscription)),
      (bus) => PubSub.publishAll(bus, [1, 2])
    )
  ],
  "a latch lets through who waits, and nobody else": [2, latched((latch) => latch.release)],
  "a latch is opened and closed": [2, latched((latch) => Effect.andThen(latch.open, latch.close))]
}

describe.runIf(isNode)("a race over", () => {
  it.each(Object.keys(programs))("%s: the oracles find nothing wrong", (name) => {
    const [outcomes, program] = programs[name] ?? [0, Effect.void]
    assert.strictEqual(explore(engineOf(program)).outcomes.size, outcomes)
    const { skipped, wrong } = judge(program, 300)
    assert.deepStrictEqual([wrong, skipped], [[], false])
  })
})
