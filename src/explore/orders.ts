/**
 * Every order that the log of one execution may have: a law of logs is asked about all of them, and the program runs once.
 *
 * What is told without a subject orders nothing, so one execution stands for all the logs that its happens-before allows.
 * Each subject of a law is an automaton of its own, which its changes move and its uses only look at. So it is asked where
 * it can stand once some of the changes are through, and not for each order in which they came there; and what was asked of
 * one execution is not asked again of another whose events of that subject are the same. Inside the package only.
 */
import type { Observed } from "./execution.ts"
import { type Event, mix } from "./tree.ts"
import type { LogLaw, Position, Sequence } from "./verdict.ts"

/** A breach, and the subject's events by their places in the log, in an order that leads to it and on: none, as they came. */
export interface Breach {
  readonly reason: string
  readonly order: ReadonlyArray<number>
}

type Part = Sequence["parts"][number]

/** Where an automaton stands, and by which changes it came there. */
interface Node {
  readonly position: Position
  readonly from: Node | undefined
  readonly at: number
}

/** What has happened of each chain, and all places where the automaton may stand then. */
interface Ideal {
  readonly counts: ReadonlyArray<number>
  readonly nodes: Map<string, Node>
}

/** A subject's event: of each chain, how many changes have to come before it, and how many can. */
interface PlacedPart {
  readonly at: number
  readonly role: string
  readonly needs: ReadonlyArray<number>
  readonly most: ReadonlyArray<number>
}

/** A subject's events: its changes in chains, those of one process after another. */
interface Placed {
  readonly changes: ReadonlyArray<ReadonlyArray<PlacedPart>>
  readonly uses: ReadonlyArray<PlacedPart>
}

/** What they are, and which come before which: the same in every run of one trace, and of another like it. */
const signature = (
  subject: string,
  { changes, uses }: Placed,
  told: ReadonlyArray<number>,
  idOf: (role: string) => number
): string => {
  let one = 0
  let other = 0
  const add = (n: number) => {
    one = mix(one, n)
    other = mix(other + 1, n)
  }
  const tell = ({ at, most, needs, role }: PlacedPart) => {
    add(told[at] ?? 0)
    add(idOf(role))
    for (const n of needs) add(n)
    for (const n of most) add(n)
  }
  for (const chain of changes) {
    add(-1)
    for (const part of chain) tell(part)
  }
  add(-2)
  for (const part of uses) tell(part)
  return `${subject} ${one} ${other}`
}

/** How many there are before the first that is not so. */
const firstNot = <A>(all: ReadonlyArray<A>, is: (one: A) => boolean): number => {
  let [from, to] = [0, all.length]
  while (from < to) {
    const middle = (from + to) >> 1
    const one = all[middle]
    if (one !== undefined && is(one)) from = middle + 1
    else to = middle
  }
  return from
}

const path = (node: Node | undefined): ReadonlyArray<number> => {
  const order: Array<number> = []
  for (let it = node; it !== undefined; it = it.from) if (it.at >= 0) order.push(it.at)
  return order.reverse()
}

/** What has not happened yet comes later. */
const onwards = (changes: Placed["changes"], order: ReadonlyArray<number>): ReadonlyArray<number> => {
  const rest = changes.flat().flatMap(({ at }) => (order.includes(at) ? [] : [at]))
  return [...order, ...rest.sort((a, b) => a - b)]
}

/** The orders of the executions of one search, as one law sees them. */
export class Orders {
  private readonly law: LogLaw
  private readonly ids = new Map<string, number>()
  /** Subjects whose every order is known to hold: their events, and which come before which. */
  private readonly settled = new Set<string>()
  private log: ReadonlyArray<Observed> = []
  private told: ReadonlyArray<number> = []
  private events: ReadonlyArray<Event> = []

  constructor(law: LogLaw) {
    this.law = law
  }

  /** Asks the law about every log that this execution may have; its first steps, so many, are those of the last one asked about. */
  broken(events: ReadonlyArray<Event>, observed: ReadonlyArray<Observed>, shared: number): Breach | undefined {
    this.events = events
    this.log = observed.filter(({ subjects }) => subjects === undefined)
    const isShared = (at: number) => (this.log[at]?.step ?? 0) < shared
    this.told = this.log.map(({ value }, at) => (isShared(at) && this.told[at]) || this.idOf(this.law.same(value)))
    for (const sequence of this.law.sequences(this.log.map(({ value }) => value))) {
      if (isShared(sequence.parts.at(-1)?.at ?? 0)) continue
      const placed = this.place(sequence)
      const poset = signature(sequence.subject, placed, this.told, (role) => this.idOf(role))
      if (this.settled.has(poset)) continue
      for (const start of sequence.start()) {
        const found = this.asItCame(sequence, start) ?? this.search(placed, start)
        if (found !== undefined) return found // and again in the next execution: that may be a smaller one
      }
      this.settled.add(poset)
    }
    return undefined
  }

  /** Asks it about the log alone that the execution itself has. */
  brokenAsItCame(events: ReadonlyArray<Event>, observed: ReadonlyArray<Observed>): Breach | undefined {
    this.events = events
    this.log = observed.filter(({ subjects }) => subjects === undefined)
    for (const sequence of this.law.sequences(this.log.map(({ value }) => value))) {
      for (const start of sequence.start()) {
        const found = this.asItCame(sequence, start)
        if (found !== undefined) return found
      }
    }
    return undefined
  }

