/** The questions of steps 3, 4 and 8, as MAPI puts them to a provider. Inside the package only. */
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import * as Ref from "effect/Ref"
import * as Result from "effect/Result"
import * as CallLog from "../CallLog.ts"
import * as EntryId from "../EntryId.ts"
import type * as Flags from "../Flags.ts"
import {
  type InvalidObject,
  isProviderError,
  type ProviderDisabled,
  type ProviderError,
  VersionMismatch
} from "../MapiError.ts"
import type { Section } from "../Profile.ts"
import * as RefCounted from "../RefCounted.ts"
import * as SessionState from "../SessionState.ts"
import { makeTicket, type Ticket } from "../Spooler.ts"
import * as StoreProvider from "../StoreProvider.ts"
import type { Support } from "../SupportObject.ts"
import { ask, askProvider } from "./ask.ts"
import * as Internal from "./session.ts"

/** What one open asks of a provider. */
export interface Logon {
  readonly pointer: Internal.Pointer
  readonly ready: SessionState.Ready
  readonly entryId: EntryId.Wrapped
  readonly privateId: EntryId.Private
  readonly flags: ReadonlyArray<Flags.Open>
  readonly iid: StoreProvider.Iid
  readonly givenUp: Effect.Effect<boolean>
}

type LogonError = ProviderError | ProviderDisabled | InvalidObject

/** MSProviderInit. It gets none of the open flags. [R15] */
export const askInit = (
  { flags, session }: Internal.Pointer,
  dllFileName: string,
  module: StoreProvider.ProviderModule
): Effect.Effect<StoreProvider.InitAnswer, VersionMismatch | ProviderError> =>
  ask(
    {
      ...Internal.asked(session, "MSProviderInit", dllFileName, 3),
      wellFormed: isInitAnswer,
      giveBack: giveBack("MAPI")
    },
    () => module.MSProviderInit({ mapiVersion: StoreProvider.currentSpiVersion, flags: flags.filter(isInitFlag) }),
    (error): error is VersionMismatch | ProviderError => error instanceof VersionMismatch || isProviderError(error)
  )

/** The flags of a session that MSProviderInit is told. */
export const isInitFlag = (flag: Flags.Session): flag is Flags.Init => flag === "MAPI_NT_SERVICE"

/**
 * Which section owns the store is for the provider to say; where it says none, a new one does. It is asked about each once,
 * about those too that came while it was asked.
 */
export const sectionOf = Effect.fnUntraced(function* ({
  pointer,
  privateId,
  ready
}: Logon): Effect.fn.Return<Section, ProviderDisabled | InvalidObject> {
  const { session } = pointer
  const { dll, dllFileName, provider } = ready
  const call = "IMSProvider::CompareStoreIDs"
  const entryId = EntryId.toHex(privateId)
  const about = { call, from: "MAPI", to: "provider", object: provider.id, dll: dllFileName, entryId }
  const refuse = Internal.refuse(session, dll, dllFileName, 4)
  const searched: Array<Section> = []
  for (;;) {
    const made = yield* session.profile.addUnlessOthers(dll, privateId, session, searched)
    if (Result.isSuccess(made)) return made.success
    for (const section of made.failure) {
      const compare = askProvider(Internal.asked(session, call, dllFileName, 4), () =>
        provider.compareStoreIds(privateId, section.entryId)
      )
      // A comparison that fails says nothing.
      const says = Effect.orElseSucceed(compare, () => false)
      if (yield* CallLog.call(about, says, { refuse })) return section
      searched.push(section)
    }
  }
})

/**
 * IMSProvider::Logon, with a support object of its own. What a failure does to the provider is done before the return is
 * told [R4]; an `Unconfigured` that can be mended does nothing yet.
 */
