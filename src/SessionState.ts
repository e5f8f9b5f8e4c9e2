/**
 * What a session knows, and every way that it changes.
 *
 * Each transition is a plain, total function from state to outcome and change, applied in one step: no check in one step and
 * act in the next, no lock, and nothing here performs an effect. Who has to wait, waits on a Deferred that the state holds.
 * A transition looks at no more than it has to, and changes no more: those of two clients have little to do with each other.
 *
 * ```text
 * a provider of the session:   absent ──claim──▶ claimed ──▶ Ready ──last leave after the end──▶ absent
 *                                 ▲                 │
 *                                 └─────failed──────┘
 * a store of the session:      absent ──adopt──▶ open ──beginLogoff──▶ logged off ──forget──▶ absent
 * ```
 *
 * A *lease* stands for something inside a provider: a call or a Release under way, or a logon not yet released. Shutdown
 * waits for the last of them, and nobody waits for Shutdown. [R7] [R8] [R9]
 */
import type * as Deferred from "effect/Deferred"
import type * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import type * as EntryId from "./EntryId.ts"
import type { InvalidObject, LoadFailed, ProviderDisabled, ProviderError, VersionMismatch } from "./MapiError.ts"
import type { Section } from "./Profile.ts"
import type { Ticket } from "./Spooler.ts"
import type { IMSLogon, IMSProvider, IMsgStore, LogonAnswer, ProviderModule } from "./StoreProvider.ts"
import type { Support } from "./SupportObject.ts"

/** A provider that a session may call. */
export interface Ready {
  /** The key of its DLL, and the name as registered or asked for. */
  readonly dll: string
  readonly dllFileName: string
  readonly module: ProviderModule
  readonly provider: IMSProvider
  /** Keeps the DLL in use; closed after the provider's last Release. */
  readonly scope: Scope.Closeable
}

/** Done once a provider that somebody loads is there, or will not be: who wants it waits here, whichever it is. */
export type Claim = Deferred.Deferred<Ready, LoadFailed | VersionMismatch | InvalidObject>

/** The flags that [S6] looks at: of OpenMsgStore, and of the client's own logon. */
export interface Gate {
  readonly flags: ReadonlyArray<string>
  readonly logonFlags: ReadonlyArray<string>
}

/** [S6] Neither of the two flags is set. */
export const isClear = ({ flags, logonFlags }: Gate): boolean =>
  !logonFlags.includes("MAPI_NO_MAIL") && !flags.includes("MDB_NO_MAIL")

/** A store that is open in the session. */
export interface OpenStore {
  readonly dll: string
  readonly store: IMsgStore
  /** Both are there once the Logon that made them is adopted; a repeat may be adopted before it. */
  readonly logon: IMSLogon | null
  readonly support: Support | null
  readonly entryId: EntryId.Wrapped
  readonly privateId: EntryId.Private
  readonly section: Section
  readonly spoolSecurity: Redacted.Redacted<Uint8Array> | null
  readonly ticket: Ticket | null
  /** The spooler has been told to let go of it. [R7] */
  readonly isLetGo: boolean
  /** The gate of an open that wants the spooler told; it is, once the logon is there with what it needs. [R6] [R14] */
  readonly wanted: Gate | null
  /** IMSLogon::Logoff has been called, or is being called. */
  readonly loggedOff: boolean
}

/** Tells an open in flight that the session has ended; it performs no effect but that. */
export type Tell = () => void

/** Which open store somebody looks for: at most one is it, and it has this key in common with no other. */
export interface Sought {
  (open: OpenStore): boolean
  readonly key: string
}

/** The open store of this IMsgStore. */
export const ofStore = (store: IMsgStore): Sought =>
  Object.assign((open: OpenStore) => open.store === store, { key: store.id })

/** The open store whose logon has kept this support object. */
export const ofSupport = (support: Support): Sought =>
  Object.assign((open: OpenStore) => open.support === support, { key: support.id })

