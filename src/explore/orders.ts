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

/** Where an automaton stands, and by what it came there. */
interface Node {
  readonly position: Position
  readonly from: Node | undefined
  readonly parts: ReadonlyArray<Part>
}

/** How much of each chain has happened, and all places where the automaton may stand then. */
interface Ideal {
  readonly counts: ReadonlyArray<number>
  readonly nodes: Map<string, Node>
}

/**
 * What one step tells of a subject: nothing of another comes in between. Of each chain, how many moves have to come before
 * it, and how many can.
 */
interface Block {
  readonly parts: ReadonlyArray<Part>
  readonly needs: ReadonlyArray<number>
  readonly most: ReadonlyArray<number>
}

/** A subject's events: what moves it in chains, those of one process after another, and what only uses it. */
interface Placed {
  readonly moves: ReadonlyArray<ReadonlyArray<Block>>
  readonly uses: ReadonlyArray<Block>
}

/** What they are, and which come before which: the same in every run of one trace, and of another like it. */
const signature = (
  subject: string,
  { moves, uses }: Placed,
  told: ReadonlyArray<number>,
  idOf: (text: string) => number
): string => {
  let one = 0
  let other = 0
  const add = (n: number) => {
    one = mix(one, n)
    other = mix(other + 1, n)
  }
  const tell = ({ most, needs, parts }: Block) => {
    add(-1)
    for (const { at, mode, role } of parts) {
      add(told[at] ?? 0)
      add(idOf(`${mode} ${role}`))
    }
    for (const n of needs) add(n)
    for (const n of most) add(n)
  }
  for (const chain of moves) {
    add(-2)
    for (const block of chain) tell(block)
  }
  add(-3)
  for (const block of uses) tell(block)
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
  const taken: Array<ReadonlyArray<Part>> = []
  for (let it = node; it !== undefined; it = it.from) taken.push(it.parts)
  return taken.reverse().flatMap((parts) => parts.map(({ at }) => at))
}

/** What has not happened yet comes later. */
const onwards = (moves: Placed["moves"], order: ReadonlyArray<number>): ReadonlyArray<number> => {
  const rest = moves.flat().flatMap(({ parts }) => parts.flatMap(({ at }) => (order.includes(at) ? [] : [at])))
  return [...order, ...rest.sort((a, b) => a - b)]
}

/** The position after these, or why they break the law, and at which of them. */
const after = (
  from: Position,
  parts: ReadonlyArray<Part>,
  log: ReadonlyArray<Observed>
): Position | { readonly reason: string; readonly at: number } => {
  let position = from
  for (const { at, mode, role } of parts) {
    const event = log[at]?.value
    const next = mode === "uses" ? position.use(event) : position.change(event, role)
    if (typeof next === "string") return { reason: next, at }
    if (next !== true) position = next
  }
  return position
}

/** The orders of the executions of one search, as one law sees them. */
export class Orders {
  private readonly law: LogLaw
  private readonly ids = new Map<string, number>()
  /** Subjects whose every order is known to hold: their events, and which come before which. */
  private readonly settled = new Set<string>()
  /** Whole logs that are. */
  private readonly judged = new Set<string>()
  private log: ReadonlyArray<Observed> = []
  private told: ReadonlyArray<number> = []
  private events: ReadonlyArray<Event> = []

  constructor(law: LogLaw) {
    this.law = law
  }

  /** Asks the law about every log that this execution may have; its first steps, so many, are those of the last one asked about. */
  broken(events: ReadonlyArray<Event>, observed: ReadonlyArray<Observed>, shared: number): Breach | undefined {
    const isShared = ({ step }: Observed) => step < shared
    this.take(events, observed)
    this.told = this.log.map((it, at) => (isShared(it) && this.told[at]) || this.idOf(this.law.same(it.value)))
    const whole = this.whole()
    if (this.judged.has(whole)) return undefined
    for (const sequence of this.law.sequences(this.log.map(({ value }) => value))) {
      const last = this.log[sequence.parts.at(-1)?.at ?? -1]
      if (last !== undefined && isShared(last)) continue // as it was
      const placed = this.place(sequence)
      const poset = signature(sequence.subject, placed, this.told, (text) => this.idOf(text))
      if (this.settled.has(poset)) continue
      for (const start of sequence.start()) {
        const found = this.asItCame(sequence, start) ?? this.search(placed, start)
        if (found !== undefined) return found // and again in the next execution: that may be a smaller one
      }
      this.settled.add(poset)
    }
    this.judged.add(whole)
    return undefined
  }

