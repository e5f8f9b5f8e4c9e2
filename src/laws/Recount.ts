/**
 * The counts of a log's references, counted again for another order of its events: who takes or gives a reference is the
 * same in every order, how many there are then is not. Only for a log that tells every change of an object.
 */
import type { Event, RefChange } from "../CallLog.ts"
import { stepOf } from "./Counts.ts"
import type { Part } from "./Sequences.ts"

/** References by object and holder. */
export type Counted = ReadonlyMap<string, ReadonlyMap<string, number>>

/** The same for two that are the same. */
export const keyOf = (counted: Counted): string =>
  JSON.stringify(Array.from(counted, ([object, holders]) => [object, Array.from(holders).sort()]))

/** The objects whose every change is among these changes of the log, from their birth on. */
export const counting = (log: ReadonlyArray<Event>, parts: ReadonlyArray<Part>): Counted => {
  const born = log.flatMap(({ call, object, phase }) => (phase === "call" && call.startsWith("new ") ? [object] : []))
  const seen = new Set(parts.flatMap(({ at, mode }) => (mode === "changes" ? [at] : [])))
  const missed = new Set(log.flatMap(({ refs }, at) => (seen.has(at) ? [] : refs.map(({ object }) => object))))
  return new Map(born.flatMap((it) => (it === null || missed.has(it) ? [] : [[it, new Map<string, number>()]])))
}

/** The event with the counts of this order, and the counts after it. */
export const recounted = (event: Event, before: Counted): readonly [Event, Counted] => {
  if (!event.refs.some(({ object }) => before.has(object))) return [event, before]
  let after = before
  const changed = event.refs.map((change): RefChange => {
    const { holder, object } = change
    const by = stepOf(event, holder)
    const known = after.get(object)
    if (known === undefined || by === null) return change
    const count = (known.get(holder) ?? 0) + by
    after = new Map(after).set(object, new Map(known).set(holder, count))
    return { ...change, count }
  })
  const totalOf = ({ object, total }: RefChange): number => {
    const known = after.get(object)
    return known === undefined ? total : Array.from(known.values()).reduce((sum, n) => sum + n, 0)
  }
  return [{ ...event, refs: changed.map((change) => ({ ...change, total: totalOf(change) })) }, after]
}

/** What of an event is the same in every order: of a count, whether there is any. */
export const inAnyOrder = (event: Event): Event => ({
  ...event,
  refs: event.refs.map((change) => ({ ...change, count: Math.sign(change.count), total: Math.sign(change.total) }))
})
