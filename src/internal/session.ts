/** What the sequences share: one session, and the pointers that clients hold to it. Inside the package only. */
import type * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Ref from "effect/Ref"
import * as Result from "effect/Result"
import * as CallLog from "../CallLog.ts"
import type * as Flags from "../Flags.ts"
import { at, InvalidObject, type MapiError, ProviderDisabled, type Step } from "../MapiError.ts"
import type { Profile } from "../Profile.ts"
import type { ProviderRegistry } from "../ProviderRegistry.ts"
import * as SessionState from "../SessionState.ts"
import type { Spooler } from "../Spooler.ts"
import type { LogonUi, MapiErrorInfo } from "../StoreProvider.ts"
import type { Support, SupportObject } from "../SupportObject.ts"
import type { Asked } from "./ask.ts"
import type { Live } from "./live.ts"

/** A session of MAPI: what MAPILogonEx made, shared by its pointers. */
export interface Session {
  readonly id: string
  readonly live: Live
  readonly profile: Profile
  readonly registry: ProviderRegistry["Service"]
  readonly supports: SupportObject["Service"]
  readonly spooler: Spooler["Service"]
  readonly recorder: CallLog.Recorder
  readonly unload: Unload
  /** Done once IMAPISession::Logoff has returned. [R8] */
  readonly over: Deferred.Deferred<void>
}

/** What the load sequence needs of the unload sequence: handed down, since it stands above it. */
export interface Unload {
  /** Transports and spooler let go of the store of this support object. [R7] */
  readonly storeLogoffTransports: (
    support: Support,
    flag: Flags.Logoff
  ) => Effect.Effect<ReadonlyArray<Flags.LogoffOutcome>>
  /** Inside the support object's last Release. [R7] */
  readonly supportReleased: (support: Support) => Effect.Effect<void>
  /** Logoff and Release of a logon that came too late, or that the session's end finds open. [R8] */
  readonly logoff: (entry: SessionState.OpenStore) => Effect.Effect<void>
  /** Runs a Release into a provider: Shutdown waits for it. [R7] */
  readonly releasing: <A>(dll: string, release: Effect.Effect<A>) => Effect.Effect<A>
  /** A lease ends; the last one after the session's end shuts the provider down. */
  readonly leave: (dll: string) => Effect.Effect<void>
  /** Shutdown, Release, and the DLL's use ends. */
  readonly shutdown: (ready: SessionState.Ready) => Effect.Effect<void>
  /** The spooler will not log on: the id is withdrawn, and its blob freed. [R7] [R14] */
  readonly withdraw: (entry: SessionState.OpenStore) => Effect.Effect<void>
  /** MAPI frees the blob that the spooler was to get. [R14] */
  readonly freeSpoolSecurity: (entry: SessionState.OpenStore) => Effect.Effect<void>
}

/** What one caller of MAPILogonEx holds: several may share a session. [R6] [R10] */
export interface Pointer {
  readonly session: Session
  readonly client: string
  readonly flags: ReadonlyArray<Flags.Session>
  readonly ui: LogonUi | null
  readonly lastError: Ref.Ref<MapiErrorInfo | null>
}

/** A transition, as a step of its own. */
export const transit = <A>({ live }: Session, transition: SessionState.Transition<A>): Effect.Effect<A> =>
  Effect.sync(() => live.transit(transition))

/** Runs an effect as part of a session, so that what it does is recorded there. */
export const inSession =
  (session: Session) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.flatMap(CallLog.Frame, ({ within }) =>
      self.pipe(
        Effect.provideService(CallLog.CallLog, session.recorder),
        Effect.provideService(CallLog.Frame, { session: session.id, within })
      )
    )

/** What is wrong with the request itself. */
export const inStep1 = <A, E extends MapiError>(result: Result.Result<A, E>): Effect.Effect<A, E> =>
  Effect.fromResult(Result.mapError(result, (error) => at(error, 1)))

/** How a question to a provider is told. */
export const asked = (session: Session, call: string, subject: string, step: Step | null): Asked => ({
  call,
  subject,
  step,
  scrub: session.profile.scrub
})

/** The error of a session that has logged off. [R8] */
export const loggedOff = (session: Session, step: Step): InvalidObject =>
  new InvalidObject({ subject: session.id, detail: "the session has logged off", step })

/** The error of a provider that must not be called any more. [R4] */
export const disabled = (dllFileName: string, step: Step): ProviderDisabled =>
  new ProviderDisabled({ subject: dllFileName, detail: "an earlier logon failed for good in this session", step })

/** What `standing` says, as an error where it forbids the step. */
const refusal = (
  session: Session,
  dllFileName: string,
  standing: ReturnType<typeof SessionState.standing>,
  step: Step
): InvalidObject | ProviderDisabled | undefined => {
  if (standing === "ended") return loggedOff(session, step)
  return standing === "disabled" ? disabled(dllFileName, step) : undefined
}

/** Fails where `standing` forbids the step. */
export const permitted = (
  ...asked: Parameters<typeof refusal>
): Effect.Effect<void, InvalidObject | ProviderDisabled> => {
  const no = refusal(...asked)
  return no === undefined ? Effect.void : Effect.fail(no)
}

/** May the provider be asked anything new, now? */
export const mayAsk = (session: Session, dll: string, dllFileName: string, step: Step) =>
  Effect.suspend(() => permitted(session, dllFileName, SessionState.standing(session.live.state, dll), step))

/** The same, as a call is recorded: between the two nobody can disable the provider. [R4] */
export const refuse = (session: Session, dll: string, dllFileName: string, step: Step) => () =>
  refusal(session, dllFileName, SessionState.standing(session.live.state, dll), step)
