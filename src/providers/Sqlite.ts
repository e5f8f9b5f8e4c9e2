/**
 * Stores in SQLite files, by way of the `node:sqlite` that Node 24, Deno 2.9 and Bun 1.4 have.
 *
 * A store is one file; its private id is the file's absolute path, and two ids are one store if their paths lead to one
 * file. A file that is missing, no store, damaged, locked or forbidden is a typed error, at Logon or when it comes to
 * light. The provider reads: it writes nothing to a store that exists, and keeps no password, only a salted hash.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as EntryId from "../EntryId.ts"
import type * as Flags from "../Flags.ts"
import {
  FailOneProvider,
  InvalidEntryId,
  InvalidParameter,
  type NoAccess,
  type NotFound,
  type ProviderError,
  type ProviderFailed,
  UserCancel
} from "../MapiError.ts"
import * as ProviderKit from "../ProviderKit.ts"
import * as ProviderRegistry from "../ProviderRegistry.ts"
import type { ProviderModule } from "../StoreProvider.ts"
import type { FolderSpec } from "./InMemory.ts"
import * as Content from "./sqlite/content.ts"
import * as File from "./sqlite/file.ts"
import * as Layout from "./sqlite/layout.ts"
import * as Password from "./sqlite/password.ts"

/** The DLL name in this provider's entry ids. */
export const dllFileName = "SQLITE.DLL"

/** Stores in files, and the way to them. */
export interface Sqlite {
  readonly module: ProviderModule
  readonly registration: ProviderRegistry.Registration
  /** The wrapped id of the store in the file at this absolute path; whether there is one, Logon says. */
  readonly entryId: (path: string) => Result.Result<EntryId.Wrapped, InvalidEntryId>
}

/** What writing a new store may fail with. */
export type CreateError = InvalidParameter | NoAccess | NotFound | ProviderFailed

/** The MAPIUID of the ids that this provider makes. */
const uid = new TextEncoder().encode("effect-mapi sql\0")

const PATH = 20

/**
 * The provider.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import * as Layer from "effect/Layer"
 * import { MapiSession, ProviderRegistry } from "effect-mapi"
 * import * as Sqlite from "effect-mapi/providers/Sqlite"
 *
 * const sqlite = Sqlite.make()
 * const session = Layer.provide(
 *   MapiSession.MapiSession.layer,
 *   ProviderRegistry.ProviderRegistry.layer([sqlite.registration])
 * )
 * const name = (path: string) =>
 *   Effect.gen(function* () {
 *     yield* Sqlite.ensureDemo(path)
 *     const entryId = yield* Effect.fromResult(sqlite.entryId(path))
 *     const store = yield* MapiSession.openMsgStore({ entryId })
 *     return yield* store.getProps(["PR_DISPLAY_NAME"])
 *   }).pipe(Effect.scoped, Effect.provide(session))
 * ```
 */
export const make = (): Sqlite => {
  const module = ProviderKit.make({
    dllFileName,
    providerDisplay: "SQLite message store",
    mdbProvider: uid,
    compareStoreIds: (one, other) => {
      const [a, b] = [pathOf(one), pathOf(other)]
      return a === undefined || b === undefined ? Effect.succeed(false) : File.isSameFile(a, b)
    },
    open: openStore
  })
  return {
    module,
    registration: ProviderRegistry.inMemory(dllFileName, module),
    entryId: (path) => Result.flatMap(privateId(path), (id) => EntryId.wrap(dllFileName, id))
  }
}

/** POSIX, a drive of Windows, or UNC. Text that UTF-8 cannot carry, or with a NUL in it, names no file. */
const isPath = (path: string): boolean =>
  /^(\/|[a-z]:[\\/]|\\\\)[^\0]*$/i.test(path) && new TextDecoder().decode(new TextEncoder().encode(path)) === path

const privateId = (path: string): Result.Result<EntryId.Private, InvalidEntryId> => {
  if (isPath(path)) {
    const name = new TextEncoder().encode(path)
    const bytes = new Uint8Array(PATH + name.length) // the first four are flags, and zero
    bytes.set(uid, 4)
    bytes.set(name, PATH)
    return EntryId.makePrivate(bytes)
  }
  const [expected, found] = ["an absolute path", JSON.stringify(path)]
  const error = { subject: path, detail: `expected ${expected}, found ${found}`, advice: "Pass an absolute path." }
  return Result.fail(new InvalidEntryId({ ...error, offset: PATH, expected, found }))
}

