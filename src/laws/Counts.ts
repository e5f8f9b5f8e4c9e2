/** [S5] References are counted: AddRef takes one, Release gives one back, and who has none can give none. [R7] */
import { type Event, isFailure, type RefChange } from "../CallLog.ts"
import * as Example from "./Example.ts"
import * as Law from "./Law.ts"

interface State {
  readonly counts: ReadonlyMap<string, number>
  /** References of holders that the log has not named: none, of an object whose birth it shows; Infinity, not known yet. */
  readonly others: number
}

const initial: State = { counts: new Map(), others: Infinity }

const sum = ({ counts, others }: State): number => Array.from(counts.values()).reduce((all, n) => all + n, others)

const gives = /::Release$|^hand over reference$/

/** What the call does to the count of one holder; null where its name does not say: then the count is taken as it is. */
export const stepOf = ({ call, from }: Pick<Event, "call" | "from">, holder: string): number | null => {
  if (/^new |::AddRef$/.test(call)) return 1
  if (call.endsWith("::Release")) return -1
  return call === "hand over reference" ? (holder === from ? -1 : 1) : null
}

const hasNone = (event: Event, holder: string, object: string): Law.Breach =>
  Law.breach(event, `${holder} to have the reference on ${object} that it gives up`)

const counted = (state: State, event: Event, { count, holder, object }: RefChange): State | Law.Breach => {
  if (count < 0) return Law.breach(event, `no count below zero on ${object}`)
  const step = stepOf(event, holder)
  const known = state.counts.get(holder)
  const before = known ?? Math.max(0, Math.min(state.others, count - (step ?? 0)))
  const after = before + (step ?? count - before)
  if (after < 0) return hasNone(event, holder, object)
  if (count !== after) {
    return Law.breach(event, `the count of ${holder} on ${object} to go from ${before} to ${after}, not to ${count}`)
  }
  const counts = new Map(state.counts).set(holder, count)
  if (count === 0) counts.delete(holder)
  if (step === null && state.others > 0) return { counts, others: Infinity } // who had it before, the log does not say
  return { counts, others: known === undefined ? state.others - before : state.others }
}

const changed = (before: State, event: Event, changes: ReadonlyArray<RefChange>): State | Law.Breach => {
  const isNew = event.call.startsWith("new ")
  if (isNew && before.others !== Infinity)
    return Law.breach(event, `${event.object} to be made once, before it is counted`)
  let state: State = isNew ? { ...initial, others: 0 } : before
  for (const change of changes) {
    const next = counted(state, event, change)
    if ("_tag" in next) return next
    state = next
  }
  const named = sum({ ...state, others: 0 })
  const total = changes[0]?.total ?? 0
  if (state.others === Infinity) state = { ...state, others: Math.max(0, total - named) }
  return total === sum(state)
    ? state
    : Law.breach(event, `${sum(state)} references on ${changes[0]?.object} in all, not ${total}: so its counts add up`)
}

/** Nothing brings an object back. An AddRef that is refused only learns that it came too late, and takes nothing. */
const tooLate = (event: Event, subject: string): Law.Breach | undefined => {
  const isOn = event.object === subject
  if (isOn && event.phase === "call" && gives.test(event.call)) return hasNone(event, event.from, subject)
  const isTaken = isOn && event.phase === "return" && event.call.endsWith("::AddRef") && !isFailure(event.result)
  return isTaken || event.refs.some(({ object }) => object === subject)
    ? Law.breach(event, `no reference taken on ${subject}, whose last one is gone`)
    : undefined
}

const born: Example.Call = {
  call: "new IMsgStore",
  object: "IMsgStore#1",
  refs: Example.counted("IMsgStore#1", "MAPI", 1, 1)
}
const handed: Example.Call = {
  call: "hand over reference",
  object: "IMsgStore#1",
  refs: [...Example.counted("IMsgStore#1", "MAPI", 0, 1), ...Example.counted("IMsgStore#1", "client", 1, 1)]
}
const release: Example.Call = { call: "IMsgStore::Release", object: "IMsgStore#1" }
const released: Example.Call = { ...release, refs: Example.counted("IMsgStore#1", "client", 0, 0) }

export const Counts = Law.make<State>(
  {
    name: "Counts",
    sentence:
      "AddRef adds one reference and Release takes one away, for the one who holds it; no count goes below zero, and an object whose last reference is gone stays gone.",
    source: "Implementing the IUnknown interface; R7",
    good: Example.log(born, handed, released),
    bad: Example.log(born, handed, released, { ...release, result: "MAPI_E_INVALID_OBJECT" })
  },
  {
    of: "object",
    needs: [
      "counts",
      "new IMsgStore",
      "hand over reference",
      "IMsgStore::AddRef",
      "IMSLogon::AddRef",
      "IMAPISupport::AddRef",
      "IMAPISupport::Release"
    ],
    initial,
    change: (state, event, subject) => {
      if (sum(state) === 0) return tooLate(event, subject) ?? state
      const changes = event.refs.filter(({ object }) => object === subject)
      if (changes.length > 0) return changed(state, event, changes)
      const isOver = event.phase === "return" && event.object === subject && gives.test(event.call)
      return isOver && isFailure(event.result) ? hasNone(event, event.from, subject) : state
    },
    late: tooLate,
    end: ({ others }, _, subject) =>
      others === Infinity ? Law.notShown(`the log has no counts of ${subject}`) : undefined
  }
)