/** The open stores, in the order in which they were opened. */
export interface Stores extends Iterable<OpenStore> {
  readonly find: (is: Sought) => OpenStore | undefined
}

/** The state. */
export interface State {
  readonly ended: boolean
  /** From the claim of a load on, as long as the provider is there. */
  readonly claims: ReadonlyMap<string, Claim>
  readonly providers: ReadonlyMap<string, Ready>
  readonly leases: ReadonlyMap<string, number>
  /** [R4] For the rest of the session. */
  readonly disabled: ReadonlySet<string>
  readonly stores: Stores
  /** How to tell each open in flight that the session has ended. */
  readonly inFlight: ReadonlySet<Tell>
}

/** A state as plain data. */
export type Plain = State & { readonly stores: ReadonlyArray<OpenStore> }

/** What a session knows at first. */
export const initial: Plain = {
  ended: false,
  claims: new Map(),
  providers: new Map(),
  leases: new Map(),
  disabled: new Set(),
  stores: [],
  inFlight: new Set()
}

/** What a transition changes: whole fields, or what comes to one, goes from it, or becomes another. */
export interface Change extends Partial<Pick<State, "ended" | "claims" | "providers" | "disabled">> {
  readonly opens?: OpenStore
  /** Null where it is forgotten. */
  readonly becomes?: readonly [store: OpenStore, next: OpenStore | null]
  /** How many leases more, or less, each of these providers has. */
  readonly leases?: Readonly<Record<string, number>>
  readonly comes?: Tell
  readonly goes?: Tell | "all"
}

/** From the state to an outcome and a change. */
export type Transition<A> = (state: State) => readonly [A, Change]

const nothing: Change = {}

const counted = (leases: State["leases"], more: Change["leases"] = {}): State["leases"] => {
  const all = new Map(leases)
  for (const [dll, n] of Object.entries(more)) all.set(dll, (all.get(dll) ?? 0) + n)
  return new Map(Array.from(all).filter(([, n]) => n > 0))
}

/** The state after a change. */
export const changed = (state: Plain, change: Change): Plain => {
  const { becomes, comes, goes, leases, opens } = change
  const opened = [...state.stores, ...(opens === undefined ? [] : [opens])]
  const stores = opened.flatMap((open) => {
    const next = open === becomes?.[0] ? becomes[1] : open
    return next === null ? [] : [next]
  })
  const inFlight = new Set(goes === "all" ? [] : state.inFlight)
  if (typeof goes === "function") inFlight.delete(goes)
  if (comes !== undefined) inFlight.add(comes)
  return {
    ended: change.ended ?? state.ended,
    claims: change.claims ?? state.claims,
    providers: change.providers ?? state.providers,
    leases: counted(state.leases, leases),
    disabled: change.disabled ?? state.disabled,
    stores,
    inFlight
  }
}

const put = <K, V>(map: ReadonlyMap<K, V>, key: K, value: V | undefined): ReadonlyMap<K, V> => {
  const next = new Map(map)
  if (value === undefined) next.delete(key)
  else next.set(key, value)
  return next
}

/** May this DLL be asked anything new? [S1] [R4] [R8] */
export const standing = (state: State, dll: string): "ended" | "disabled" | "usable" => {
  if (state.ended) return "ended"
  return state.disabled.has(dll) ? "disabled" : "usable"
}

/** [S2] The claim to load a provider, which only one opener gets; the others get his. */
export const claimProvider =
  (dll: string, claim: Claim): Transition<"ended" | "claimed" | Claim> =>
  (state) => {
    if (state.ended) return ["ended", nothing]
    const known = state.claims.get(dll)
    return known === undefined ? ["claimed", { claims: put(state.claims, dll, claim) }] : [known, nothing]
  }

/** [S3] The provider is initialised. False where the session ended meanwhile: whoever loaded it shuts it down. */
export const providerReady =
  (ready: Ready): Transition<boolean> =>
  (state) => [!state.ended, { providers: put(state.providers, ready.dll, ready) }]

