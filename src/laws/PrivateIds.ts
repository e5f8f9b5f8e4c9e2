/** [S4] [S8] A provider sees its own ids, never wrapped ones. */
import type { Event } from "../CallLog.ts"
import * as EntryId from "../EntryId.ts"
import * as Example from "./Example.ts"
import * as Law from "./Law.ts"

/** muidStoreWrap, where a wrapped id has it: after four flag bytes. */
const isWrapped = (entryId: string): boolean =>
  entryId.toLowerCase().startsWith(EntryId.toHex({ bytes: EntryId.muidStoreWrap }), 8)

const takesId = ({ call }: Event): boolean => /^IMSProvider::(Logon|SpoolerLogon|CompareStoreIDs)$/.test(call)

/** The id was told, or there is none to tell. */
type State = boolean

const logon = (entryId: string): Example.Call => ({ call: "IMSProvider::Logon", object: "IMSProvider#1", entryId })

export const PrivateIds = Law.make<State>(
  {
    name: "PrivateIds",
    sentence:
      "A store provider is given the entry identifiers that it made itself; MAPI removes the wrapping before it calls.",
    source: "the page, steps 4 and 8; IMAPISupport::WrapStoreEntryID",
    good: Example.log(logon(Example.id.unwrapped)),
    bad: Example.log(logon(Example.id.wrapped))
  },
  {
    of: "call",
    needs: ["IMSProvider::Logon"],
    initial: true,
    change: (state, event, subject) => {
      const { entryId, from, to } = event
      if (subject !== `call ${event.callId}` || event.phase === "return") return state
      if (entryId === undefined) return !takesId(event)
      const isAsked = to === "provider" && (from === "MAPI" || from === "spooler")
      return isAsked && isWrapped(entryId) ? Law.breach(event, "a private id, not a wrapped one") : state
    },
    end: (state) => (state ? undefined : Law.notShown("a call into a provider does not say its entry id"))
  }
)
