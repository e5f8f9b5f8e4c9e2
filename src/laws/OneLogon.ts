/** [S4] One Logon in one open; one more, with a support object of its own, where the provider was not configured. [R4] */
import type { Event } from "../CallLog.ts"
import * as Example from "./Example.ts"
import * as Law from "./Law.ts"

interface State {
  /** Where the first Logon stands; over, once no other may come. */
  readonly first: "absent" | "inside" | "unconfigured" | "over"
  /** The support object that it was given. */
  readonly given: ReadonlyArray<string>
  readonly unshown: string | null
  readonly returned: boolean
}

const supports = ({ passed = [] }: Event): ReadonlyArray<string> =>
  passed.filter((it) => it.startsWith("IMAPISupport#"))

/** The second Logon. */
const again = (state: State, event: Event): State | Law.Breach => {
  const given = supports(event)
  const same = given.find((it) => state.given.includes(it))
  if (same !== undefined) return Law.breach(event, `a fresh support object for the second Logon, not ${same} again`)
  const isShown = given.length > 0 && state.given.length > 0
  return { ...state, first: "over", unshown: isShown ? null : "a Logon does not say which support object it was given" }
}

const open = (...inside: ReadonlyArray<Example.Call>): Example.Call => ({
  call: "IMAPISession::OpenMsgStore",
  object: "IMAPISession#1",
  returned: ["IMsgStore#1"],
  inside
})
const logon = (support: string, result?: string): Example.Call => ({
  call: "IMSProvider::Logon",
  object: "IMSProvider#1",
  passed: [support],
  ...(result === undefined ? { returned: ["IMSLogon#1", "IMsgStore#1"] } : { result })
})
const configure: Example.Call = { call: "MSG_SERVICE_CONFIGURE" }

export const OneLogon = Law.make<State>(
  {
    name: "OneLogon",
    sentence:
      "An open calls Logon once; only if that returns MAPI_E_UNCONFIGURED, and the provider has been configured, is it called once more, with a fresh support object.",
    source: "the page, step 4; IMSProvider::Logon; R4",
    good: Example.log(open(logon("IMAPISupport#1", "MAPI_E_UNCONFIGURED"), configure, logon("IMAPISupport#2"))),
    bad: Example.log(open(logon("IMAPISupport#1", "MAPI_E_FAILONEPROVIDER"), logon("IMAPISupport#2")))
  },
  {
    of: "OpenMsgStore",
    needs: ["IMAPISession::OpenMsgStore", "IMSProvider::Logon", "nesting"],
    initial: { first: "absent", given: [], unshown: null, returned: false },
    change: (state, event, subject) => {
      if (subject === `call ${event.callId}`) return { ...state, returned: event.phase === "return" }
      if (event.call !== "IMSProvider::Logon") return state
      const { first } = state
      if (event.phase === "return") {
        return {
          ...state,
          first: first === "inside" && event.result === "MAPI_E_UNCONFIGURED" ? "unconfigured" : "over"
        }
      }
      if (first === "absent") return { ...state, first: "inside", given: supports(event) }
      if (first === "unconfigured") return again(state, event)
      return Law.breach(
        event,
        "no other Logon in this open: one more only after a first that returned MAPI_E_UNCONFIGURED"
      )
    },
    end: ({ returned, unshown }) => {
      if (unshown !== null) return Law.notShown(unshown)
      return returned ? undefined : Law.notShown("an OpenMsgStore did not return")
    }
  }
)
