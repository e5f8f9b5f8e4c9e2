/**
 * Loading a message store provider: the nine steps of the seed page, in the page's order, one Effect each.
 *
 * Each step takes what only the step before it can make, so that an out-of-order program has no value to pass. Nothing
 * here names a particular provider. From the adoption of the provider's answer (5) to the client's finaliser (7) nothing
 * is interruptible; only the waits are: for the load, and for Logon. [R6] [R12]
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import * as CallLog from "./CallLog.ts"
import * as EntryId from "./EntryId.ts"
import * as Flags from "./Flags.ts"
import { aside } from "./internal/aside.ts"
import { inOwnFiber } from "./internal/ask.ts"
import * as Questions from "./internal/logon.ts"
import * as Internal from "./internal/session.ts"
import {
  type InvalidEntryId,
  type InvalidObject,
  LoadFailed,
  type ProviderDisabled,
  type ProviderError,
  ProviderFailed,
  UnknownEntryId,
  type UnknownFlags,
  VersionMismatch
} from "./MapiError.ts"
import * as RefCounted from "./RefCounted.ts"
import * as SessionState from "./SessionState.ts"
import type { LetGo } from "./Spooler.ts"
import * as StoreHandle from "./StoreHandle.ts"
import {
  currentSpiVersion,
  type Iid,
  type IMsgStore,
  type InitAnswer,
  type ProviderModule,
  type SpoolerLogonAnswer
} from "./StoreProvider.ts"

declare const Made: unique symbol // not exported: only the steps below make the types that carry it

/** What a client asks for. */
export interface OpenRequest {
  readonly entryId: EntryId.Wrapped
  readonly flags?: ReadonlyArray<Flags.Open>
  /** IID_IMsgStore where it is not said. */
  readonly iid?: Iid
}

type Restore = <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
type Waited = Exit.Exit<LoggedOn, LogonError>

/** After step 1: a request that names a provider which may be asked. */
export interface Requested {
  readonly [Made]: 1
  readonly pointer: Internal.Pointer
  readonly dll: string
  readonly dllFileName: string
  readonly entryId: EntryId.Wrapped
  readonly privateId: EntryId.Private
  readonly flags: ReadonlyArray<Flags.Open>
  readonly iid: Iid
  /** How this open waits: interruptibly, where its caller is interruptible. */
  readonly wait: Restore
}

/** After step 2: the DLL is in memory. */
export interface Loaded {
  readonly [Made]: 2
  readonly requested: Requested
  readonly module: ProviderModule
  readonly scope: Scope.Closeable
}

/** After step 3: the provider object. */
export interface Initialised {
  readonly [Made]: 3
  readonly requested: Requested
  readonly ready: SessionState.Ready
}

/** After step 4: what Logon answered. */
export interface Answered extends SessionState.Answered {
  readonly [Made]: 4
  readonly requested: Requested
}

/** After step 5: the session knows the pair, and MAPI holds a reference on the store for the client. */
export interface LoggedOn {
  readonly [Made]: 5
  readonly requested: Requested
  readonly entry: SessionState.OpenStore
}

/** After step 6: the spooler is told, or is not to be told. */
export interface Told {
  readonly [Made]: 6
  readonly loggedOn: LoggedOn
}

/** Step 6's ticket: the entry id in the spooler's hands. */
export interface Ticketed {
  readonly [Made]: "ticket"
  readonly session: Internal.Session
  readonly entry: SessionState.OpenStore
}

/** After step 8: what SpoolerLogon answered. */
export interface SpoolerAnswered {
  readonly [Made]: 8
  readonly ticketed: Ticketed
  readonly answer: SpoolerLogonAnswer
}

// Boundary: the marks exist in the types alone.
const made = <T>(token: Omit<T, typeof Made>): T => token as T

/** [S1] The client calls IMAPISession::OpenMsgStore. */
export const requestOpen = Effect.fn("LoadSequence.requestOpen")(function* (
  pointer: Internal.Pointer,
  request: OpenRequest,
  wait: Restore
): Effect.fn.Return<Requested, InvalidEntryId | UnknownEntryId | UnknownFlags | ProviderDisabled | InvalidObject> {
  const { session } = pointer
  const { dllFileName, privateId } = yield* Internal.inStep1(EntryId.unwrap(request.entryId))
  const flags = yield* Internal.inStep1(Flags.fromNames(Flags.Open, request.flags ?? []))
  if (!session.registry.knows(dllFileName)) {
    const detail = `no provider is registered for the DLL ${JSON.stringify(dllFileName)}`
    return yield* new UnknownEntryId({ subject: "entry id", detail, step: 1 })
  }
  const dll = EntryId.dllKey(dllFileName)
  yield* Internal.mayAsk(session, dll, dllFileName, 1)
  const { entryId, iid = "IID_IMsgStore" } = request
  return made<Requested>({ pointer, dll, dllFileName, entryId, privateId, flags, iid, wait })
})

