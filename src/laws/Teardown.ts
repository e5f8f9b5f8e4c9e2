/** [R7] What MAPI does inside the last Release of a support object, in which order, and nowhere else. [R8] */
import type { Event } from "../CallLog.ts"
import * as Closing from "./Closing.ts"
import * as Example from "./Example.ts"
import * as Law from "./Law.ts"

const order = ["remove MAPIUIDs", "remove status row", "IMSLogon::Logoff", "IMSLogon::Release"]
const LOGOFF = 2

interface State {
  /** Only a Logon's support object lives as long as a store. */
  readonly of: "a support object" | "none that is told" | "the spooler's"
  /** The `callId` of the support object's last Release. */
  readonly last: number | null
  /** The place in `order` of what was last done inside it. */
  readonly at: number
  /** IMAPISession::Logoff has been called. */
  readonly ending: boolean
}

const isInside = ({ last }: State, { within }: Event): boolean => last !== null && within === last

const done = (state: State, event: Event, n: number): State | Law.Breach => {
  if (!isInside(state, event)) {
    return Law.breach(event, `${event.call} only inside the last Release of the support object`)
  }
  return n > state.at
    ? { ...state, at: n }
    : Law.breach(event, "MAPIUIDs, status row, IMSLogon::Logoff, IMSLogon::Release: each once, and in this order")
}

/** The session's end logs off a store that it finds open; and one that comes later than that, whoever undoes it. */
const isSessions = (state: State, event: Event, n: number): boolean =>
  n === LOGOFF ? state.ending && !isInside(state, event) : n > LOGOFF && state.at < LOGOFF

const own = (state: State, event: Event): State => {
  if (event.call === "IMSProvider::SpoolerLogon") return { ...state, of: "the spooler's" }
  return Closing.supportOf(event) === null ? state : { ...state, of: "a support object" }
}

const { lastRelease, logoff, logon, logonRelease, remove, transports } = Closing

export const Teardown = Law.make<State>(
  {
    name: "Teardown",
    sentence:
      "Inside the last Release of the support object MAPI removes the MAPIUIDs that the logon registered, removes its status row, calls IMSLogon::Logoff and calls Release on the logon, in this order; a session that ends calls Logoff itself.",
    source: "Shutting down a message store provider; R7 and R8",
    good: Example.log(logon, transports, lastRelease(remove("MAPIUIDs"), remove("status row"), logoff, logonRelease)),
    bad: Example.log(logon, transports, lastRelease(logoff, logonRelease, remove("MAPIUIDs"), remove("status row")))
  },
  {
    of: "logon",
    needs: [...order, "IMAPISupport::Release", "counts", "nesting"],
    initial: { of: "none that is told", last: null, at: -1, ending: false },
    change: (state, event, subject) => {
      if (event.phase === "return") return state
      if (Closing.isOwn(event, subject)) return own(state, event)
      if (state.of !== "a support object") return state
      if (event.call === "IMAPISession::Logoff") return { ...state, ending: true }
      if (Closing.isLastRelease(event, "IMAPISupport")) return { ...state, last: event.callId }
      if (event.call === "IMSLogon::Release" && !Closing.isMapisLast(event, "IMSLogon")) return state
      const n = order.indexOf(event.call)
      return n < 0 || isSessions(state, event, n) ? state : done(state, event, n)
    },
    end: ({ of }) => (of === "none that is told" ? Law.notShown(Closing.untold) : undefined)
  }
)
