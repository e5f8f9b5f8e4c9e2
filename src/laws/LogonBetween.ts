/** [S4] A provider object is called between the MSProviderInit that returns it and its Shutdown, and at no other time. [R7] */
import { type Event, isFailure } from "../CallLog.ts"
import * as Example from "./Example.ts"
import * as Law from "./Law.ts"

/** Where the provider object stands; unseen, where its MSProviderInit is not in the log. */
type State = "unseen" | "made" | "ready" | "shut down" | "shut down, unseen"

const isDown = (state: State): boolean => state === "shut down" || state === "shut down, unseen"

const next = (state: State, event: Event): State => {
  if (isDown(state)) return state
  if (Law.is(event, "return", "MSProviderInit") && !isFailure(event.result)) return "ready"
  if (event.call === "IMSProvider::Shutdown") return state === "unseen" ? "shut down, unseen" : "shut down"
  return event.call === "new IMSProvider" ? "made" : state
}

const isCall = (event: Event, subject: string): boolean =>
  event.phase === "call" && event.object === subject && /^IMSProvider::(?!(Release|Shutdown)$)/.test(event.call)

const tooLate = (event: Event, subject: string): Law.Breach =>
  Law.breach(event, `no call but Release on ${subject} after Shutdown`)

const provider = "IMSProvider#1"
const init: Example.Call = {
  call: "MSProviderInit",
  dll: "DEMO.DLL",
  inside: [{ call: "new IMSProvider", object: provider }],
  returned: [provider]
}
const compare: Example.Call = { call: "IMSProvider::CompareStoreIDs", object: provider }
const shutdown: Example.Call = { call: "IMSProvider::Shutdown", object: provider }

export const LogonBetween = Law.make<State>(
  {
    name: "LogonBetween",
    sentence:
      "MAPI calls Logon, SpoolerLogon and CompareStoreIDs of the provider object that MSProviderInit has returned; after Shutdown no method but Release should be called.",
    source: "the page, steps 3 and 4; IMSProvider::Shutdown; R7",
    good: Example.log(init, compare, shutdown),
    bad: Example.log(init, shutdown, compare)
  },
  {
    of: "IMSProvider",
    needs: ["MSProviderInit", "IMSProvider::Shutdown"],
    initial: "unseen",
    change: (state, event, subject) =>
      isDown(state) && isCall(event, subject) ? tooLate(event, subject) : next(state, event),
    use: (state, event, subject) => {
      if (!isCall(event, subject)) return undefined
      if (state === "made") return Law.breach(event, `MSProviderInit to have returned ${subject} before it is called`)
      return isDown(state) ? tooLate(event, subject) : undefined
    },
    end: (state, _, subject) =>
      state === "unseen" || state === "shut down, unseen"
        ? Law.notShown(`the log does not show the MSProviderInit that made ${subject}`)
        : undefined
  }
)
