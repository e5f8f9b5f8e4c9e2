/**
 * Stores in memory, behind a provider that can be told how to answer: for tests, and for learning the protocol.
 *
 * Unscripted it behaves: passwords, read-only stores, folders, repeats. A script stands around any of its calls and sees
 * what it would have answered, so that every outcome of the protocol, and every misbehaviour, can be produced at will. It
 * touches nothing outside memory.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Ref from "effect/Ref"
import * as Result from "effect/Result"
import * as EntryId from "../EntryId.ts"
import type * as Flags from "../Flags.ts"
import {
  FailOneProvider,
  type InvalidEntryId,
  NotFound,
  type ProviderError,
  UserCancel,
  type VersionMismatch
} from "../MapiError.ts"
import * as ProviderKit from "../ProviderKit.ts"
import * as ProviderRegistry from "../ProviderRegistry.ts"
import type {
  IMSLogon,
  IMSProvider,
  InitAnswer,
  InitRequest,
  LogonAnswer,
  LogonRequest,
  MapiErrorInfo,
  ProviderModule,
  Row,
  ServiceEntry,
  SpoolerLogonAnswer,
  SpoolerLogonRequest
} from "../StoreProvider.ts"

/** A folder, as it is written down. */
export interface FolderSpec {
  readonly name: string
  /** Subjects. */
  readonly messages?: ReadonlyArray<string>
  readonly folders?: ReadonlyArray<FolderSpec>
}

/** A store, as it is written down. */
export interface StoreSpec {
  readonly name: string
  /** Without one, the store asks for none. */
  readonly password?: Redacted.Redacted
  readonly readOnly?: boolean
  readonly folders?: ReadonlyArray<FolderSpec>
  readonly spoolSecurity?: Redacted.Redacted<Uint8Array>
  readonly warning?: MapiErrorInfo
}

/** Stands around one call: it is given the request and what the provider would answer, and answers in its stead. */
export type Around<Request, Answer, E = ProviderError> = (
  request: Request,
  answer: Effect.Effect<Answer, E>
) => Effect.Effect<Answer, E>

/** What to answer otherwise than by oneself. */
export interface Script {
  readonly MSProviderInit?: Around<InitRequest, InitAnswer, VersionMismatch | ProviderError>
  readonly logon?: Around<LogonRequest, LogonAnswer>
  readonly spoolerLogon?: Around<SpoolerLogonRequest, SpoolerLogonAnswer>
  readonly compareStoreIds?: Around<readonly [EntryId.Private, EntryId.Private], boolean>
  readonly shutdown?: Around<void, void>
  readonly logoff?: Around<void, void>
  readonly ServiceEntry?: ServiceEntry
  readonly repeatLogon?: "null" | "existing"
}

/** What to make. */
export interface Options {
  /** `MEMORY.DLL`, where it is not said. */
  readonly dllFileName?: string
  readonly stores: ReadonlyArray<StoreSpec>
  readonly script?: Script
}

/** Stores in memory, and the way to them. */
export interface InMemory {
  readonly module: ProviderModule
  readonly registration: ProviderRegistry.Registration
  /** The wrapped id of the store of this name; whether there is one, Logon says. */
  readonly entryId: (name: string) => Result.Result<EntryId.Wrapped, InvalidEntryId>
}

/** The MAPIUID of the ids that this provider makes. */
const uid = new TextEncoder().encode("effect-mapi ram\0")

const privateId = (name: string): Result.Result<EntryId.Private, InvalidEntryId> =>
  EntryId.makePrivate(Uint8Array.of(0, 0, 0, 0, ...uid, ...new TextEncoder().encode(name)))

const nameOf = (id: EntryId.Private): string => new TextDecoder().decode(id.bytes.subarray(20))

/** Names are one store whatever their case: two ids may differ in bytes and mean the same. */
const keyOf = (id: EntryId.Private): string => nameOf(id).toLowerCase()

