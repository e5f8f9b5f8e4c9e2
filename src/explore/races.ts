/**
 * What happened before what, in one run, and which pairs of clashing steps might have come in the other order.
 *
 * Kept by vector clocks over the processes of the run, by their slots. Inside the package only.
 */
import { ADD, clash, READ, WRITE } from "./access.ts"
import type { Machine } from "./machine.ts"
import type { Process } from "./process.ts"
import { type Choice, type Event, type Ghost, join, mix, none } from "./tree.ts"

export class Races {
  readonly events: Array<Event> = []
  /** The answers that the step now taken was given. */
  answers: Array<number> = []
  /** Where in it which others went on at once. */
  atOnce: Array<number> = []
  /** Who has ended, and would the step now taken have interrupted it before? That is a race, though nothing is touched. */
  late: Process | undefined = undefined
  /** Whether what shows that somebody might go on at once is kept: a run along a script is told. */
  learns = true
  /** Where it is given one: how often which pair of accesses made the search try another order. */
  listing: Map<string, number> | undefined = undefined
  private readonly machine: Machine
  /** By slot. */
  private clocks: Array<ReadonlyArray<number>> = []
  private lastWrite: Array<number> = []
  private reads: Array<Array<number>> = []
  private adds: Array<Array<number>> = []
  private used: Array<number> = []
  /**
   * Sleeping steps that another woke or cancelled, and that did not come as they would have: what clashes with one of
   * them might have come before it, and both before the one that changed it. No race in this run says so.
   */
  private ghosts: Array<Ghost> = []

  constructor(machine: Machine) {
    this.machine = machine
  }

  /** Starts a run that shares this many steps with the one before. */
  begin(settled: number): void {
    this.clocks = []
    this.ghosts = []
    for (const cell of this.used) {
      this.lastWrite[cell] = -1
      this.reads[cell] = []
      this.adds[cell] = []
    }
    this.used = []
    this.events.length = settled
  }

  addGhosts(ghosts: ReadonlyArray<Ghost>): void {
    for (const ghost of ghosts) this.ghosts.push(ghost)
  }

  /** A step that touches all that it would have touched in its sleep is seen by itself. */
  private dropSeenGhosts(process: number): void {
    if (this.ghosts.length === 0) return
    const { machine } = this
    const covers = (access: number) => (machine.footprint.modeOf(access >> 3) & access & 7) === (access & 7)
    const isSeen = ({ accesses, index, process: whose }: Ghost) =>
      whose === process && this.events[index]?.process !== whose && accesses.every(covers)
    this.ghosts = this.ghosts.filter((ghost) => !isSeen(ghost))
  }

  /** Whether the step just taken clashes with these accesses. */
  clashes(accesses: ReadonlyArray<number>): boolean {
    for (let i = 0; i < accesses.length; i++) {
      const access = accesses[i] ?? 0
      const mode = this.machine.footprint.modeOf(access >> 3)
      if (mode !== 0 && clash(mode, access & 7)) return true
    }
    return false
  }

  told(accesses: ReadonlyArray<number>): string {
    if (accesses.length === 0) return "nothing"
    return accesses.map((access) => this.machine.names.cellName(access >> 3)).join(", ")
  }

  /** Takes an event into the tables by which later races are found. */
  enter({ accesses, clock, guests, process, slot }: Event, index: number): void {
    this.dropSeenGhosts(process)
    this.clocks[slot] = clock
    for (const guest of guests) this.clocks[guest] = clock
    for (let i = 0; i < accesses.length; i++) {
      const access = accesses[i] ?? 0
      const cell = access >> 3
      const mode = access & 7
      if (this.lastWrite[cell] === undefined || this.lastWrite[cell] === -1) {
        if ((this.reads[cell]?.length ?? 0) === 0 && (this.adds[cell]?.length ?? 0) === 0) {
          this.used.push(cell)
          this.lastWrite[cell] = -1
          this.reads[cell] = []
          this.adds[cell] = []
        }
      }
      if ((mode & WRITE) !== 0) {
        this.lastWrite[cell] = index
        this.reads[cell] = []
        this.adds[cell] = []
      } else {
        if ((mode & READ) !== 0) this.reads[cell]?.push(index)
        if ((mode & ADD) !== 0) this.adds[cell]?.push(index)
      }
    }
  }

