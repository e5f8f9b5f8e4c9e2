/**
 * A check: runs the search to its end, judges each execution, and says what can be claimed.
 *
 * `Verified` is said of a complete search only, whose own audit found nothing. A bound given as `within` is part of the
 * claim; running out of a `budget` is `Inconclusive`. Whatever the search cannot see through is an error, never a verdict.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Version from "effect/Version"
import { active } from "./active.ts"
import { calibrate } from "./calibrate.ts"
import { Checking, retell } from "./checking.ts"
import { type Counterexample, parseToken } from "./counterexample.ts"
import { Engine } from "./engine.ts"
import { BadToken, type ExploreError, troubled } from "./errors.ts"
import { nested } from "./execution.ts"
import { install, uninstall } from "./patches.ts"
import type { Explore } from "./service.ts"
import { unbounded } from "./tree.ts"
import type { Options, Verdict } from "./verdict.ts"

/** Refuses the execution that this is part of, before anything is patched on its behalf. */
const alone = Effect.suspend(() => {
  active?.refuse(nested)
  return active === null ? Effect.void : Effect.die(troubled(nested))
})

/** `check`, with the version of Effect to ask about. */
export const checkOn = Effect.fn("Explore.check")(function* <A, E>(
  version: string,
  program: Effect.Effect<A, E, Explore>,
  options: Options<A, E>
): Effect.fn.Return<Verdict, ExploreError> {
  yield* alone
  yield* calibrate(version)
  const clock = yield* Clock.Clock
  return yield* Effect.acquireUseRelease(
    Effect.sync(install),
    Effect.fnUntraced(function* () {
      const engine = new Engine(program, options.profile)
      const start = clock.currentTimeMillisUnsafe()
      const spent = () => clock.currentTimeMillisUnsafe() - start
      const isOver = () => options.budget?.time !== undefined && spent() >= options.budget.time
      for (;;) {
        const checking = new Checking(engine, options, isOver)
        while (checking.stoppedBy === undefined) {
          const done = checking.work()
          options.onProgress?.(checking.progress(spent()))
          if (typeof done !== "boolean") return yield* done
          if (done) break
          if (isOver()) checking.stoppedBy = "time"
          else yield* Effect.yieldNow
        }
        const doubt = checking.stale ? undefined : checking.audit()
        if (checking.stale) continue
        if (doubt !== undefined) return yield* doubt
        return checking.verdict()
      }
    }),
    () => Effect.sync(uninstall)
  )
})

/**
 * Runs a program under every schedule and every answer that matter, and judges each execution.
 *
 * The program makes its own state: shared plain JavaScript state is outside the guarantee.
 */
export const check = <A, E>(
  program: Effect.Effect<A, E, Explore>,
  options: Options<A, E> = {}
): Effect.Effect<Verdict, ExploreError> => checkOn(Version.getCurrentVersion(), program, options)

/** A replayed execution; `changed` where the program no longer does what it did when the token was made. */
export interface Replay<A, E> {
  readonly changed: boolean
  /** Undefined where it never ended. */
  readonly exit: Exit.Exit<A, E> | undefined
  readonly execution: Omit<Counterexample, "law" | "reason">
}

/** Runs the one execution that a token names, step by step, and says whether the program has changed since. */
export const replay = Effect.fn("Explore.replay")(function* <A, E>(
  program: Effect.Effect<A, E, Explore>,
  token: string
): Effect.fn.Return<Replay<A, E>, ExploreError | BadToken> {
  const parsed = parseToken(token)
  if (parsed === undefined) {
    return yield* new BadToken({
      subject: token,
      detail: "this is no replay token of the format x1",
      advice: "Copy the token of a counterexample whole, or run the check again."
    })
  }
  yield* alone
  yield* calibrate(Version.getCurrentVersion())
  return yield* Effect.acquireUseRelease(
    Effect.sync(install),
    () =>
      Effect.suspend((): Effect.Effect<Replay<A, E>, ExploreError> => {
        const { deviations, profile } = parsed
        const engine = new Engine(program, profile)
        const { names } = engine.machine
        for (;;) {
          const { learnt } = names
          const { counterexample, ending, exit, hash, isWhole } = retell(engine, unbounded, deviations, profile)
          if (names.learnt > learnt) continue // as the check did that made the token
          const { trouble } = engine.machine
          if (trouble !== null) return Effect.fail(troubled(trouble))
          const changed = ending !== "ended" || hash !== parsed.hash || !isWhole
          return Effect.succeed({ changed, exit, execution: counterexample })
        }
      }),
    () => Effect.sync(uninstall)
  )
})
