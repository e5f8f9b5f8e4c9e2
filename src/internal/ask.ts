/**
 * How MAPI calls into a provider: never in the fiber that wants the answer. [R9]
 *
 * A provider may throw, die, interrupt itself, answer with something that is no Effect, or never return. Its call runs in
 * a detached, uninterruptible fiber whose Exit is data; what comes back is an answer or a `ProviderError`. No lock is held
 * meanwhile. Inside the package only.
 */
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Predicate from "effect/Predicate"
import {
  at,
  isProviderError,
  type MapiError,
  ours,
  type ProviderError,
  ProviderFailed,
  type Step
} from "../MapiError.ts"

/** What is asked, of whom, and how an error of it is told. */
export interface Asked {
  /** Such as `IMSProvider::Logon`. */
  readonly call: string
  readonly subject: string
  readonly step: Step | null
  /** Takes secrets out of what a provider says. */
  readonly scrub: (text: string) => string
  /** Is a success what the types say it is? Only asked where a wrong one would do harm. */
  readonly wellFormed?: (value: unknown) => boolean
  /** Releases what can be released of a success that is not. */
  readonly giveBack?: (value: unknown) => Effect.Effect<void>
}

/** Name and message, never the fields: what a provider throws may hold what it was given. */
const told = (defect: unknown): string => {
  try {
    return Predicate.isError(defect) ? `${defect.name}: ${defect.message}` : String(defect)
  } catch {
    return "something that has no text"
  }
}

/** Asks, and waits for the answer without being interruptible. `expected` says which failures may come through. */
export const ask = <A, E extends MapiError>(
  asked: Asked,
  call: () => Effect.Effect<A, E>,
  expected: (error: unknown) => error is E
): Effect.Effect<A, E | ProviderFailed> => {
  const failed = (detail: string) =>
    new ProviderFailed({ subject: asked.subject, detail: asked.scrub(`${asked.call} ${detail}`), step: asked.step })
  const verdict = (cause: Cause.Cause<unknown>): E | ProviderFailed => {
    const stray = cause.reasons.find((reason) => !Cause.isFailReason(reason))
    if (stray !== undefined) {
      return failed(Cause.isDieReason(stray) ? `threw ${told(stray.defect)}` : "interrupted itself")
    }
    const error = Cause.findErrorOption(cause)
    if (error._tag === "None") return failed("failed without a reason")
    const answer = ours(error.value)
    if (!expected(answer)) return failed(`failed with what no provider may answer: ${told(answer)}`)
    return scrubbed(at(answer, asked.step), asked.scrub)
  }
  return Effect.suspend((): Effect.Effect<A, E | ProviderFailed> => {
    const answer = call()
    // Boundary: the type says so already, but a provider may be plain JavaScript.
    return Effect.isEffect(answer) ? answer : Effect.fail(failed("returned no Effect"))
  }).pipe(
    Effect.forkDetach({ startImmediately: true, uninterruptible: true }),
    Effect.flatMap(Fiber.await),
    Effect.flatMap((exit): Effect.Effect<A, E | ProviderFailed> => {
      if (Exit.isFailure(exit)) return Effect.fail(verdict(exit.cause))
      if (asked.wellFormed?.(exit.value) ?? true) return Effect.succeed(exit.value)
      const giveBack = asked.giveBack?.(exit.value) ?? Effect.void
      return Effect.andThen(giveBack, Effect.fail(failed("answered with something else than its objects")))
    }),
    // The answer is the provider's own: reading it may run the provider's code again.
    Effect.catchDefect((defect) => Effect.fail(failed(`answered with what cannot be read: ${told(defect)}`))),
    Effect.uninterruptible
  )
}

const scrubbed = <E extends MapiError>(error: E, scrub: (text: string) => string): E =>
  at(error, error.step, { subject: scrub(error.subject), detail: scrub(error.detail), advice: scrub(error.advice) })

/** `ask`, where any `ProviderError` may come through. */
export const askProvider = <A>(
  asked: Asked,
  call: () => Effect.Effect<A, ProviderError>
): Effect.Effect<A, ProviderError> => ask(asked, call, isProviderError)

/** Why a wait ended without an answer. */
export type Wait<A, E> = Deferred.Deferred<Exit.Exit<A, E>>

/**
 * Runs a job in a detached fiber of its own and waits for it; only the wait is interruptible, by `wait`. Whoever is first
 * decides: the job's exit, or `ended` given up on. What a job brings when nobody waits any more goes to `abandoned`.
 */
export const inOwnFiber = <A, E>(
  job: Effect.Effect<A, E>,
  options: {
    readonly ended: Wait<A, E>
    readonly wait: <A2, E2, R2>(self: Effect.Effect<A2, E2, R2>) => Effect.Effect<A2, E2, R2>
    readonly abandoned: (value: A) => Effect.Effect<void>
  }
): Effect.Effect<A, E> =>
  Effect.gen(function* () {
    const { abandoned, ended, wait } = options
    const late = (exit: Exit.Exit<A, E>) => (Exit.isSuccess(exit) ? abandoned(exit.value) : Effect.void)
    yield* Effect.exit(job).pipe(
      Effect.flatMap((exit) =>
        Effect.flatMap(Deferred.succeed(ended, exit), (heard) => (heard ? Effect.void : late(exit)))
      ),
      Effect.forkDetach({ startImmediately: true, uninterruptible: true })
    )
    const waited = yield* Effect.exit(wait(Deferred.await(ended)))
    if (Exit.isSuccess(waited)) return yield* waited.value
    const given: Exit.Exit<A, E> = Exit.failCause(waited.cause)
    const gaveUp = yield* Deferred.succeed(ended, given)
    if (!gaveUp) yield* Effect.flatMap(Deferred.await(ended), late)
    return yield* given
  })
