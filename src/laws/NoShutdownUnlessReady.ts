/** [S3] An IMSProvider that no MSProviderInit has returned, such as one of a version too low, is not shut down. [R18] */
import * as Example from "./Example.ts"
import * as Law from "./Law.ts"

type State = "unseen" | "made" | "ready"

const made: Example.Call = { call: "new IMSProvider", object: "IMSProvider#1" }
const init: Example.Call = {
  call: "MSProviderInit",
  dll: "DEMO.DLL",
  result: "MAPI_E_VERSION",
  inside: [made, { call: "IMSProvider::Release", object: "IMSProvider#1", from: "MAPI" }]
}

export const NoShutdownUnlessReady = Law.make<State>(
  {
    name: "NoShutdownUnlessReady",
    sentence:
      "MAPI calls Shutdown only of an IMSProvider that MSProviderInit has returned with success; one whose version is too low, it just releases.",
    source: "the page, step 3; Initializing the transport provider; R18",
    good: Example.log(init),
    bad: Example.log(init, { call: "IMSProvider::Shutdown", object: "IMSProvider#1" })
  },
  {
    of: "IMSProvider",
    needs: ["MSProviderInit", "new IMSProvider", "IMSProvider::Shutdown"],
    initial: "unseen",
    change: (state, event, subject) => {
      if (event.call === "new IMSProvider") return "made"
      if (Law.is(event, "return", "MSProviderInit") && event.returned.includes(subject)) return "ready"
      return state === "made" && Law.is(event, "call", "IMSProvider::Shutdown")
        ? Law.breach(event, "no Shutdown of an IMSProvider that no MSProviderInit has returned")
        : state
    },
    end: () => undefined
  }
)
