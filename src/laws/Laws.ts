/**
 * What must hold of every call log, and how to judge by it: a session that runs, or a log that somebody else recorded.
 *
 * The laws are those of the page and of the reference around it, one a file, each with its sentence. They know nothing of
 * how this library is made: a log in the schema of `CallLog` is all they see. Judging never changes what is judged.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Event } from "../CallLog.ts"
import { DeadObjects } from "./DeadObjects.ts"
import * as Judge from "./Judge.ts"
import type { Law } from "./Law.ts"
import { NetAddRef } from "./NetAddRef.ts"
import { OneInit } from "./OneInit.ts"

export type { Broken, Options, Verdict } from "./Judge.ts"
export type { Law } from "./Law.ts"

/** Every law, in the order of the page. */
export const all: ReadonlyArray<Law> = [OneInit, NetAddRef, DeadObjects]

/** Judges a log of any size, in one pass: what is said of each law, in the order of `all`. */
export const judge = <E, R>(
  events: Stream.Stream<Event, E, R>,
  options?: Judge.Options
): Effect.Effect<ReadonlyArray<Judge.Verdict>, E, R> =>
  Effect.suspend(() => {
    const { end, see, verdicts } = Judge.make(all, options)
    return Effect.map(
      Stream.runForEach(events, (event) => Effect.sync(() => see(event))),
      () => {
        end()
        return verdicts()
      }
    )
  })