export const askLogon = Effect.fnUntraced(function* (
  logon: Logon,
  section: Section,
  attempt: "mendable" | "last"
): Effect.fn.Return<SessionState.Answered, LogonError> {
  const { entryId, flags, iid, pointer, privateId, ready } = logon
  const { session } = pointer
  const { dll, dllFileName, provider } = ready
  yield* Internal.mayAsk(session, dll, dllFileName, 4)
  if (yield* logon.givenUp) return yield* Effect.interrupt
  const support = yield* makeSupport(session, ready, section, { temporary: flags.includes("MDB_TEMPORARY") })
  const call = "IMSProvider::Logon"
  const request = { support, ui: uiOf(logon), profileName: session.profile.name, entryId: privateId, flags, iid }
  const isFinal = (error: ProviderError) => attempt === "last" || error._tag !== "Unconfigured"
  const answer = askProvider(
    { ...Internal.asked(session, call, dllFileName, 4), wellFormed: isLogonAnswer, giveBack: giveBack("MAPI") },
    () => provider.logon(request)
  )
  const about = {
    call,
    from: "MAPI",
    to: "provider",
    object: provider.id,
    passed: [support.id],
    dll: dllFileName,
    flags,
    iid,
    entryId: EntryId.toHex(privateId)
  }
  const given = yield* CallLog.call({ ...about, step: 4, returnStep: 5 }, answer, {
    answer: ({ logon, store, warning }) => ({
      returned: logon === null ? [store.id] : [logon.id, store.id],
      ...(warning === null ? {} : { result: "MAPI_W_ERRORS_RETURNED", note: warning.error })
    }),
    refuse: Internal.refuse(session, dll, dllFileName, 4),
    failed: (error) => (isFinal(error) ? judge(logon, error) : undefined)
  }).pipe(Effect.onError(() => support.drop))
  if (given.warning !== null) yield* Ref.set(pointer.lastError, given.warning)
  const kept = (yield* support.refs.holders).has("provider")
  return { dll, entryId, privateId, section, support, kept, answer: given }
})

/** [R4] In the step that records the failure. */
const judge = ({ pointer, ready }: Logon, error: ProviderError): void => {
  if (SessionState.disables(error)) pointer.session.live.transit(SessionState.disable(ready.dll))
}

const uiOf = ({ flags, pointer }: Logon): StoreProvider.LogonUi | null => {
  const { session, ui } = pointer
  if (ui === null || flags.includes("MDB_NO_DIALOG") || pointer.flags.includes("MAPI_NT_SERVICE")) return null
  return { askPassword: (store) => Effect.tap(ui.askPassword(store), session.profile.remember) }
}

/** The message service gets one chance to supply what the provider lacks; where it fails, that was the Logon. [R4] */
export const configure = Effect.fnUntraced(function* (
  logon: Logon,
  section: Section,
  ServiceEntry: StoreProvider.ServiceEntry
): Effect.fn.Return<void, ProviderError> {
  const { dllFileName } = logon.ready
  const call = "MSG_SERVICE_CONFIGURE"
  const run = askProvider(Internal.asked(logon.pointer.session, call, dllFileName, 4), () =>
    ServiceEntry({ context: call, section, ui: uiOf(logon) })
  )
  const about = { call, from: "MAPI", to: "provider", dll: dllFileName }
  yield* CallLog.call(about, run, { failed: (error) => judge(logon, error) })
})

/**
 * [S6] Gives the entry id of this store to the spooler, where it is to be told now. The ticket is taken in the step that
 * records it: at a session's end nobody withdraws what the log has not given.
 */
export const giveEntryId = Effect.fnUntraced(function* (
  session: Internal.Session,
  store: StoreProvider.IMsgStore,
  gate: SessionState.Gate,
  give: (ticket: Ticket, entry: SessionState.OpenStore) => Effect.Effect<void>
): Effect.fn.Return<void> {
  const { recorder } = session
  const frame = yield* CallLog.Frame
  const ticket = makeTicket(recorder.name("Ticket"))
  const about = ({ entryId, wanted }: SessionState.OpenStore): CallLog.About => ({
    call: "give entry id",
    from: "MAPI",
    to: "spooler",
    step: 6,
    object: ticket.id,
    passed: [store.id],
    entryId: EntryId.toHex(entryId),
    ...(wanted ?? gate)
  })
  const given = yield* Effect.sync(() => {
    const entry = session.live.transit(SessionState.takeGate(store, ticket, gate))
    return entry === null ? null : { entry, callId: CallLog.begin(recorder, frame, about(entry)) }
  })
  if (given === null) return
  const { callId, entry } = given
  yield* Effect.provideService(give(ticket, entry), CallLog.Frame, { ...frame, within: callId })
  yield* Effect.sync(() => CallLog.end(recorder, frame, about(entry), callId, {}))
})

