/** [R7] IMSLogon::Logoff is called once of each logon that MAPI holds, before MAPI lets go of it. [R8] */
import { type Event, isFailure } from "../CallLog.ts"
import * as Closing from "./Closing.ts"
import * as Example from "./Example.ts"
import * as Law from "./Law.ts"

interface State {
  /** The logon object that the provider made for this Logon: a repeat may return another's. */
  readonly made: string | null
  /** The return that gave it to MAPI. */
  readonly given: Event | null
  readonly logoff: "not called" | "inside" | "over"
}

const { lastRelease, logoff, logon, logonRelease, transports } = Closing

export const LogoffFirst = Law.make<State>(
  {
    name: "LogoffFirst",
    sentence: "MAPI calls IMSLogon::Logoff, once, and then Release on the logon object.",
    source: "Shutting down a message store provider; Shutting down a service provider; R7 and R8",
    good: Example.log(logon, transports, lastRelease(logoff, logonRelease)),
    bad: Example.log(logon, transports, lastRelease(logonRelease))
  },
  {
    of: "logon",
    needs: ["IMSProvider::Logon", "new IMSLogon", "IMSLogon::Logoff", "IMSLogon::Release", "counts"],
    initial: { made: null, given: null, logoff: "not called" },
    change: (state, event, subject) => {
      if (event.call === "new IMSLogon") return { ...state, made: event.object }
      if (Closing.isOwn(event, subject)) {
        const isGiven = Law.is(event, "return", "IMSProvider::Logon") && !isFailure(event.result)
        return isGiven && event.returned.includes(state.made ?? "") ? { ...state, given: event } : state
      }
      if (Law.is(event, "return", "IMSLogon::Logoff")) return { ...state, logoff: "over" }
      if (Law.is(event, "call", "IMSLogon::Logoff")) {
        return state.logoff === "not called"
          ? { ...state, logoff: "inside" }
          : Law.breach(event, `IMSLogon::Logoff once for ${event.object}; it has been called already`)
      }
      return state.given !== null && state.logoff !== "over" && Closing.isMapisLast(event, "IMSLogon")
        ? Law.breach(event, `IMSLogon::Logoff of ${event.object} to have returned before MAPI's last Release of it`)
        : state
    },
    end: ({ given, logoff, made }, how) =>
      given !== null && logoff === "not called"
        ? Law.owed(how, given, `IMSLogon::Logoff of ${made} in the end`)
        : undefined
  }
)