/**
 * A provider of these stores.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import * as Layer from "effect/Layer"
 * import { InMemory, MapiSession, ProviderRegistry } from "effect-mapi"
 *
 * const memory = InMemory.make({ stores: [{ name: "Inbox" }] })
 * const session = Layer.provide(
 *   MapiSession.MapiSession.layer,
 *   ProviderRegistry.ProviderRegistry.layer([memory.registration])
 * )
 * const name = Effect.gen(function* () {
 *   const entryId = yield* Effect.fromResult(memory.entryId("Inbox"))
 *   const store = yield* MapiSession.openMsgStore({ entryId })
 *   return yield* store.getProps(["PR_DISPLAY_NAME"])
 * })
 * await Effect.runPromise(Effect.provide(Effect.scoped(name), session)) // => { PR_DISPLAY_NAME: "Inbox" }
 * ```
 */
export const make = ({ dllFileName = "MEMORY.DLL", script = {}, stores }: Options): InMemory => {
  const { ServiceEntry, repeatLogon } = script
  const module = scripted(
    script,
    ProviderKit.make({
      dllFileName,
      providerDisplay: "In-memory message store",
      mdbProvider: uid,
      compareStoreIds: (one, other) => Effect.succeed(keyOf(one) === keyOf(other)),
      open: (opening) => openStore(stores, opening),
      ...(ServiceEntry === undefined ? {} : { serviceEntry: ServiceEntry }),
      ...(repeatLogon === undefined ? {} : { repeatLogon })
    })
  )
  return {
    module,
    registration: ProviderRegistry.inMemory(dllFileName, module),
    entryId: (name) => Result.flatMap(privateId(name), (id) => EntryId.wrap(dllFileName, id))
  }
}

const openStore = Effect.fnUntraced(function* (
  stores: ReadonlyArray<StoreSpec>,
  { entryId, section, ui, write }: ProviderKit.Opening
): Effect.fn.Return<ProviderKit.BackendStore, ProviderError> {
  const name = nameOf(entryId)
  const spec = stores.find((store) => store.name.toLowerCase() === keyOf(entryId))
  if (spec === undefined) return yield* new NotFound({ subject: name, detail: "there is no store of this name" })
  const { password, readOnly = false, spoolSecurity, warning } = spec
  if (password !== undefined && !isRight(yield* section.password, password)) {
    if (ui === null) return yield* new FailOneProvider({ subject: name, detail: "the password is missing or wrong" })
    const asked = yield* ui.askPassword(name)
    if (!isRight(Option.some(asked), password)) {
      return yield* new UserCancel({ subject: name, detail: "the dialog was closed without the right password" })
    }
    yield* section.setPassword(asked)
  }
  return {
    displayName: spec.name,
    recordKey: entryId.bytes.slice(20),
    uid,
    granted: granted(write && !readOnly),
    openEntry: (id) => openEntry(spec, id),
    ...(spoolSecurity === undefined ? {} : { spoolSecurity }),
    ...(warning === undefined ? {} : { warning })
  }
})

const isRight = (given: Option.Option<Redacted.Redacted>, password: Redacted.Redacted): boolean =>
  Option.isSome(given) && Redacted.value(given.value) === Redacted.value(password)

const granted = (write: boolean): ReadonlyArray<Flags.StoreSupport> =>
  write ? ["STORE_ENTRYID_UNIQUE", "STORE_MODIFY_OK", "STORE_CREATE_OK"] : ["STORE_ENTRYID_UNIQUE", "STORE_READONLY"]

// Ids inside a store are paths in words: `0.2` is the third folder of the first one, `0.2.m5` the sixth message in it.

const toId = (path: string): Uint8Array => new TextEncoder().encode(path)

const openEntry = (
  { folders = [], name }: StoreSpec,
  id: Uint8Array | null
): Effect.Effect<ProviderKit.BackendEntry, NotFound> => {
  const path = new TextDecoder().decode(id ?? new Uint8Array())
  const entry = path.split(".").filter(Boolean).reduce<FolderSpec | string | undefined>(step, { name, folders })
  if (entry === undefined) return Effect.fail(new NotFound({ subject: name, detail: "no entry has this id" }))
  return Effect.succeed(typeof entry === "string" ? messageOf(entry, path) : folderOf(entry, path))
}

