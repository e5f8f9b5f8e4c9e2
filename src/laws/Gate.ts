/** [S6] The spooler is told of a store if its client set neither of the two flags, and once. */
import { type Event, isFailure } from "../CallLog.ts"
import * as Example from "./Example.ts"
import * as Law from "./Law.ts"

interface State {
  /** The Logon that makes the store; of one that fails, nothing is owed. */
  readonly logon: "inside" | "failed" | "succeeded"
  readonly told: boolean
  /** The open within which the spooler was told. */
  readonly toldIn: number | null
  /** Has another Logon answered with the store? Then the spooler may have been told for its client. */
  readonly repeated: boolean
  /** The return to a client that wants the spooler told. A repeat's may come before the Logon that makes the store. */
  readonly owed: Event | null
  /** The session has ended: the spooler is told of nothing more. */
  readonly over: boolean
  readonly unshown: string | null
  /** Does the log say what a call was given? Else it does not say of which store the spooler is told. */
  readonly saysPassed: boolean
}

const initial: State = {
  logon: "inside",
  told: false,
  toldIn: null,
  repeated: false,
  owed: null,
  over: false,
  unshown: null,
  saysPassed: false
}

/** The flag that keeps the spooler out; null is none. Undefined where the log does not say. */
const noMail = ({ flags, logonFlags }: Event): string | null | undefined => {
  if (logonFlags?.includes("MAPI_NO_MAIL") === true) return "MAPI_NO_MAIL"
  if (flags?.includes("MDB_NO_MAIL") === true) return "MDB_NO_MAIL"
  return flags === undefined || logonFlags === undefined ? undefined : null
}

const unflagged = "the log does not say with which flags a store was opened, and its client logged on"

const shut = (flag: string): string => `the spooler not to be told: the client has set ${flag}`

const give = (state: State, event: Event): State | Law.Breach => {
  const flag = noMail(event)
  if (state.told) return Law.breach(event, "the spooler to be told once per open store; it was told already")
  if (typeof flag === "string") return Law.breach(event, shut(flag))
  return {
    ...state,
    told: true,
    toldIn: event.within,
    owed: null,
    unshown: state.unshown ?? (flag === undefined ? unflagged : null)
  }
}

const handedOut = (state: State, event: Event): State | Law.Breach => {
  const set = noMail(event)
  const isItsOwn = state.toldIn === event.callId && !state.repeated
  if (isItsOwn && typeof set === "string") return Law.breach(event, shut(set))
  if (state.told || state.over || state.logon === "failed" || isFailure(event.result)) return state
  const flag = noMail(event)
  if (flag === undefined) return { ...state, unshown: unflagged }
  return flag === null ? { ...state, owed: state.owed ?? event } : state
}

/** The store closes, and the spooler has not been told. */
const due = ({ owed, saysPassed }: State, how: Law.Ending): Law.Breach | Law.NotShown | undefined => {
  if (owed === null) return undefined
  if (!saysPassed) return Law.notShown("the log does not say of which store the spooler is told")
  return Law.owed(how, owed, "the spooler to be told of the store: neither MAPI_NO_MAIL nor MDB_NO_MAIL is set")
}

const open = (flags: ReadonlyArray<string>): Example.Call => ({
  call: "IMAPISession::OpenMsgStore",
  object: "IMAPISession#1",
  flags,
  logonFlags: [],
  inside: [
    { call: "IMSProvider::Logon", object: "IMSProvider#1", flags, returned: ["IMSLogon#1", "IMsgStore#1"] },
    { call: "give entry id", object: "Ticket#1", passed: ["IMsgStore#1"], flags, logonFlags: [] }
  ],
  returned: ["IMsgStore#1"]
})

export const Gate = Law.make<State>(
  {
    name: "Gate",
    sentence:
      "If the client set neither MAPI_NO_MAIL when it logged on nor MDB_NO_MAIL in step 1, MAPI gives the message store's entry identifier to the MAPI spooler; once for each open store.",
    source: "the page, step 6; R6",
    good: Example.log(open([])),
    bad: Example.log(open(["MDB_NO_MAIL"]))
  },
  {
    of: "logon",
    needs: ["IMAPISession::OpenMsgStore", "IMSProvider::Logon", "give entry id"],
    initial,
    change: (state, event, subject) => {
      const { call, callId, passed, phase, result } = event
      if (call === "IMSProvider::Logon" && subject === `logon ${callId}`) {
        if (phase === "call") return { ...state, saysPassed: passed !== undefined }
        return isFailure(result) ? { ...state, logon: "failed", owed: null } : { ...state, logon: "succeeded" }
      }
      if (Law.is(event, "return", "IMSProvider::Logon") && !isFailure(result)) return { ...state, repeated: true }
      if (Law.is(event, "call", "give entry id")) return give(state, event)
      if (Law.is(event, "return", "IMAPISession::OpenMsgStore")) return handedOut(state, event)
      if (Law.is(event, "call", "IMAPISession::Logoff")) {
        const late = state.owed !== null && state.logon === "succeeded"
        const unshown = late ? "a session ended before the spooler was told of a store" : state.unshown
        return { ...state, over: true, owed: null, unshown }
      }
      if (Law.is(event, "call", "IMAPISupport::StoreLogoffTransports") && state.logon === "succeeded") {
        const found = due(state, "over")
        return found?._tag === "Breach" ? found : state
      }
      return state
    },
    end: (state, how) => (state.unshown === null ? due(state, how) : Law.notShown(state.unshown))
  }
)
