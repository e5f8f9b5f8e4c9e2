/** Stores in files, for tests: written in a folder of their own, opened through a session, read to the end. */
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { DatabaseSync } from "node:sqlite"
import { assert } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import { EntryId, type InMemory, type LoadSequence, type MapiSession, type MsgStore } from "../../src/index.ts"
import { isMapiError } from "../../src/MapiError.ts"
import * as Sqlite from "../../src/providers/Sqlite.ts"
import * as Scode from "../../src/Scode.ts"
import { play } from "./scene.ts"

export const { entryId, registration } = Sqlite.make()

const folder = Effect.acquireRelease(
  Effect.sync(() => fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), "sqlite-"))),
  (made) => Effect.sync(() => fs.rmSync(made, { recursive: true, force: true }))
)

/** A path in a folder that goes with the test. */
export const newPath = (name = "my store? #1 %41 é.db") => Effect.map(folder, (made) => path.join(made, name))

export const idOf = (file: string) => Result.getOrThrow(entryId(file))

/** The path of a file behind a MAPIUID that is not this provider's. */
export const foreignId = (file: string) =>
  Result.getOrThrow(EntryId.makePrivate(Uint8Array.of(...new Uint8Array(20), ...new TextEncoder().encode(file))))

export const spec: InMemory.FolderSpec = {
  name: "Projects",
  folders: [
    { name: "Inbox", messages: ["Hello", "Re: Hello", ""], folders: [{ name: "Åbo 😀", messages: ["Done"] }] },
    { name: "Empty" }
  ]
}

export const written = (options?: { readonly password?: Redacted.Redacted }) =>
  Effect.tap(newPath(), (file) => Sqlite.create(file, spec, options))

export type Session = MapiSession.IMAPISession

/** Plays a scenario to its end, and checks that no reference is left, whatever came of it. */
export const playing = <A, E>(
  body: (session: Session) => Effect.Effect<A, E, Scope.Scope>,
  session: MapiSession.SessionOptions = {}
) =>
  Effect.map(
    play({ registrations: [registration], session }, (scene) => Effect.exit(Effect.scoped(body(scene.session)))),
    ({ events, value }) => ({ events, exit: value })
  )

export const opening = (session: Session, file: string, request: Partial<LoadSequence.OpenRequest> = {}) =>
  session.openMsgStore({ entryId: idOf(file), ...request })

/** What is in a folder of the store, as it would be written down. Dies where a walk does not come to an end. */
export const treeOf = Effect.fnUntraced(function* (
  store: MsgStore.MsgStore,
  root: MsgStore.MsgStore["openRootFolder"] = store.openRootFolder
) {
  let steps = 0
  const walk = (folder: MsgStore.Folder): Effect.Effect<InMemory.FolderSpec, MsgStoreError, Scope.Scope> =>
    Effect.gen(function* () {
      if (++steps > 1000) return yield* Effect.die("an endless tree")
      const props = yield* folder.getProps(["PR_DISPLAY_NAME", "PR_CONTENT_COUNT", "PR_SUBFOLDERS"])
      const messages = (yield* folder.getContentsTable).map((row) => row.PR_SUBJECT ?? "?")
      const folders: Array<InMemory.FolderSpec> = []
      for (const row of yield* folder.getHierarchyTable) {
        const child = yield* store.openEntry(row.PR_ENTRYID ?? new Uint8Array())
        if (child._tag === "Folder") folders.push(yield* walk(child))
      }
      const { PR_CONTENT_COUNT, PR_DISPLAY_NAME: name = "?", PR_SUBFOLDERS } = props
      if (PR_CONTENT_COUNT !== messages.length || PR_SUBFOLDERS !== folders.length > 0) return { name: "miscounted" }
      return { name, ...(messages.length > 0 ? { messages } : {}), ...(folders.length > 0 ? { folders } : {}) }
    })
  return yield* walk(yield* root)
})

type MsgStoreError = Effect.Error<MsgStore.MsgStore["openRootFolder"]>

/** What came of opening a store and reading all of it: its tree, or the error's tag and code. */
export const outcome = Effect.fnUntraced(function* (file: string, request?: Partial<LoadSequence.OpenRequest>) {
  const { exit } = yield* playing((session) => Effect.flatMap(opening(session, file, request), treeOf))
  return verdict(exit)
})

export const verdict = (exit: Exit.Exit<unknown, unknown>): unknown => {
  if (Exit.isSuccess(exit)) return exit.value
  const stray = exit.cause.reasons.find((reason) => !Cause.isFailReason(reason))
  assert.isUndefined(stray, `a defect: ${Cause.pretty(exit.cause)}`)
  const error = Cause.squash(exit.cause)
  if (!isMapiError(error)) return assert.fail("an error of no class")
  return `${error._tag} ${Scode.show(error.scode)}`
}

/** Another program's connection. */
export const connected = (file: string) =>
  Effect.acquireRelease(
    Effect.sync(() => new DatabaseSync(file)),
    (db) => Effect.sync(() => db.close())
  )

/** A store after somebody has been at it, past all of its constraints. */
export const damaged = (file: string, ...statements: ReadonlyArray<string>) =>
  Effect.scoped(
    Effect.map(connected(file), (db) => {
      db.exec("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON")
      for (const sql of statements) db.exec(sql)
    })
  )
