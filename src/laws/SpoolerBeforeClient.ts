/** [S6] The spooler gets the entry id of a store between the Logon of an open and the return to its client. */
import { isFailure } from "../CallLog.ts"
import * as Example from "./Example.ts"
import * as Law from "./Law.ts"

/** The opens that have the store from their Logon, and have neither handed it to their client nor given it back. */
type State = ReadonlyArray<number> | "told"

const pair = ["IMSLogon#1", "IMsgStore#1"]
const logon: Example.Call = { call: "IMSProvider::Logon", object: "IMSProvider#1", returned: pair }
const give: Example.Call = { call: "give entry id", object: "Ticket#1", passed: ["IMsgStore#1"] }
const open = (...inside: ReadonlyArray<Example.Call>): Example.Call => ({
  call: "IMAPISession::OpenMsgStore",
  object: "IMAPISession#1",
  returned: ["IMsgStore#1"],
  inside
})

export const SpoolerBeforeClient = Law.make<State>(
  {
    name: "SpoolerBeforeClient",
    sentence:
      "MAPI gives the message store's entry identifier to the MAPI spooler once Logon has returned the store, and before it returns IMsgStore to the client.",
    source: "the page, steps 5 to 7; R6",
    good: Example.log(open(logon, give)),
    bad: Example.log(open(logon), give)
  },
  {
    of: "logon",
    needs: ["IMAPISession::OpenMsgStore", "IMSProvider::Logon", "give entry id", "nesting"],
    initial: [],
    change: (state, event) => {
      const { call, callId, phase, result, within } = event
      if (state === "told") return state
      if (Law.is(event, "call", "give entry id")) {
        if (within === null ? state.length > 0 : state.includes(within)) return "told"
        const expected =
          "the spooler to be told (6) after the Logon of an open (5) and before the client has its store (7)"
        return Law.breach(event, expected)
      }
      if (phase === "call") return state
      if (call === "IMAPISession::OpenMsgStore") return state.filter((open) => open !== callId)
      if (call === "IMsgStore::Release") return state.filter((open) => open !== within)
      const isOpened = call === "IMSProvider::Logon" && within !== null && !isFailure(result)
      return isOpened ? [...state, within] : state
    },
    end: () => undefined
  }
)