  /** What comes before a step of this process whatever it touches: it could not be taken earlier. */
  private least(it: Process): Array<number> {
    const { events, machine } = this
    const clock = [...(this.clocks[it.slot] ?? [])]
    const cause = events[machine.madeBy]
    if (cause !== undefined) join(clock, cause.clock)
    // What it waited for came first in every order: no race.
    for (const cell of machine.waited) {
      const write = this.lastWrite[cell]
      const done = write === undefined ? undefined : events[write]
      if (done !== undefined) join(clock, done.clock)
    }
    for (const i of machine.required) join(clock, events[i]?.clock ?? none)
    for (const { slot } of machine.nesting.guests) join(clock, this.clocks[slot] ?? none)
    if (it.kind === "quiescence") this.clocks.forEach((other) => void join(clock, other))
    return clock
  }

  /** The last steps, by their places, with which these accesses clash. */
  private clashing(accesses: ReadonlyArray<number>): Array<number> {
    const found: Array<number> = []
    for (let i = 0; i < accesses.length; i++) {
      const access = accesses[i] ?? 0
      const cell = access >> 3
      const mode = access & 7
      const write = this.lastWrite[cell]
      if (write === undefined) continue
      if (write >= 0) found.push(write)
      if ((mode & (WRITE | ADD)) !== 0) for (const read of this.reads[cell] ?? []) found.push(read)
      if ((mode & (WRITE | READ)) !== 0) for (const add of this.adds[cell] ?? []) found.push(add)
    }
    return found
  }

  /** What comes before the step that this process is taking, by what it has touched until now. */
  soFar(it: Process): ReadonlyArray<number> {
    const clock = this.least(it)
    for (const i of this.clashing(this.machine.footprint.accesses())) join(clock, this.events[i]?.clock ?? none)
    return clock
  }

  /** How the step now taken went: what it was answered, and who went on within it. */
  get way(): string {
    const answers = this.answers.join()
    return this.atOnce.length === 0 ? answers : `${answers} ${this.atOnce.join()}`
  }

  /** A step taken for the first time: its place in the trace, and the races that it ends. */
  record(node: Choice, it: Process, index: number, reduce: boolean): void {
    const { events, machine } = this
    const accesses = machine.footprint.accesses()
    const clock = this.least(it)
    const candidates = this.clashing(accesses)
    const races: Array<number> = []
    if (candidates.length > 1) candidates.sort((a, b) => b - a)
    for (const i of candidates) {
      const event = events[i]
      if (event === undefined || (clock[event.slot] ?? 0) >= event.nth) continue
      if (event.process !== it.id) races.push(i)
      join(clock, event.clock)
    }
    const nth = it.steps
    clock[it.slot] = nth
    let hash = mix(it.id + 1, nth)
    for (const answer of this.answers) hash = mix(hash, answer)
    for (const place of this.atOnce) hash = mix(hash, place)
    for (const access of [...accesses].sort((a, b) => a - b)) hash = mix(hash, access)
    let before = 0 // a sum: slots are others in another order of the trace
    for (let slot = 0; slot < clock.length; slot++) {
      const n = clock[slot] ?? 0
      if (n > 0) before = (before + mix(machine.processes[slot]?.id ?? -1, n)) >>> 0
    }
    hash = mix(hash, before)
    const trace = ((events[index - 1]?.trace ?? 0) + hash * 0x1_0000 + (mix(hash, 77) & 0xffff)) % 0x1_0000_0000_0000
    const event: Event = {
      process: it.id,
      slot: it.slot,
      nth,
      accesses,
      answers: this.answers.length === 0 ? none : this.answers,
      atOnce: this.atOnce.length === 0 ? none : this.atOnce,
      clock,
      guests: machine.nesting.guests.map(({ slot }) => slot),
      node,
      trace
    }
    events[index] = event
    node.event = event
    node.variants.push({ answers: this.way, isHasty: this.atOnce.length > 0, accesses })
    this.enter(event, index)
    const within = machine.inline || !this.learns ? none : machine.nesting.mightBeWithin(it, accesses)
    if (!reduce) return
    for (const i of within) this.reverse(i, index, clock)
    for (const i of races) {
      if (this.reverse(i, index) && this.listing !== undefined) this.list(this.listing, i, event)
    }
    for (const ghost of this.ghosts) {
      const first = events[ghost.index]
      if (first === undefined || ghost.index >= index || ghost.process === it.id) continue
      if ((clock[first.slot] ?? 0) < first.nth && this.clashes(ghost.accesses)) this.reverse(ghost.index, index)
    }
    this.cancel(it, index)
    const { late } = this
    if (late !== undefined && (clock[late.slot] ?? 0) < late.steps) {
      const end = events.findLastIndex((event, at) => at < index && event.process === late.id)
      if (end >= 0) this.reverse(end, index)
    }
    // A timer waits for earlier ones without touching what they touch: each might have been set only after it fired.
    if (it.kind === "timer") {
      for (const { cause, deadline, kind } of machine.processes) {
        if (kind === "timer" && deadline < it.deadline && cause >= 0 && cause < index) this.reverse(cause, index)
      }
    }
  }

