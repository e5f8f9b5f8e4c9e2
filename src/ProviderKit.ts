/**
 * A whole provider out of a backend: what every provider does alike, written once.
 *
 * The backend knows its files; the kit keeps the list of open stores, lets one opener at a time at a store while others
 * wait, hands out the existing pair on a repeat, AddRefs and releases the support object, and closes in the order of R7. It
 * never caches a store's content and never decides which ids are one store: the backend's `compareStoreIds` does.
 *
 * ```text
 * a store in the provider's list:  absent ──claim──▶ Opening ──▶ Open ──last client Release──▶ absent
 *                                     ▲                 │
 *                                     └─────failed──────┘  whoever waited tries for itself
 * ```
 *
 * Source: sections 3, 4 and 6 of the protocol reference.
 */
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Predicate from "effect/Predicate"
import * as Ref from "effect/Ref"
import * as Scope from "effect/Scope"
import type * as EntryId from "./EntryId.ts"
import type * as Flags from "./Flags.ts"
import { aside } from "./internal/aside.ts"
import { type Backend, makePair, type Pair } from "./internal/pair.ts"
import {
  InterfaceNotSupported,
  NotFound,
  type ProviderError,
  ProviderFailed,
  UnknownFlags,
  VersionMismatch
} from "./MapiError.ts"
import * as RefCounted from "./RefCounted.ts"
import * as Scode from "./Scode.ts"
import {
  currentSpiVersion,
  type Iid,
  type IMSProvider,
  type InitAnswer,
  type LogonAnswer,
  type LogonRequest,
  type ProviderModule,
  type SpoolerLogonAnswer,
  type SpoolerLogonRequest
} from "./StoreProvider.ts"

export type { Backend, BackendEntry, BackendFolder, BackendMessage, BackendStore, Opening } from "./internal/pair.ts"

/** A store in the provider's list. */
type Listed =
  | { readonly _tag: "Opening"; readonly entryId: EntryId.Private; readonly over: Deferred.Deferred<void> }
  | { readonly _tag: "Open"; readonly entryId: EntryId.Private; readonly pair: Pair }

type List = Ref.Ref<ReadonlyArray<Listed>>

/** The logons that the running fiber is inside of: one that meets itself must not wait for itself. [R2] */
const Inside = Context.Reference<ReadonlyArray<Deferred.Deferred<void>>>("effect-mapi/ProviderKit/Inside", {
  defaultValue: () => []
})

/** The provider module of a backend. */
export const make = (backend: Backend): ProviderModule => ({
  MSProviderInit: ({ mapiVersion }) =>
    mapiVersion < currentSpiVersion
      ? new VersionMismatch({
          subject: backend.dllFileName,
          detail: `it needs version 0x${currentSpiVersion.toString(16)}, and MAPI speaks 0x${mapiVersion.toString(16)}`
        })
      : makeProvider(backend),
  ...(backend.serviceEntry === undefined ? {} : { ServiceEntry: backend.serviceEntry })
})

const makeProvider = Effect.fnUntraced(function* (backend: Backend): Effect.fn.Return<InitAnswer> {
  const open: List = yield* Ref.make<ReadonlyArray<Listed>>([])
  const refs = yield* RefCounted.make({ kind: "IMSProvider", owner: "provider", holder: "MAPI", step: 3 })
  const provider: IMSProvider = {
    ...refs,
    logon: (request) => Effect.andThen(checked(backend, request), findOrOpen(backend, open, request)),
    spoolerLogon: (request) => spoolerLogon(backend, open, request),
    compareStoreIds: backend.compareStoreIds,
    shutdown: Effect.void
  }
  return { provider, version: currentSpiVersion }
})

const offered: ReadonlyArray<Iid> = ["IID_IMsgStore", "IID_IMAPIProp", "IID_IUnknown"]
const known: ReadonlyArray<Flags.Logon> = [
  "MDB_NO_DIALOG",
  "MDB_WRITE",
  "MAPI_DEFERRED_ERRORS",
  "MAPI_BEST_ACCESS",
  "MDB_TEMPORARY",
  "MDB_NO_MAIL",
  "MAPI_UNICODE"
]

/** What is wrong with the request itself is found before anything is opened. */
const checked = (
  { dllFileName: subject }: Backend,
  { flags, iid }: LogonRequest
): Effect.Effect<void, ProviderError> => {
  if (!offered.includes(iid)) {
    return Effect.fail(new InterfaceNotSupported({ subject, detail: `its stores have no ${iid}` }))
  }
  const stray = flags.find((flag) => !known.includes(flag))
  return stray === undefined
    ? Effect.void
    : Effect.fail(new UnknownFlags({ subject, detail: `it does not know ${stray}` }))
}

const find = Effect.fnUntraced(function* (backend: Backend, list: ReadonlyArray<Listed>, entryId: EntryId.Private) {
  for (const listed of list) {
    if (yield* backend.compareStoreIds(entryId, listed.entryId)) return listed
  }
  return undefined
})

