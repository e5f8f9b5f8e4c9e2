/** IMSLogon and IMsgStore of one open store: two faces of one thing, born together and freed together. */
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as MutableRef from "effect/MutableRef"
import type * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import type * as EntryId from "../EntryId.ts"
import * as Flags from "../Flags.ts"
import { InvalidObject, InvalidParameter, type ObjectError, type ProviderError } from "../MapiError.ts"
import * as RefCounted from "../RefCounted.ts"
import type {
  IMAPIFolder,
  IMessage,
  IMSLogon,
  IMsgStore,
  IProfSect,
  LogonRequest,
  LogonUi,
  MapiErrorInfo,
  OpenEntry,
  PropName,
  Row,
  ServiceEntry
} from "../StoreProvider.ts"
import { aside } from "./aside.ts"

/** What a backend is asked to open. */
export interface Opening {
  readonly entryId: EntryId.Private
  readonly flags: ReadonlyArray<Flags.Logon>
  /** MDB_WRITE or MAPI_BEST_ACCESS: a request; what is granted shows in the mask. [R15] */
  readonly write: boolean
  /** Where the credentials are. [R16] */
  readonly section: IProfSect
  readonly ui: LogonUi | null
}

/** A store's content, as a provider author writes it. The scope of `open` closes with the store. */
export interface Backend {
  /** The base name, without the "32": what entry ids name. */
  readonly dllFileName: string
  readonly providerDisplay: string
  /** PR_MDB_PROVIDER: the MAPIUID of this kind of store. */
  readonly mdbProvider: Uint8Array
  readonly compareStoreIds: (one: EntryId.Private, other: EntryId.Private) => Effect.Effect<boolean, ProviderError>
  readonly open: (opening: Opening) => Effect.Effect<BackendStore, ProviderError, Scope.Scope>
  readonly serviceEntry?: ServiceEntry
  /** What a repeat open answers as its logon; null, where it is not said. Both are legal. [R2] */
  readonly repeatLogon?: "null" | "existing"
}

export interface BackendStore {
  readonly displayName: string
  readonly recordKey: Uint8Array
  /** The MAPIUID of the ids in this store. */
  readonly uid: Uint8Array
  /** PR_STORE_SUPPORT_MASK: the access that was granted. */
  readonly granted: ReadonlyArray<Flags.StoreSupport>
  readonly openEntry: (entryId: Uint8Array | null) => Effect.Effect<BackendEntry, ObjectError>
  readonly spoolSecurity?: Redacted.Redacted<Uint8Array>
  /** Something to say about a success. [R10] */
  readonly warning?: MapiErrorInfo
}

export interface BackendFolder {
  readonly _tag: "Folder"
  readonly props: Effect.Effect<Row, ObjectError>
  readonly folders: Effect.Effect<ReadonlyArray<Row>, ObjectError>
  readonly messages: Effect.Effect<ReadonlyArray<Row>, ObjectError>
}

export interface BackendMessage {
  readonly _tag: "Message"
  /** All but the body. */
  readonly props: Effect.Effect<Row, ObjectError>
  /** PR_BODY and PR_NATIVE_BODY_INFO; asked only when one of them is. */
  readonly body?: Effect.Effect<Row, ObjectError>
}

export type BackendEntry = BackendFolder | BackendMessage

export interface Pair {
  readonly logon: IMSLogon
  readonly store: IMsgStore
}

export interface Parts {
  readonly backend: Backend
  readonly content: BackendStore
  readonly scope: Scope.Closeable
  readonly request: LogonRequest
  readonly section: IProfSect
  /** Takes the store off the provider's list. */
  readonly unlist: Effect.Effect<void>
  /** Set once the store is torn down, listed or not. */
  readonly closed: MutableRef.MutableRef<boolean>
}

/** True once: for what a teardown does at most once, whichever way it comes. */
const once = (): Effect.Effect<boolean> => {
  const done = MutableRef.make(false)
  return Effect.sync(() => !MutableRef.getAndSet(done, true))
}

/** The support object of the store whose StoreLogoffTransports this fiber is part of. */
const InTransports = Context.Reference<string | null>("effect-mapi/InTransports", { defaultValue: () => null })

const isClient = (holder: RefCounted.Holder): boolean => holder !== "spooler"

