/** [S2] [S4] [S6] [S7] Within one open, the steps come in the order of the page. */
import { type Event, isFailure } from "../CallLog.ts"
import * as Example from "./Example.ts"
import * as Law from "./Law.ts"

const steps = ["MSProviderInit", "IMSProvider::Logon", "give entry id"]
const told = ["MSProviderInit (2, 3)", "Logon (4, 5)", "giving the entry id to the spooler (6)"]
const LOGON = 1
const GIVING = 2
const HANDING = 3

interface State {
  /** The last of the steps that was begun: its place in `steps`, after which comes the return to the client. */
  readonly at: number
  /** It has not returned. */
  readonly inside: boolean
  readonly failed: boolean
  readonly returned: boolean
}

/** A step may come again, as a second Logon may, but not after a later one. */
const begin = (state: State, event: Event, step: number): State | Law.Breach => {
  const last = told[state.at] ?? "returning the store (7)"
  const what = told[step] ?? "returning the store (7)"
  if (step < state.at) return Law.breach(event, `${what} before ${last}, and not after it`)
  if (step > state.at && state.inside) return Law.breach(event, `${last} to return before ${what}`)
  if (step === LOGON && state.at < LOGON && state.failed) {
    return Law.breach(event, "no Logon (4) after an MSProviderInit that failed (3)")
  }
  if (step === GIVING && (state.at < LOGON || state.failed)) {
    return Law.breach(event, `${what} only after a Logon of this open that succeeded (5)`)
  }
  return { ...state, at: step, inside: true }
}

const init = (dll: string, object: string): Example.Call => ({ call: "MSProviderInit", dll, returned: [object] })
const logon: Example.Call = {
  call: "IMSProvider::Logon",
  object: "IMSProvider#1",
  returned: ["IMSLogon#1", "IMsgStore#1"]
}
const open = (...inside: ReadonlyArray<Example.Call>): Example.Call => ({
  call: "IMAPISession::OpenMsgStore",
  object: "IMAPISession#1",
  returned: ["IMsgStore#1"],
  inside
})

export const PageOrder = Law.make<State>(
  {
    name: "PageOrder",
    sentence:
      "Between OpenMsgStore and its return, MAPI calls MSProviderInit, then Logon, then gives the entry identifier to the spooler, and then returns IMsgStore to the client; each begins once the one before it has returned what it needs.",
    source: "the page, steps 1 to 7",
    good: Example.log(open(init("DEMO.DLL", "IMSProvider#1"), logon, { call: "give entry id", object: "Ticket#1" })),
    bad: Example.log(open(init("DEMO.DLL", "IMSProvider#1"), logon, init("OTHER.DLL", "IMSProvider#2")))
  },
  {
    of: "OpenMsgStore",
    needs: ["IMAPISession::OpenMsgStore", "MSProviderInit", "IMSProvider::Logon", "give entry id", "nesting"],
    initial: { at: -1, inside: false, failed: false, returned: false },
    change: (state, event, subject) => {
      if (subject === `call ${event.callId}`) {
        if (event.phase === "call") return state
        const next = { ...state, returned: true }
        return isFailure(event.result) ? next : begin(next, event, HANDING)
      }
      const step = steps.indexOf(event.call)
      if (step < 0) return state
      if (event.phase === "call") return begin(state, event, step)
      return { ...state, inside: false, failed: isFailure(event.result) }
    },
    end: ({ returned }) => (returned ? undefined : Law.notShown("an OpenMsgStore did not return"))
  }
)
