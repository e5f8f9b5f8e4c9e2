/** [S4] A message service whose provider is not configured is asked once to configure it, before Logon is called again. [R4] */
import { type Event, isFailure } from "../CallLog.ts"
import * as Example from "./Example.ts"
import * as Law from "./Law.ts"

interface State {
  readonly at: "start" | "unconfigured" | "configuring" | "configured" | "failed" | "over"
  readonly returned: boolean
}

/** Why Logon may not be called once more after all: nobody waits for it, or it is forbidden. */
const isExcused = ({ error, result }: Event): boolean =>
  result === "interrupted" ||
  result === "MAPI_E_INVALID_OBJECT" ||
  (result === "MAPI_E_CALL_FAILED" && (error ?? "ProviderDisabled") === "ProviderDisabled")

const logon = (state: State, event: Event): State | Law.Breach => {
  const { at } = state
  if (event.phase === "return") {
    return at === "start" && event.result === "MAPI_E_UNCONFIGURED" ? { ...state, at: "unconfigured" } : state
  }
  if (at === "start" || at === "over") return state
  if (at === "configured") return { ...state, at: "over" }
  return Law.breach(event, "MSG_SERVICE_CONFIGURE to have succeeded before Logon is called once more")
}

const configure = (state: State, event: Event): State | Law.Breach => {
  if (event.phase === "return") return { ...state, at: isFailure(event.result) ? "failed" : "configured" }
  return state.at === "unconfigured"
    ? { ...state, at: "configuring" }
    : Law.breach(event, "MSG_SERVICE_CONFIGURE once, and only after a Logon that returned MAPI_E_UNCONFIGURED")
}

const opened = (state: State, event: Event): State | Law.Breach => {
  if (event.phase === "call") return state
  return state.at === "configured" && !isExcused(event)
    ? Law.breach(event, "Logon to be called once more, since MSG_SERVICE_CONFIGURE has succeeded")
    : { ...state, returned: true }
}

const open = (...inside: ReadonlyArray<Example.Call>): Example.Call => ({
  call: "IMAPISession::OpenMsgStore",
  object: "IMAPISession#1",
  returned: ["IMsgStore#1"],
  inside
})
const unconfigured: Example.Call = {
  call: "IMSProvider::Logon",
  result: "MAPI_E_UNCONFIGURED",
  passed: ["IMAPISupport#1"]
}
const second: Example.Call = {
  call: "IMSProvider::Logon",
  passed: ["IMAPISupport#2"],
  returned: ["IMSLogon#1", "IMsgStore#1"]
}

export const ConfiguredOnce = Law.make<State>(
  {
    name: "ConfiguredOnce",
    sentence:
      "When Logon returns MAPI_E_UNCONFIGURED, MAPI calls the service's entry point with MSG_SERVICE_CONFIGURE, once, and then Logon once more; if that entry point fails, so does the open.",
    source: "IMSProvider::Logon; R4",
    good: Example.log(open(unconfigured, { call: "MSG_SERVICE_CONFIGURE" }, second)),
    bad: Example.log(open(unconfigured, second))
  },
  {
    of: "OpenMsgStore",
    needs: ["IMAPISession::OpenMsgStore", "IMSProvider::Logon", "MSG_SERVICE_CONFIGURE", "nesting"],
    initial: { at: "start", returned: false },
    change: (state, event, subject) => {
      if (subject === `call ${event.callId}`) return opened(state, event)
      if (event.call === "IMSProvider::Logon") return logon(state, event)
      return event.call === "MSG_SERVICE_CONFIGURE" ? configure(state, event) : state
    },
    end: ({ returned }) => (returned ? undefined : Law.notShown("an OpenMsgStore did not return"))
  }
)