/** A pair, announced to MAPI as a first logon is: section, MAPIUID, profile, status row. */
export const makePair = Effect.fnUntraced(function* (parts: Parts): Effect.fn.Return<Pair> {
  const { closed, request, scope, unlist } = parts
  const { support } = request
  const props = yield* announce(parts)
  const children: Children = MutableRef.make(new Set())
  const content: Content = MutableRef.make<BackendStore | null>(parts.content)
  const logoffFlag = MutableRef.make<Flags.Logoff>("LOGOFF_ABORT")
  const transportsOnce = once()
  const transportsAreOff = Deferred.makeUnsafe<void>()
  const tearDownOnce = once()

  // One logs the transports off. Who else closes the store waits for that, unless it is part of it: the spooler's Release.
  const transportsOff = Effect.gen(function* () {
    if (!(yield* transportsOnce)) {
      if ((yield* InTransports) !== support.id) yield* Deferred.await(transportsAreOff)
      return
    }
    yield* support
      .storeLogoffTransports(MutableRef.get(logoffFlag))
      .pipe(
        Effect.provideService(InTransports, support.id),
        Effect.ensuring(Deferred.succeed(transportsAreOff, undefined))
      )
  })
  /** The last act is the Release of the support object: through it MAPI learns that the store is gone. [R7] */
  const tearDown = Effect.gen(function* () {
    MutableRef.set(content, null)
    MutableRef.set(closed, true)
    yield* Effect.forEach(MutableRef.getAndSet(children, new Set()), support.makeInvalid, { discard: true })
    yield* aside(() => Scope.close(scope, Exit.void))
    yield* Effect.ignore(support.release)
  })
  const afterRelease = (left: RefCounted.Left) => {
    if (left.keeping()) return Effect.void
    const isLast = !left.any()
    return Effect.gen(function* () {
      yield* transportsOff
      if (isLast && (yield* tearDownOnce)) yield* tearDown
    })
  }

  const logonRefs = yield* RefCounted.make({ kind: "IMSLogon", owner: "provider", holder: "MAPI", step: 5 })
  const storeRefs = yield* RefCounted.make({
    kind: "IMsgStore",
    owner: "provider",
    holder: "MAPI",
    step: 5,
    keeps: isClient, // with the last client the store is on its way out
    afterRelease
  })
  const openEntry: OpenEntry = (entryId, holder) =>
    Effect.flatMap(
      whileOpen(content, storeRefs.id, (open) => open.openEntry(entryId)),
      (entry) => makeChild(entry, holder, children, content)
    )
  const store: IMsgStore = {
    ...storeRefs,
    getProps: (names) => Effect.succeed(pick(props, names)),
    openEntry,
    storeLogoff: (flags) => {
      const [flag] = flags
      return flag === undefined || flags.length > 1
        ? Effect.fail(new InvalidParameter({ subject: storeRefs.id, detail: "StoreLogoff takes exactly one flag" }))
        : Effect.as(
            Effect.sync(() => MutableRef.set(logoffFlag, flag)),
            ["LOGOFF_COMPLETE"] as const
          )
    }
  }
  const logoff = Effect.gen(function* () {
    if (MutableRef.get(content) !== null) yield* unlist // its clients may still hold it
    yield* transportsOff
    if (!(yield* tearDownOnce)) return
    yield* support.makeInvalid(storeRefs)
    yield* tearDown
  })
  return { store, logon: { ...logonRefs, openEntry, logoff } }
})

const announce = Effect.fnUntraced(function* ({ backend, content, request, section }: Parts) {
  const { entryId, support } = request
  const wrapped = yield* support.wrapStoreEntryId(entryId)
  const props: Row = {
    PR_DISPLAY_NAME: content.displayName,
    PR_ENTRYID: wrapped.bytes,
    PR_STORE_ENTRYID: wrapped.bytes,
    PR_RECORD_KEY: content.recordKey,
    PR_STORE_RECORD_KEY: content.recordKey,
    PR_OBJECT_TYPE: 1,
    PR_MDB_PROVIDER: backend.mdbProvider,
    PR_PROVIDER_DISPLAY: backend.providerDisplay,
    PR_STORE_SUPPORT_MASK: Flags.encode(Flags.StoreSupport, content.granted)
  }
  yield* section.setProps(pick(props, ["PR_DISPLAY_NAME", "PR_ENTRYID", "PR_PROVIDER_DISPLAY", "PR_RECORD_KEY"]))
  yield* support.setProviderUid(content.uid)
  yield* support.modifyProfile
  yield* support.modifyStatusRow({ PR_DISPLAY_NAME: content.displayName })
  return props
})

const pick = (row: Row, names: ReadonlyArray<PropName>): Row =>
  Object.fromEntries(names.filter((name) => row[name] !== undefined).map((name) => [name, row[name]]))

type Children = MutableRef.MutableRef<ReadonlySet<RefCounted.RefCounted>>

/** Null once the store is torn down: who still holds the pair holds no content. */
type Content = MutableRef.MutableRef<BackendStore | null>

/** Once the store is torn down, whatever its backend still says is InvalidObject. */
const whileOpen = <A>(
  content: Content,
  subject: string,
  use: (open: BackendStore) => Effect.Effect<A, ObjectError>
) => {
  const gone = new InvalidObject({ subject, detail: "its store is closed" })
  return Effect.suspend(() => {
    const open = MutableRef.get(content)
    return open === null ? Effect.fail(gone) : use(open)
  }).pipe(Effect.mapError((error) => (MutableRef.get(content) === null ? gone : error)))
}

/** A folder or message of the store; known to it until its last Release. */
const makeChild = Effect.fnUntraced(function* (
  entry: BackendEntry,
  holder: string,
  children: Children,
  content: Content
): Effect.fn.Return<IMAPIFolder | IMessage> {
  const refs: RefCounted.RefCounted = yield* RefCounted.make({
    kind: entry._tag === "Folder" ? "IMAPIFolder" : "IMessage",
    owner: "provider",
    holder,
    afterRelease: (left) => (left.any() ? Effect.void : Effect.sync(() => without(children, refs)))
  })
  MutableRef.update(children, (open) => new Set(open).add(refs))
  const alive = <A>(self: Effect.Effect<A, ObjectError>) => whileOpen(content, refs.id, () => self)
  const getProps = (names: ReadonlyArray<PropName>) =>
    alive(Effect.map(rowFor(entry, names), (row) => pick(row, names)))
  if (entry._tag === "Message") return { ...refs, _tag: "Message", getProps }
  const { folders, messages } = entry
  return { ...refs, _tag: "Folder", getProps, getHierarchyTable: alive(folders), getContentsTable: alive(messages) }
})

const rowFor = (entry: BackendEntry, names: ReadonlyArray<PropName>): Effect.Effect<Row, ObjectError> => {
  if (entry._tag === "Folder" || entry.body === undefined) return entry.props
  return names.includes("PR_BODY") || names.includes("PR_NATIVE_BODY_INFO")
    ? Effect.zipWith(entry.props, entry.body, (props, body) => ({ ...props, ...body }))
    : entry.props
}

const without = (children: Children, gone: RefCounted.RefCounted): void => {
  MutableRef.update(children, (open) => new Set([...open].filter((child) => child !== gone)))
}