const unlist = (open: List, gone: (listed: Listed) => boolean) =>
  Ref.update(open, (list) => list.filter((listed) => !gone(listed)))

/** One opener at a time per store; when it fails, the next one tries with its own credentials. [R2] */
const findOrOpen = (backend: Backend, open: List, request: LogonRequest): Effect.Effect<LogonAnswer, ProviderError> =>
  Effect.gen(function* () {
    const list = yield* Ref.get(open)
    const listed = yield* find(backend, list, request.entryId)
    if (listed === undefined) {
      const opening: Listed = { _tag: "Opening", entryId: request.entryId, over: Deferred.makeUnsafe<void>() }
      // Only if nobody changed the list since it was searched.
      const claimed = yield* Ref.modify(open, (now) => (now === list ? [true, [...now, opening]] : [false, now]))
      return claimed ? yield* openStore(backend, open, request, opening) : undefined
    }
    if (listed._tag === "Open") return yield* reuse(backend, open, listed.pair)
    if ((yield* Inside).includes(listed.over)) {
      const detail = "a logon opens, from within itself, the store that it is opening"
      return yield* new ProviderFailed({ subject: backend.dllFileName, detail, scode: Scode.values.MAPI_E_BUSY })
    }
    yield* Deferred.await(listed.over)
    return undefined
  }).pipe(Effect.filterOrElse(Predicate.isNotUndefined, () => findOrOpen(backend, open, request)))

/** A repeat: the store is AddRef'd, the new support object is not. Undefined where the store is on its way out. */
const reuse = (backend: Backend, open: List, { logon, store }: Pair): Effect.Effect<LogonAnswer | undefined> =>
  store.addRef("MAPI", "provider").pipe(
    Effect.andThen(
      backend.repeatLogon === "existing" ? Effect.as(addedTo(logon, store, "MAPI"), logon) : Effect.succeed(null)
    ),
    Effect.map((logon) => ({ logon, store, spoolSecurity: null, warning: null })),
    Effect.catch(() =>
      Effect.as(
        unlist(open, (other) => isOf(other, store)),
        undefined
      )
    )
  )

const isOf = (listed: Listed, store: Pair["store"]): boolean => listed._tag === "Open" && listed.pair.store === store

type OpeningEntry = Extract<Listed, { readonly _tag: "Opening" }>

const openStore = (backend: Backend, open: List, request: LogonRequest, opening: OpeningEntry) =>
  Effect.gen(function* () {
    const scope = yield* Scope.make()
    const inside = yield* Inside
    const section = yield* request.support.openProfileSection
    const write = request.flags.includes("MDB_WRITE") || request.flags.includes("MAPI_BEST_ACCESS")
    const { entryId, flags, support, ui } = request
    const content = yield* aside(() => backend.open({ entryId, flags, write, section, ui })).pipe(
      Effect.flatten,
      Scope.provide(scope),
      Effect.provideService(Inside, [...inside, opening.over]),
      Effect.onError(() => Scope.close(scope, Exit.void))
    )
    yield* Effect.ignore(support.addRef)
    const pair: Pair = yield* makePair({
      backend,
      content,
      scope,
      request,
      section,
      unlist: Effect.suspend(() => unlist(open, (listed) => isOf(listed, pair.store)))
    })
    yield* Ref.update(open, (list) =>
      list.map((listed): Listed => (listed === opening ? { _tag: "Open", entryId, pair } : listed))
    )
    const { spoolSecurity = null, warning = null } = content
    return { logon: pair.logon, store: pair.store, spoolSecurity, warning }
  }).pipe(
    Effect.onError(() => unlist(open, (listed) => listed === opening)),
    Effect.ensuring(Deferred.succeed(opening.over, undefined))
  )

/** [S8] [S9] The pair that is open, with a reference on each for the spooler. */
const spoolerLogon = Effect.fnUntraced(function* (
  backend: Backend,
  open: List,
  { entryId }: SpoolerLogonRequest
): Effect.fn.Return<SpoolerLogonAnswer, ProviderError> {
  const listed = yield* find(backend, yield* Ref.get(open), entryId)
  const gone = new NotFound({ subject: backend.dllFileName, detail: "the store is no longer open" })
  if (listed?._tag !== "Open") return yield* gone
  const { logon, store } = listed.pair
  yield* Effect.mapError(store.addRef("spooler", "provider"), () => gone)
  yield* Effect.mapError(addedTo(logon, store, "spooler"), () => gone)
  return { logon, store }
})

/** The logon AddRef'd too; where that comes too late, the store is released again. */
const addedTo = (logon: Pair["logon"], store: Pair["store"], holder: RefCounted.Holder) =>
  Effect.tapError(logon.addRef(holder, "provider"), () => RefCounted.letGo(store, holder))
