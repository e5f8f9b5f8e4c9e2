/**
 * Outlook's own files of personal folders (.pst) as message stores, read-only.
 *
 * A store's private id is the path of its file. The bytes come from `node:fs/promises`, or from wherever the caller's
 * `open` takes them: the file's index at logon, everything else when it is asked for. Nothing is ever written. Neither the
 * parser nor `node:fs` is imported before the first store is opened; whatever the parser throws is a typed error here.
 *
 * A file's password is a checksum of four bytes, which protects nothing: the content is not encrypted with it, and any
 * text of the same checksum opens the file. This provider asks for it because Outlook's does ([MS-PST] 2.4.3.3).
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as EntryId from "../EntryId.ts"
import {
  FailOneProvider,
  type InvalidEntryId,
  NotFound,
  type ProviderError,
  ProviderFailed,
  UserCancel
} from "../MapiError.ts"
import * as ProviderKit from "../ProviderKit.ts"
import * as ProviderRegistry from "../ProviderRegistry.ts"
import * as Scode from "../Scode.ts"
import type { IProfSect, LogonUi, ProviderModule, Row } from "../StoreProvider.ts"
import { crc32 } from "./pst/crc32.ts"
import * as Database from "./pst/database.ts"
import { damaged, type FileError, noFile, type PstFile, unreachable } from "./pst/file.ts"
import * as Message from "./pst/message.ts"
import * as PathId from "./pst/pathId.ts"

export type { FileError, PstFile } from "./pst/file.ts"

/** The DLL name in these entry ids; Outlook's own provider has it. */
export const dllFileName = "mspst.dll"

/** How files are reached where it is not by `node:fs/promises`. */
export interface Options {
  /**
   * The file's bytes until the scope closes: a `File` that a browser was given, an archive in memory. The parser has an
   * `import` of `fs` that is not used then; a bundler for browsers must be told that `fs` is an empty module.
   */
  readonly open?: (path: string) => Effect.Effect<PstFile, ProviderError, Scope.Scope>
  /** The one name of the file that a path leads to. The path itself, where `open` is given and this is not. */
  readonly realPath?: (path: string) => Effect.Effect<string>
}

/** The provider, and the way to its stores. */
export interface Pst {
  readonly module: ProviderModule
  readonly registration: ProviderRegistry.Registration
  /** The wrapped id of the file at this path; whether there is one, Logon says. */
  readonly entryId: (path: string) => Result.Result<EntryId.Wrapped, InvalidEntryId>
}

/**
 * The provider.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import * as Layer from "effect/Layer"
 * import { MapiSession, MsgStore, ProviderRegistry } from "effect-mapi"
 * import * as Pst from "effect-mapi/providers/Pst"
 *
 * const pst = Pst.make()
 * const session = Layer.provide(
 *   MapiSession.MapiSession.layer,
 *   ProviderRegistry.ProviderRegistry.layer([pst.registration])
 * )
 * const tree = (path: string) =>
 *   Effect.gen(function* () {
 *     const store = yield* MapiSession.openMsgStore({ entryId: yield* Effect.fromResult(pst.entryId(path)) })
 *     return yield* MsgStore.folderTree(store)
 *   }).pipe(Effect.scoped, Effect.provide(session))
 * ```
 */
export const make = (options: Options = {}): Pst => {
  const open = options.open ?? openFile
  const realPath = options.realPath ?? (options.open === undefined ? realPathOf : Effect.succeed<string>)
  const module = ProviderKit.make({
    dllFileName,
    providerDisplay: "Personal folders (.pst)",
    mdbProvider: PathId.pstUid,
    compareStoreIds: (one, other) => sameFile(realPath, one, other),
    open: (opening) => openStore(open, opening)
  })
  return {
    module,
    registration: ProviderRegistry.inMemory(dllFileName, module),
    entryId: (path) => Result.flatMap(PathId.encode(path), (id) => EntryId.wrap(dllFileName, id))
  }
}

/** The path that a private id names. */
export const pathOf: (id: EntryId.Private) => Result.Result<string, InvalidEntryId> = PathId.decode

/** Record keys do not say which file it is: a copy has its original's. Where a path leads nowhere, its text decides. [R1] */
const sameFile = Effect.fnUntraced(function* (
  realPath: (path: string) => Effect.Effect<string>,
  one: EntryId.Private,
  other: EntryId.Private
): Effect.fn.Return<boolean> {
  const paths = Result.all([PathId.decode(one), PathId.decode(other)])
  if (Result.isFailure(paths)) return false
  const [first, second] = paths.success
  if (first === second) return true
  const real = (path: string) => Effect.catchCause(realPath(path), () => Effect.succeed(path))
  return (yield* real(first)) === (yield* real(second))
})

