/** [R7] The provider logs a store's transports off once, before it lets go of its support object. [R17] */
import { type Event, isFailure } from "../CallLog.ts"
import * as Closing from "./Closing.ts"
import * as Example from "./Example.ts"
import * as Law from "./Law.ts"

interface State {
  readonly support: string | null
  /** The provider's references on it. */
  readonly kept: number
  /** Logon has returned with success, and the provider keeps its support object: a store is open. */
  readonly isOpen: boolean
  readonly loggedOff: boolean
  readonly untoldFlags: boolean
}

const loggedOff = (state: State, event: Event): State | Law.Breach => {
  if (state.loggedOff) {
    return Law.breach(event, "StoreLogoffTransports once for each open store; it has been called already")
  }
  if (event.flags !== undefined && event.flags.length !== 1) {
    return Law.breach(event, "exactly one flag: that of the last StoreLogoff, or LOGOFF_ABORT")
  }
  return { ...state, loggedOff: true, untoldFlags: event.flags === undefined }
}

const released = (state: State, event: Event): State | Law.Breach => {
  const kept = state.kept - 1
  return state.isOpen && kept === 0 && !state.loggedOff
    ? Law.breach(event, "StoreLogoffTransports, once, before the provider releases its support object")
    : { ...state, kept }
}

export const TransportsOnce = Law.make<State>(
  {
    name: "TransportsOnce",
    sentence:
      "When a store closes, its provider calls IMAPISupport::StoreLogoffTransports, exactly once and with one flag, before it releases its support object.",
    source: "IMAPISupport::StoreLogoffTransports; Shutting down a message store provider; R7 and R17",
    good: Example.log(Closing.logon, Closing.transports, Closing.lastRelease()),
    bad: Example.log(Closing.logon, Closing.lastRelease())
  },
  {
    of: "logon",
    needs: ["IMAPISupport::StoreLogoffTransports", "IMAPISupport::AddRef", "IMAPISupport::Release"],
    initial: { support: null, kept: 0, isOpen: false, loggedOff: false, untoldFlags: false },
    change: (state, event, subject) => {
      if (Closing.isOwn(event, subject)) {
        if (event.phase === "call") return { ...state, support: Closing.supportOf(event) }
        return { ...state, isOpen: event.call === "IMSProvider::Logon" && !isFailure(event.result) && state.kept > 0 }
      }
      if (event.phase === "return" || event.object !== state.support) return state
      if (event.call === "IMAPISupport::StoreLogoffTransports") return loggedOff(state, event)
      if (event.from !== "provider") return state
      if (event.call === "IMAPISupport::AddRef") return { ...state, kept: state.kept + 1 }
      return event.call === "IMAPISupport::Release" ? released(state, event) : state
    },
    end: ({ isOpen, loggedOff, support, untoldFlags }) => {
      if (support === null) return Law.notShown(Closing.untold)
      if (untoldFlags) return Law.notShown("a StoreLogoffTransports does not say its flags")
      return isOpen && !loggedOff ? Law.notShown("the log does not show the close of a store") : undefined
    }
  }
)
