/**
 * IMAPISession: what a client logs on to, and opens message stores with.
 *
 * The service is a *session pointer*: several clients may share a session, each with flags and a last error of its own. The
 * session ends with the scope that made it, in the order of `UnloadSequence`; it never outlives its layer.
 */
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import type * as Scope from "effect/Scope"
import * as CallLog from "./CallLog.ts"
import type * as Flags from "./Flags.ts"
import * as Live from "./internal/live.ts"
import type { Pointer, Session } from "./internal/session.ts"
import * as LoadSequence from "./LoadSequence.ts"
import * as Profile from "./Profile.ts"
import { ProviderRegistry } from "./ProviderRegistry.ts"
import { Spooler } from "./Spooler.ts"
import type { MsgStore } from "./StoreHandle.ts"
import type { LogonUi, MapiErrorInfo } from "./StoreProvider.ts"
import { SupportObject } from "./SupportObject.ts"
import * as UnloadSequence from "./UnloadSequence.ts"

/** What a client says when it logs on: MAPILogonEx. */
export interface LogonOptions {
  readonly flags?: ReadonlyArray<Flags.Session>
  /** The client's name in the call log, and in the counts. */
  readonly client?: string
  /** The dialogs that a provider may show. None, where it is not said. */
  readonly ui?: LogonUi
}

/** What the session itself is made with. */
export interface SessionOptions extends LogonOptions {
  /** The profile sections it starts with; an empty profile of its own, where it is not said. */
  readonly profile?: Profile.Profile
}

/** A client's pointer to a session. */
export interface IMAPISession {
  /** The session's id in the call log. */
  readonly id: string
  /**
   * Opens a message store: steps 1 to 7 of the seed, and by way of the spooler 8 and 9. The store is released with the
   * scope; a wrong password is `FailOneProvider`, after which the same session may try again.
   */
  readonly openMsgStore: (
    request: LoadSequence.OpenRequest
  ) => Effect.Effect<MsgStore, LoadSequence.OpenMsgStoreError, Scope.Scope>
  /** GetLastError: what the last warning to this pointer had to say. [R10] */
  readonly getLastError: Effect.Effect<Option.Option<MapiErrorInfo>>
  /** Where passwords are put for the next Logon. [R16] */
  readonly profile: Profile.Profile
  /** Another client's pointer to this session. [R6] */
  readonly share: (options?: LogonOptions) => Effect.Effect<IMAPISession>
  /** Waits until no SpoolerLogon of this session is due or under way. */
  readonly spoolerIdle: Effect.Effect<void>
  /** IMAPISession::Logoff, ahead of the end of the scope. [R8] */
  readonly logoff: Effect.Effect<void>
}

/** The session of a program. */
export class MapiSession extends Context.Service<MapiSession, IMAPISession>()("effect-mapi/MapiSession") {
  /** A session whose every part is provided by the caller. */
  static readonly layerNoDeps: Layer.Layer<MapiSession, never, ProviderRegistry | SupportObject | Spooler> =
    Layer.effect(
      MapiSession,
      Effect.suspend(() => make())
    )

  /** A session without flags, with MAPI's own support objects and spooler: only the providers are for the caller to say. */
  static readonly layer: Layer.Layer<MapiSession, never, ProviderRegistry> = MapiSession.layerWith()

  /** The same, logged on with these options. */
  static layerWith(options?: SessionOptions): Layer.Layer<MapiSession, never, ProviderRegistry> {
    const session = Layer.effect(
      MapiSession,
      Effect.suspend(() => make(options))
    )
    return Layer.provide(session, [SupportObject.layer, Spooler.layer])
  }
}

/** A session that ends with the scope: for a program with two of them, since one tag cannot hold both. */
export const make = Effect.fn("MapiSession.make")(function* (
  options: SessionOptions = {}
): Effect.fn.Return<IMAPISession, never, ProviderRegistry | SupportObject | Spooler | Scope.Scope> {
  const recorder = yield* CallLog.CallLog
  const session: Session = {
    id: recorder.name("IMAPISession"),
    live: Live.make(),
    profile: options.profile ?? (yield* Profile.make()),
    registry: yield* ProviderRegistry,
    supports: yield* SupportObject,
    spooler: yield* Spooler,
    recorder,
    over: Deferred.makeUnsafe(),
    unload: UnloadSequence.handedDown(() => session)
  }
  const first = yield* makePointer(session, options)
  // A Logoff under way in another fiber is waited for: what the session was built on may go next.
  yield* Effect.addFinalizer(() => Effect.andThen(first.logoff, Deferred.await(session.over)))
  return first
})

/** Who else holds references: no client goes by these names, since counts are kept by holder. [R7] */
const parties: ReadonlySet<string> = new Set(["MAPI", "provider", "spooler"])

const makePointer = Effect.fnUntraced(function* (
  session: Session,
  { client: name = "client", flags = [], ui }: LogonOptions
): Effect.fn.Return<IMAPISession> {
  const client = parties.has(name) ? `client ${name}` : name
  const lastError = yield* Ref.make<MapiErrorInfo | null>(null)
  const pointer: Pointer = { session, client, flags, ui: ui ?? null, lastError }
  return {
    id: session.id,
    openMsgStore: (request) => LoadSequence.openMsgStore(pointer, request),
    getLastError: Effect.map(Ref.get(lastError), Option.fromNullishOr),
    profile: session.profile,
    share: (options = {}) => makePointer(session, options),
    spoolerIdle: Effect.suspend(() =>
      Effect.forEach(
        Array.from(session.live.state.stores),
        ({ ticket }) => (ticket === null ? Effect.void : Deferred.await(ticket.settled)),
        { discard: true }
      )
    ),
    logoff: UnloadSequence.endSession(session, client)
  }
})

/** `openMsgStore` of the session in the context. */
export const openMsgStore = (
  request: LoadSequence.OpenRequest
): Effect.Effect<MsgStore, LoadSequence.OpenMsgStoreError, MapiSession | Scope.Scope> =>
  MapiSession.use((session) => session.openMsgStore(request))
