/** [S2] A DLL is in memory before it makes an object, and until the last Release of each has returned. [R7] */
import { isFailure } from "../CallLog.ts"
import * as Closing from "./Closing.ts"
import * as Example from "./Example.ts"
import * as Law from "./Law.ts"

type State = "alive" | "invalid"

const { init, providerRelease: release, shutdown } = Closing
const load: Example.Call = { call: "LoadLibrary", dll: "DEMO.DLL" }
const free: Example.Call = { call: "FreeLibrary", dll: "DEMO.DLL" }

export const FreeLibraryLast = Law.make<State>(
  {
    name: "FreeLibraryLast",
    sentence:
      "MAPI loads the DLL, and then calls it; it issues FreeLibrary when the provider has finished: each object that the DLL made is released, or was made invalid, so that MAPI answers for it.",
    source: "the page, step 2; Ending a MAPI session; IMAPISupport::MakeInvalid; R7",
    good: Example.log(load, init, shutdown, release, free),
    bad: Example.log(load, init, shutdown, free, release)
  },
  {
    of: "object",
    needs: ["LoadLibrary", "FreeLibrary", "IMSProvider::Release", "IMSLogon::Release", "IMsgStore::Release", "counts"], // counts tell what is dead: an object that is hears of no FreeLibrary
    initial: "alive",
    change: (state, event, subject) => {
      if (Law.is(event, "return", "IMAPISupport::MakeInvalid") && !isFailure(event.result)) return "invalid"
      if (state === "invalid" || subject.startsWith("IMAPISupport#")) return state // MAPI's own
      if (Law.is(event, "call", "LoadLibrary")) {
        return Law.breach(event, `LoadLibrary of ${event.dll} before it makes ${subject}, and not again`)
      }
      return Law.is(event, "call", "FreeLibrary")
        ? Law.breach(event, `the last Release of ${subject} to have returned before FreeLibrary`)
        : state
    },
    end: () => undefined
  }
)
