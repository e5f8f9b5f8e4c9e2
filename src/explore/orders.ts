/**
 * Every order that the log of one execution may have: a law of logs is asked about all of them, and the program runs once.
 *
 * What is told without a subject orders nothing, so one execution stands for all the logs that its happens-before allows.
 * Each subject of a law is an automaton of its own, which its changes move and its uses only look at. So it is asked where
 * it can stand once some of the changes are through, and not for each order in which they came there; and what was asked of
 * one execution is not asked again of another whose events of that subject are the same. Inside the package only.
 */
import type { Observed } from "./execution.ts"
import { type Block, firstNot, onwards, type Part, type Placed, signature, sumOf } from "./placed.ts"
import { type Event, mix } from "./tree.ts"
import type { LogLaw, Position, Sequence } from "./verdict.ts"

/** A breach, and the subject's events by their places in the log, in an order that leads to it and on: none, as they came. */
export interface Breach {
  readonly reason: string
  readonly order: ReadonlyArray<number>
}

/** Where an automaton stands, what it goes on to from there, and what it says of uses: each is asked once. */
interface Place {
  readonly position: Position
  readonly prefix: string
  readonly moves: Map<number, Place | string>
  readonly uses: Map<number, true | string>
}

/** Where an automaton stands, and by what it came there. */
interface Node {
  readonly place: Place
  readonly from: Node | undefined
  readonly parts: ReadonlyArray<Part>
}

/** How much of each chain has happened, and all places where the automaton may stand then. */
interface Ideal {
  readonly counts: ReadonlyArray<number>
  readonly nodes: Map<Place, Node>
}

/** From 1 on, in the order in which they are first asked for. */
const numberOf = (known: Map<string, number>, text: string): number => {
  const number = known.get(text) ?? known.size + 1
  known.set(text, number)
  return number
}

const path = (node: Node | undefined): ReadonlyArray<number> => {
  const taken: Array<ReadonlyArray<Part>> = []
  for (let it = node; it !== undefined; it = it.from) taken.push(it.parts)
  return taken.reverse().flatMap((parts) => parts.map(({ at }) => at))
}

/** Without a subject. */
const isTold = ({ subjects }: Observed): boolean => subjects === undefined

/** The orders of the executions of one search, as one law sees them. */
export class Orders {
  private readonly law: LogLaw
  private readonly ids = new Map<string, number>()
  private readonly roles = new Map<string, number>()
  private readonly places = new Map<string, Place>()
  /** Subjects whose every order is known to hold: their events, and which come before which. */
  private readonly settled = new Set<string>()
  /** Whole logs that are. */
  private readonly judged = new Set<string>()
  /** Of the last one whose every subject was asked about: their lengths, and how many first steps all have had since then. */
  private lengths: ReadonlyMap<string, number> = new Map()
  private sinceThen = 0
  private log: ReadonlyArray<Observed> = []
  private told: ReadonlyArray<number> = []
  private events: ReadonlyArray<Event> = []

  constructor(law: LogLaw) {
    this.law = law
  }

  /** The same law, asked again of everything. */
  get afresh(): Orders {
    return new Orders(this.law)
  }

