/** [S5] Every reference is given back in the end. [R7] [R8] */
import type { Event } from "../CallLog.ts"
import * as Example from "./Example.ts"
import * as Law from "./Law.ts"

/** The last event that left references. */
type State = Event | "no counts" | "none left"

const born: Example.Call = {
  call: "new IMsgStore",
  object: "IMsgStore#1",
  refs: Example.counted("IMsgStore#1", "client", 1, 1)
}
const release: Example.Call = {
  call: "IMsgStore::Release",
  object: "IMsgStore#1",
  refs: Example.counted("IMsgStore#1", "client", 0, 0)
}
const logoff: Example.Call = { call: "IMAPISession::Logoff", object: "IMAPISession#1" }

export const AllReleased = Law.make<State>(
  {
    name: "AllReleased",
    sentence: "Who holds a reference gives it back: when a session is over, no object of it has any left.",
    source: "Implementing the IUnknown interface; Shutting down a service provider; R7 and R8",
    good: Example.log(born, logoff, release),
    bad: Example.log(born, logoff)
  },
  {
    of: "object",
    needs: ["counts", "IMsgStore::Release", "IMAPISupport::Release", "IMSLogon::Release", "IMSProvider::Release"],
    initial: "no counts",
    change: (state, event, subject) => {
      const total = event.refs.findLast(({ object }) => object === subject)?.total
      if (total === undefined) return state
      return total > 0 ? event : "none left"
    },
    end: (state, how, subject) => {
      if (state === "none left") return undefined
      if (state === "no counts") return Law.notShown(`the log has no counts of ${subject}`)
      const left = state.refs.findLast(({ object }) => object === subject)?.total
      return Law.owed(how, state, `a Release for each reference on ${subject}; in the end it has ${left}`)
    }
  }
)
