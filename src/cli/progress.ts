/**
 * How far a long read has come: one line of standard error, rewritten, and taken away when the read is over.
 *
 * Nothing where standard error is no terminal, and nothing for a read that is soon over. It counts calls; it makes none.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type { Event } from "../CallLog.ts"

/** The line. */
export interface Progress {
  /** Counts what is read. */
  readonly heard: (event: Event) => void
  /** Takes the line away, so that something else can be printed; it comes back by itself. */
  readonly clear: () => void
  /** Shows the line while an effect goes on. */
  readonly during: <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

/** No progress. */
export const none: Progress = { heard: () => {}, clear: () => {}, during: (self) => self }

/** A line that says how far it has come whenever it is shown. `write` takes text for a terminal, as it is. */
export const line = (write: (text: string) => void, words: () => string): Omit<Progress, "heard"> => {
  let isShown = false
  const clear = () => {
    if (isShown) write("\r\u001b[K")
    isShown = false
  }
  const show = (began: number) =>
    Effect.map(Clock.currentTimeMillis, (now) => {
      write(`\r\u001b[K${words()} (${Math.round((now - began) / 1000)} s)`)
      isShown = true
    })
  return {
    clear,
    during: (self) =>
      Effect.gen(function* () {
        const began = yield* Clock.currentTimeMillis
        const ticking = Effect.repeat(show(began), Schedule.spaced("250 millis"))
        return yield* Effect.scoped(Effect.andThen(Effect.forkScoped(Effect.delay(ticking, "1 second")), self))
      }).pipe(Effect.ensuring(Effect.sync(clear)))
  }
}

/** The line of a store that is read. */
export const make = (write: (text: string) => void): Progress => {
  let folders = 0
  let messages = 0
  return {
    heard: ({ call, phase }) => {
      if (phase !== "call") return
      if (call === "IMAPIFolder::GetHierarchyTable") folders += 1
      if (call === "IMessage::GetProps") messages += 1
    },
    ...line(write, () => `Reading… folders: ${folders}, messages: ${messages}`)
  }
}