  /**
   * Asks the law about every log that this execution may have; its first steps, so many, are those of the last one asked
   * about. There may be many orders: unfinished, where its time is over before all of them are through.
   */
  broken(
    events: ReadonlyArray<Event>,
    observed: ReadonlyArray<Observed>,
    shared: number,
    isOver: () => boolean = () => false
  ): Breach | "unfinished" | undefined {
    const isShared = ({ step }: Observed) => step < shared
    this.take(events, observed)
    this.told = this.log.map((it, at) => (isShared(it) && this.told[at]) || this.idOf(this.law.same(it.value)))
    const sinceThen = Math.min(this.sinceThen, shared)
    this.sinceThen = sinceThen
    const whole = this.whole()
    if (this.judged.has(whole)) return undefined
    this.sinceThen = 0
    const lengths = new Map<string, number>()
    for (const sequence of this.law.sequences(this.log.map(({ value }) => value))) {
      const { parts, subject } = sequence
      lengths.set(subject, parts.length)
      const last = this.log[parts.at(-1)?.at ?? -1]?.step ?? Number.POSITIVE_INFINITY
      if (last < sinceThen && this.lengths.get(subject) === parts.length) continue // nothing more, and nothing less
      const placed = this.place(sequence)
      const poset = signature(subject, placed, this.told, (role) => this.roleOf(role))
      if (this.settled.has(poset)) continue
      for (const start of this.starts(sequence)) {
        const found = this.asItCame(sequence, start) ?? this.search(placed, start, isOver)
        if (found !== undefined) return found // and again in the next execution: that may be a smaller one
      }
      this.settled.add(poset)
    }
    this.judged.add(whole)
    this.lengths = lengths
    this.sinceThen = Number.POSITIVE_INFINITY
    return undefined
  }

