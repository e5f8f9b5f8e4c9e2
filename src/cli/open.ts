/**
 * `effect-mapi open`: a run, and what is printed of it.
 *
 * Text is printed as it happens; the other formats when the run is over, with its log and ledger complete. That is so
 * however it ended: a failed open and an interrupted one have an outcome, a log and a trace like any other. Passwords are
 * never among what is printed: every text that is not the command's own passes through the profile's `scrub`.
 */

import * as Cause from "effect/Cause"
import * as Console from "effect/Console"
import type * as Command from "effect/cli/Command"
import * as TerminalCapabilities from "effect/cli/TerminalCapabilities"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import * as CallLog from "../CallLog.ts"
import * as Line from "../diagram/Line.ts"
import * as Sequence from "../diagram/Sequence.ts"
import * as Table from "../diagram/Table.ts"
import * as Profile from "../Profile.ts"
import * as Progress from "./progress.ts"
import * as Report from "./report.ts"
import { type Found, type Listener, type Options as RunOptions, run } from "./run.ts"
import * as Text from "./text.ts"

/** What the command line asks for. */
export interface Options extends RunOptions {
  readonly format: "text" | "json" | "mermaid"
  readonly trace: Option.Option<string>
}

/** The command has not done what it was asked to, and has been said why; what is left is the exit code. */
export class Failed extends Schema.TaggedError<Failed>()("Failed", { code: Schema.Literals([1, 2, 3, 4]) }) {
  override readonly [Runtime.errorExitCode] = this.code
  override readonly [Runtime.errorReported] = false
}

/** Runs, prints, writes the trace; fails with what sets the exit code. */
export const open = Effect.fn("open")(function* (
  options: Options
): Effect.fn.Return<void, Failed, Command.Environment> {
  const profile = yield* Profile.make()
  const { canColor } = yield* TerminalCapabilities.TerminalCapabilities
  const console = yield* Console.Console
  const progress = process.stderr.isTTY ? Progress.make((text) => process.stderr.write(text)) : Progress.none
  const print = (line: string) => {
    progress.clear()
    console.log(line)
  }
  const live = Text.live(print, profile.scrub, canColor ? Table.colours : Table.plain)
  const isText = options.format === "text"
  const { events, recorder } = CallLog.makeRecorder((event) => {
    progress.heard(event)
    if (isText) live.heard(event)
  })
  const { during } = progress
  const listener: Listener = isText
    ? { ...live, during }
    : { say: (text) => Console.error(text), opened: () => Effect.void, during }

  return yield* Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const exit = yield* restore(run(options, profile, listener)).pipe(
        Effect.provideService(CallLog.CallLog, recorder),
        Effect.exit
      )
      const calls = (yield* events).map((event) => Report.scrubEvent(event, profile.scrub))
      const error = Exit.isSuccess(exit) ? null : Report.toError(exit.cause, options.ask, profile.scrub)
      if (isText) yield* live.over(calls)
      if (options.format === "json") yield* Console.log(document(error, Option.getOrNull(Exit.getSuccess(exit)), calls))
      if (options.format === "mermaid") yield* Console.log(Sequence.mermaid(calls.filter(isDrawn)))
      const traced = yield* writeTrace(options.trace, calls)
      if (Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause)) return yield* Effect.interrupt
      if (error !== null) yield* Console.error(`${isText ? "\n" : ""}${Report.sayError(error)}`)
      if (error !== null || !traced) return yield* new Failed({ code: 1 })
    })
  )
})

const isDrawn = (event: CallLog.Event) => !Line.isReading(event)

/** Everything about a run, as one JSON document. */
const document = (
  error: Report.ErrorReport | null,
  found: Found | null,
  calls: ReadonlyArray<CallLog.Event>
): string => {
  const outcome = error === null ? { ok: true } : { ok: false, error }
  const { list = null, message = null, store = null } = found ?? {}
  return JSON.stringify({ outcome, store, list, message, calls, ledger: CallLog.ledger(calls) }, null, 2)
}

/** The trace file, whatever the outcome. False if it could not be written, which has then been said. */
const writeTrace = Effect.fnUntraced(function* (trace: Option.Option<string>, calls: ReadonlyArray<CallLog.Event>) {
  if (Option.isNone(trace)) return true
  const fs = yield* FileSystem.FileSystem
  const lines = yield* Effect.forEach(calls, (event) => Schema.encodeEffect(CallLog.EventFromJson)(event))
  return yield* fs.writeFileString(trace.value, lines.map((line) => `${line}\n`).join("")).pipe(
    Effect.as(true),
    Effect.catchTag("PlatformError", ({ message }) =>
      Effect.as(
        Console.error(
          `\nThe trace could not be written: ${message}. Name a file in a folder that exists and can be written to.`
        ),
        false
      )
    )
  )
}, Effect.orDie)