  /**
   * Steps that were pending and never run here, since the one just taken cancelled them. Each clashes with what cancelled
   * it; where it is asleep, it still clashes with all that would have woken it.
   */
  cancel(by: Process, index: number): void {
    for (const process of this.machine.cancelled) {
      if (process === by.id) continue
      for (let k = index; k >= 0; k--) {
        const event = this.events[k]
        if (event === undefined || event.process === process) break
        if (!event.node.enabled.includes(process)) continue
        this.add(event.node, process)
        const asleep = event.node.sleep.get(process) ?? event.node.drowsy.get(process) ?? []
        for (const { accesses } of asleep) this.ghosts.push({ process, accesses, index: k })
        break
      }
    }
  }

  private list(listing: Map<string, number>, i: number, last: Event): void {
    const { names } = this.machine
    const told = (mode: number) => ["R", "A", "W"].filter((_, bit) => (mode & (1 << bit)) !== 0).join("")
    for (const a of this.events[i]?.accesses ?? []) {
      for (const b of last.accesses) {
        if (a >> 3 !== b >> 3 || !clash(a & 7, b & 7)) continue
        const key = `${told(a & 7)}-${told(b & 7)} ${names.cellName(a >> 3)}: ${names.processName(this.events[i]?.process ?? -1)} and ${names.processName(last.process)}`
        listing.set(key, (listing.get(key) ?? 0) + 1)
      }
    }
  }

  private add(node: Choice, process: number): void {
    if (!node.backtrack.includes(process)) node.backtrack.push(process)
  }

  /** The step at `j` races with the one at `i`: makes sure that some order with the later one first is run. True where that is news.
   * Or, given what comes `before` it: that it might be within that step, once this has come before both.
   */
  private reverse(i: number, j: number, before?: ReadonlyArray<number>): boolean {
    const { events } = this
    const first = events[i]
    const last = events[j]
    if (first === undefined || last === undefined) return false
    const { backtrack, enabled } = first.node
    const heads: Array<Event> = []
    const initials: Array<number> = []
    const consider = (event: Event): boolean => {
      for (const head of heads) if (head.process === event.process) return false
      let initial = true
      for (const head of heads) {
        if ((event.clock[head.slot] ?? 0) >= head.nth) {
          initial = false
          break
        }
      }
      heads.push(event)
      if (!initial || !enabled.includes(event.process)) return false
      if (backtrack.includes(event.process)) return true
      initials.push(event.process)
      return false
    }
    for (let k = i + 1; k < j; k++) {
      const event = events[k]
      if (event === undefined || (event.clock[first.slot] ?? 0) >= first.nth) continue
      if (before !== undefined && (before[event.slot] ?? 0) < event.nth) continue
      if (consider(event)) return false
    }
    if (before === undefined ? consider(last) : heads.length === 0) return false
    if (initials.length === 0) {
      for (const process of enabled) this.add(first.node, process)
      return true
    }
    const process = initials.includes(last.process) ? last.process : initials[initials.length - 1]
    if (process !== undefined) this.add(first.node, process)
    return true
  }
}
