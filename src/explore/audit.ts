/**
 * What every check asks of itself after the search: were these really all the traces, and do equivalent orders agree?
 *
 * Random schedules must find no trace that the search did not; random orders of one trace must touch the same and end
 * the same; a small search is run again in another order. What the tracking cannot see shows here. Inside the package only.
 */
import type * as Exit from "effect/Exit"
import type { Engine } from "./engine.ts"
import { difference, type Seen } from "./seen.ts"
import type { Bounds, Event, Script } from "./tree.ts"

/** One execution that is to be repeated in other orders. */
export interface Sample {
  readonly events: ReadonlyArray<Event>
  readonly seen: Seen
}

/** What is seen of the execution that the engine has just run, by its exit. */
export type See<A, E, S> = (exit: Exit.Exit<A, E> | undefined) => S

/** A source of numbers below `n`, from a seed. */
export const numbers = (seed: number): ((n: number) => number) => {
  let x = (seed + 1) | 0
  return (n) => {
    x = (x + 0x6d2b79f5) | 0
    let t = Math.imul(x ^ (x >>> 15), 1 | x)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % n
  }
}

/** A random order of the events in which each still comes after all that happened before it. */
export const linearisation = (events: ReadonlyArray<Event>, pick: (n: number) => number): ReadonlyArray<Event> => {
  const left = new Map<number, Array<Event>>()
  for (const event of events.toReversed()) {
    const later = left.get(event.process)
    if (later === undefined) left.set(event.process, [event])
    else later.push(event)
  }
  const taken: Array<number> = []
  const order: Array<Event> = []
  for (;;) {
    const ready = [...left.values()].flatMap((later) => {
      const first = later.at(-1)
      const isReady = first?.clock.every((n, at) => at === first.slot || (n ?? 0) <= (taken[at] ?? 0))
      return first !== undefined && isReady === true ? [first] : []
    })
    const next = ready[pick(ready.length)]
    if (next === undefined) return order
    taken[next.slot] = next.nth
    order.push(next)
    left.get(next.process)?.pop()
  }
}

/** Takes the steps of these events, with their answers. */
export const along = (order: ReadonlyArray<Event>): Script => {
  let at = -1
  let answered = 0
  let hurried = 0
  return {
    process: () => {
      at++
      answered = 0
      hurried = 0
      return order[at]?.process ?? -1
    },
    answer: () => order[at]?.answers[answered++] ?? 0,
    atOnce: (_, place) => {
      const goes = order[at]?.atOnce[hurried] === place
      if (goes) hurried++
      return goes
    }
  }
}

const sorted = (accesses: ReadonlyArray<number>): string => [...accesses].sort((a, b) => a - b).join()

/** Replays random orders of a trace. What is wrong, or undefined. */
export const reordered = <A, E>(
  engine: Engine<A, E>,
  sample: Sample,
  seed: number,
  bounds: Bounds,
  see: See<A, E, Seen>
): string | undefined => {
  const order = linearisation(sample.events, numbers(seed))
  const search = engine.search(bounds)
  const { ending, exit } = engine.run(search, along(order))
  const { names } = engine.machine
  for (let i = 0; i < search.events.length; i++) {
    const was = order[i]
    const is = search.events[i]
    if (was === undefined || is === undefined) break
    if (was.process !== is.process || sorted(was.accesses) !== sorted(is.accesses)) {
      return `step ${is.nth} of ${names.processName(is.process)} touched ${search.races.told(is.accesses)} in one order of a trace, and ${search.races.told(was.accesses)} in another`
    }
  }
  if (ending === "diverged") return `a step can be taken in one order of a trace and not in another: ${search.diverged}`
  if (ending !== "ended" || search.events.length !== order.length)
    return "two orders of one trace do not have the same steps"
  const differ = difference(sample.seen, see(exit))
  return differ === undefined ? undefined : `two orders of one trace differ: ${differ}`
}

/** A run whose every choice is random: its trace, and what is seen of it, where it came to its end. */
export const randomRun = <A, E, S>(
  engine: Engine<A, E>,
  seed: number,
  bounds: Bounds,
  see: See<A, E, S>
): { readonly trace: number; readonly seen: S } | undefined => {
  const pick = numbers(seed)
  const search = engine.search(bounds)
  const { ending, exit } = engine.run(search, {
    process: (enabled) => enabled[pick(enabled.length)] ?? -1,
    answer: (_, options) => pick(options.length),
    atOnce: () => false
  })
  return ending === "ended" ? { trace: search.trace(), seen: see(exit) } : undefined
}

/**
 * What is seen of a run that may stop at every primitive, at random, and looks at no access at all. Its steps are others
 * than those that `stepsPerFiber` counts.
 */
export const finestRun = <A, E, S>(
  engine: Engine<A, E>,
  seed: number,
  bounds: Bounds,
  see: See<A, E, S>
): S | undefined => {
  const pick = numbers(seed)
  // A process often goes on: else long programs are hardly ever interleaved far from their starts.
  const stays = seed % 4
  // Whom a step wakes goes on at once: never, often, or always, as Effect has it.
  const hurries = seed % 3
  const search = engine.search({ ...bounds, stepsPerFiber: Number.POSITIVE_INFINITY })
  engine.machine.everyPrimitive = true
  try {
    const { ending, exit } = engine.run(search, {
      process: (enabled, before) =>
        pick(4) < stays && enabled.includes(before) ? before : (enabled[pick(enabled.length)] ?? -1),
      answer: (_, options) => pick(options.length),
      atOnce: () => hurries === 2 || (hurries === 1 && pick(3) > 0)
    })
    return ending === "ended" ? see(exit) : undefined
  } finally {
    engine.machine.everyPrimitive = false
  }
}
