/** [S1] [S6] Clients and the spooler hold wrapped ids, never a provider's own. */
import * as Result from "effect/Result"
import { type Event, isFailure } from "../CallLog.ts"
import * as EntryId from "../EntryId.ts"
import * as Example from "./Example.ts"
import * as Law from "./Law.ts"

const isWrapped = (entryId: string): boolean =>
  Result.isSuccess(Result.flatMap(EntryId.fromHex(entryId), EntryId.unwrap))

/** A client may hand in anything; but then nothing opens. */
const mustBeWrapped = (event: Event): boolean =>
  event.call === "IMAPISession::OpenMsgStore"
    ? event.phase === "return" && !isFailure(event.result)
    : Law.is(event, "call", "give entry id", "withdraw entry id")

/** The id was told, or there is none to tell. */
type State = boolean

const give = (entryId: string): Example.Call => ({
  call: "give entry id",
  object: "Ticket#1",
  passed: ["IMsgStore#1"],
  entryId
})
const open = (...inside: ReadonlyArray<Example.Call>): Example.Call => ({
  call: "IMAPISession::OpenMsgStore",
  object: "IMAPISession#1",
  entryId: Example.id.wrapped,
  returned: ["IMsgStore#1"],
  inside: [{ call: "IMSProvider::Logon", returned: ["IMSLogon#1", "IMsgStore#1"] }, ...inside]
})

export const WrappedIds = Law.make<State>(
  {
    name: "WrappedIds",
    sentence:
      "A client opens a store, and the spooler is told of one, by an entry identifier that MAPI has wrapped: with muidStoreWrap and the name of the provider's DLL.",
    source: "the page, steps 1 and 6; IMAPISupport::WrapStoreEntryID",
    good: Example.log(open(give(Example.id.wrapped))),
    bad: Example.log(open(give(Example.id.unwrapped)))
  },
  {
    of: "call",
    needs: ["IMAPISession::OpenMsgStore", "give entry id"],
    initial: true,
    change: (state, event, subject) => {
      if (subject !== `call ${event.callId}` || !mustBeWrapped(event)) return state
      if (event.entryId === undefined) return false
      return isWrapped(event.entryId) ? state : Law.breach(event, "a wrapped store entry id, with the name of its DLL")
    },
    end: (state) => (state ? undefined : Law.notShown("a call does not say its entry id"))
  }
)
