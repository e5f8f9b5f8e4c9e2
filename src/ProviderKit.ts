/**
 * A whole provider out of a backend: what every provider does alike, written once.
 *
 * The backend knows its files; the kit keeps the list of open stores, lets one opener at a time at a store while others
 * wait, hands out the existing pair on a repeat, AddRefs and releases the support object, and closes in the order of R7. It
 * never caches a store's content and never decides which ids are one store: the backend's `compareStoreIds` does.
 *
 * ```text
 * a store in the provider's list:  absent ──claim──▶ Opening ──▶ Open ──last client Release──▶ closed
 *                                   ▲  ▲                │         └──Logoff──▶ absent              │
 *                                   │  └────failed──────┘  whoever waited tries for itself         │
 *                                   └─────────────────── the next store is opened ─────────────────┘
 * ```
 *
 * A store that has closed stays on the list until another is opened: it answers no AddRef any more, and so whoever looks it
 * up learns the same as if it were not there, whether he comes before its last client leaves or after.
 *
 * Source: sections 3, 4 and 6 of the protocol reference.
 */
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as MutableRef from "effect/MutableRef"
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

/** A store in the provider's list. Who wants it waits for its pair, open or not: null where it could not be opened. */
interface Listed {
  readonly entryId: EntryId.Private
  readonly pair: Deferred.Deferred<Pair | null>
  readonly closed: MutableRef.MutableRef<boolean>
}

type List = MutableRef.MutableRef<ReadonlyArray<Listed>>

/** The logons that the running fiber is inside of: one that meets itself must not wait for itself. [R2] */
const Inside = Context.Reference<ReadonlyArray<Listed>>("effect-mapi/ProviderKit/Inside", {
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
  const open: List = MutableRef.make<ReadonlyArray<Listed>>([])
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
    // Of a store that has closed its backend may have nothing to say any more.
    const isIt = yield* Effect.catch(backend.compareStoreIds(entryId, listed.entryId), (error) =>
      MutableRef.get(listed.closed) ? Effect.succeed(false) : Effect.fail(error)
    )
    if (isIt) return listed
  }
  return undefined
})

const unlist = (open: List, gone: Listed) =>
  Effect.sync(() => {
    const list = MutableRef.get(open)
    const left = list.filter((listed) => listed !== gone)
    if (left.length < list.length) MutableRef.set(open, left)
  })

/**
 * Puts an entry into the list, if nobody changed the list since it was searched; else answers what is to be searched. Those
 * that have closed go.
 */
const claim = (open: List, searched: ReadonlyArray<Listed>, opening: Listed) =>
  Effect.sync(() => {
    const now = MutableRef.get(open)
    if (now !== searched && now.length > 0) return now
    MutableRef.set(open, [...now.filter(({ closed }) => !MutableRef.get(closed)), opening])
    return "claimed"
  })

/** One opener at a time per store; when it fails, the next one tries with its own credentials. [R2] */
const findOrOpen = (
  backend: Backend,
  open: List,
  request: LogonRequest,
  searched: ReadonlyArray<Listed> = []
): Effect.Effect<LogonAnswer, ProviderError> =>
  Effect.gen(function* () {
    const opening: Listed = { entryId: request.entryId, pair: Deferred.makeUnsafe(), closed: MutableRef.make(false) }
    const list = yield* claim(open, searched, opening)
    if (list === "claimed") return yield* openStore(backend, open, request, opening)
    const listed = yield* find(backend, list, request.entryId)
    if (listed === undefined) return yield* findOrOpen(backend, open, request, list)
    if ((yield* Inside).includes(listed) && !(yield* Deferred.isDone(listed.pair))) {
      const detail = "a logon opens, from within itself, the store that it is opening"
      return yield* new ProviderFailed({ subject: backend.dllFileName, detail, scode: Scode.values.MAPI_E_BUSY })
    }
    const pair = yield* Deferred.await(listed.pair)
    const reused = pair === null ? undefined : yield* reuse(backend, open, listed, pair)
    return reused ?? (yield* findOrOpen(backend, open, request))
  })

/** A repeat: the store is AddRef'd, the new support object is not. Undefined where the store is on its way out. */
const reuse = (
  backend: Backend,
  open: List,
  listed: Listed,
  { logon, store }: Pair
): Effect.Effect<LogonAnswer | undefined> =>
  store.addRef("MAPI", "provider").pipe(
    Effect.andThen(
      backend.repeatLogon === "existing" ? Effect.as(addedTo(logon, store, "MAPI"), logon) : Effect.succeed(null)
    ),
    Effect.map((logon) => ({ logon, store, spoolSecurity: null, warning: null })),
    Effect.catch(() => Effect.as(unlist(open, listed), undefined))
  )

const openStore = (backend: Backend, open: List, request: LogonRequest, opening: Listed) =>
  Effect.gen(function* () {
    const scope = yield* Scope.make()
    const inside = yield* Inside
    const section = yield* request.support.openProfileSection
    const write = request.flags.includes("MDB_WRITE") || request.flags.includes("MAPI_BEST_ACCESS")
    const { entryId, flags, support, ui } = request
    const content = yield* aside(() => backend.open({ entryId, flags, write, section, ui })).pipe(
      Effect.flatten,
      Scope.provide(scope),
      Effect.provideService(Inside, [...inside, opening]),
      Effect.onError(() => Scope.close(scope, Exit.void))
    )
    yield* Effect.ignore(support.addRef)
    const pair: Pair = yield* makePair({
      backend,
      content,
      scope,
      request,
      section,
      unlist: unlist(open, opening),
      closed: opening.closed
    })
    yield* Deferred.succeed(opening.pair, pair)
    const { spoolSecurity = null, warning = null } = content
    return { logon: pair.logon, store: pair.store, spoolSecurity, warning }
  }).pipe(Effect.onError(() => Effect.andThen(unlist(open, opening), Deferred.succeed(opening.pair, null))))

/** [S8] [S9] The pair that is open, with a reference on each for the spooler. */
const spoolerLogon = Effect.fnUntraced(function* (
  backend: Backend,
  open: List,
  { entryId }: SpoolerLogonRequest
): Effect.fn.Return<SpoolerLogonAnswer, ProviderError> {
  const listed = yield* find(backend, yield* Effect.sync(() => MutableRef.get(open)), entryId)
  const gone = new NotFound({ subject: backend.dllFileName, detail: "the store is no longer open" })
  const pair = listed !== undefined && (yield* Deferred.isDone(listed.pair)) ? yield* Deferred.await(listed.pair) : null
  if (pair === null) return yield* gone
  const { logon, store } = pair
  yield* Effect.mapError(store.addRef("spooler", "provider"), () => gone)
  yield* Effect.mapError(addedTo(logon, store, "spooler"), () => gone)
  return { logon, store }
})

/** The logon AddRef'd too; where that comes too late, the store is released again. */
const addedTo = (logon: Pair["logon"], store: Pair["store"], holder: RefCounted.Holder) =>
  Effect.tapError(logon.addRef(holder, "provider"), () => RefCounted.letGo(store, holder))
