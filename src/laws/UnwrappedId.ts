/** [S4] Logon gets the private id that is inside the id of step 1, and in the DLL which that id names. */
import * as Result from "effect/Result"
import type { Event } from "../CallLog.ts"
import * as EntryId from "../EntryId.ts"
import * as Example from "./Example.ts"
import * as Law from "./Law.ts"

interface State {
  /** What the client's id says; null where it is none. */
  readonly wanted: { readonly dll: string; readonly privateId: string } | null
  readonly unshown: string | null
  readonly returned: boolean
}

const read = (entryId: string): State["wanted"] => {
  const id = Result.flatMap(EntryId.fromHex(entryId), EntryId.unwrap)
  if (Result.isFailure(id)) return null
  return { dll: EntryId.dllKey(id.success.dllFileName), privateId: EntryId.toHex(id.success.privateId) }
}

const own = (state: State, { entryId, phase }: Event): State => {
  if (phase === "return") return { ...state, returned: true }
  return entryId === undefined ? state : { ...state, wanted: read(entryId), unshown: null }
}

const takesId = ({ call }: Event): boolean => call === "IMSProvider::Logon" || call === "IMSProvider::CompareStoreIDs"

const logon = (entryId: string): Example.Call => ({
  call: "IMAPISession::OpenMsgStore",
  object: "IMAPISession#1",
  entryId: Example.id.wrapped,
  returned: ["IMsgStore#1"],
  inside: [
    {
      call: "IMSProvider::Logon",
      object: "IMSProvider#1",
      dll: "DEMO.DLL",
      entryId,
      returned: ["IMSLogon#1", "IMsgStore#1"]
    }
  ]
})

export const UnwrappedId = Law.make<State>(
  {
    name: "UnwrappedId",
    sentence:
      "MAPI calls Logon of the provider whose DLL the client's entry identifier names, passing the private identifier that is wrapped in it.",
    source: "the page, step 4; IMAPISupport::WrapStoreEntryID",
    good: Example.log(logon(Example.id.unwrapped)),
    bad: Example.log(logon(Example.id.unwrapped.replace(/..$/, "ff")))
  },
  {
    of: "OpenMsgStore",
    needs: ["IMAPISession::OpenMsgStore", "IMSProvider::Logon", "nesting"],
    initial: { wanted: null, unshown: "an OpenMsgStore does not say its entry id", returned: false },
    change: (state, event, subject) => {
      if (subject === `call ${event.callId}`) return own(state, event)
      const { call, dll, entryId } = event
      const { unshown, wanted } = state
      if (unshown !== null || event.phase === "return") return state
      if (takesId(event)) {
        if (wanted === null) return Law.breach(event, `no ${call}, since the client's id is no wrapped store id`)
        if (entryId === undefined) return { ...state, unshown: `an ${call} does not say its entry id` }
        if (entryId.toLowerCase() !== wanted.privateId) {
          return Law.breach(event, `the private id inside the client's id: ${wanted.privateId}`)
        }
      }
      if (wanted === null || dll === undefined || EntryId.dllKey(dll) === wanted.dll) return state
      return Law.breach(event, `the DLL that the client's id names: ${wanted.dll}`)
    },
    end: ({ returned, unshown }) => {
      if (unshown !== null) return Law.notShown(unshown)
      return returned ? undefined : Law.notShown("an OpenMsgStore did not return")
    }
  }
)
