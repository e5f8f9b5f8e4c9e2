/** [R8] No store outlives its session. [R9] */
import { type Event, isFailure } from "../CallLog.ts"
import * as Closing from "./Closing.ts"
import * as Example from "./Example.ts"
import * as Law from "./Law.ts"

interface State {
  readonly support: string | null
  /** The provider made the store for this Logon: a repeat returns another's. */
  readonly isMade: boolean
  /** The return of a Logon that succeeded. */
  readonly given: Event | null
  /** MAPI knows the pair: until then, the end of the session may overtake it. */
  readonly isKnown: boolean
  readonly hasClient: boolean
  readonly session: "logged on" | "ending" | "over"
  /** To be closed before IMAPISession::Logoff returns; what comes later than that is undone on its own. */
  readonly isDue: boolean
  readonly isLoggedOff: boolean
  /** Logoff failed: what the provider has not closed is in its own hands, and nothing is left that MAPI could call. [R8] */
  readonly hasFailed: boolean
  /** The last reference is gone: on the support object, or on the store, and the close is under way. */
  readonly isGone: boolean
}

const initial: State = {
  support: null,
  isMade: false,
  given: null,
  isKnown: false,
  hasClient: false,
  session: "logged on",
  isDue: false,
  isLoggedOff: false,
  hasFailed: false,
  isGone: false
}

const sessionEnds = (state: State, event: Event): State | Law.Breach => {
  if (event.phase === "call")
    return { ...state, session: "ending", isDue: state.isKnown && state.hasClient && state.support !== null }
  if (state.isDue && !state.isLoggedOff) {
    return Law.breach(event, "IMSLogon::Logoff to have been called for each open store before this returns")
  }
  if (state.isDue && !state.isGone && !state.hasFailed) {
    return Law.breach(event, `the last Release of ${state.support}, whose store is open, before this returns`)
  }
  return { ...state, session: "over" }
}

const own = (state: State, event: Event): State => {
  if (event.phase === "call") return { ...state, support: Closing.supportOf(event) }
  return event.call === "IMSProvider::Logon" && !isFailure(event.result) ? { ...state, given: event } : state
}

const step = (state: State, event: Event): State => {
  const { call, callId, from, object } = event
  const isGiven = state.given !== null
  if (Law.is(event, "return", "IMAPISession::OpenMsgStore") && !isFailure(event.result)) {
    return { ...state, hasClient: true, isKnown: state.isKnown || (isGiven && state.given.within === callId) }
  }
  if (call === "IMSLogon::Logoff") return { ...state, isLoggedOff: true, hasFailed: isFailure(event.result) }
  const isMade = state.isMade || object?.startsWith("IMsgStore#") === true
  const isDropped = call === "IMAPISupport::Release" && from === "MAPI"
  const isGone = Closing.isLastRelease(event, "IMAPISupport") || Closing.isLastRelease(event, "IMsgStore")
  return { ...state, isMade, isKnown: state.isKnown || (isGiven && isDropped), isGone: state.isGone || isGone }
}

const open: Example.Call = {
  call: "IMAPISession::OpenMsgStore",
  object: "IMAPISession#1",
  flags: [],
  logonFlags: ["MAPI_NO_MAIL"],
  inside: [Closing.logon],
  returned: ["IMsgStore#1"]
}
const close: Example.Call = { ...Closing.logoff, inside: [Closing.transports, Closing.lastRelease()] }
const end: Example.Call = { call: "IMAPISession::Logoff", object: "IMAPISession#1" }

export const StoreWithinSession = Law.make<State>(
  {
    name: "StoreWithinSession",
    sentence:
      "When a session logs off, MAPI calls IMSLogon::Logoff for each open store, and the provider closes it: no store outlives its session, unless its Logoff fails, and what a client still holds is good for nothing but Release.",
    source: "Shutting down a service provider; R8 and R9",
    good: Example.log(open, { ...end, inside: [close, Closing.logonRelease] }),
    bad: Example.log(open, end, close, Closing.logonRelease)
  },
  {
    of: "logon",
    needs: [
      "IMAPISession::OpenMsgStore",
      "IMAPISession::Logoff",
      "IMSProvider::Logon",
      "IMSLogon::Logoff",
      "IMAPISupport::Release",
      "counts",
      "new IMsgStore",
      "nesting"
    ],
    initial,
    change: (state, event, subject) => {
      if (event.call === "IMAPISession::Logoff") return sessionEnds(state, event)
      return Closing.isOwn(event, subject) ? own(state, event) : step(state, event)
    },
    use: ({ session }, event) =>
      session === "over" && event.phase === "call" && /^IMsgStore::(?!(AddRef|Release)$)/.test(event.call)
        ? Law.breach(event, "no call but AddRef and Release on a store whose session has logged off")
        : undefined,
    end: ({ given, isGone, isLoggedOff, isMade, support }, how) => {
      if (support === null) return Law.notShown(Closing.untold)
      if (given === null || !isMade || (isLoggedOff && isGone)) return undefined
      return Law.owed(how, given, `IMSLogon::Logoff, and the last Release of ${support}, in the end`)
    }
  }
)
