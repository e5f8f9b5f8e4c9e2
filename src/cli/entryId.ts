/**
 * `effect-mapi entryid`: a store's entry id, taken apart. Nothing is opened, loaded or looked up.
 */
import * as Console from "effect/Console"
import type * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import { printable } from "../diagram/Table.ts"
import * as EntryId from "../EntryId.ts"
import { Failed } from "./open.ts"
import * as Report from "./report.ts"

/** What the command line asks for. */
export interface Options {
  /** Hex text as people paste it; `-` is standard input. */
  readonly hex: string
  readonly format: "text" | "json"
}

/** Prints what an id says, or why it is none. */
export const entryId = Effect.fn("entryid")(function* ({
  format,
  hex
}: Options): Effect.fn.Return<void, Failed, Command.Environment> {
  const text = hex === "-" ? yield* standardInput : hex
  const decoded = yield* Effect.fromResult(EntryId.decodeHex(text)).pipe(
    Effect.tapError((error) => Console.error(Report.sayError(Report.errorOf(error)))),
    Effect.mapError(() => new Failed({ code: 1 }))
  )
  const lines = EntryId.tree(decoded).map(printable)
  yield* Console.log(format === "json" ? JSON.stringify(EntryId.toJson(decoded), null, 2) : lines.join("\n"))
})

const standardInput = Effect.gen(function* () {
  const stdio = yield* Stdio.Stdio
  return yield* Stream.mkString(Stream.decodeText(stdio.stdin))
}).pipe(
  Effect.tapError(({ message }) => Console.error(`Standard input could not be read: ${message}`)),
  Effect.mapError(() => new Failed({ code: 1 }))
)