const pathOf = ({ bytes }: EntryId.Private): string | undefined => {
  const path = new TextDecoder().decode(bytes.subarray(PATH))
  const made = privateId(path)
  return Result.isSuccess(made) && EntryId.toHex(made.success) === EntryId.toHex({ bytes }) ? path : undefined
}

const openStore = Effect.fnUntraced(function* ({
  entryId,
  section,
  ui,
  write
}: ProviderKit.Opening): Effect.fn.Return<ProviderKit.BackendStore, ProviderError, Scope.Scope> {
  const path = pathOf(entryId)
  if (path === undefined) {
    return yield* new InvalidParameter({ subject: dllFileName, detail: "the id holds no absolute path of a file" })
  }
  const db = yield* File.open(path, write)
  const { name, password, record_key: recordKey } = yield* Content.readStore(db)
  if (password !== null) yield* checkPassword(path, password, section, ui)
  return {
    displayName: name,
    recordKey,
    uid,
    granted: granted(write && (yield* File.isWritable(db))),
    openEntry: (id) => Content.openEntry(db, id)
  }
})

/** The profile's password; where it is missing or wrong, one question to the user. [R5] [R16] */
const checkPassword = Effect.fnUntraced(function* (
  path: string,
  sealed: Uint8Array,
  section: ProviderKit.Opening["section"],
  ui: ProviderKit.Opening["ui"]
): Effect.fn.Return<void, ProviderError> {
  const known = yield* section.password
  if (Option.isSome(known) && (yield* Password.opens(path, sealed, known.value))) return
  if (ui === null) return yield* new FailOneProvider({ subject: path, detail: "the password is missing or wrong" })
  const asked = yield* ui.askPassword(path)
  if (!(yield* Password.opens(path, sealed, asked))) {
    return yield* new UserCancel({ subject: path, detail: "the dialog was closed without the right password" })
  }
  yield* section.setPassword(asked)
})

/** [R15] */
const granted = (write: boolean): ReadonlyArray<Flags.StoreSupport> =>
  write ? ["STORE_ENTRYID_UNIQUE", "STORE_MODIFY_OK", "STORE_CREATE_OK"] : ["STORE_ENTRYID_UNIQUE", "STORE_READONLY"]

// --- new stores -----------------------------------------------------------------------------------------------------

/**
 * Writes a new store: the folder's name is the store's, what is in it is under the root. The file is there complete or not
 * at all, and a file that is there already stays as it is: `InvalidParameter`.
 */
export const create = Effect.fn("Sqlite.create")(function* (
  path: string,
  spec: FolderSpec,
  options: { readonly password?: Redacted.Redacted } = {}
): Effect.fn.Return<void, CreateError> {
  if (yield* Layout.write(path, spec, options.password)) return
  const advice = "Name a file that does not exist yet."
  return yield* new InvalidParameter({ subject: path, detail: "there is a file of this name already", advice })
})

/** Writes the demonstration store, and the folders that lead to it, unless there is a file of this name already. */
export const ensureDemo = Effect.fn("Sqlite.ensureDemo")(function* (path: string): Effect.fn.Return<void, CreateError> {
  const { fs, path: paths } = yield* File.modules(path)
  yield* File.attempt(path, () => fs.mkdirSync(paths.dirname(path), { recursive: true }))
  yield* Layout.write(path, demo) // of two that come at once, one writes and the other finds it written
})

/** A small store that tells how it was opened. */
export const demo: FolderSpec = {
  name: "The nine steps",
  folders: [
    {
      name: "Inbox",
      messages: [
        "Welcome! You opened a message store",
        "1. Your program called OpenMsgStore",
        "2. MAPI loaded the provider and called MSProviderInit",
        "3. MSProviderInit returned an IMSProvider",
        "4. MAPI called Logon with your entry id",
        "5. Logon returned IMSLogon and IMsgStore, and AddRef'd its support object",
        "6. MAPI gave the entry id to the spooler",
        "7. MAPI returned IMsgStore to you"
      ],
      folders: [{ name: "From the spooler", messages: ["8. I called SpoolerLogon", "9. It returned the same pair"] }]
    },
    { name: "Sent Items", messages: ["Re: wrong password? FailOneProvider, so just ask again"] },
    { name: "Drafts", messages: ["To do: release every reference once", "To do: try --clients 3"] },
    { name: "Deleted Items" }
  ]
}
