/**
 * Letting go: how one store closes [R7], and how a session ends with stores still open [R8], in their order.
 *
 * A teardown call that fails is recorded and stops nothing; nothing here fails, and nothing waits for a provider that is
 * still inside a call: the last one out shuts it down. A Release, Logoff or Shutdown that never returns does hold up the
 * scope that closes over it. [R9]
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import * as CallLog from "./CallLog.ts"
import * as EntryId from "./EntryId.ts"
import type * as Flags from "./Flags.ts"
import { askProvider } from "./internal/ask.ts"
import * as Internal from "./internal/session.ts"
import * as RefCounted from "./RefCounted.ts"
import * as SessionState from "./SessionState.ts"
import type { Support } from "./SupportObject.ts"

type Session = Internal.Session

// --- one store ------------------------------------------------------------------------------------------------------

/**
 * [R7] The provider's last client has gone: transports stop, and the spooler lets go. An id that the spooler has not begun
 * with is withdrawn; a SpoolerLogon under way ends in its release, and no client waits for it.
 */
export const storeLogoffTransports = Effect.fn("UnloadSequence.storeLogoffTransports")(function* (
  session: Session,
  support: Support,
  _flag: Flags.Logoff
): Effect.fn.Return<ReadonlyArray<Flags.LogoffOutcome>> {
  yield* spoolerLetsGo(session, SessionState.ofSupport(support))
  return ["LOGOFF_COMPLETE"] // this library has no transports: nothing is ever on its way [R17]
})

const spoolerLetsGo = Effect.fnUntraced(function* (session: Session, isIt: SessionState.Sought) {
  const entry = yield* Internal.transit(session, SessionState.letGo(isIt))
  if (entry?.ticket != null && (yield* session.spooler.letGo(entry.ticket))) yield* withdraw(session, entry)
})

/** [R7] An id that no SpoolerLogon will be called for, and its blob. */
export const withdraw = Effect.fnUntraced(function* (session: Session, entry: SessionState.OpenStore) {
  const about = { call: "withdraw entry id", from: "MAPI", to: "spooler", object: entry.ticket?.id ?? null }
  const frame = yield* CallLog.Frame
  const entryId = EntryId.toHex(entry.entryId)
  yield* Effect.sync(() => CallLog.note(session.recorder, frame, { ...about, entryId }))
  yield* freeSpoolSecurity(session, entry)
})

/** [R14] MAPIFreeBuffer on the blob that a new logon left for the spooler: once, by whoever takes it out of the state. */
export const freeSpoolSecurity = Effect.fnUntraced(function* (session: Session, entry: SessionState.OpenStore) {
  const { spoolSecurity, store } = entry
  if (spoolSecurity === null) return // there was none when the logon was adopted
  const blob = yield* Internal.transit(session, SessionState.takeSpoolSecurity(store))
  if (blob === null) return
  const frame = yield* CallLog.Frame
  const about = { call: "MAPIFreeBuffer", from: "MAPI", to: "MAPI", object: store.id }
  yield* Effect.sync(() => CallLog.note(session.recorder, frame, about))
})

/**
 * [R7] Inside the support object's last Release, once its MAPIUIDs and its status row are gone: Logoff, unless that is where
 * this Release comes from, and the logon is released.
 */
export const supportReleased = Effect.fn("UnloadSequence.supportReleased")((session: Session, support: Support) =>
  endLogon(session, SessionState.ofSupport(support))
)

/** Logoff is taken in the step that records it: a session's end finds none that is taken and not yet called. [R8] */
const endLogon = Effect.fnUntraced(function* (session: Session, isIt: SessionState.Sought) {
  const taken: { entry: SessionState.OpenStore | null } = { entry: null }
  const logonTaken = () => taken.entry?.logon ?? null
  const refuse = () => {
    taken.entry = session.live.transit(SessionState.beginLogoff(isIt))
    return logonTaken() === null ? "nobody is to be called" : undefined
  }
  const call = "IMSLogon::Logoff"
  const about = () => ({ call, from: "MAPI", to: "provider", object: logonTaken()?.id ?? null })
  const logoff = Effect.suspend(() => {
    const logon = logonTaken()
    return logon === null ? Effect.void : askProvider(Internal.asked(session, call, logon.id, null), () => logon.logoff)
  })
  yield* Effect.ignore(CallLog.call(about, logoff, { refuse }))
  const { entry } = taken
  // Where only repeats know of it: its logon may still come, and is then ended for itself.
  if (entry === null || entry.logon === null) return
  yield* RefCounted.letGo(entry.logon, "MAPI")
  yield* spoolerLetsGo(session, isIt) // a provider that forgot its transports
  yield* freeSpoolSecurity(session, entry)
  yield* Internal.transit(session, SessionState.forget(entry.store))
  yield* leave(session, entry.dll)
})

