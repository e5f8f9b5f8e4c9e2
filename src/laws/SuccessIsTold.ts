/** [S7] A Logon that succeeded, with a warning too, is not told to the client as a failure. [R10] */
import { type Event, isFailure } from "../CallLog.ts"
import * as Example from "./Example.ts"
import * as Law from "./Law.ts"

interface State {
  /** The last Logon of the open has succeeded. */
  readonly succeeded: boolean
  /** IMAPISession::Logoff has been called. */
  readonly ended: boolean
  /** The client was told of a failure, and had nothing else to blame than its Logon. */
  readonly failure: Event | null
  readonly returned: boolean
}

/** A client that has gone, or whose session has, is told so whatever its Logon brings. [R8] [R12] */
const isExcused = ({ result }: Event, ended: boolean): boolean =>
  result === "interrupted" || (ended && result === "MAPI_E_INVALID_OBJECT")

const judged = (state: State): State | Law.Breach =>
  state.succeeded && state.failure !== null
    ? Law.breach(state.failure, "a success, since Logon succeeded; a warning is a success")
    : state

const open = (result: string, told = result): Example.Call => ({
  call: "IMAPISession::OpenMsgStore",
  object: "IMAPISession#1",
  result: told,
  ...(isFailure(told) ? {} : { returned: ["IMsgStore#1"] }),
  inside: [{ call: "IMSProvider::Logon", object: "IMSProvider#1", result, returned: ["IMSLogon#1", "IMsgStore#1"] }]
})

export const SuccessIsTold = Law.make<State>(
  {
    name: "SuccessIsTold",
    sentence:
      "When Logon returns IMSLogon and IMsgStore, with a warning such as MAPI_W_ERRORS_RETURNED too, OpenMsgStore succeeds.",
    source: "the page, step 7; Strategies for error handling; R8, R10",
    good: Example.log(open("MAPI_W_ERRORS_RETURNED")),
    bad: Example.log(open("MAPI_W_ERRORS_RETURNED", "MAPI_E_CALL_FAILED"))
  },
  {
    of: "OpenMsgStore",
    needs: ["IMAPISession::OpenMsgStore", "IMSProvider::Logon", "nesting"],
    initial: { succeeded: false, ended: false, failure: null, returned: false },
    change: (state, event, subject) => {
      const { call, callId, phase, result } = event
      if (subject === `call ${callId}`) {
        if (phase === "call") return state
        const blames = isFailure(result) && !isExcused(event, state.ended)
        return judged({ ...state, returned: true, failure: blames ? event : null })
      }
      if (call === "IMAPISession::Logoff") return { ...state, ended: true }
      return call === "IMSProvider::Logon"
        ? judged({ ...state, succeeded: phase === "return" && !isFailure(result) })
        : state
    },
    end: ({ returned }) => (returned ? undefined : Law.notShown("an OpenMsgStore did not return"))
  }
)
