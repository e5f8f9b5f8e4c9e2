/**
 * Every schedule of an Effect program: an explorer of real, unmodified fibers.
 *
 * ```ts
 * import * as Effect from "effect/Effect"
 * import * as Ref from "effect/Ref"
 * import * as Explore from "effect-mapi/explore"
 *
 * const increment = (ref: Ref.Ref<number>) => Effect.flatMap(Ref.get(ref), (n) => Ref.set(ref, n + 1))
 * const program = Effect.gen(function* () {
 *   const ref = yield* Ref.make(0)
 *   yield* Effect.all([increment(ref), increment(ref)], { concurrency: 2 })
 *   return yield* Ref.get(ref)
 * })
 * const verdict = await Effect.runPromise(
 *   Explore.check(program, { always: { "nothing is lost": ({ exit }) => exit._tag === "Success" && exit.value === 2 } })
 * )
 * verdict._tag // => "Falsified"
 * ```
 *
 * Shared plain JavaScript state is outside the guarantee; `docs/explore.md` says what is seen, refused or only detected.
 */

export * as Bag from "./explore/Bag.ts"
export * as Cell from "./explore/Cell.ts"
export { knownVersions } from "./explore/calibrate.ts"
export { check, type Replay, replay } from "./explore/check.ts"
export type { Counterexample, Event, Size, Step } from "./explore/counterexample.ts"
export {
  BadToken,
  Escaped,
  type ExploreError,
  ForeignEffect,
  Nondeterministic,
  UncalibratedEffect,
  Untracked
} from "./explore/errors.ts"
export {
  choose,
  Explore,
  fault,
  interruptAnywhere,
  type Mode,
  observe,
  quiescence,
  type Recorder,
  record,
  recorder,
  type Subject,
  tell
} from "./explore/service.ts"
export type { Profile } from "./explore/tree.ts"
export {
  type Budget,
  type Execution,
  Falsified,
  Inconclusive,
  type Law,
  type LogLaw,
  type Observation,
  type Options,
  type Position,
  type Progress,
  progressLine,
  type Sequence,
  type StoppedBy,
  type Verdict,
  Verified,
  type Within
} from "./explore/verdict.ts"