  /** The whole log: what each step tells, and which of those that tell come before it. The same for every order of them. */
  private whole(): string {
    const telling = new Map<number, { readonly slot: number; readonly nths: Array<number> }>()
    const texts = new Map<Event, number>()
    for (const [at, { step }] of this.log.entries()) {
      const event = this.events[step]
      if (event === undefined) continue
      const known = texts.get(event)
      texts.set(event, mix(known ?? 0, this.told[at] ?? 0))
      if (known !== undefined) continue
      const before = telling.get(event.process)
      if (before === undefined) telling.set(event.process, { slot: event.slot, nths: [event.nth] })
      else before.nths.push(event.nth)
    }
    let one = 0
    let other = 0
    for (const [{ clock, process }, text] of texts) {
      let hash = mix(process + 1, text)
      for (const [before, { nths, slot }] of telling) {
        const count = firstNot(nths, (nth) => nth <= (clock[slot] ?? 0))
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
    this.told = this.log.map(({ value }) => this.idOf(this.law.same(value)))
    for (const sequence of this.law.sequences(this.log.map(({ value }) => value))) {
      for (const start of this.starts(sequence)) {
        const found = this.asItCame(sequence, start)
        if (found !== undefined) return found
      }
    }
    return undefined
  }

  /** What no order changes of what the law hears: the same for every order of a trace. One that throws hears nothing. */
  heard(observed: ReadonlyArray<Observed>): string {
    const { fixed = this.law.same } = this.law
    try {
      return sumOf(observed.flatMap((it) => (isTold(it) ? [this.idOf(fixed(it.value))] : [])))
    } catch {
      return sumOf([])
    }
  }

  private take(events: ReadonlyArray<Event>, observed: ReadonlyArray<Observed>): void {
    this.events = events
    this.log = observed.filter(isTold)
  }

  /** Where the automata of a subject stand at first. */
  private starts({ start, subject }: Sequence): ReadonlyArray<Place> {
    return start().map((position, at) => this.placeOf(position, `${subject} ${at} `))
  }

  private placeOf(position: Position, prefix: string): Place {
    const key = `${prefix}${position.key}`
    const known = this.places.get(key) ?? { position, prefix, moves: new Map(), uses: new Map() }
    this.places.set(key, known)
    return known
  }

  /** Where it stands after these, or why they break the law, and at which of them. */
  private after(from: Place, parts: ReadonlyArray<Part>): Place | { readonly reason: string; readonly at: number } {
    let place = from
    for (const { at, mode, role } of parts) {
      const next = this.step(place, at, mode, role)
      if (typeof next === "string") return { reason: next, at }
      place = next
    }
    return place
  }

  private step(from: Place, at: number, mode: Part["mode"], role: string): Place | string {
    const event = this.log[at]?.value
    const told = this.told[at] ?? 0
    if (mode === "uses") {
      const says = from.uses.get(told) ?? from.position.use(event)
      from.uses.set(told, says)
      return says === true ? from : says
    }
    const code = told * 0x1_0000 + this.roleOf(role)
    const known = from.moves.get(code)
    if (known !== undefined) return known
    const position = from.position.change(event, role)
    const next = typeof position === "string" ? position : this.placeOf(position, from.prefix)
    from.moves.set(code, next)
    return next
  }

  private roleOf(role: string): number {
    return numberOf(this.roles, role)
  }

  /** A breach in the order that the execution itself has. */
  private asItCame({ parts }: Sequence, start: Place): Breach | undefined {
    const last = this.after(start, parts)
    if ("reason" in last) return { reason: last.reason, order: [] }
    const holds = last.position.end()
    return holds === true ? undefined : { reason: holds, order: [] }
  }

  private search({ moves, uses }: Placed, start: Place, isOver: () => boolean): Breach | "unfinished" | undefined {
    const none = moves.map(() => 0)
    let layer = new Map<string, Ideal>([
      ["", { counts: none, nodes: new Map([[start, { place: start, from: undefined, parts: [] }]]) }]
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
          if (isOver()) return "unfinished"
          for (const { parts } of looks) {
            const found = this.after(node.place, parts)
            if ("reason" in found) return { reason: found.reason, order: onwards(moves, [...path(node), found.at]) }
          }
          if (ready.length === 0) {
            const holds = node.place.position.end()
            if (holds !== true) return { reason: holds, order: path(node) }
          }
          for (const { block, chain } of ready) {
            const place = this.after(node.place, block.parts)
            if ("reason" in place) {
              return { reason: place.reason, order: onwards(moves, [...path(node), place.at]) }
            }
            const moved = counts.map((count, at) => (at === chain ? count + 1 : count))
            const key = moved.join()
            const ideal = next.get(key) ?? { counts: moved, nodes: new Map<Place, Node>() }
            next.set(key, ideal)
            if (!ideal.nodes.has(place)) ideal.nodes.set(place, { place, from: node, parts: block.parts })
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
    // An order that every run of the trace has: by how much comes before each.
    const inOrder = Array.from(steps.keys(), (step) => ({ step, ...this.rank(step) }))
    inOrder.sort((a, b) => a.before - b.before || a.process - b.process)
    const all: Array<Array<number>> = []
    const using: Array<number> = []
    for (const { step } of inOrder) {
      if (steps.get(step)?.some(({ mode }) => mode === "changes") !== true) {
        using.push(step)
        continue
      }
      const chain = all.find((known) => this.precedes(known.at(-1) ?? -1, step))
      if (chain === undefined) all.push([step])
      else chain.push(step)
    }
    const block = (step: number): Block => ({
      parts: steps.get(step) ?? [],
      needs: all.map((chain) => firstNot(chain, (other) => this.precedes(other, step))),
      most: all.map((chain) => firstNot(chain, (other) => !this.precedes(step, other)))
    })
    return { moves: all.map((chain) => chain.map(block)), uses: using.map(block) }
  }

  private rank(step: number) {
    const { clock, process } = this.events[step] ?? { clock: [], process: -1 }
    let before = 0
    for (const n of clock) before += n ?? 0
    return { before, process }
  }

  private idOf(text: string): number {
    return numberOf(this.ids, text)
  }

  private precedes(one: number, other: number): boolean {
    const [first, later] = [this.events[one], this.events[other]]
    if (one === other || first === undefined || later === undefined) return false
    return (later.clock[first.slot] ?? 0) >= first.nth
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
      event.clock.every((n, slot) => (n ?? 0) <= (taken[slot] ?? 0) + (slot === event.slot ? 1 : 0))
    while (left.length > 0) {
      const last = steps.at(-1)?.process
      const ready = left.filter(mayCome)
      const next = ready.find(({ process }) => process === last) ?? ready[0]
      if (next === undefined) return steps
      steps.push(next)
      taken[next.slot] = next.nth
      left.splice(left.indexOf(next), 1)
      const done = new Set(steps)
      while (turn < turns.length && done.has(turns[turn] ?? next)) turn++
    }
    return steps
  }
}
