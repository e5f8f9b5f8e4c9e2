/** [R9] A provider is shut down when nothing is inside it. */
import * as Closing from "./Closing.ts"
import * as Example from "./Example.ts"
import * as Law from "./Law.ts"

/** Is the call inside the provider? */
type State = boolean

const refused: Example.Call = { ...Closing.logon, inside: [], returned: [], result: "MAPI_E_NO_ACCESS" }

export const ShutdownAlone = Law.make<State>(
  {
    name: "ShutdownAlone",
    sentence: "MAPI calls Shutdown when no Logon, and no Release of a store or of a logon, is inside the provider.",
    source: "IMSProvider::Shutdown; R7 and R9",
    good: Example.log(refused, Closing.shutdown),
    bad: Example.log({ ...refused, inside: [Closing.shutdown] })
  },
  {
    of: "inside",
    needs: ["IMSProvider::Logon", "IMSProvider::Shutdown"],
    initial: false,
    change: (isInside, event, subject) => {
      if (subject === `inside ${event.callId}`) return event.phase === "call"
      return isInside && Law.is(event, "call", "IMSProvider::Shutdown")
        ? Law.breach(event, "every Logon, and every Release of a store or logon, to have returned before Shutdown")
        : isInside
    },
    end: () => undefined
  }
)
