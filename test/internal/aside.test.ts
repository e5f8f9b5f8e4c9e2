/** What somebody else wrote, run for its exit. */
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { aside } from "../../src/internal/aside.ts"

describe("what somebody else wrote", () => {
  it.effect("is waited for to its end, though who waits for it is interrupted", () =>
    Effect.gen(function* () {
      const end = yield* Deferred.make<string>()
      const waiting = yield* Effect.forkChild(
        aside(() => Deferred.await(end)),
        { startImmediately: true }
      )
      yield* Effect.sync(() => waiting.interruptUnsafe())
      yield* Effect.yieldNow
      assert.isUndefined(waiting.pollUnsafe())
      yield* Deferred.succeed(end, "done")
      yield* Fiber.await(waiting)
    })
  )

  it.effect("comes to its end, though it interrupts the fiber that it runs in", () =>
    Effect.gen(function* () {
      const written = Effect.gen(function* () {
        const own = yield* Effect.fiber
        yield* Effect.sync(() => own.interruptUnsafe())
        yield* Effect.yieldNow
        return "done"
      })
      assert.deepStrictEqual(yield* aside(() => written), Exit.succeed("done"))
    })
  )
})
