/** Files that are no store, or none that can be opened: each is refused at Logon by a typed error, with every count at zero. */
import * as fs from "node:fs"
import * as os from "node:os"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { vi } from "vitest"
import { EntryId } from "../../src/index.ts"
import * as Sqlite from "../../src/providers/Sqlite.ts"
import { damaged, foreignId, opening, outcome, playing, spec, verdict, written } from "../support/sqliteStore.ts"

describe("what is refused at Logon", () => {
  const corrupt = "ProviderFailed MAPI_E_CORRUPT_STORE"
  const cases: ReadonlyArray<readonly [string, (file: string) => unknown, string]> = [
    ["a file that is missing", (file) => fs.rmSync(file), "NotFound MAPI_E_NOT_FOUND"],
    ["a folder", (file) => instead(file, () => fs.mkdirSync(file)), corrupt],
    ["a device", (file) => instead(file, () => fs.symlinkSync(os.devNull, file)), corrupt],
    ["an empty file", (file) => fs.writeFileSync(file, ""), corrupt],
    ["a text", (file) => fs.writeFileSync(file, "once upon a time ".repeat(99)), corrupt],
    ["a database of something else", (file) => sql(file, "PRAGMA application_id = 1"), corrupt],
    ["a store without a version", (file) => sql(file, "PRAGMA user_version = 0"), corrupt],
    ["a store of a newer version", (file) => sql(file, "PRAGMA user_version = 2"), "ProviderFailed MAPI_E_VERSION"],
    ["a store without messages", (file) => sql(file, "DROP TABLE messages"), corrupt],
    ["a store with other tables", (file) => sql(file, "ALTER TABLE folders ADD COLUMN colour TEXT"), corrupt],
    ["a store that says nothing", (file) => sql(file, "DELETE FROM store"), corrupt],
    ["a store with half a password", (file) => sql(file, "UPDATE store SET password = x'00'"), corrupt]
  ]
  const instead = (file: string, make: () => void) => {
    fs.rmSync(file)
    make()
  }
  const sql = (file: string, statement: string) => Effect.runSync(damaged(file, statement))

  it.effect.each(cases)("%s", ([, harm, expected]) =>
    Effect.gen(function* () {
      const file = yield* written()
      harm(file)
      for (const flags of [[], ["MDB_WRITE"]] as const) assert.strictEqual(yield* outcome(file, { flags }), expected)
    })
  )

  it.effect("an id of this DLL that another provider made", () =>
    Effect.gen(function* () {
      const file = yield* written()
      const foreign = foreignId(file)
      const id = Result.getOrThrow(EntryId.wrap(Sqlite.dllFileName, foreign))
      const { exit } = yield* playing((session) => session.openMsgStore({ entryId: id }))
      assert.strictEqual(verdict(exit), "InvalidParameter MAPI_E_INVALID_PARAMETER")
    })
  )

  it.effect("everything, where there is no node:sqlite: the error says which runtimes have it", () =>
    Effect.gen(function* () {
      const file = yield* written()
      yield* Effect.acquireRelease(
        Effect.sync(() =>
          vi.doMock("node:sqlite", () => {
            throw new Error("No such built-in module: node:sqlite")
          })
        ),
        () => Effect.sync(() => vi.doUnmock("node:sqlite"))
      )
      const { exit } = yield* playing((session) => opening(session, file))
      assert.strictEqual(verdict(exit), "ProviderFailed MAPI_E_NO_SUPPORT")
      const error = yield* Effect.flip(Sqlite.create(`${file}2`, spec))
      assert.strictEqual(error.advice, "Run it with Node 24, Deno 2.9 or Bun 1.4, or newer.")
    })
  )
})
