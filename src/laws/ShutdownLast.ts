/** [R7] A provider is shut down after all its logons are released. */
import * as Closing from "./Closing.ts"
import * as Example from "./Example.ts"
import * as Law from "./Law.ts"

/** The logon object of this Logon, while it has references. */
type State = string | null

const close = [Closing.transports, Closing.lastRelease(Closing.logoff, Closing.logonRelease)]

export const ShutdownLast = Law.make<State>(
  {
    name: "ShutdownLast",
    sentence: "MAPI calls Shutdown right before it releases the provider object, after all logon objects are released.",
    source: "IMSProvider::Shutdown; R7",
    good: Example.log(Closing.logon, ...close, Closing.shutdown),
    bad: Example.log(Closing.logon, Closing.shutdown, ...close)
  },
  {
    of: "logon",
    needs: ["IMSProvider::Logon", "IMSLogon::Release", "IMSProvider::Shutdown", "counts"],
    initial: null,
    change: (logon, event) => {
      if (Law.is(event, "call", "IMSProvider::Shutdown")) {
        return logon === null ? logon : Law.breach(event, `${logon} to have been released before Shutdown`)
      }
      const counted = event.refs.find(({ object }) => object.startsWith("IMSLogon#"))
      if (counted === undefined) return logon
      return counted.total > 0 ? counted.object : null
    },
    end: () => undefined
  }
)
