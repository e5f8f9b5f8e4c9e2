/**
 * The file of a store, by way of node:sqlite: opened, asked, and closed with its scope.
 *
 * The runtime's modules are imported when a store is opened, so that a runtime without node:sqlite can load this one.
 * Whatever they throw becomes a `FileError`, the same one in Node, Deno and Bun. It never opens a store's file with
 * node:fs: on POSIX, closing such a descriptor lets go of the locks that SQLite holds on that file.
 */
import type { DatabaseSync, SQLInputValue } from "node:sqlite"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { InvalidParameter, NoAccess, NotFound, ProviderFailed } from "../../MapiError.ts"
import * as Scode from "../../Scode.ts"

/** A database that is open. */
export interface Database {
  readonly path: string
  readonly connection: DatabaseSync
}

/** What becomes of anything that goes wrong with a file: a part of `ProviderError`, and of `ObjectError`. */
export type FileError = InvalidParameter | NoAccess | NotFound | ProviderFailed

/** The runtime's own modules. */
export interface Modules {
  readonly sqlite: typeof import("node:sqlite")
  readonly fs: typeof import("node:fs")
  readonly path: typeof import("node:path")
}

/** Imports them; of these, only node:sqlite is too new for some runtimes. */
export const modules = (subject: string): Effect.Effect<Modules, ProviderFailed> =>
  Effect.tryPromise({
    try: async () => {
      const [sqlite, fs, path] = await Promise.all([import("node:sqlite"), import("node:fs"), import("node:path")])
      return { sqlite, fs, path }
    },
    catch: () =>
      new ProviderFailed({
        subject,
        scode: Scode.values.MAPI_E_NO_SUPPORT,
        detail: "this runtime has no node:sqlite",
        advice: "Run it with Node 24, Deno 2.9 or Bun 1.4, or newer."
      })
  })

/** What is said to be a store, and is none; or no longer. The sample provider answers this code too: section 3.1 of the reference. */
export const corrupt = (subject: string, detail: string): ProviderFailed =>
  new ProviderFailed({
    subject,
    scode: Scode.values.MAPI_E_CORRUPT_STORE,
    detail,
    advice: "Name the file of a message store; if this one is damaged, restore it from a copy."
  })

const noAccess = (subject: string, detail: string) =>
  new NoAccess({ subject, detail, advice: "Check the permissions of the file and of the folder that it is in." })

const SQLITE_IOERR_SHORT_READ = 522

/** SQLite's result code or the system's error code; Deno gives no number for an open that fails. */
const codeOf = (cause: unknown): string => {
  if (Predicate.hasProperty(cause, "errcode") && typeof cause.errcode === "number") {
    return cause.errcode === SQLITE_IOERR_SHORT_READ ? "SQLITE 11" : `SQLITE ${cause.errcode & 0xff}`
  }
  if (Predicate.hasProperty(cause, "name") && cause.name === "NotCapable") return "EACCES"
  return Predicate.hasProperty(cause, "code") ? String(cause.code) : ""
}

/** What a call into the runtime threw, as an error of the protocol. */
export const failure = (subject: string, cause: unknown): FileError => {
  const told = Predicate.isError(cause) ? cause.message : String(cause)
  switch (codeOf(cause)) {
    case "ENOENT":
    case "ENOTDIR":
    case "ENAMETOOLONG":
    case "ELOOP":
      return new NotFound({ subject, detail: `there is no such file: ${told}` })
    case "EACCES":
    case "EPERM":
    case "EROFS":
    case "ERR_ACCESS_DENIED":
    case "ERR_SQLITE_ERROR": // of an open, in Deno
    case "SQLITE 3": // PERM
    case "SQLITE 14": // CANTOPEN
    case "SQLITE 23": // AUTH
      return noAccess(subject, `access is denied: ${told}`)
    case "ERR_INVALID_ARG_TYPE":
    case "ERR_INVALID_ARG_VALUE":
    case "SQLITE 19": // CONSTRAINT: a folder without a name
      return new InvalidParameter({ subject, detail: told })
    case "SQLITE 5": // BUSY
    case "SQLITE 6": // LOCKED
      return new ProviderFailed({
        subject,
        scode: Scode.values.MAPI_E_BUSY,
        detail: `another program is writing to it: ${told}`,
        advice: "Try again when that program has finished; after a failed logon, in a new session."
      })
    case "SQLITE 7": // NOMEM
      return new ProviderFailed({ subject, scode: Scode.values.MAPI_E_NOT_ENOUGH_MEMORY, detail: told })
    case "SQLITE 8": // READONLY: reading must first undo a write that somebody left unfinished
      return new NoAccess({
        subject,
        detail: `a write was interrupted and is still to be undone: ${told}`,
        advice: "Open it with MDB_WRITE, which undoes that write."
      })
    case "SQLITE 1": // ERROR: a table or a column is not there
    case "SQLITE 11": // CORRUPT
    case "SQLITE 26": // NOTADB
    case "ERR_OUT_OF_RANGE": // an integer that no number holds
      return corrupt(subject, `it is damaged, or no message store: ${told}`)
    default:
      return new ProviderFailed({ subject, detail: told })
  }
}

