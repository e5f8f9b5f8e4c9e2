/** [S6] [S8] Each entry id that the spooler is given ends once: in SpoolerLogon, or withdrawn. [R7] [R14] */
import * as Result from "effect/Result"
import type { Event } from "../CallLog.ts"
import * as EntryId from "../EntryId.ts"
import * as Example from "./Example.ts"
import * as Law from "./Law.ts"

interface State {
  readonly at: "nowhere" | "given" | "begun" | "ended"
  /** What gave it. */
  readonly by: Event | null
  readonly unshown: string | null
}

/** What the provider is to be called with: the private id inside the one that was given. */
const privateId = ({ entryId }: Event): string | null =>
  Result.fromNullishOr(entryId, () => null).pipe(
    Result.flatMap(EntryId.fromHex),
    Result.flatMap(EntryId.unwrap),
    Result.match({ onFailure: () => null, onSuccess: (id) => EntryId.toHex(id.privateId) })
  )

const give = (state: State, event: Event, ticket: string): State | Law.Breach =>
  state.at === "nowhere"
    ? { ...state, at: "given", by: event }
    : Law.breach(event, `a ticket of its own: ${ticket} was given before`)

/** What a SpoolerLogon must have, or why the log does not show it. */
const begin = (by: Event | null, event: Event): Law.Breach | string | null => {
  const given = by === null ? null : privateId(by)
  if (event.flags?.includes("MDB_NO_DIALOG") === false) return Law.breach(event, "MDB_NO_DIALOG, among its flags")
  if (given !== null && event.entryId !== undefined && event.entryId.toLowerCase() !== given) {
    return Law.breach(event, `the private id that is inside the one which the spooler was given: ${given}`)
  }
  if (event.flags === undefined) return "a SpoolerLogon does not say its flags"
  return given === null || event.entryId === undefined ? "the log does not say which entry id the spooler got" : null
}

/** SpoolerLogon or withdrawal. */
const redeem = (state: State, event: Event, ticket: string): State | Law.Breach => {
  if (state.at === "nowhere") return Law.breach(event, `${ticket} to be given to the spooler (6) before`)
  if (state.at !== "given") return Law.breach(event, `nothing more of ${ticket}: the spooler has used it already`)
  if (event.call === "withdraw entry id") return { ...state, at: "ended" }
  const found = begin(state.by, event)
  return typeof found === "object" && found !== null ? found : { ...state, at: "begun", unshown: found }
}

const given: Example.Call = { call: "give entry id", object: "Ticket#1", entryId: Example.id.wrapped }
const spoolerLogon: Example.Call = {
  call: "IMSProvider::SpoolerLogon",
  object: "IMSProvider#1",
  passed: ["Ticket#1"],
  flags: ["MDB_NO_DIALOG"],
  entryId: Example.id.unwrapped,
  returned: ["IMSLogon#1", "IMsgStore#1"]
}

export const TicketEnds = Law.make<State>(
  {
    name: "TicketEnds",
    sentence:
      "The spooler calls SpoolerLogon for an entry identifier that MAPI gave it, once, with the provider's own form of it and without dialogs; one that it does not log on with is withdrawn.",
    source: "the page, steps 6 and 8; IMSProvider::SpoolerLogon; R7, R14",
    good: Example.log(given, spoolerLogon),
    bad: Example.log(spoolerLogon)
  },
  {
    of: "ticket",
    needs: ["give entry id", "withdraw entry id", "IMSProvider::SpoolerLogon"],
    initial: { at: "nowhere", by: null, unshown: null },
    change: (state, event, subject) => {
      if (Law.is(event, "call", "give entry id")) return give(state, event, subject)
      if (Law.is(event, "call", "IMSProvider::SpoolerLogon", "withdraw entry id")) return redeem(state, event, subject)
      return Law.is(event, "return", "IMSProvider::SpoolerLogon") ? { ...state, at: "ended" } : state
    },
    late: (event, subject) =>
      Law.is(event, "call", "give entry id", "IMSProvider::SpoolerLogon", "withdraw entry id")
        ? Law.breach(event, `nothing more of ${subject}: it has ended`)
        : undefined,
    end: ({ at, by, unshown }, how, subject) => {
      if (at === "begun") return Law.notShown("a SpoolerLogon did not return")
      if (at !== "given" || by === null) return unshown === null ? undefined : Law.notShown(unshown)
      if (by.passed === undefined) return Law.notShown("the log does not say what a call was given")
      return Law.owed(how, by, `${subject} to end, in SpoolerLogon or withdrawn`)
    }
  }
)
