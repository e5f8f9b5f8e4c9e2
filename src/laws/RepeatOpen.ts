/** [S5] [R2] A repeat open hands out the store that is open, and the IMSLogon of that store or none. */
import { type Event, isFailure, type RefChange } from "../CallLog.ts"
import * as Example from "./Example.ts"
import * as Law from "./Law.ts"

/** A store that was made for the entry id, or another object of it, and lives. */
interface Living {
  readonly name: string
  /** The one that it was handed out with. */
  readonly logon: string | null
  readonly handedOut: boolean
  readonly spooler: number
  /** Open: somebody else than the spooler holds it. */
  readonly open: boolean
}

type State = ReadonlyArray<Living> | "over"

const unknown = { logon: null, handedOut: false, spooler: 0 }

/** With its last client a store is on its way out, whatever the spooler still holds: a Logon may then open it afresh. */
const counted = (all: ReadonlyArray<Living>, { count, holder, object, total }: RefChange): ReadonlyArray<Living> => {
  const known = all.find(({ name }) => name === object)
  const others = all.filter((other) => other !== known)
  const spooler = holder === "spooler" ? count : (known?.spooler ?? 0)
  return total <= 0 ? others : [...others, { ...unknown, ...known, name: object, spooler, open: total > spooler }]
}

const find = (kind: string, { returned }: Event): string | null =>
  returned.find((name) => name.startsWith(`${kind}#`)) ?? null

/** A Logon has answered with a store. */
const answered = (all: ReadonlyArray<Living>, event: Event, subject: string): State | Law.Breach => {
  const store = find("IMsgStore", event)
  const logon = find("IMSLogon", event)
  const isOurs = subject === `${event.object} ${event.entryId}` // or of another id, which names the same store
  const other = all.find(({ handedOut, name, open }) => handedOut && open && name !== store)
  if (isOurs && store !== null && other !== undefined) {
    return Law.breach(event, `${other.name}, which is open under this entry id, and no other store`)
  }
  const known = all.find(({ name }) => name === store)
  if (known === undefined) return all
  if (known.logon !== null && logon !== null && logon !== known.logon) {
    return Law.breach(event, `${known.logon}, which belongs to ${known.name}, or no IMSLogon`)
  }
  return all.map((it) => (it === known ? { ...known, logon: known.logon ?? logon, handedOut: true } : it))
}

const logon = (store: string, ...inside: ReadonlyArray<Example.Call>): Example.Call => ({
  call: "IMSProvider::Logon",
  object: "IMSProvider#1",
  entryId: Example.id.unwrapped,
  inside,
  returned: ["IMSLogon#1", store]
})
const counting = (call: string, count: number): Example.Call => ({
  call,
  object: "IMsgStore#1",
  from: "provider",
  refs: Example.counted("IMsgStore#1", "MAPI", count, count)
})
const first = logon("IMsgStore#1", { call: "new IMSLogon", object: "IMSLogon#1" }, counting("new IMsgStore", 1))

export const RepeatOpen = Law.make<State>(
  {
    name: "RepeatOpen",
    sentence:
      "If the client's entry identifier refers to a message store that is already open, the provider returns the existing IMsgStore, and the existing IMSLogon or none.",
    source: "the page, step 5; IMSProvider::Logon; R2",
    good: Example.log(first, logon("IMsgStore#1", counting("IMsgStore::AddRef", 2))),
    bad: Example.log(first, logon("IMsgStore#2", counting("IMsgStore::AddRef", 2)))
  },
  {
    of: "store id",
    needs: ["IMSProvider::Logon", "new IMsgStore", "IMsgStore::Release", "counts"],
    initial: [],
    change: (state, event, subject) => {
      // What is still answered in the end of a session may be of a store that the end has closed by force. [R8]
      if (state === "over" || Law.is(event, "call", "IMAPISession::Logoff")) return "over"
      const all = event.refs.reduce(counted, state)
      const isAnswer = Law.is(event, "return", "IMSProvider::Logon") && !isFailure(event.result)
      return isAnswer ? answered(all, event, subject) : all
    },
    end: () => undefined
  }
)
