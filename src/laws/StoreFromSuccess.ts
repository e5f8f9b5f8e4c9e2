/** [S5] [S7] The client gets the store of a Logon that succeeded, and none of a Logon that failed. */
import { type Event, isFailure } from "../CallLog.ts"
import * as Example from "./Example.ts"
import * as Law from "./Law.ts"

interface State {
  /** What is wrong with a store for the client by now; null once the last Logon of the open has succeeded. */
  readonly missing: string | null
  /** What that Logon returned, but for its IMSLogon. */
  readonly stores: ReadonlyArray<string>
  readonly unshown: string | null
}

const answer = (state: State, { result, returned }: Event): State =>
  isFailure(result)
    ? { ...state, missing: `no store for the client from a Logon that failed: ${result}` }
    : { ...state, missing: null, stores: returned.filter((name) => !name.startsWith("IMSLogon#")) }

const tell = (state: State, event: Event): State | Law.Breach => {
  const { missing, stores } = state
  const { result, returned } = event
  if (isFailure(result)) {
    return returned.length > 0
      ? Law.breach(event, "no store for a client that is told of a failure")
      : { ...state, unshown: null }
  }
  if (missing !== null) return Law.breach(event, missing)
  if (stores.length === 0 && returned.length === 0) {
    return { ...state, unshown: "the log does not say which store an OpenMsgStore and its Logon return" }
  }
  if (returned.length === 1 && stores.includes(returned[0] ?? "")) return { ...state, unshown: null }
  return Law.breach(event, `the store that Logon returned, and it alone: ${stores.join(", ") || "it returned none"}`)
}

const open = (given: Partial<Example.Call>): Example.Call => ({
  call: "IMAPISession::OpenMsgStore",
  object: "IMAPISession#1",
  returned: ["IMsgStore#1"],
  inside: [{ call: "IMSProvider::Logon", object: "IMSProvider#1", ...given }]
})

export const StoreFromSuccess = Law.make<State>(
  {
    name: "StoreFromSuccess",
    sentence:
      "Logon returns an IMsgStore interface, and MAPI returns that one to the client; from a Logon that failed the client gets none.",
    source: "the page, steps 5 and 7",
    good: Example.log(open({ returned: ["IMSLogon#1", "IMsgStore#1"] }), open({ returned: ["IMsgStore#1"] })),
    bad: Example.log(open({ result: "MAPI_E_FAILONEPROVIDER" }))
  },
  {
    of: "OpenMsgStore",
    needs: ["IMAPISession::OpenMsgStore", "IMSProvider::Logon", "nesting"],
    initial: {
      missing: "no store for the client without a Logon of this open",
      stores: [],
      unshown: "an OpenMsgStore did not return"
    },
    change: (state, event, subject) => {
      const { call, callId, phase } = event
      if (subject === `call ${callId}`) return phase === "call" ? state : tell(state, event)
      if (call !== "IMSProvider::Logon") return state
      return phase === "return"
        ? answer(state, event)
        : { ...state, missing: "no store for the client before Logon has returned" }
    },
    end: ({ unshown }) => (unshown === null ? undefined : Law.notShown(unshown))
  }
)