// --- a store --------------------------------------------------------------------------------------------------------

const PR_RECORD_KEY = 0x0ff9
const PR_DISPLAY_NAME = 0x3001
const PR_CONTENT_COUNT = 0x3602
const PR_PST_PASSWORD = 0x67ff
const LTP_ROW_ID = 0x67f2

const openStore = Effect.fnUntraced(function* (
  open: NonNullable<Options["open"]>,
  { entryId, section, ui }: ProviderKit.Opening
): Effect.fn.Return<ProviderKit.BackendStore, ProviderError, Scope.Scope> {
  const path = yield* Effect.mapError(Effect.fromResult(PathId.decode(entryId)), notOurs)
  const file = yield* open(path)
  const database = yield* Database.open(path, file)
  const node = yield* database.node(Database.nodes.messageStore)
  if (node === undefined) return yield* damaged(path, "it has no message store")
  const store = yield* database.properties(node, [PR_DISPLAY_NAME, PR_RECORD_KEY, PR_PST_PASSWORD])
  yield* unlock(path, store.get(PR_PST_PASSWORD), section, ui)
  const recordKey = bytesOf(store, PR_RECORD_KEY) ?? new TextEncoder().encode(path)
  const content: Content = {
    path,
    database,
    displayName: textOf(store, PR_DISPLAY_NAME) || baseName(path),
    uid: recordKey.length === 16 ? recordKey : PathId.pstUid
  }
  return {
    displayName: content.displayName,
    recordKey,
    uid: content.uid,
    granted: ["STORE_ENTRYID_UNIQUE", "STORE_READONLY"], // whatever was asked for: nothing is ever written [R15]
    openEntry: (id) => openEntry(content, id)
  }
})

const notOurs = ({ detail, advice }: InvalidEntryId): ProviderFailed =>
  new ProviderFailed({ subject: dllFileName, detail, advice, scode: Scode.values.MAPI_E_INVALID_ENTRYID })

const textOf = (values: Database.Values, id: number): string => {
  const value = values.get(id)
  return typeof value === "string" ? value : ""
}

const bytesOf = (values: Database.Values, id: number): Uint8Array | undefined => {
  const value = values.get(id)
  return value instanceof Uint8Array && value.length > 0 ? value : undefined
}

const baseName = (path: string): string => path.split(/[/\\]/).at(-1) || path

/** Lets pass whoever knows the password, or a text of the same checksum; a checksum of 0 is no password. [R5] [R16] */
const unlock = Effect.fnUntraced(function* (
  path: string,
  checksum: Database.Value | undefined,
  section: IProfSect,
  ui: LogonUi | null
): Effect.fn.Return<void, ProviderError> {
  if (typeof checksum !== "number" || checksum === 0) return
  const known = yield* section.password
  if (Option.isSome(known) && isRight(known.value, checksum)) return
  if (ui === null) {
    const detail = Option.isSome(known) ? "the password is wrong" : "it has a password, and none is given"
    return yield* new FailOneProvider({ subject: path, detail })
  }
  const given = yield* ui.askPassword(path)
  if (!isRight(given, checksum)) {
    return yield* new UserCancel({ subject: path, detail: "the dialog was closed without the right password" })
  }
  yield* section.setPassword(given)
})

/** Over one byte a character: what has no such byte is in no file's password. */
const isRight = (password: Redacted.Redacted, checksum: number): boolean => {
  const codes = Array.from(Redacted.value(password), (character) => character.charCodeAt(0))
  return codes.every((code) => code < 256) && crc32(Uint8Array.from(codes)) === checksum
}

// --- what is in it --------------------------------------------------------------------------------------------------

interface Content {
  readonly path: string
  readonly database: Database.Database
  readonly displayName: string
  /** The MAPIUID of the ids in it. */
  readonly uid: Uint8Array
}

/** Ids inside a store: four zeros, the store's record key, the node's number. [MS-PST] 2.4.3.2 */
const toId = ({ uid }: Content, { nodeId }: Database.Node): Uint8Array => {
  const id = new Uint8Array(24)
  id.set(uid, 4)
  new DataView(id.buffer).setUint32(20, nodeId, true)
  return id
}

const nodeOf = ({ uid }: Content, id: Uint8Array): number | undefined => {
  const prefix = [0, 0, 0, 0, ...uid]
  if (id.length !== 24 || prefix.some((byte, at) => id[at] !== byte)) return undefined
  return new DataView(id.buffer, id.byteOffset, id.length).getUint32(20, true)
}

