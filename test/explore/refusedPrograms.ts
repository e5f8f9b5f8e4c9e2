/** What is refused by name, each in a program that uses it: for cells.test.ts. */
import * as Cache from "effect/Cache"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as PartitionedSemaphore from "effect/PartitionedSemaphore"
import * as Pool from "effect/Pool"
import * as RateLimiter from "effect/persistence/RateLimiter"
import * as RcMap from "effect/RcMap"
import * as Scheduler from "effect/Scheduler"
import * as TxRef from "effect/TxRef"
import * as TestClock from "effect/testing/TestClock"
import { both, type Program } from "./cellPrograms.ts"

export const refused: Readonly<Record<string, Program>> = {
  Pool: Effect.scoped(Pool.make({ acquire: Effect.succeed(1), size: 1 })),
  PartitionedSemaphore: PartitionedSemaphore.make<string>({ permits: 1 }),
  RcMap: Effect.scoped(RcMap.make({ lookup: (key: string) => Effect.succeed(key) })),
  Cache: Cache.make({ capacity: 1, lookup: (key: string) => Effect.succeed(key) }),
  RateLimiter: Effect.provide(RateLimiter.make, RateLimiter.layerStoreMemory),
  "Effect.cached": Effect.flatten(Effect.cached(Effect.succeed(1))),
  "TxRef and the Tx family": Effect.flatMap(TxRef.make(0), (ref) => TxRef.set(ref, 1)),
  "Latch.makeUnsafe": Effect.suspend(() => Latch.makeUnsafe().open)
}

/** Its fibers would run under another scheduler, out of the explorer's reach. */
export const escaping: Readonly<Record<string, Program>> = {
  "TestClock.layer": Effect.provide(TestClock.adjust(10), TestClock.layer()),
  Scheduler: Effect.provideService(
    both(Effect.yieldNow, Effect.yieldNow),
    Scheduler.Scheduler,
    new Scheduler.MixedScheduler("async")
  ),
  "Effect.runFork, Effect.runPromise: what they run and does not end at once": Effect.sync(
    () => void Effect.runFork(Effect.yieldNow)
  )
}
