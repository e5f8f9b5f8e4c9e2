/**
 * What a store says of itself, and the folders and messages in it. Reads only, and believes nothing that it reads.
 *
 * Ids inside a store are five bytes: `F` or `M`, then the number of the folder or message, big end first.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { NotFound, type ObjectError, ProviderFailed } from "../../MapiError.ts"
import type { BackendEntry, BackendFolder, BackendMessage } from "../../ProviderKit.ts"
import * as Scode from "../../Scode.ts"
import type { Row } from "../../StoreProvider.ts"
import { corrupt, type Database, type FileError, rows } from "./file.ts"
import * as Layout from "./layout.ts"
import * as Password from "./password.ts"

const bytes = (length: number) =>
  Schema.Uint8Array.check(Schema.makeFilter((value) => value.length === length, { expected: `${length} bytes` }))
const EntryNumber = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 0xffffffff }))

const Marks = Schema.Struct({ application_id: Schema.Int, user_version: Schema.Int })
const Statement = Schema.Struct({ sql: Schema.NullOr(Schema.String) })
const Store = Schema.Struct({
  name: Schema.String,
  record_key: bytes(16),
  password: Schema.NullOr(bytes(Password.LENGTH))
})
const Folder = Schema.Struct({
  id: EntryNumber,
  name: Schema.String,
  messages: Schema.Int,
  subfolders: Schema.Int
})
const Message = Schema.Struct({ id: EntryNumber, subject: Schema.String })

/** Checks that it is a store, of a version that is known here; then what the store says of itself. */
export const readStore = Effect.fnUntraced(function* (db: Database): Effect.fn.Return<typeof Store.Type, FileError> {
  const { path } = db
  const [marks] = yield* rows(db, Marks, "SELECT * FROM pragma_application_id, pragma_user_version")
  if (marks?.application_id !== Layout.applicationId || marks.user_version < 1) {
    return yield* corrupt(path, "it is an SQLite database, but no message store")
  }
  if (marks.user_version > Layout.version) {
    // MAPI_E_VERSION is what the two sides of an interface that do not agree on its version answer. [S3]
    return yield* new ProviderFailed({
      subject: path,
      scode: Scode.values.MAPI_E_VERSION,
      detail: `its format is version ${marks.user_version}, and this provider knows version ${Layout.version}`,
      advice: "Use a newer version of this library."
    })
  }
  const found = yield* rows(db, Statement, "SELECT sql FROM sqlite_schema")
  if (!Layout.tables.every((table) => found.some(({ sql }) => sql === table))) {
    return yield* corrupt(path, "it is damaged: its tables are not those of a message store")
  }
  const [store] = yield* rows(db, Store, "SELECT name, record_key, password FROM store")
  return store ?? (yield* corrupt(path, "it is damaged: it says nothing of itself"))
})

const folders = `SELECT id, name,
  (SELECT count(*) FROM messages WHERE folder = folders.id) AS messages,
  EXISTS (SELECT 1 FROM folders AS below WHERE below.parent = folders.id) AS subfolders
  FROM folders`

/** A folder or message by its id; null is the root folder. */
export const openEntry = Effect.fnUntraced(function* (
  db: Database,
  id: Uint8Array | null
): Effect.fn.Return<BackendEntry, ObjectError> {
  const entry = id === null ? folderOf(db, Layout.root) : entryOf(db, id)
  if (entry === undefined) return yield* gone(db)
  yield* entry.props // is it there?
  return entry
})

const gone = (db: Database) => new NotFound({ subject: db.path, detail: "no entry has this id" })

const folderOf = (db: Database, number: number): BackendFolder => ({
  _tag: "Folder",
  props: Effect.flatMap(rows(db, Folder, `${folders} WHERE id = ?`, number), ([found]) => {
    if (found !== undefined) return Effect.succeed(folderRow(found))
    return Effect.fail(number === Layout.root ? corrupt(db.path, "it is damaged: it has no root folder") : gone(db))
  }),
  folders: Effect.flatMap(rows(db, Folder, `${folders} WHERE parent = ? ORDER BY id`, number), (found) =>
    // Going down, numbers only grow: whoever follows the folders of a damaged store comes to an end.
    found.every(({ id }) => id > number)
      ? Effect.succeed(found.map(folderRow))
      : Effect.fail(corrupt(db.path, "it is damaged: a folder is inside itself"))
  ),
  messages: Effect.map(
    rows(db, Message, "SELECT id, subject FROM messages WHERE folder = ? ORDER BY id", number),
    (found) => found.map(messageRow)
  )
})

const messageOf = (db: Database, number: number): BackendMessage => ({
  _tag: "Message",
  props: Effect.flatMap(rows(db, Message, "SELECT id, subject FROM messages WHERE id = ?", number), ([found]) =>
    found === undefined ? Effect.fail(gone(db)) : Effect.succeed(messageRow(found))
  )
})

const folderRow = ({ id, messages, name, subfolders }: typeof Folder.Type): Row => ({
  PR_ENTRYID: toId("F", id),
  PR_DISPLAY_NAME: name,
  PR_CONTENT_COUNT: messages,
  PR_SUBFOLDERS: subfolders !== 0
})

const messageRow = ({ id, subject }: typeof Message.Type): Row => ({ PR_ENTRYID: toId("M", id), PR_SUBJECT: subject })

const toId = (kind: "F" | "M", number: number): Uint8Array => {
  const id = new Uint8Array(5)
  id[0] = kind.charCodeAt(0)
  new DataView(id.buffer).setUint32(1, number)
  return id
}

const entryOf = (db: Database, id: Uint8Array): BackendEntry | undefined => {
  if (id.length !== 5) return undefined
  const number = new DataView(id.buffer, id.byteOffset).getUint32(1)
  switch (String.fromCharCode(id[0] ?? 0)) {
    case "F":
      return folderOf(db, number)
    case "M":
      return messageOf(db, number)
    default:
      return undefined
  }
}