/** IMSProvider::SpoolerLogon: the same private id, a copy of the blob, no dialogs, a support object of its own. [R14] */
export const askSpoolerLogon = Effect.fnUntraced(function* (
  session: Internal.Session,
  entry: SessionState.OpenStore
): Effect.fn.Return<StoreProvider.SpoolerLogonAnswer, LogonError> {
  const ready = yield* Effect.sync(() => session.live.state.providers.get(entry.dll))
  if (ready === undefined) return yield* Internal.loggedOff(session, 8)
  const { dllFileName, provider } = ready
  const support = yield* makeSupport(session, ready, entry.section, { temporary: true, isSpoolers: true })
  const flags = ["MDB_NO_DIALOG"] as const
  const request = {
    support,
    profileName: session.profile.name,
    entryId: entry.privateId,
    flags
  }
  const call = "IMSProvider::SpoolerLogon"
  const answer = askProvider(
    { ...Internal.asked(session, call, dllFileName, 8), wellFormed: isSpoolerAnswer, giveBack: giveBack("spooler") },
    () => provider.spoolerLogon({ ...request, spoolSecurity: copyOf(entry.spoolSecurity) })
  )
  const about = { call, from: "spooler", to: "provider", object: provider.id, flags, step: 8, returnStep: 9 } as const
  const passed = entry.ticket === null ? [support.id] : [support.id, entry.ticket.id]
  return yield* CallLog.call({ ...about, passed, dll: dllFileName, entryId: EntryId.toHex(entry.privateId) }, answer, {
    answer: (given) => ({
      returned: [given.logon.id, given.store.id],
      ...(isSamePair(entry, given) ? {} : { note: otherPair })
    }),
    refuse: Internal.refuse(session, entry.dll, dllFileName, 8)
  }).pipe(
    Effect.tapError((error) => (isOurs(error) ? session.unload.withdraw(entry) : Effect.void)),
    Effect.ensuring(support.drop)
  )
})

/** MAPI's own refusal: SpoolerLogon was not called. */
const isOurs = ({ _tag }: LogonError): boolean => _tag === "ProviderDisabled" || _tag === "InvalidObject"

const copyOf = (blob: SessionState.OpenStore["spoolSecurity"]): SessionState.OpenStore["spoolSecurity"] =>
  blob === null ? null : Redacted.make(Redacted.value(blob).slice())

/** How a SpoolerLogon that breaks step 9 is told. */
export const otherPair = "[S9] SpoolerLogon returned another pair than step 5"

/** Are these the interfaces of step 5? [S9] */
export const isSamePair = (
  entry: SessionState.OpenStore,
  { logon, store }: StoreProvider.SpoolerLogonAnswer
): boolean => store === entry.store && logon === entry.logon

/** Releases what SpoolerLogon handed out. */
export const letGoOf = ({ logon, store }: StoreProvider.SpoolerLogonAnswer): Effect.Effect<void> =>
  Effect.andThen(RefCounted.letGo(logon, "spooler"), RefCounted.letGo(store, "spooler"))

/** The support object of a Logon, whose last Release ends the logon that kept it; or of a SpoolerLogon, which ends none. */
const makeSupport = Effect.fnUntraced(function* (
  session: Internal.Session,
  { dllFileName }: SessionState.Ready,
  section: Section,
  of: { readonly temporary: boolean; readonly isSpoolers?: boolean }
): Effect.fn.Return<Support> {
  const { temporary, isSpoolers = false } = of
  const support: Support = yield* session.supports.make({
    dllFileName,
    section,
    temporary,
    storeLogoffTransports: (flag) => Effect.suspend(() => session.unload.storeLogoffTransports(support, flag)),
    lastRelease: isSpoolers ? Effect.void : Effect.suspend(() => session.unload.supportReleased(support))
  })
  return support
})

/** Of an answer that is not whole: what there is of it. */
const giveBack =
  (holder: RefCounted.Holder) =>
  (answer: unknown): Effect.Effect<void> => {
    const parts = ["logon", "store", "provider"].map((name) =>
      Predicate.hasProperty(answer, name) ? answer[name] : undefined
    )
    return Effect.forEach(parts.filter(isCounted), (part) => RefCounted.letGo(part, holder), { discard: true })
  }

const isCounted = (value: unknown): value is RefCounted.RefCounted =>
  ["addRef", "release", "transfer", "makeInvalid", "isValid"].every((name) => Predicate.hasProperty(value, name))

const isInitAnswer = (value: unknown): boolean =>
  Predicate.hasProperty(value, "provider") &&
  isCounted(value.provider) &&
  Predicate.hasProperty(value, "version") &&
  Number.isInteger(value.version)

const isLogonAnswer = (value: unknown): boolean =>
  Predicate.hasProperty(value, "store") &&
  isCounted(value.store) &&
  Predicate.hasProperty(value, "logon") &&
  (value.logon === null || isCounted(value.logon)) &&
  Predicate.hasProperty(value, "warning") &&
  Predicate.hasProperty(value, "spoolSecurity") &&
  (value.spoolSecurity === null || Redacted.isRedacted(value.spoolSecurity))

const isSpoolerAnswer = (value: unknown): boolean =>
  Predicate.hasProperty(value, "logon") &&
  isCounted(value.logon) &&
  Predicate.hasProperty(value, "store") &&
  isCounted(value.store)