/** Load or init failed: as if it had not been tried. [R4] */
export const providerAbsent =
  (dll: string): Transition<void> =>
  (state) => [undefined, { claims: put(state.claims, dll, undefined) }]

/** A call into a provider begins: a lease, unless the provider may not be called. */
export const enter =
  (dll: string): Transition<"ended" | "disabled" | "usable"> =>
  (state) => {
    const now = standing(state, dll)
    return [now, now === "usable" ? { leases: { [dll]: 1 } } : nothing]
  }

/** A Release begins: a lease, whether the session has ended or not, and the provider with it. */
export const hold =
  (dll: string): Transition<void> =>
  () => [undefined, { leases: { [dll]: 1 } }]

/** A lease ends. Answers the provider where this was the last, after the session's end: it may be time to shut it down. */
export const leave =
  (dll: string): Transition<Ready | null> =>
  (state) => {
    const change = { leases: { [dll]: -1 } }
    if (!state.ended || state.leases.get(dll) !== 1) return [null, change]
    return [state.providers.get(dll) ?? null, change]
  }

/** [R7] Shutdown begins, if nobody has come in since the last lease ended, and nobody else has begun it. */
export const beginShutdown =
  (dll: string): Transition<boolean> =>
  (state) =>
    state.leases.has(dll) || !state.providers.has(dll)
      ? [false, nothing]
      : [true, { claims: put(state.claims, dll, undefined), providers: put(state.providers, dll, undefined) }]

/** An open begins to wait, and is told of the end; not where that has come already, since then it may ask for nothing. */
export const wait =
  (tell: Tell): Transition<void> =>
  (state) => [undefined, state.ended ? nothing : { comes: tell }]

/** An open has stopped waiting. */
export const waited =
  (tell: Tell): Transition<void> =>
  () => [undefined, { goes: tell }]

/** [R4] [R5] The note, and faults of the request itself, leave the provider as it was; every other failure disables it. */
export const disables = (error: ProviderError | ProviderDisabled | InvalidObject): boolean => {
  switch (error._tag) {
    case "FailOneProvider":
    case "UnknownFlags":
    case "InterfaceNotSupported":
    case "ProviderDisabled":
    case "InvalidObject":
      return false
    default:
      return true
  }
}

/** For the rest of the session. [R4] */
export const disable =
  (dll: string): Transition<void> =>
  (state) => [undefined, { disabled: new Set(state.disabled).add(dll) }]

/** What a Logon has answered, with what it was asked. */
export interface Answered {
  readonly dll: string
  readonly entryId: EntryId.Wrapped
  readonly privateId: EntryId.Private
  readonly section: Section
  readonly support: Support
  /** The provider has kept the support object, as it does for a new logon alone. [R2] */
  readonly kept: boolean
  readonly answer: LogonAnswer
}

/** What the open that made a store asked for. */
const asked = ({ entryId, privateId, section }: Answered) => ({ entryId, privateId, section })

const newStore = (answered: Answered): OpenStore => ({
  ...asked(answered),
  dll: answered.dll,
  store: answered.answer.store,
  logon: null,
  support: null,
  spoolSecurity: null,
  ticket: null,
  isLetGo: false,
  wanted: null,
  loggedOff: false
})

/**
 * [S5] The session learns of a pair. The store tells which: a new logon opens its entry (or completes it, where a repeat
 * came first, with the id and the section that it was asked with [R14]), a repeat finds it. A new logon has a lease of its
 * own until it is released. After the end only a new logon is adopted, so that it can be closed like any other.
 */
export const adopt =
  (answered: Answered): Transition<{ readonly entry: OpenStore; readonly isNew: boolean; readonly ended: boolean }> =>
  (state) => {
    const { logon, spoolSecurity, store } = answered.answer
    const known = state.stores.find(ofStore(store))
    const before = known ?? newStore(answered)
    const isNew = answered.kept && logon !== null && before.logon === null
    const entry = isNew ? { ...before, ...asked(answered), logon, spoolSecurity, support: answered.support } : before
    const outcome = { entry, isNew, ended: state.ended }
    const leases = isNew ? { leases: { [answered.dll]: 1 } } : nothing
    if (known !== undefined) return [outcome, { ...becomes(known, entry), ...leases }]
    return [outcome, state.ended && !isNew ? nothing : { opens: entry, ...leases }]
  }

