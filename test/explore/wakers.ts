/** Programs in which one step wakes another fiber and is not through. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Ref from "effect/Ref"

export const now = { startImmediately: true } as const

export const open = (gate: Deferred.Deferred<void>): boolean => Deferred.doneUnsafe(gate, Exit.void)

/** One waits in some way for a gate and then writes to a Ref, while another opens the gate and looks at the Ref in one go. */
export const lookAfter = (
  waits: (gate: Deferred.Deferred<void>) => Effect.Effect<unknown>,
  opens: (gate: Deferred.Deferred<void>, ref: Ref.Ref<number>) => Effect.Effect<number> = (gate, ref) =>
    Effect.sync(() => {
      open(gate)
      return Ref.getUnsafe(ref)
    })
) =>
  Effect.gen(function* () {
    const gate = yield* Deferred.make<void>()
    const ref = yield* Ref.make(0)
    const waiter = yield* Effect.forkChild(Effect.andThen(waits(gate), Ref.set(ref, 1)), now)
    const seen = yield* opens(gate, ref)
    yield* Fiber.await(waiter)
    return seen
  })

export const look = (opens: (gate: Deferred.Deferred<void>, ref: Ref.Ref<number>) => Effect.Effect<number>) =>
  lookAfter((gate) => Deferred.await(gate), opens)
