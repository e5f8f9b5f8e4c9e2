/**
 * `effect-mapi errors`: every error that opening a store can fail with, read off the executions that its tokens replay.
 */
import * as Console from "effect/Console"
import type * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Atlas from "./atlas/atlas.ts"
import * as Words from "./atlas/words.ts"
import { refused } from "./explore.ts"
import { Failed } from "./open.ts"

/** What the command line asks for. */
export interface Options {
  readonly format: "text" | "json" | "markdown"
}

const shown = {
  text: Words.text,
  json: (entries: ReadonlyArray<Atlas.Entry>) => JSON.stringify(entries, null, 2),
  markdown: Words.markdown
}

/** Prints the atlas; fails where a token no longer shows its error, and where the explorer cannot replay any. */
export const errors = Effect.fn("errors")(function* ({
  format
}: Options): Effect.fn.Return<void, Failed, Command.Environment> {
  const { entries, stale } = yield* Effect.catch(Atlas.make(), refused)
  yield* Console.log(shown[format](entries))
  for (const { name, why } of stale)
    yield* Console.error(`${name}: ${why}. Run npm run atlas, to find its token again.`)
  if (stale.length > 0) return yield* new Failed({ code: 1 })
})
