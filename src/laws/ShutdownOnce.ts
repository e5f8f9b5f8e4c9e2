/** [R7] IMSProvider::Shutdown is called once of each provider object, before MAPI lets go of it. [R8] */
import { type Event, isFailure } from "../CallLog.ts"
import * as Closing from "./Closing.ts"
import * as Example from "./Example.ts"
import * as Law from "./Law.ts"

interface State {
  /** The MSProviderInit that returned it. */
  readonly given: Event | null
  readonly shutdown: "not called" | "inside" | "over"
}

const { init, providerRelease: release, shutdown } = Closing
const logoff: Example.Call = { call: "IMAPISession::Logoff", object: "IMAPISession#1" }

export const ShutdownOnce = Law.make<State>(
  {
    name: "ShutdownOnce",
    sentence:
      "When the session ends, MAPI calls Shutdown of each provider object that MSProviderInit returned, once, and then Release.",
    source: "IMSProvider::Shutdown; Shutting down a service provider; R7 and R8",
    good: Example.log(init, { ...logoff, inside: [shutdown, release] }),
    bad: Example.log(init, { ...logoff, inside: [release] })
  },
  {
    of: "IMSProvider",
    needs: ["MSProviderInit", "IMSProvider::Shutdown", "IMSProvider::Release", "counts"],
    initial: { given: null, shutdown: "not called" },
    change: (state, event, subject) => {
      if (Law.is(event, "return", "MSProviderInit") && !isFailure(event.result)) return { ...state, given: event }
      if (Law.is(event, "return", "IMSProvider::Shutdown")) return { ...state, shutdown: "over" }
      if (Law.is(event, "call", "IMSProvider::Shutdown")) {
        return state.shutdown === "not called"
          ? { ...state, shutdown: "inside" }
          : Law.breach(event, `Shutdown once of ${subject}; it has been called already`)
      }
      return state.given !== null && state.shutdown !== "over" && Closing.isMapisLast(event, "IMSProvider")
        ? Law.breach(event, `Shutdown of ${subject} to have returned before MAPI's last Release of it`)
        : state
    },
    end: ({ given, shutdown }, how, subject) =>
      given !== null && shutdown === "not called"
        ? Law.owed(how, given, `Shutdown of ${subject} in the end`)
        : undefined
  }
)
