/** [S1] to [S9] The number of each event is that of the page. */
import { type Event, isFailure } from "../CallLog.ts"
import * as Example from "./Example.ts"
import * as Law from "./Law.ts"

/**
 * What the page numbers: a call, its return, and its return with a failure, which is still of the step that failed; but
 * then no store is returned to the client.
 */
const numbers = new Map<string, readonly [call: number, success: number, failure: number | null]>([
  ["IMAPISession::OpenMsgStore", [1, 7, null]],
  ["LoadLibrary", [2, 2, 2]],
  ["MSProviderInit", [2, 3, 3]],
  ["IMSProvider::Logon", [4, 5, 4]],
  ["give entry id", [6, 6, 6]],
  ["IMSProvider::SpoolerLogon", [8, 9, 8]]
])

/** Which half of a call an event is; null where the page has no number for the call. */
const halfOf = ({ call, phase, result }: Event) => {
  const its = numbers.get(call)
  if (its === undefined) return null
  const [number, success, failure] = its
  if (phase === "call") return { number, name: `the call of ${call}` }
  return isFailure(result)
    ? { number: failure, name: `the failed return of ${call}` }
    : { number: success, name: `the return of ${call}` }
}

/** Every number was told. */
type State = boolean

const logon: Example.Call = { call: "IMSProvider::Logon", object: "IMSProvider#1" }
const open: Example.Call = {
  call: "IMAPISession::OpenMsgStore",
  object: "IMAPISession#1",
  returned: ["IMsgStore#1"],
  inside: [{ ...logon, returned: ["IMSLogon#1", "IMsgStore#1"] }]
}

export const StepNumbers = Law.make<State>(
  {
    name: "StepNumbers",
    sentence:
      "Of the nine steps, OpenMsgStore is 1 and its return 7, MSProviderInit 2 and 3, Logon 4 and 5, giving the entry identifier to the spooler 6, SpoolerLogon 8 and 9; a call that fails does not reach the step that its return would be.",
    source: "the page, steps 1 to 9",
    good: Example.log(open, { ...logon, call: "IMSProvider::SpoolerLogon" }),
    bad: Example.log(logon).map((event): Event => (event.phase === "call" ? event : { ...event, step: 9 }))
  },
  {
    of: "call",
    needs: [],
    initial: true,
    change: (state, event, subject) => {
      const half = subject === `call ${event.callId}` ? halfOf(event) : null
      if (half === null) return state
      if (event.step === null) return state && half.number === null
      if (event.step === half.number) return state
      return Law.breach(event, `${half.number === null ? "no step" : `step ${half.number}`}, for ${half.name}`)
    },
    end: (state) => (state ? undefined : Law.notShown("a call does not say which step it is"))
  }
)