/** [S2] MAPI loads the provider's DLL, unless the process has it. */
export const loadProvider = Effect.fn("LoadSequence.loadProvider")(function* (
  requested: Requested
): Effect.fn.Return<Loaded, LoadFailed> {
  const { registry } = requested.pointer.session
  const scope = yield* Scope.make()
  const module = yield* registry.load(requested.dllFileName).pipe(
    Scope.provide(scope),
    Effect.onError(() => Scope.close(scope, Exit.void))
  )
  return made<Loaded>({ requested, module, scope })
})

/** [S3] MSProviderInit creates and returns an IMSProvider object; both sides check the other's version. */
export const initProvider = Effect.fn("LoadSequence.initProvider")(function* ({
  module,
  requested,
  scope
}: Loaded): Effect.fn.Return<SessionState.Ready, VersionMismatch | LoadFailed> {
  const { dll, dllFileName, pointer } = requested
  const flags = pointer.flags.filter(Questions.isInitFlag)
  const init = Questions.askInit(pointer, dllFileName, module).pipe(
    Effect.mapError((error) => (error._tag === "VersionMismatch" ? error : initFailed(dllFileName, error))),
    Effect.tap(({ provider, version }) =>
      version < currentSpiVersion
        ? Effect.andThen(RefCounted.letGo(provider, "MAPI"), tooOld(dllFileName, version)) // no Shutdown [R18]
        : Effect.void
    )
  )
  const about = { call: "MSProviderInit", from: "MAPI", to: "provider", dll: dllFileName, flags }
  const answer = ({ provider }: InitAnswer) => ({ returned: [provider.id] })
  const { provider } = yield* CallLog.call({ ...about, step: 2, returnStep: 3, failStep: 3 }, init, { answer }).pipe(
    Effect.onError(() => Scope.close(scope, Exit.void))
  )
  return { dll, dllFileName, module, provider, scope }
})

const initFailed = (subject: string, error: ProviderError) =>
  new LoadFailed({ subject, reason: "initFailed", detail: `MSProviderInit failed: ${error.detail}`, step: 3 })

const tooOld = (subject: string, version: number) =>
  Effect.fail(
    new VersionMismatch({ subject, detail: `it speaks version 0x${version.toString(16)}, which is too old`, step: 3 })
  )

/**
 * [S2] [S3] Unless the session has the provider: whoever asks first claims the load, which then belongs to the session and
 * goes on without him; everybody waits for it. A failure is forgotten, so that the next open tries again. [R1] [R4] [R12]
 */
export const obtainProvider = Effect.fn("LoadSequence.obtainProvider")(function* (
  requested: Requested
): Effect.fn.Return<Initialised, LoadFailed | VersionMismatch | InvalidObject> {
  const { dll, pointer, wait } = requested
  const { session } = pointer
  const own: SessionState.Claim = Deferred.makeUnsafe()
  const known = yield* Internal.transit(session, SessionState.claimProvider(dll, own))
  if (known === "ended") return yield* Internal.loggedOff(session, 2)
  if (known === "claimed") yield* startLoading(requested, own)
  return made<Initialised>({ requested, ready: yield* wait(Deferred.await(known === "claimed" ? own : known)) })
})

const startLoading = (requested: Requested, claim: SessionState.Claim) => {
  const { session } = requested.pointer
  const settle = (exit: Exit.Exit<SessionState.Ready, LoadFailed | VersionMismatch>) =>
    Exit.isFailure(exit)
      ? Internal.transit(session, SessionState.providerAbsent(requested.dll))
      : Effect.flatMap(Internal.transit(session, SessionState.providerReady(exit.value)), (inTime) =>
          inTime ? Effect.void : session.unload.shutdown(exit.value)
        )
  return loadProvider(requested).pipe(
    Effect.flatMap(initProvider),
    Effect.exit,
    Effect.flatMap((exit) => Effect.andThen(settle(exit), Deferred.done(claim, exit))),
    Effect.forkDetach({ startImmediately: true }) // nobody has it to interrupt it
  )
}

/** What step 4 fails with. */
export type LogonError = ProviderError | ProviderDisabled | InvalidObject