  /** A breach in the order that the execution itself has. */
  private asItCame({ parts }: Sequence, start: Position): Breach | undefined {
    let position = start
    for (const { at, mode, role } of parts) {
      const event = this.log[at]?.value
      const next = mode === "uses" ? position.use(event) : position.change(event, role)
      if (typeof next === "string") return { reason: next, order: [] }
      if (next !== true) position = next
    }
    const holds = position.end()
    return holds === true ? undefined : { reason: holds, order: [] }
  }

  private search({ changes, uses }: Placed, start: Position): Breach | undefined {
    const none = changes.map(() => 0)
    let layer = new Map<string, Ideal>([
      ["", { counts: none, nodes: new Map([[start.key, { position: start, from: undefined, at: -1 }]]) }]
    ])
    for (;;) {
      const next = new Map<string, Ideal>()
      for (const { counts, nodes } of layer.values()) {
        const looks = uses.filter(({ most, needs }) =>
          counts.every((count, at) => count >= (needs[at] ?? 0) && count <= (most[at] ?? 0))
        )
        const moves = changes.flatMap((chain, at) => {
          const change = chain[counts[at] ?? 0]
          const isNext = change?.needs.every((need, other) => other === at || (counts[other] ?? 0) >= need) === true
          return change !== undefined && isNext ? [{ chain: at, change }] : []
        })
        for (const node of nodes.values()) {
          for (const { at } of looks) {
            const holds = node.position.use(this.log[at]?.value)
            if (holds !== true) return { reason: holds, order: onwards(changes, [...path(node), at]) }
          }
          if (moves.length === 0) {
            const holds = node.position.end()
            if (holds !== true) return { reason: holds, order: path(node) }
          }
          for (const { chain, change } of moves) {
            const position = node.position.change(this.log[change.at]?.value, change.role)
            if (typeof position === "string") {
              return { reason: position, order: onwards(changes, [...path(node), change.at]) }
            }
            const moved = counts.map((count, at) => (at === chain ? count + 1 : count))
            const key = moved.join()
            const known = next.get(key)
            const ideal = known ?? { counts: moved, nodes: new Map<string, Node>() }
            if (known === undefined) next.set(key, ideal)
            if (!ideal.nodes.has(position.key)) ideal.nodes.set(position.key, { position, from: node, at: change.at })
          }
        }
      }
      if (next.size === 0) return undefined
      layer = next
    }
  }

  private place({ parts }: Sequence): Placed {
    const byProcess = new Map<number, Array<Part>>()
    for (const part of parts) {
      if (part.mode !== "changes") continue
      const process = this.log[part.at]?.process ?? -1
      const chain = byProcess.get(process)
      if (chain === undefined) byProcess.set(process, [part])
      else chain.push(part)
    }
    const chains = Array.from(byProcess).sort(([a], [b]) => a - b)
    const all = chains.map(([, chain]) => chain)
    const place = ({ at, role }: Part): PlacedPart => ({
      ...{ at, role },
      needs: all.map((chain) => firstNot(chain, (other) => this.precedes(other.at, at))),
      most: all.map((chain) => firstNot(chain, (other) => !this.precedes(at, other.at)))
    })
    return {
      changes: all.map((chain) => chain.map(place)),
      uses: parts.filter(({ mode }) => mode === "uses").map(place)
    }
  }

  private idOf(text: string): number {
    const known = this.ids.get(text) ?? this.ids.size + 1
    this.ids.set(text, known)
    return known
  }

  private precedes(a: number, b: number): boolean {
    if (a === b) return false
    const [one, other] = [this.log[a]?.step ?? -1, this.log[b]?.step ?? -1]
    if (one === other) return a < b
    const [first, later] = [this.events[one], this.events[other]]
    return first !== undefined && later !== undefined && (later.clock[first.process] ?? 0) >= first.nth
  }

  /** The steps of the execution in an order that leads to the breach: each process goes on as long as that allows. */
  steps({ order }: Breach): ReadonlyArray<Event> {
    const turns = order.flatMap((at) => this.events[this.log[at]?.step ?? -1] ?? [])
    const first = new Map(turns.map((event, turn) => [event, turn] as const).reverse())
    const taken: Array<number> = []
    const steps: Array<Event> = []
    const left = [...this.events]
    let turn = 0
    const mayCome = (event: Event): boolean =>
      (first.get(event) ?? 0) <= turn &&
      event.clock.every((n, process) => (n ?? 0) <= (taken[process] ?? 0) + (process === event.process ? 1 : 0))
    while (left.length > 0) {
      const last = steps.at(-1)?.process
      const ready = left.filter(mayCome)
      const next = ready.find(({ process }) => process === last) ?? ready[0]
      if (next === undefined) return steps
      steps.push(next)
      taken[next.process] = next.nth
      left.splice(left.indexOf(next), 1)
      const done = new Set(steps)
      while (turn < turns.length && done.has(turns[turn] ?? next)) turn++
    }
    return steps
  }
}
