/** [S2] A DLL is loaded once before it is called, and freed once. [R1] */
import { type Event, isFailure } from "../CallLog.ts"
import * as Example from "./Example.ts"
import * as Law from "./Law.ts"

/** The LoadLibrary that succeeded, or where there is none. */
type State = Event | "unseen" | "loading" | "absent"

const load: Example.Call = { call: "LoadLibrary", dll: "DEMO.DLL" }
const free: Example.Call = { call: "FreeLibrary", dll: "DEMO.DLL" }

export const LoadsBalanced = Law.make<State>(
  {
    name: "LoadsBalanced",
    sentence:
      "MAPI loads the provider's DLL before it calls MSProviderInit, once for all that use it, and issues the matching FreeLibrary call, once, in the end.",
    source: "the page, step 2; Ending a MAPI session; R1",
    good: Example.log({ ...load, result: "MAPI_E_CALL_FAILED" }, load, free),
    bad: Example.log(load, load, free, free)
  },
  {
    of: "dll",
    needs: ["LoadLibrary", "FreeLibrary", "MSProviderInit"],
    initial: "unseen",
    change: (state, event) => {
      if (Law.is(event, "call", "LoadLibrary")) {
        if (state === "unseen" || state === "absent") return "loading"
        return Law.breach(event, `no LoadLibrary of ${event.dll}: it has been called, and nothing is freed yet`)
      }
      if (Law.is(event, "return", "LoadLibrary")) return isFailure(event.result) ? "absent" : event
      if (!Law.is(event, "call", "FreeLibrary")) return state
      return typeof state === "object"
        ? "absent"
        : Law.breach(event, `FreeLibrary only of a DLL that is loaded, once for its LoadLibrary; ${event.dll} is not`)
    },
    use: (state, event) =>
      (state === "loading" || state === "absent") && Law.is(event, "call", "MSProviderInit")
        ? Law.breach(event, `LoadLibrary of ${event.dll} to have succeeded before MSProviderInit is called`)
        : undefined,
    end: (state, how, subject) => {
      if (state === "unseen") return Law.notShown(`the log does not show the LoadLibrary of ${subject}`)
      if (state === "loading") return Law.notShown("a LoadLibrary did not return")
      return typeof state === "object" ? Law.owed(how, state, `FreeLibrary of ${state.dll} in the end`) : undefined
    }
  }
)
