/** [S9] SpoolerLogon returns the IMSLogon and the IMsgStore of step 5. [R3] */
import { type Event, isFailure } from "../CallLog.ts"
import * as Example from "./Example.ts"
import * as Law from "./Law.ts"

interface State {
  /** Whom Logon was asked of. */
  readonly provider: string | null
  /** What Logon returned. */
  readonly pair: ReadonlyArray<string>
  /** The ticket under which the spooler has the store. */
  readonly ticket: string | null
  /** The last client has let go of the store, as far as the log shows: there may be no such pair any more. */
  readonly closed: boolean
  /** Releases of the store under way, by their calls: with the last client's it closes before that returns. [R7] */
  readonly closing: ReadonlyArray<number>
  readonly unshown: string | null
}

const initial: State = { provider: null, pair: [], ticket: null, closed: false, closing: [], unshown: null }

const closes = (event: Event): boolean =>
  Law.is(event, "call", "IMAPISupport::StoreLogoffTransports") ||
  (Law.is(event, "call", "IMsgStore::Release") && event.refs.every(({ total }) => total <= 0))

/** A SpoolerLogon for another ticket is the affair of another store, even where it returns what is this one's. */
const isMine = ({ ticket }: State, { passed = [] }: Event): boolean => {
  const tickets = passed.filter((name) => name.startsWith("Ticket#"))
  return tickets.length === 0 || (ticket !== null && tickets.includes(ticket))
}

const spooled = (state: State, event: Event): State | Law.Breach => {
  const { pair, provider } = state
  if (!isMine(state, event)) return state
  if (event.object === null || provider === null) {
    return { ...state, unshown: "the log does not say which IMSProvider a Logon or SpoolerLogon was asked of" }
  }
  if (event.object !== provider) return state // the spooler's own: nothing is said of what that one returns
  if (pair.length === 0) return { ...state, unshown: "a SpoolerLogon comes without the Logon of its store" }
  if (pair.every((name) => event.returned.includes(name))) return state
  if (state.closed || state.closing.length > 0)
    return { ...state, unshown: "a store had closed when its SpoolerLogon returned" }
  return Law.breach(event, `${pair.join(" and ")}, as Logon returned them in step 5`)
}

const logon: Example.Call = {
  call: "IMSProvider::Logon",
  object: "IMSProvider#1",
  returned: ["IMSLogon#1", "IMsgStore#1"]
}
const spoolerLogon = (...returned: ReadonlyArray<string>): Example.Call => ({
  call: "IMSProvider::SpoolerLogon",
  object: "IMSProvider#1",
  returned
})

export const SamePair = Law.make<State>(
  {
    name: "SamePair",
    sentence: "IMSProvider::SpoolerLogon returns the same IMSLogon and IMsgStore interfaces as in step 5.",
    source: "the page, step 9; R3",
    good: Example.log(logon, spoolerLogon("IMSLogon#1", "IMsgStore#1")),
    bad: Example.log(logon, spoolerLogon("IMSLogon#2", "IMsgStore#1"))
  },
  {
    of: "logon",
    needs: ["IMSProvider::Logon", "IMSProvider::SpoolerLogon"],
    initial,
    change: (state, event, subject) => {
      const { call, callId, object, phase, result, returned } = event
      const isOwn = subject === `logon ${callId}`
      if (Law.is(event, "call", "give entry id")) return { ...state, ticket: object }
      if (Law.is(event, "call", "IMSProvider::Logon")) return { ...state, provider: object }
      if (closes(event)) return { ...state, closed: true }
      if (call === "IMsgStore::Release") {
        const { closing } = state
        return {
          ...state,
          closing: phase === "call" ? [...closing, callId] : closing.filter((other) => other !== callId)
        }
      }
      if (phase === "call" || isFailure(result)) return state
      if (call === "IMSProvider::SpoolerLogon") return isOwn ? state : spooled(state, event)
      return isOwn ? { ...state, pair: returned } : state
    },
    end: ({ unshown }) => (unshown === null ? undefined : Law.notShown(unshown))
  }
)
