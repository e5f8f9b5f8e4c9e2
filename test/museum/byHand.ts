/**
 * A session of which every part can be another: the real sequences over a session put together here, so that an exhibit can
 * compose their steps in its own way, or end a session otherwise. Nothing here is wrong by itself.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import type * as Scope from "effect/Scope"
import {
  CallLog,
  EntryId,
  LoadSequence,
  MapiSession,
  type MsgStore,
  type SessionState,
  UnloadSequence
} from "../../src/index.ts"
import * as Internal from "../../src/internal/session.ts"
import { makePointer } from "../support/session.ts"

/** How a client's open goes. */
export type Open = (
  pointer: Internal.Pointer,
  request: LoadSequence.OpenRequest
) => Effect.Effect<MsgStore.MsgStore, LoadSequence.OpenMsgStoreError, Scope.Scope>

export interface Sequences {
  readonly open?: Open
  /** How the session ends. */
  readonly end?: (session: Internal.Session, client: string) => Effect.Effect<void>
}

/** A session with these sequences in the place of its own. */
export const layer = ({ end = UnloadSequence.endSession, open = LoadSequence.openMsgStore }: Sequences) =>
  Layer.effect(
    MapiSession.MapiSession,
    Effect.gen(function* () {
      const pointer = yield* makePointer
      const { client, lastError, session } = pointer
      const logoff = end(session, client)
      yield* Effect.addFinalizer(() => logoff)
      const self: MapiSession.IMAPISession = {
        id: session.id,
        openMsgStore: (request) => open(pointer, request),
        getLastError: Effect.map(Ref.get(lastError), Option.fromNullishOr),
        profile: session.profile,
        share: () => Effect.succeed(self),
        spoolerIdle: Effect.void,
        logoff
      }
      return self
    })
  )

// Boundary: only the steps make these; whoever composes them otherwise says so here.
const initialised = (requested: LoadSequence.Requested, ready: SessionState.Ready): LoadSequence.Initialised =>
  ({ requested, ready }) as LoadSequence.Initialised
const told = (loggedOn: LoadSequence.LoggedOn): LoadSequence.Told => ({ loggedOn }) as LoadSequence.Told

type Step<A, B, E = never> = (given: A) => Effect.Effect<B, E>

/** The middle steps, each of which can be another. The order is the page's. */
export interface Steps {
  readonly obtain?: Step<LoadSequence.Requested, SessionState.Ready, LoadSequence.OpenMsgStoreError>
  readonly tell?: Step<LoadSequence.LoggedOn, unknown>
  /** After all of them, within the open. */
  readonly last?: (ready: SessionState.Ready) => Effect.Effect<void>
}

/** Steps 1 to 7, with these in the place of their own; for opens that nobody interrupts. */
export const composed =
  ({ last = () => Effect.void, obtain = obtained, tell = LoadSequence.tellSpooler }: Steps): Open =>
  (pointer, request) => {
    const { entryId, flags = [], iid = "IID_IMsgStore" } = request
    const about = { call: "IMAPISession::OpenMsgStore", from: pointer.client, to: "MAPI", object: pointer.session.id }
    const asked = { logonFlags: pointer.flags, flags, iid, entryId: EntryId.toHex(entryId) }
    const steps = Effect.gen(function* () {
      const requested = yield* LoadSequence.requestOpen(pointer, request, (self) => self)
      const ready = yield* obtain(requested)
      const answered = yield* LoadSequence.logon(initialised(requested, ready))
      const loggedOn = yield* LoadSequence.adopt(answered)
      yield* tell(loggedOn)
      const store = yield* LoadSequence.giveToClient(told(loggedOn))
      yield* last(ready)
      return store
    })
    return CallLog.call({ ...about, ...asked, step: 1, returnStep: 7, failStep: null }, Effect.uninterruptible(steps), {
      answer: (store) => ({ returned: [store.id] })
    }).pipe(Internal.inSession(pointer.session))
  }

/** Step 3 as it is: the provider that the session has, or a new one. */
export const obtained = (requested: LoadSequence.Requested) =>
  Effect.map(LoadSequence.obtainProvider(requested), ({ ready }) => ready)