  /** The whole log: what each step tells, and which of those that tell come before it. The same for every order of them. */
  private whole(): string {
    const telling = new Map<number, Array<number>>()
    const texts = new Map<Event, number>()
    for (const [at, { step }] of this.log.entries()) {
      const event = this.events[step]
      if (event === undefined) continue
      const known = texts.get(event)
      texts.set(event, mix(known ?? 0, this.told[at] ?? 0))
      if (known !== undefined) continue
      const before = telling.get(event.process)
      if (before === undefined) telling.set(event.process, [event.nth])
      else before.push(event.nth)
    }
    let one = 0
    let other = 0
    for (const [{ clock, process }, text] of texts) {
      let hash = mix(process + 1, text)
      for (const [before, nths] of telling) {
        const count = firstNot(nths, (nth) => nth <= (clock[before] ?? 0))
        if (count > 0) hash = mix(mix(hash, before), count)
      }
      one = (one + hash) >>> 0
      other = (other + mix(hash, 77)) >>> 0
    }
    return `${one} ${other}`
  }

  /** Asks it about the log alone that the execution itself has. */
  brokenAsItCame(events: ReadonlyArray<Event>, observed: ReadonlyArray<Observed>): Breach | undefined {
    this.take(events, observed)
    for (const sequence of this.law.sequences(this.log.map(({ value }) => value))) {
      for (const start of sequence.start()) {
        const found = this.asItCame(sequence, start)
        if (found !== undefined) return found
      }
    }
    return undefined
  }

  private take(events: ReadonlyArray<Event>, observed: ReadonlyArray<Observed>): void {
    this.events = events
    this.log = observed.filter(({ subjects }) => subjects === undefined)
  }

  /** A breach in the order that the execution itself has. */
  private asItCame({ parts }: Sequence, start: Position): Breach | undefined {
    const last = after(start, parts, this.log)
    if ("reason" in last) return { reason: last.reason, order: [] }
    const holds = last.end()
    return holds === true ? undefined : { reason: holds, order: [] }
  }

  private search({ moves, uses }: Placed, start: Position): Breach | undefined {
    const none = moves.map(() => 0)
    let layer = new Map<string, Ideal>([
      ["", { counts: none, nodes: new Map([[start.key, { position: start, from: undefined, parts: [] }]]) }]
    ])
    for (;;) {
      const next = new Map<string, Ideal>()
      for (const { counts, nodes } of layer.values()) {
        const looks = uses.filter(({ most, needs }) =>
          counts.every((count, at) => count >= (needs[at] ?? 0) && count <= (most[at] ?? 0))
        )
        const ready = moves.flatMap((chain, at) => {
          const block = chain[counts[at] ?? 0]
          const isNext = block?.needs.every((need, other) => other === at || (counts[other] ?? 0) >= need) === true
          return block !== undefined && isNext ? [{ chain: at, block }] : []
        })
        for (const node of nodes.values()) {
          for (const { parts } of looks) {
            const found = after(node.position, parts, this.log)
            if ("reason" in found) return { reason: found.reason, order: onwards(moves, [...path(node), found.at]) }
          }
          if (ready.length === 0) {
            const holds = node.position.end()
            if (holds !== true) return { reason: holds, order: path(node) }
          }
          for (const { block, chain } of ready) {
            const position = after(node.position, block.parts, this.log)
            if ("reason" in position) {
              return { reason: position.reason, order: onwards(moves, [...path(node), position.at]) }
            }
            const moved = counts.map((count, at) => (at === chain ? count + 1 : count))
            const key = moved.join()
            const ideal = next.get(key) ?? { counts: moved, nodes: new Map<string, Node>() }
            next.set(key, ideal)
            if (!ideal.nodes.has(position.key))
              ideal.nodes.set(position.key, { position, from: node, parts: block.parts })
          }
        }
      }
      if (next.size === 0) return undefined
      layer = next
    }
  }

  private place({ parts }: Sequence): Placed {
    const steps = new Map<number, Array<Part>>()
    for (const part of parts) {
      const step = this.log[part.at]?.step ?? -1
      const told = steps.get(step)
      if (told === undefined) steps.set(step, [part])
      else told.push(part)
    }
    const moving = Array.from(steps.keys()).filter((step) => steps.get(step)?.some(({ mode }) => mode === "changes"))
    const using = Array.from(steps.keys()).filter((step) => !moving.includes(step))
    const processOf = (step: number) => this.events[step]?.process ?? -1
    const all = [...new Set(moving.map(processOf))]
      .sort((a, b) => a - b)
      .map((process) => moving.filter((step) => processOf(step) === process))
    const block = (step: number): Block => ({
      parts: steps.get(step) ?? [],
      needs: all.map((chain) => firstNot(chain, (other) => this.precedes(other, step))),
      most: all.map((chain) => firstNot(chain, (other) => !this.precedes(step, other)))
    })
    return { moves: all.map((chain) => chain.map(block)), uses: using.map(block) }
  }

  private idOf(text: string): number {
    const known = this.ids.get(text) ?? this.ids.size + 1
    this.ids.set(text, known)
    return known
  }

  private precedes(one: number, other: number): boolean {
    const [first, later] = [this.events[one], this.events[other]]
    if (one === other || first === undefined || later === undefined) return false
    return (later.clock[first.process] ?? 0) >= first.nth
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