const becomes = (store: OpenStore, next: OpenStore | null): Change =>
  next === store ? nothing : { becomes: [store, next] }

const change = <A>(
  state: State,
  is: Sought,
  f: (open: OpenStore) => readonly [A, OpenStore | null],
  orElse: A
): readonly [A, Change] => {
  const known = state.stores.find(is)
  if (known === undefined) return [orElse, nothing]
  const [outcome, entry] = f(known)
  return [outcome, becomes(known, entry)]
}

/**
 * [S6] The spooler is told once per open store, and not before its logon is there: a repeat that comes first leaves it to
 * the new logon. Answers the entry where it is to be told now, under this ticket.
 */
export const takeGate =
  (store: IMsgStore, ticket: Ticket, gate: Gate): Transition<OpenStore | null> =>
  (state) => {
    if (state.ended) return [null, nothing]
    const give = (open: OpenStore): readonly [OpenStore | null, OpenStore] => {
      if (open.ticket !== null) return [null, open]
      const wanted = open.wanted ?? (isClear(gate) ? gate : null)
      if (wanted === null || open.logon === null) return [null, { ...open, wanted }]
      const entry = { ...open, wanted, ticket }
      return [entry, entry]
    }
    return change(state, ofStore(store), give, null)
  }

/** [R7] A store whose spooler is to let go of it: the entry, to the first that asks once there is a ticket. */
export const letGo =
  (is: Sought): Transition<OpenStore | null> =>
  (state) =>
    change(
      state,
      is,
      (open) => (open.ticket === null || open.isLetGo ? [null, open] : [open, { ...open, isLetGo: true }]),
      null
    )

/** The spooler's blob, to whoever frees it: it is given out once. [R14] */
export const takeSpoolSecurity =
  (store: IMsgStore): Transition<OpenStore["spoolSecurity"]> =>
  (state) =>
    change(
      state,
      ofStore(store),
      (open) => [open.spoolSecurity, open.spoolSecurity === null ? open : { ...open, spoolSecurity: null }],
      null
    )

/**
 * Logoff is called once for each logon: the entry, to the first that asks. [R7] [R8] One that only repeats know of has no
 * logon yet, and is forgotten at once: should its logon still come, it is adopted like any that comes too late.
 */
export const beginLogoff =
  (is: Sought): Transition<OpenStore | null> =>
  (state) =>
    change(
      state,
      is,
      (open) => (open.loggedOff ? [null, open] : [open, open.logon === null ? null : { ...open, loggedOff: true }]),
      null
    )

/** The logon is released: the session knows the store no more. */
export const forget =
  (store: IMsgStore): Transition<void> =>
  (state) =>
    change(state, ofStore(store), () => [undefined, null], undefined)

/** [R8] The end. Answers what there is to close, and takes a lease on each provider, so that Shutdown comes last. */
export const end: Transition<
  {
    readonly stores: ReadonlyArray<OpenStore>
    readonly providers: ReadonlyArray<string>
    readonly loading: ReadonlyArray<Claim>
    readonly inFlight: ReadonlySet<Tell>
  } | null
> = (state) => {
  if (state.ended) return [null, nothing]
  const providers = Array.from(state.providers.keys())
  const loading = Array.from(state.claims).flatMap(([dll, claim]) => (state.providers.has(dll) ? [] : [claim]))
  const leases = Object.fromEntries(providers.map((dll) => [dll, 1]))
  const { inFlight, stores } = state
  return [
    { stores: Array.from(stores), providers, loading, inFlight },
    { ended: true, leases, goes: "all" }
  ]
}
