/** [S5] A new logon yields both objects, IMSLogon and IMsgStore; no success comes without a store. */
import { type Event, isFailure } from "../CallLog.ts"
import * as Example from "./Example.ts"
import * as Law from "./Law.ts"

interface State {
  /** Logon has been called, and has not returned. */
  readonly inside: boolean
  /** The IMSLogon and the IMsgStore that it has made until now. */
  readonly made: ReadonlyArray<string>
}

const outside: State = { inside: false, made: [] }

const of = (kind: string, names: ReadonlyArray<string>): ReadonlyArray<string> =>
  names.filter((name) => name.startsWith(`${kind}#`))

/** What is wrong with an answer. */
const wrong = (made: ReadonlyArray<string>, { result, returned }: Event): string | null => {
  if (isFailure(result)) return returned.length > 0 ? "a Logon that fails to return no object" : null
  const given = made.length > 0 ? returned.filter((name) => made.includes(name)) : returned
  if (of("IMsgStore", given).length > 0 && (made.length === 0 || of("IMSLogon", given).length > 0)) return null
  return made.length === 0
    ? "an IMsgStore from a Logon that succeeds"
    : `an IMSLogon and an IMsgStore, both made in this Logon; it made ${made.join(", ")}`
}

const logon = (...returned: ReadonlyArray<string>): Example.Call => ({
  call: "IMSProvider::Logon",
  object: "IMSProvider#1",
  inside: [
    { call: "new IMSLogon", object: "IMSLogon#1" },
    { call: "new IMsgStore", object: "IMsgStore#1" }
  ],
  returned
})

export const BothObjects = Law.make<State>(
  {
    name: "BothObjects",
    sentence:
      "IMSProvider::Logon creates and returns an IMSLogon and an IMsgStore; where it returns existing ones, there is an IMsgStore all the same; a Logon that fails returns neither.",
    source: "the page, step 5; IMSProvider::Logon",
    good: Example.log(logon("IMSLogon#1", "IMsgStore#1")),
    bad: Example.log(logon("IMsgStore#1"))
  },
  {
    of: "logon",
    needs: ["IMSProvider::Logon", "new IMSLogon", "new IMsgStore", "nesting"],
    initial: outside,
    change: (state, event, subject) => {
      const { call, callId, object, phase } = event
      if (object !== null && Law.is(event, "call", "new IMSLogon", "new IMsgStore")) {
        return { ...state, made: [...state.made, object] }
      }
      if (call !== "IMSProvider::Logon" || subject !== `logon ${callId}`) return state
      if (phase === "call") return { inside: true, made: [] }
      const expected = wrong(state.made, event)
      return expected === null ? outside : Law.breach(event, expected)
    },
    end: ({ inside }) => (inside ? Law.notShown("a Logon did not return") : undefined)
  }
)
