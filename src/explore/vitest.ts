/**
 * Checks as tests of vitest: a program that is not verified fails its test with the columns and the token.
 *
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { it } from "effect-mapi/explore/vitest"
 *
 * const test = () => it.explore("nothing can go wrong", Effect.void)
 * test.length // => 0
 * ```
 */
import { it as effectIt } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { check } from "./check.ts"
import type { Explore } from "./service.ts"
import type { Options, Verdict } from "./verdict.ts"

/** What a verdict says to who reads a failing test. */
export const report = (verdict: Verdict): string => {
  if (verdict._tag === "Verified") {
    if (verdict.executions > 0) return `verified: ${verdict.executions} executions`
    const bounds = JSON.stringify(verdict.within)
    return `no execution comes to its end within ${bounds}, so nothing was asked: allow more steps per fiber`
  }
  if (verdict._tag === "Inconclusive") {
    return `inconclusive: stopped by its budget of ${verdict.stoppedBy} after ${verdict.executions} executions`
  }
  const { choices, columns, law, reason, token } = verdict.counterexample
  return [`${law}: ${reason}`, "", columns, "", ...choices, "", `replay: ${token}`].join("\n")
}

/** Where no law is given. */
const succeeds: Options<unknown, unknown> = {
  always: { "it succeeds": ({ exit }) => Exit.isSuccess(exit) || Cause.pretty(exit.cause) }
}

/** Fails, with the report as its message, unless verified by one execution at least. Without a law the program must succeed. */
export const verified = Effect.fn("Explore.verified")(function* <A, E>(
  program: Effect.Effect<A, E, Explore>,
  options: Options<A, E> = {}
) {
  const { always, everyOrder, sometimes } = options
  const isAsked = (always ?? everyOrder ?? sometimes) !== undefined
  const verdict = yield* check(program, isAsked ? options : { ...options, ...succeeds })
  const isVerified = verdict._tag === "Verified" && verdict.executions > 0
  return isVerified ? verdict : yield* Effect.die(new Error(report(verdict)))
})

const explore = <A, E>(
  name: string,
  program: Effect.Effect<A, E, Explore>,
  options?: Options<A, E> & { readonly timeout?: number }
): void => effectIt.live(name, () => verified(program, options), options?.timeout)

/** `it` of `@effect/vitest`, with `it.explore`. */
export const it = Object.assign(effectIt, { explore })
