/** [S2] One MSProviderInit for each session and provider. */
import { isFailure } from "../CallLog.ts"
import * as Example from "./Example.ts"
import * as Law from "./Law.ts"

type State = "unseen" | "absent" | "initialising" | "there"

const init = (object: string): Example.Call => ({ call: "MSProviderInit", dll: "DEMO.DLL", returned: [object] })

export const OneInit = Law.make<State>(
  {
    name: "OneInit",
    sentence:
      "If the message store is not already open, MAPI loads the provider's DLL and calls MSProviderInit; if it is, MAPI skips this and uses the existing IMSProvider.",
    source: "the page, step 2; R1",
    good: Example.log(init("IMSProvider#1"), { ...init("IMSProvider#2"), session: "IMAPISession#2" }),
    bad: Example.log(init("IMSProvider#1"), init("IMSProvider#2"))
  },
  {
    of: "registration",
    needs: ["MSProviderInit"],
    initial: "unseen",
    change: (state, event) => {
      if (event.call !== "MSProviderInit") return state
      if (event.phase === "return") return isFailure(event.result) ? "absent" : "there"
      if (state === "unseen" || state === "absent") return "initialising"
      return Law.breach(
        event,
        "the IMSProvider that the session already has for this DLL, and no second MSProviderInit"
      )
    },
    end: (state, _, subject) =>
      state === "unseen" ? Law.notShown(`the log does not show an MSProviderInit of ${subject}`) : undefined
  }
)
