/** [S2] [R15] MSProviderInit gets none of the flags of an open. */
import * as Flags from "../Flags.ts"
import * as Example from "./Example.ts"
import * as Law from "./Law.ts"

const isKnown = Flags.isName(Flags.Init)

/** The flags were told. */
type State = boolean

const init = (...flags: ReadonlyArray<string>): Example.Call => ({
  call: "MSProviderInit",
  dll: "DEMO.DLL",
  flags,
  returned: ["IMSProvider#1"]
})

export const InitFlags = Law.make<State>(
  {
    name: "InitFlags",
    sentence: "MAPI calls MSProviderInit with MAPI_NT_SERVICE, or without flags; those of OpenMsgStore are for Logon.",
    source: "Implementing a service provider entry point function; R15",
    good: Example.log(init("MAPI_NT_SERVICE")),
    bad: Example.log(init("MDB_WRITE"))
  },
  {
    of: "call",
    needs: ["MSProviderInit"],
    initial: true,
    change: (state, event, subject) => {
      if (!Law.is(event, "call", "MSProviderInit") || subject !== `call ${event.callId}`) return state
      if (event.flags === undefined) return false
      return event.flags.every(isKnown) ? state : Law.breach(event, "no flag but MAPI_NT_SERVICE")
    },
    end: (state) => (state ? undefined : Law.notShown("an MSProviderInit does not say its flags"))
  }
)
