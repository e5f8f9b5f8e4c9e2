/** How to run what somebody else wrote, where only its exit matters. Inside the package only. */
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"

/**
 * Runs it, and answers its exit. In a fiber of its own: one that meets something which is no Effect ends on the spot,
 * without its finalisers, and that must be nobody's who has some. [R9]
 */
export const aside = <A, E, R>(run: () => Effect.Effect<A, E, R>): Effect.Effect<Exit.Exit<A, E>, never, R> =>
  Effect.suspend(run).pipe(
    Effect.forkDetach({ startImmediately: true, uninterruptible: true }),
    Effect.flatMap(Fiber.await),
    Effect.uninterruptible
  )
