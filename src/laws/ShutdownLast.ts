/** [R7] A provider is shut down after all its logons are released, and when nothing is inside it. [R9] */
import type { Event } from "../CallLog.ts"
import * as Closing from "./Closing.ts"
import * as Example from "./Example.ts"
import * as Law from "./Law.ts"

interface State {
  /** The logon object of this Logon, while it has references. */
  readonly logon: string | null
  /** Logons and Releases of this pair that have not returned. */
  readonly inside: ReadonlySet<number>
}

const isInside = (event: Event, subject: string): boolean =>
  Closing.isOwn(event, subject) || /^(IMSLogon|IMsgStore)::Release$/.test(event.call)

/** The provider is being shut down. */
const shutDown = (state: State, event: Event): State | Law.Breach => {
  if (state.logon !== null) return Law.breach(event, `${state.logon} to have been released before Shutdown`)
  return state.inside.size > 0
    ? Law.breach(event, "every Logon, and every Release of a store or logon, to have returned before Shutdown")
    : state
}

const shutdown: Example.Call = { call: "IMSProvider::Shutdown", object: "IMSProvider#1" }
const close = [Closing.transports, Closing.lastRelease(Closing.logoff, Closing.logonRelease)]

export const ShutdownLast = Law.make<State>(
  {
    name: "ShutdownLast",
    sentence: "MAPI calls Shutdown right before it releases the provider object, after all logon objects are released.",
    source: "IMSProvider::Shutdown; R7 and R9",
    good: Example.log(Closing.logon, ...close, shutdown),
    bad: Example.log(Closing.logon, shutdown, ...close)
  },
  {
    of: "logon",
    needs: ["IMSProvider::Logon", "IMSLogon::Release", "IMSProvider::Shutdown", "counts"],
    initial: { logon: null, inside: new Set() },
    change: (state, event, subject) => {
      if (Law.is(event, "call", "IMSProvider::Shutdown")) return shutDown(state, event)
      const counted = event.refs.find(({ object }) => object.startsWith("IMSLogon#"))
      const logon = counted === undefined ? state.logon : counted.total > 0 ? counted.object : null
      if (!isInside(event, subject)) return { ...state, logon }
      const inside = new Set(state.inside)
      if (event.phase === "call") inside.add(event.callId)
      else inside.delete(event.callId)
      return { logon, inside }
    },
    end: () => undefined
  }
)