/** Runs what may throw. */
export const attempt = <A>(subject: string, run: () => A): Effect.Effect<A, FileError> =>
  Effect.try({ try: run, catch: (cause) => failure(subject, cause) })

// Everything is asked with `prepare`: what Deno's `exec` throws lacks the result code.
const tell = (connection: DatabaseSync, sql: string): void => {
  connection.prepare(sql).all()
}

/** Opens a file that is there; closes it with the scope. Never waits for another program's lock. */
export const open = Effect.fnUntraced(function* (
  path: string,
  write: boolean
): Effect.fn.Return<Database, FileError, Scope.Scope> {
  const { fs, sqlite } = yield* modules(path)
  // A pipe would never answer; a folder is an I/O error to SQLite, whose open would also make a file that is not there.
  const isFile = yield* attempt(path, () => fs.statSync(path).isFile())
  if (!isFile) return yield* corrupt(path, "it is no message store: it is not even a file")
  const connect = attempt(path, () => new sqlite.DatabaseSync(path, { readOnly: !write })).pipe(
    Effect.catch((error) =>
      write ? attempt(path, () => new sqlite.DatabaseSync(path, { readOnly: true })) : Effect.fail(error)
    )
  )
  const connection = yield* Effect.acquireRelease(connect, (connection) =>
    Effect.ignore(attempt(path, () => connection.close()))
  )
  yield* attempt(path, () => tell(connection, "PRAGMA busy_timeout = 0")) // Deno's option takes 0 for its default
  return { path, connection }
})

/**
 * Can it be written? Answered by a write that is taken back: permission bits say too little, and every runtime reads them
 * otherwise. If it cannot, the connection is for reading only from here on.
 */
export const isWritable = ({ connection, path }: Database): Effect.Effect<boolean, FileError> =>
  attempt(path, () => {
    tell(connection, "BEGIN IMMEDIATE")
    try {
      tell(connection, "PRAGMA user_version = 1")
    } finally {
      tell(connection, "ROLLBACK")
    }
  }).pipe(
    Effect.as(true),
    // Whoever holds that lock writes, and so can we when it is our turn.
    Effect.catch((error) => Effect.succeed(error.scode === Scode.values.MAPI_E_BUSY)),
    Effect.tap((writable) => attempt(path, () => (writable ? undefined : tell(connection, "PRAGMA query_only = ON"))))
  )

/** The rows of a question. One that is not what `row` says is damage. */
export const rows = <S extends Schema.ConstraintDecoder<unknown>>(
  { connection, path }: Database,
  row: S,
  sql: string,
  ...values: ReadonlyArray<SQLInputValue>
): Effect.Effect<ReadonlyArray<S["Type"]>, FileError> =>
  Effect.flatMap(
    attempt(path, (): unknown => connection.prepare(sql).all(...values)),
    (found) =>
      Effect.mapError(Effect.fromResult(Schema.decodeUnknownResult(Schema.Array(row))(found)), () =>
        corrupt(path, "it is damaged: a row is not what its table says")
      )
  )

/** Do two paths lead to one file, by whatever links? Where a file is missing, only if they are the same path. */
export const isSameFile = (one: string, other: string): Effect.Effect<boolean> =>
  one === other
    ? Effect.succeed(true)
    : modules(one).pipe(
        Effect.flatMap(({ fs }) =>
          attempt(one, () => {
            const [a, b] = [fs.statSync(one, { bigint: true }), fs.statSync(other, { bigint: true })]
            return a.ino !== 0n && a.ino === b.ino && a.dev === b.dev // 0: a file system that numbers nothing
          })
        ),
        Effect.orElseSucceed(() => false)
      )
