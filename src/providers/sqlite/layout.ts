/**
 * What a store looks like as a database, and how a new one is written. It never touches a file that is already there.
 *
 * ```text
 * store ─ 1 row       folders ─ 1 is the root        messages
 *   name                id, parent, name               id, folder, subject
 *   record_key          parent < id, so that
 *   password            going down always ends
 * ```
 */
import type { DatabaseSync } from "node:sqlite"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import type * as Redacted from "effect/Redacted"
import type { FolderSpec } from "../InMemory.ts"
import { attempt, type FileError, modules } from "./file.ts"
import * as Password from "./password.ts"

/** `PRAGMA application_id`: the letters MAPI. */
export const applicationId = 0x4d415049
/** `PRAGMA user_version`. */
export const version = 1
/** The root folder's id. */
export const root = 1

/** The statements that make the tables; SQLite keeps their text, and a store is known by it. */
export const tables: ReadonlyArray<string> = [
  `CREATE TABLE store (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  name TEXT NOT NULL,
  record_key BLOB NOT NULL,
  password BLOB
) STRICT`,
  `CREATE TABLE folders (
  id INTEGER PRIMARY KEY,
  parent INTEGER REFERENCES folders CHECK (parent < id),
  name TEXT NOT NULL
) STRICT`,
  `CREATE TABLE messages (
  id INTEGER PRIMARY KEY,
  folder INTEGER NOT NULL REFERENCES folders,
  subject TEXT NOT NULL
) STRICT`,
  "CREATE INDEX folders_by_parent ON folders (parent)",
  "CREATE INDEX messages_by_folder ON messages (folder)"
]

/**
 * Writes a new store: complete, in a folder of its own beside the path; then it gets this name too, if nothing has it yet.
 * False if something has.
 */
export const write = Effect.fnUntraced(function* (
  path: string,
  spec: FolderSpec,
  password?: Redacted.Redacted
): Effect.fn.Return<boolean, FileError> {
  const { fs, path: paths, sqlite } = yield* modules(path)
  const sealed = password === undefined ? null : yield* Password.seal(path, password)
  return yield* attempt(path, () => {
    if (fs.existsSync(path)) return false
    const folder = paths.dirname(path)
    const workshop = fs.mkdtempSync(paths.join(folder, ".store-"))
    try {
      const made = paths.join(workshop, "store")
      fill(new sqlite.DatabaseSync(made), spec, sealed)
      fs.linkSync(made, path) // unlike a rename, it replaces nothing
      return true
    } catch (cause) {
      if (Predicate.hasProperty(cause, "code") && cause.code === "EEXIST") return false
      throw cause
    } finally {
      fs.rmSync(workshop, { recursive: true, force: true })
    }
  })
})

const fill = (db: DatabaseSync, spec: FolderSpec, sealed: Uint8Array | null): void => {
  try {
    const tell = (sql: string) => db.prepare(sql).all()
    tell("PRAGMA journal_mode = MEMORY") // nobody else knows the file yet, and half of it is thrown away
    tell(`PRAGMA application_id = ${applicationId}`)
    tell(`PRAGMA user_version = ${version}`)
    tell("BEGIN")
    tables.forEach(tell)
    const recordKey = globalThis.crypto.getRandomValues(new Uint8Array(16))
    db.prepare("INSERT INTO store VALUES (1, ?, ?, ?)").run(spec.name, recordKey, sealed)
    const addFolder = db.prepare("INSERT INTO folders (parent, name) VALUES (?, ?)")
    const addMessage = db.prepare("INSERT INTO messages (folder, subject) VALUES (?, ?)")
    const toDo: Array<{ readonly parent: number | null; readonly folder: FolderSpec }> = [
      { parent: null, folder: spec }
    ]
    for (const { folder, parent } of toDo) {
      const id = Number(addFolder.run(parent, folder.name).lastInsertRowid)
      folder.messages?.forEach((subject) => {
        addMessage.run(id, subject)
      })
      folder.folders?.forEach((child) => {
        toDo.push({ parent: id, folder: child })
      })
    }
    tell("COMMIT")
  } finally {
    db.close()
  }
}