const step = (at: FolderSpec | string | undefined, word: string): FolderSpec | string | undefined => {
  if (at === undefined || typeof at === "string") return undefined
  return word.startsWith("m") ? at.messages?.[Number(word.slice(1))] : at.folders?.[Number(word)]
}

const messageOf = (subject: string, path: string): ProviderKit.BackendMessage => ({
  _tag: "Message",
  props: Effect.succeed({ PR_SUBJECT: subject, PR_ENTRYID: toId(path) })
})

const folderOf = (folder: FolderSpec, path: string): ProviderKit.BackendFolder => {
  const { folders = [], messages = [], name } = folder
  const at = (word: string): Row => ({ PR_ENTRYID: toId(`${path}.${word}`) })
  return {
    _tag: "Folder",
    props: Effect.succeed({
      PR_DISPLAY_NAME: name,
      PR_CONTENT_COUNT: messages.length,
      PR_SUBFOLDERS: folders.length > 0,
      PR_ENTRYID: toId(path)
    }),
    folders: Effect.succeed(folders.map((child, n): Row => ({ ...at(`${n}`), PR_DISPLAY_NAME: child.name }))),
    messages: Effect.succeed(messages.map((subject, n): Row => ({ ...at(`m${n}`), PR_SUBJECT: subject })))
  }
}

// --- scripts --------------------------------------------------------------------------------------------------------

const itself = <Request, Answer, E>(_: Request, answer: Effect.Effect<Answer, E>): Effect.Effect<Answer, E> => answer

const scripted = (script: Script, module: ProviderModule): ProviderModule => {
  const { MSProviderInit = itself } = script
  return {
    ...module,
    MSProviderInit: (request) =>
      MSProviderInit(
        request,
        Effect.map(
          Effect.suspend(() => module.MSProviderInit(request)),
          ({ provider, version }) => ({
            version,
            provider: scriptedProvider(script, provider)
          })
        )
      )
  }
}

const scriptedProvider = (script: Script, provider: IMSProvider): IMSProvider => {
  const { compareStoreIds = itself, logoff, logon = itself, shutdown = itself, spoolerLogon = itself } = script
  const wrapped = new Map<IMSLogon, IMSLogon>() // the same logon wears the same script each time
  const dress = (bare: IMSLogon): IMSLogon => {
    if (logoff === undefined) return bare
    const dressed = wrapped.get(bare) ?? { ...bare, logoff: Effect.suspend(() => logoff(undefined, bare.logoff)) }
    wrapped.set(bare, dressed)
    return dressed
  }
  return {
    ...provider,
    compareStoreIds: (one, other) => compareStoreIds([one, other], provider.compareStoreIds(one, other)),
    logon: (request) =>
      logon(
        request,
        Effect.map(
          Effect.suspend(() => provider.logon(request)),
          (answer) => ({
            ...answer,
            logon: answer.logon === null ? null : dress(answer.logon)
          })
        )
      ),
    spoolerLogon: (request) =>
      spoolerLogon(
        request,
        Effect.map(
          Effect.suspend(() => provider.spoolerLogon(request)),
          (answer) => ({
            ...answer,
            logon: dress(answer.logon)
          })
        )
      ),
    shutdown: Effect.suspend(() => shutdown(undefined, provider.shutdown))
  }
}

/** Answers the first call with the first of these, the second with the second, and from then on by itself. */
export const inTurn = <Request, Answer, E>(
  ...answers: ReadonlyArray<NoInfer<Around<Request, Answer, E>>>
): Around<Request, Answer, E> => {
  const calls = Ref.makeUnsafe(0)
  return (request, answer) =>
    Effect.flatMap(
      Ref.getAndUpdate(calls, (n) => n + 1),
      (n) => (answers[n] ?? itself)(request, answer)
    )
}

/** Fails instead of answering. */
export const failing =
  <E>(error: E) =>
  (): Effect.Effect<never, E> =>
    Effect.fail(error)
