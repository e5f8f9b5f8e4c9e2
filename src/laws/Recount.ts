/**
 * The counts of a log's references, counted again for another order of its events: who takes or gives a reference is the
 * same in every order, how many there are then is not. Only counts that follow from what the calls do are counted again;
 * those of an object that counts otherwise are left as they were told, for the laws to see.
 */
import type { Event, RefChange } from "../CallLog.ts"
import { stepOf } from "./Counts.ts"
import type { Part } from "./Sequences.ts"

/** References by object and holder. */
export type Counted = ReadonlyMap<string, ReadonlyMap<string, number>>

/** An event whose counts may be left as they were told: they do not follow from those before it. */
export type Told = Omit<Event, "seq"> & { readonly asTold?: true }

/** The same for two that are the same. */
export const keyOf = (counted: Counted): string =>
  JSON.stringify(Array.from(counted, ([object, holders]) => [object, Array.from(holders).sort()]))

const put = (counted: Counted, object: string, holder: string, count: number): Counted =>
  new Map(counted).set(object, new Map(counted.get(object)).set(holder, count))

const totalOf = (counted: Counted, object: string): number =>
  Array.from(counted.get(object)?.values() ?? []).reduce((sum, n) => sum + n, 0)

/** The changes of an event as they follow from the counts before it: null where that is not known. */
const following = (event: Told, before: Counted): readonly [ReadonlyArray<RefChange> | null, Counted] => {
  let after = before
  let isKnown = true
  const counts = event.refs.map((change) => {
    const { holder, object } = change
    const by = stepOf(event, holder)
    isKnown &&= by !== null && (after.has(object) || event.call.startsWith("new "))
    const count = (after.get(object)?.get(holder) ?? 0) + (by ?? 0)
    after = put(after, object, holder, count)
    return { ...change, count }
  })
  if (!isKnown) return [null, before]
  return [counts.map((change) => ({ ...change, total: totalOf(after, change.object) })), after]
}

const asTold = ({ refs }: Told, before: Counted): Counted =>
  refs.reduce((counted, { count, holder, object }) => put(counted, object, holder, count), before)

const same = (some: ReadonlyArray<RefChange>, others: ReadonlyArray<RefChange>): boolean =>
  some.every(({ count, total }, at) => count === others[at]?.count && total === others[at]?.total)

/** Marks the events of a log, as it is told, whose counts do not follow. */
export const marking = (): ((event: Omit<Event, "seq">) => Told) => {
  let before: Counted = new Map()
  return (event) => {
    if (event.refs.length === 0) return event
    const [changes, after] = following(event, before)
    const follows = changes !== null && same(changes, event.refs)
    before = follows ? after : asTold(event, before)
    return follows ? event : { ...event, asTold: true }
  }
}

/** The objects whose every change is among these changes of the log, with no reference yet. */
export const counting = (log: ReadonlyArray<Told>, parts: ReadonlyArray<Part>): Counted => {
  const seen = new Set(parts.flatMap(({ at, mode }) => (mode === "changes" ? [at] : [])))
  const objects = (isSeen: boolean) =>
    log.flatMap(({ refs }, at) => (seen.has(at) === isSeen ? refs.map(({ object }) => object) : []))
  const missed = new Set(objects(false))
  return new Map(objects(true).flatMap((it) => (missed.has(it) ? [] : [[it, new Map<string, number>()]])))
}

/**
 * The event with the counts of this order, and the counts after it. Of an object of which these events do not tell everything
 * it says whether there is any reference: no law that is asked about them looks at more.
 */
export const recounted = <E extends Told>(event: E, before: Counted): readonly [E, Counted] => {
  if (event.asTold === true) return [event, asTold(event, before)]
  const whole = event.refs.filter(({ object }) => before.has(object))
  const [changes, after] = following({ ...event, refs: whole }, before)
  const left = [...(changes ?? whole)]
  const refs = event.refs.map((change) => (before.has(change.object) ? (left.shift() ?? change) : sign(change)))
  return [{ ...event, refs }, after]
}

const sign = (change: RefChange): RefChange => ({
  ...change,
  count: Math.sign(change.count),
  total: Math.sign(change.total)
})

/** What laws see of an event in every order: of a count that follows, whether there is any. */
export const inAnyOrder = (event: Told): Told =>
  event.asTold === true ? event : { ...event, refs: event.refs.map(sign) }

/** What of an event no order changes: whose references it changes, not how many they then are. */
export const fixed = (event: Told): unknown =>
  event.asTold === true ? event : { ...event, refs: event.refs.map(({ holder, object }) => ({ holder, object })) }