const openEntry = Effect.fnUntraced(function* (
  content: Content,
  id: Uint8Array | null
): Effect.fn.Return<ProviderKit.BackendEntry, FileError> {
  const nodeId = id === null ? Database.nodes.rootFolder : nodeOf(content, id)
  const node = nodeId === undefined ? undefined : yield* content.database.node(nodeId)
  if (node !== undefined && Database.typeOf(node) === Database.types.folder) return folderOf(content, node)
  if (node !== undefined && Database.typeOf(node) === Database.types.message) return messageOf(content, node)
  if (id === null) return yield* damaged(content.path, "it has no root folder")
  return yield* new NotFound({ subject: content.path, detail: "no entry has this id" })
})

/** Search folders are left out: they hold no messages of their own. */
const folderOf = (content: Content, node: Database.Node): ProviderKit.BackendFolder => {
  const { database } = content
  const children = database.children(node, Database.types.folder)
  return {
    _tag: "Folder",
    props: folderProps(content, node),
    folders: Effect.flatMap(children, (nodes) => Effect.forEach(nodes, (child) => folderProps(content, child))),
    messages: messageRows(content, node)
  }
}

/** The root has no name in the file: it goes by the store's. */
const folderProps = Effect.fnUntraced(function* (
  content: Content,
  node: Database.Node
): Effect.fn.Return<Row, FileError> {
  const { database, displayName } = content
  const values = yield* database.properties(node, [PR_DISPLAY_NAME, PR_CONTENT_COUNT])
  const count = values.get(PR_CONTENT_COUNT)
  const folders = yield* database.children(node, Database.types.folder)
  const name = textOf(values, PR_DISPLAY_NAME)
  return {
    PR_ENTRYID: toId(content, node),
    PR_DISPLAY_NAME: name === "" && node.nodeId === Database.nodes.rootFolder ? displayName : name,
    ...(typeof count === "number" ? { PR_CONTENT_COUNT: count } : {}),
    PR_SUBFOLDERS: folders.length > 0
  }
})

/** In the order of the folder's table, without rows for what is not in the folder. */
const messageRows = Effect.fnUntraced(function* (
  content: Content,
  node: Database.Node
): Effect.fn.Return<ReadonlyArray<Row>, FileError> {
  const { database } = content
  const table = yield* database.table(node, Database.types.contentsTable, [LTP_ROW_ID, ...Message.ids])
  const messages = new Map((yield* database.children(node, Database.types.message)).map((it) => [it.nodeId, it]))
  return table.flatMap((row): ReadonlyArray<Row> => {
    const id = row.get(LTP_ROW_ID)
    const message = typeof id === "number" ? messages.get(id) : undefined
    return message === undefined ? [] : [{ PR_ENTRYID: toId(content, message), ...Message.rowOf(row) }]
  })
})

const messageOf = (content: Content, node: Database.Node): ProviderKit.BackendMessage => {
  const { database } = content
  const values = (ids: ReadonlyArray<number>) => database.properties(node, ids)
  return {
    _tag: "Message",
    props: Effect.map(values(Message.ids), (found) => ({ PR_ENTRYID: toId(content, node), ...Message.rowOf(found) })),
    body: Message.bodyOf({ ids: database.propertyIds(node), values })
  }
}

// --- files, where there are any -------------------------------------------------------------------------------------

const openFile = Effect.fnUntraced(function* (path: string): Effect.fn.Return<PstFile, FileError, Scope.Scope> {
  const fs = yield* nodeFs
  const reach = <A>(call: () => Promise<A>) => Effect.tryPromise({ try: call, catch: (e) => unreachable(path, e) })
  const found = yield* reach(() => fs.stat(path)) // first: to open a pipe would wait for its other end
  if (!found.isFile()) {
    return yield* noFile(path, found.isDirectory() ? "it is a folder" : "it is no plain file")
  }
  const handle = yield* Effect.acquireRelease(
    reach(() => fs.open(path, "r")),
    (handle) => Effect.ignore(reach(() => handle.close()))
  )
  const { size } = yield* reach(() => handle.stat())
  const read = async (position: number, length: number): Promise<Uint8Array> => {
    const bytes = new Uint8Array(length)
    let filled = 0
    while (filled < length) {
      const { bytesRead } = await handle.read(bytes, filled, length - filled, position + filled)
      if (bytesRead === 0) break
      filled += bytesRead
    }
    return bytes.subarray(0, filled)
  }
  return { size, read }
})

const realPathOf = (path: string): Effect.Effect<string> =>
  nodeFs.pipe(
    Effect.flatMap((fs) => Effect.tryPromise(() => fs.realpath(path))),
    Effect.orElseSucceed(() => path)
  )

const nodeFs = Effect.tryPromise({
  try: () => import("node:fs/promises"),
  catch: () =>
    new ProviderFailed({
      subject: "node:fs/promises",
      detail: "files cannot be opened by path here",
      advice: "Give `Pst.make` an `open` of your own, which says where the bytes come from."
    })
})