/** [S4] MAPI calls IMSProvider::Logon, passing the entry id; R4 says what a failure does to the session. */
export const logon = Effect.fn("LoadSequence.logon")(function* (
  initialised: Initialised,
  /** Has the client stopped waiting? Then the provider is spared the call. */
  givenUp: Effect.Effect<boolean> = Effect.succeed(false)
): Effect.fn.Return<Answered, LogonError> {
  const { requested } = initialised
  const question = { ...requested, ready: initialised.ready, givenUp }
  const section = yield* Questions.sectionOf(question)
  const { ServiceEntry } = initialised.ready.module
  const last = Questions.askLogon(question, section, "last")
  const answered = yield* ServiceEntry === undefined
    ? last
    : Questions.askLogon(question, section, "mendable").pipe(
        Effect.catchTag("Unconfigured", () =>
          Effect.andThen(Questions.configure(question, section, ServiceEntry), last)
        )
      )
  return made<Answered>({ ...answered, requested })
})

/**
 * [S5] IMSLogon and IMsgStore come back. For a new logon the provider has AddRef'd its support object; for a store already
 * open it hands out the existing pair and has not, and the support object dies here. [R2]
 */
export const adopt = Effect.fn("LoadSequence.adopt")(function* (
  answered: Answered
): Effect.fn.Return<LoggedOn, InvalidObject> {
  const { answer, requested, support } = answered
  const { session } = requested.pointer
  const { ended, entry, isNew } = yield* Internal.transit(session, SessionState.adopt(answered))
  yield* support.drop
  if (!isNew && answer.logon !== null) yield* RefCounted.letGo(answer.logon, "MAPI")
  if (ended) {
    yield* giveBack(requested, answer.store)
    if (isNew) yield* session.unload.logoff(entry) // a repeat's store is for the session's end to close, which waits for it
  }
  return ended ? yield* Internal.loggedOff(session, 5) : made<LoggedOn>({ requested, entry })
})

const giveBack = ({ dll, pointer }: Requested, store: IMsgStore) =>
  pointer.session.unload.releasing(dll, RefCounted.letGo(store, "MAPI"))

/** Nobody waits any more; but a repeat that came before its logon may want the spooler told. [R6] */
const abandoned = (late: LoggedOn) => {
  const wanted = late.entry.wanted === null ? Effect.void : tellSpooler(late)
  return Effect.andThen(wanted, giveBack(late.requested, late.entry.store))
}

/** [S4] [S5] in a fiber of their own: the client may stop waiting, and what still comes is given back. [R9] [R12] */
const logonInOwnFiber = Effect.fnUntraced(function* (initialised: Initialised) {
  const { requested } = initialised
  const { dll, dllFileName, pointer, wait } = requested
  const { session } = pointer
  const ended = Deferred.makeUnsafe<Waited>()
  const tell = () => void Deferred.doneUnsafe(ended, Exit.succeed(Exit.fail(Internal.loggedOff(session, 4))))
  const standing = yield* Internal.transit(session, SessionState.enter(dll))
  yield* Internal.permitted(session, dllFileName, standing, 4)
  yield* Internal.transit(session, SessionState.wait(tell))
  const leave = session.unload.leave(dll) // the call's own lease: it lasts until its store is given on, or back
  const job = Effect.flatMap(logon(initialised, Deferred.isDone(ended)), adopt).pipe(Effect.onError(() => leave))
  const late = (loggedOn: LoggedOn) => Effect.ensuring(abandoned(loggedOn), leave)
  return yield* inOwnFiber(job, { ended, wait, abandoned: late }).pipe(
    Effect.tap(leave),
    Effect.ensuring(Internal.transit(session, SessionState.waited(tell)))
  )
})

/**
 * [S6] If the client set neither MAPI_NO_MAIL when it logged on nor MDB_NO_MAIL in step 1, MAPI gives the entry id to the
 * spooler: once per open store. [R6]
 */
export const tellSpooler = Effect.fn("LoadSequence.tellSpooler")(function* (
  loggedOn: LoggedOn
): Effect.fn.Return<Told> {
  const { flags, pointer } = loggedOn.requested
  const { session } = pointer
  const gate = { flags, logonFlags: pointer.flags }
  if (!SessionState.isClear(gate) && loggedOn.entry.wanted === null) return made<Told>({ loggedOn })
  yield* Questions.giveEntryId(session, loggedOn.entry.store, gate, (ticket, entry) => {
    const ticketed = made<Ticketed>({ session, entry })
    const stepsEightAndNine = spoolerLogon(ticketed).pipe(Effect.flatMap(samePair), Internal.inSession(session))
    return session.spooler.give(ticket, stepsEightAndNine)
  })
  return made<Told>({ loggedOn })
})

