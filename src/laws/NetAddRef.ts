/** [S5] The provider's net AddRefs on its support object: one for a new logon, none for anything else. */
import { type Event, isFailure } from "../CallLog.ts"
import * as Example from "./Example.ts"
import * as Law from "./Law.ts"

interface State {
  /** The support object that the Logon was given. */
  readonly support: string | null
  readonly isNew: boolean
  readonly net: number
  readonly returned: boolean
}

const initial: State = { support: null, isNew: false, net: 0, returned: false }

/** What the provider has of its own, and of its own alone: MAPI holds a reference while Logon runs. */
const step = ({ net, support }: State, event: Event): number => {
  if (event.phase === "return" || event.object !== support || event.from !== "provider") return net
  if (event.call === "IMAPISupport::AddRef") return net + 1
  return event.call === "IMAPISupport::Release" ? net - 1 : net
}

const logon = (support: string, isNew: boolean, ...inside: ReadonlyArray<string>): Example.Call => ({
  call: "IMSProvider::Logon",
  object: "IMSProvider#1",
  passed: [support],
  inside: [
    ...inside.map((call) => ({ call: `IMAPISupport::${call}`, object: support })),
    ...(isNew ? [{ call: "new IMSLogon", object: "IMSLogon#1" }] : []),
    ...(isNew ? [{ call: "new IMsgStore", object: "IMsgStore#1" }] : [])
  ],
  returned: isNew ? ["IMSLogon#1", "IMsgStore#1"] : ["IMsgStore#1"]
})

export const NetAddRef = Law.make<State>(
  {
    name: "NetAddRef",
    sentence:
      "Logon creates IMSLogon and IMsgStore and calls AddRef on its support object; for a store that is already open, and in SpoolerLogon, it does not; a Logon that fails leaves no reference behind.",
    source: "the page, step 5; IMSProvider::Logon",
    good: Example.log(logon("IMAPISupport#1", true, "AddRef"), logon("IMAPISupport#2", false)),
    bad: Example.log(logon("IMAPISupport#1", true, "AddRef"), logon("IMAPISupport#2", false, "AddRef"))
  },
  {
    of: "logon",
    needs: ["IMSProvider::Logon", "IMAPISupport::AddRef", "new IMsgStore", "nesting"],
    initial,
    change: (state, event, subject) => {
      if (state.returned) return state
      if (event.call === "new IMsgStore") return { ...state, isNew: true }
      const isIt = subject === `logon ${event.callId}`
      if (isIt && event.phase === "call") {
        return { ...state, support: event.passed?.find((it) => it.startsWith("IMAPISupport#")) ?? null }
      }
      if (!isIt) return { ...state, net: step(state, event) }
      const wanted = state.isNew && !isFailure(event.result) ? 1 : 0
      if (state.support !== null && state.net !== wanted) {
        const what = wanted === 1 ? "a new logon" : isFailure(event.result) ? "a Logon that failed" : "no new logon"
        return Law.breach(
          event,
          `${wanted} reference of the provider on ${state.support}, for ${what}; it has ${state.net}`
        )
      }
      return { ...state, returned: true }
    },
    end: ({ returned, support }) => {
      if (support === null) return Law.notShown("a Logon does not say which support object it was given")
      return returned ? undefined : Law.notShown("a Logon did not return")
    }
  }
)
