/**
 * `effect-mapi inf`: what a MAPISVC.INF says, and each complaint about it. Nothing is registered or loaded.
 */
import * as Console from "effect/Console"
import type * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Inf from "../diagram/Inf.ts"
import * as MapiSvcInf from "../MapiSvcInf.ts"
import { Failed } from "./open.ts"

/** Prints what a file says; fails where it cannot be read, or something in it cannot be used. */
export const inf = Effect.fn("inf")(function* ({
  file
}: {
  readonly file: string
}): Effect.fn.Return<void, Failed, Command.Environment> {
  const fs = yield* FileSystem.FileSystem
  const bytes = yield* fs.readFile(file).pipe(
    Effect.tapError(({ message }) => Console.error(`${file} could not be read: ${message}. Check the path.`)),
    Effect.mapError(() => new Failed({ code: 1 }))
  )
  const parsed = MapiSvcInf.parse(bytes, { file })
  yield* Console.log(Inf.describe(parsed).join("\n"))
  if (parsed.complaints.some(({ severity }) => severity === "error")) return yield* new Failed({ code: 1 })
})