/** [S7] MAPI returns the IMsgStore interface to the client, whose scope releases it. */
export const giveToClient = Effect.fn("LoadSequence.giveToClient")(function* ({
  loggedOn
}: Told): Effect.fn.Return<StoreHandle.MsgStore, never, Scope.Scope> {
  const { entry, requested } = loggedOn
  const { client, session } = requested.pointer
  const handed = yield* aside(() => entry.store.transfer("MAPI", client))
  if (Exit.isFailure(handed)) yield* giveBack(requested, entry.store) // a store that is not counted as it should be
  return yield* StoreHandle.make({
    store: entry.store,
    client,
    sessionId: session.id,
    recorder: session.recorder,
    live: () => !session.live.state.ended,
    scrub: session.profile.scrub,
    releasing: (release) => session.unload.releasing(requested.dll, release)
  })
})

/**
 * [S8] The spooler calls IMSProvider::SpoolerLogon, in a fiber of its own, where nothing but the wait is interruptible.
 * [R9] [R14]
 */
export const spoolerLogon = Effect.fn("LoadSequence.spoolerLogon")(function* (
  ticketed: Ticketed
): Effect.fn.Return<SpoolerAnswered, LogonError> {
  const { entry, session } = ticketed
  const { dll } = entry
  const standing = yield* Internal.transit(session, SessionState.enter(dll))
  if (standing !== "usable") yield* session.unload.withdraw(entry)
  yield* Internal.permitted(session, dll, standing, 8)
  const job = Questions.askSpoolerLogon(session, entry).pipe(
    Effect.ensuring(session.unload.freeSpoolSecurity(entry)),
    Effect.onError(() => session.unload.leave(dll)) // a pair keeps its lease until it is given back
  )
  const abandoned = (late: SpoolerLogonAnswer) => givePair(ticketed, late)
  const answer = yield* inOwnFiber(job, { ended: Deferred.makeUnsafe(), wait: Effect.interruptible, abandoned })
  return made<SpoolerAnswered>({ ticketed, answer })
})

const givePair = ({ entry, session }: Ticketed, answer: SpoolerLogonAnswer): LetGo =>
  Effect.ensuring(Questions.letGoOf(answer), session.unload.leave(entry.dll))

/** [S9] The same IMSLogon and IMsgStore as in step 5; another pair is given back at once. Answers how to let go. [R3] */
export const samePair = Effect.fn("LoadSequence.samePair")(function* ({
  answer,
  ticketed
}: SpoolerAnswered): Effect.fn.Return<LetGo, ProviderFailed> {
  const letGo = givePair(ticketed, answer)
  // @effect-diagnostics-next-line returnEffectInGen:off -- for the spooler to do later, not now
  if (Questions.isSamePair(ticketed.entry, answer)) return letGo
  yield* letGo
  return yield* new ProviderFailed({ subject: answer.store.id, detail: Questions.otherPair, step: 9 })
})

/** What opening a store fails with. Exact: each has a program that produces it, and nothing else comes out. */
export type OpenMsgStoreError =
  | InvalidEntryId
  | UnknownEntryId
  | ProviderDisabled
  | InvalidObject
  | LoadFailed
  | VersionMismatch
  | ProviderError

/** Steps 1 to 7, as IMAPISession::OpenMsgStore makes them; 8 and 9 follow in the spooler. */
export const openMsgStore = (
  pointer: Internal.Pointer,
  request: OpenRequest
): Effect.Effect<StoreHandle.MsgStore, OpenMsgStoreError, Scope.Scope> => {
  const { entryId, flags = [], iid = "IID_IMsgStore" } = request
  const about = { call: "IMAPISession::OpenMsgStore", from: pointer.client, to: "MAPI", object: pointer.session.id }
  const logonFlags = pointer.flags
  return Effect.uninterruptibleMask((wait) =>
    CallLog.call(
      { ...about, logonFlags, step: 1, returnStep: 7, failStep: null, flags, iid, entryId: EntryId.toHex(entryId) },
      requestOpen(pointer, request, wait).pipe(
        Effect.flatMap(obtainProvider),
        Effect.flatMap(logonInOwnFiber),
        Effect.flatMap(tellSpooler),
        Effect.flatMap(giveToClient)
      ),
      { answer: (store) => ({ returned: [store.id] }) }
    )
  ).pipe(Internal.inSession(pointer.session))
}
