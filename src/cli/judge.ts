/**
 * `effect-mapi judge`: a call log that somebody recorded, judged by every law, in one pass.
 *
 * Fails where a law is broken, where the log cannot be read, and where nothing in it could be judged: an empty log, one
 * without an event, one that shows too little for any law.
 */
import { createReadStream } from "node:fs"
import * as Console from "effect/Console"
import type * as Command from "effect/cli/Command"
import * as TerminalCapabilities from "effect/cli/TerminalCapabilities"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import * as Table from "../diagram/Table.ts"
import * as Laws from "../Laws.ts"
import { Failed } from "./open.ts"
import * as Progress from "./progress.ts"
import * as Verdicts from "./verdicts.ts"

/** What the command line asks for. */
export interface Options {
  /** A file of JSON Lines; `-`, or nothing, is standard input. */
  readonly file: Option.Option<string>
  readonly format: "text" | "json"
}

/** Prints what the laws say of a log. */
export const judge = Effect.fn("judge")(function* ({
  file,
  format
}: Options): Effect.fn.Return<void, Failed, Command.Environment> {
  const { canColor } = yield* TerminalCapabilities.TerminalCapabilities
  const result = yield* read(Option.getOrElse(file, () => "-"))
  for (const line of Verdicts.sayMisfits(result)) yield* Console.error(line)
  const paint = canColor ? Table.colours : Table.plain
  yield* Console.log(format === "json" ? Verdicts.document(result) : Verdicts.words(result, paint))
  if (result.verdicts.every(({ _tag }) => _tag === "NotJudged")) yield* Console.error(nothing(result.events))
  if (!Verdicts.isGood(result)) return yield* new Failed({ code: 1 })
})

const nothing = (events: number): string =>
  events === 0
    ? "There is no event: nothing was judged. Give it a call log in JSON Lines, such as `effect-mapi open --trace FILE` writes."
    : "No law could be judged: the log shows too little. Record the calls, or the fields, that are named above."

/** Judges while it reads, and says how far it has come where somebody watches. */
const read = Effect.fnUntraced(function* (
  file: string
): Effect.fn.Return<Verdicts.Result, Failed, Command.Environment> {
  const { stdin } = yield* Stdio.Stdio
  let events = 0
  const firstMisfits: Array<Laws.Misfit> = []
  const heard = (item: Laws.Item): void => {
    if (item._tag === "Event") events += 1
    if (item._tag === "Misfit" && firstMisfits.length < Verdicts.mostMisfits) firstMisfits.push(item)
  }
  const write = (text: string) => process.stderr.write(text)
  const { during } = process.stderr.isTTY ? Progress.line(write, () => `Judging… events: ${events}`) : Progress.none
  const bytes = file === "-" ? Stream.mapError(stdin, whyNot) : bytesOf(file)
  const judged = yield* during(Laws.judgeTrace(bytes, heard)).pipe(
    Effect.tapError((why) => {
      const [what, advice] = file === "-" ? ["Standard input", ""] : [Table.printable(file), " Check the path."]
      return Console.error(`${what} could not be read: ${why}.${advice}`)
    }),
    Effect.mapError(() => new Failed({ code: 1 }))
  )
  return { ...judged, firstMisfits }
})

/** Read from its beginning to its end and never by place: a named pipe has none. */
const bytesOf = (file: string): Stream.Stream<Uint8Array, string> =>
  Stream.suspend(() => Stream.fromAsyncIterable<Uint8Array, string>(createReadStream(file), whyNot))

const whyNot = (cause: unknown): string => Table.printable(Predicate.isError(cause) ? cause.message : String(cause))