// --- the session ----------------------------------------------------------------------------------------------------

/** [R8] Logoff and Release of one logon, whose store the session's end finds open. */
export const logoff = Effect.fn("UnloadSequence.logoff")((session: Session, entry: SessionState.OpenStore) =>
  endLogon(session, SessionState.ofStore(entry.store))
)

/** A lease ends; after the session's end, the last one shuts the provider down. */
export const leave = Effect.fnUntraced(function* (session: Session, dll: string) {
  const last = yield* Internal.transit(session, SessionState.leave(dll))
  if (last !== null) yield* shutdown(session, last)
})

/** A Release into a provider: Shutdown waits for it. For who is not interruptible, as no finaliser is. */
export const releasing = <A>(session: Session, dll: string, release: Effect.Effect<A>): Effect.Effect<A> =>
  Effect.andThen(Internal.transit(session, SessionState.hold(dll)), Effect.ensuring(release, leave(session, dll)))

/** [R7] Shutdown, then Release, then nothing more; the DLL loses a user. Whoever is still inside does it in our stead. */
export const shutdown = Effect.fn("UnloadSequence.shutdown")(function* (session: Session, ready: SessionState.Ready) {
  const { dll, dllFileName, provider, scope } = ready
  const call = "IMSProvider::Shutdown"
  const about = { call, from: "MAPI", to: "provider", object: provider.id, dll: dllFileName }
  let begun = false
  const refuse = () => {
    begun = session.live.transit(SessionState.beginShutdown(dll))
    return begun ? undefined : "somebody is inside"
  }
  const ask = askProvider(Internal.asked(session, call, dllFileName, null), () => provider.shutdown)
  yield* Effect.ignore(CallLog.call(about, ask, { refuse }))
  if (!begun) return
  yield* RefCounted.letGo(provider, "MAPI")
  yield* Scope.close(scope, Exit.void)
})

/** [R8] IMAPISession::Logoff. From its first step on, opens fail as `InvalidObject`; those in flight are told so. */
export const endSession = Effect.fn("UnloadSequence.endSession")(function* (session: Session, client: string) {
  const about = { call: "IMAPISession::Logoff", from: client, to: "MAPI", object: session.id }
  // The session ends in the step that records the call: no open is told of an end that the log does not have yet.
  let work: Work | null = null
  const isOver = () => {
    work = session.live.transit(SessionState.end)
    return work === null ? "over" : undefined
  }
  const close = Effect.suspend(() => (work === null ? Effect.void : closeAll(session, work)))
  const closing = CallLog.call(about, close, { refuse: isOver }).pipe(Internal.inSession(session))
  yield* Effect.matchEffect(closing, {
    onFailure: () => Effect.void, // another Logoff was first
    onSuccess: () => Deferred.succeed(session.over, undefined)
  })
}, Effect.uninterruptible)

type Work = NonNullable<ReturnType<typeof SessionState.end>[0]>

const closeAll = Effect.fnUntraced(function* (session: Session, { inFlight, loading, providers, stores }: Work) {
  yield* Effect.sync(() => {
    for (const tell of inFlight) tell()
  }) // in one step: nobody is told before another
  const gone = Internal.loggedOff(session, 3)
  yield* Effect.forEach(loading, (claim) => Deferred.fail(claim, gone), { discard: true })
  yield* Effect.forEach(stores, (entry) => logoff(session, entry), { discard: true })
  yield* session.profile.dropTemporary(session)
  yield* Effect.forEach(providers, (dll) => leave(session, dll), { discard: true })
})

/** What the load sequence needs of all this, of a session that is being made. */
export const handedDown = (session: () => Session): Internal.Unload => ({
  storeLogoffTransports: (support, flag) => storeLogoffTransports(session(), support, flag),
  supportReleased: (support) => supportReleased(session(), support),
  logoff: (entry) => logoff(session(), entry),
  releasing: (dll, release) => releasing(session(), dll, release),
  withdraw: (entry) => withdraw(session(), entry),
  leave: (dll) => leave(session(), dll),
  shutdown: (ready) => shutdown(session(), ready),
  freeSpoolSecurity: (entry) => freeSpoolSecurity(session(), entry)
})
