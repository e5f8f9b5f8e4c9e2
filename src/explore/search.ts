/**
 * The search: which schedules and answers to run, so that every order of two steps that clash is run once.
 *
 * Source-set dynamic partial-order reduction with sleep sets, depth first, by running the program again from its start
 * for each branch. A step's accesses say which steps clash; a race found in one execution makes the other order a
 * branch. The prefix that a run shares with the one before it is replayed, and must touch what it touched.
 *
 * Source: Abdulla, Aronsson, Jonsson, Sagonas: Optimal dynamic partial order reduction, POPL 2014 (source sets).
 * Inside the package only.
 */
import { ADD, clash, type Machine, type Process, READ, WRITE } from "./machine.ts"

/** What one step did. */
export interface Event {
  readonly process: number
  /** How many steps its process has taken, this one included. */
  readonly nth: number
  /** Cell times 8 plus mode. */
  readonly accesses: ReadonlyArray<number>
  /** The answers that it was given, in their order. */
  readonly answers: ReadonlyArray<number>
  /** By process: how many of its steps happened before the end of this one. */
  readonly clock: ReadonlyArray<number>
  readonly node: Choice
  /** The sum of the hashes of the events up to this one: the same for every order of one trace. */
  readonly trace: number
}

/** A point where the search chose which process goes on. */
export interface Choice {
  readonly kind: "process"
  process: number
  readonly enabled: ReadonlyArray<number>
  readonly backtrack: Array<number>
  /** Processes whose next step need not be run first here, with what that step touches. */
  readonly sleep: Map<number, ReadonlyArray<number>>
  /** What the chosen step touches, over all answers it was given. */
  accesses: Array<number>
  /** Which process the step before was of, and how many preemptions there are before and after this choice. */
  readonly before: number
  readonly spent: number
  preemptions: number
  event: Event | undefined
}

/** A point where the search chose for the program. */
export interface Answer {
  readonly kind: "answer"
  readonly label: string
  readonly options: ReadonlyArray<string>
  readonly cost: "nothing" | "fault" | "interruption"
  /** How many of the options may be taken within the bounds. */
  readonly count: number
  option: number
}

export type Node = Choice | Answer

/** Which of the processes that may go on is tried first. */
export type Order = "default" | "reversed" | number

export interface Bounds {
  readonly faults: number
  readonly interruptions: number
  readonly stepsPerFiber: number
  /** Null explores without this bound; what it cuts makes the search incomplete. */
  readonly preemptions: number
  readonly totalSteps: number
}

export const unbounded: Bounds = {
  faults: Number.POSITIVE_INFINITY,
  interruptions: Number.POSITIVE_INFINITY,
  stepsPerFiber: Number.POSITIVE_INFINITY,
  preemptions: Number.POSITIVE_INFINITY,
  totalSteps: 100_000
}

export type Ending =
  /** Nothing may go on. */
  | "ended"
  /** All that may go on is asleep: this run is another's equivalent. */
  | "blocked"
  /** A bound of the claim ended it. */
  | "pruned"
  /** A bound of the budget ended it. */
  | "cut"
  /** It cannot be trusted: see the machine's trouble. */
  | "trouble"
  /** A replayed step did something else than before. */
  | "diverged"

const mix = (a: number, b: number): number => {
  let x = Math.imul(a ^ b, 0x9e3779b1)
  x ^= x >>> 15
  x = Math.imul(x, 0x85ebca6b)
  return (x ^ (x >>> 13)) >>> 0
}

const generator = (seed: number): ((n: number) => number) => {
  let x = (seed + 1) * 0x9e3779b1
  return (n) => {
    x = (Math.imul(x, 1664525) + 1013904223) | 0
    return Math.floor(((x >>> 0) / 0x1_0000_0000) * n)
  }
}

/** Shared by all steps that were given no answer. */
const none: ReadonlyArray<number> = []

export interface Options {
  readonly bounds: Bounds
  /** Without reduction every order is run. */
  readonly reduce: boolean
  readonly order: Order
}

/** Runs one program, again and again. */
export class Search {
  readonly machine: Machine
  readonly stack: Array<Node> = []
  readonly events: Array<Event> = []
  private readonly options: Options
  private readonly start: (machine: Machine) => void
  private readonly go: (process: Process) => void
  private readonly random: ((n: number) => number) | undefined
  private readonly sleeps: boolean
  /** Position in the stack, in this run. */
  private at = 0
  private faults = 0
  private interruptions = 0
  private answers: Array<number> = []
  private clocks: Array<ReadonlyArray<number>> = []
  private lastWrite: Array<number> = []
  private reads: Array<Array<number>> = []
  private adds: Array<Array<number>> = []
  private used: Array<number> = []
  /** Sleeping steps that were cancelled, with what they would have touched. */
  private ghosts: Array<{ readonly process: number; readonly accesses: ReadonlyArray<number>; readonly index: number }> = []
  /** Given instead of the stack, where one given run is to be replayed. */
  private script: Script | undefined
  /** What a bound of the budget kept from being run. */
  incomplete = false
  diverged = ""

  constructor(machine: Machine, options: Options, start: (machine: Machine) => void, go: (process: Process) => void) {
    this.machine = machine
    this.options = options
    this.start = start
    this.go = go
    this.random = typeof options.order === "number" ? generator(options.order) : undefined
    this.sleeps = options.reduce && options.bounds.preemptions === Number.POSITIVE_INFINITY
  }

  /** A choice for the program, as the machine asks for it. */
  choose(label: string, options: ReadonlyArray<string>, cost: Answer["cost"]): number {
    const node = this.stack[this.at]
    if (this.script === undefined && node !== undefined) {
      this.at++
      if (node.kind !== "answer" || node.options.length !== options.length) {
        this.diverged = `it now asks for "${label}", where it asked for something else`
        return 0
      }
      return this.spend(node, node.option)
    }
    const left =
      cost === "fault"
        ? this.options.bounds.faults - this.faults
        : cost === "interruption"
          ? this.options.bounds.interruptions - this.interruptions
          : 1
    const unlimited = cost === "interruption" && this.options.bounds.interruptions === Number.POSITIVE_INFINITY
    const count = left > 0 ? options.length : 1
    const first = unlimited ? 1 : 0
    const asked = this.script === undefined || unlimited ? first : this.script.answer(label, options)
    const option = Math.min(asked, count - 1)
    const made: Answer = { kind: "answer", label, options, cost, count, option }
    this.stack.push(made)
    this.at++
    return this.spend(made, option)
  }

  private spend({ cost }: Answer, option: number): number {
    this.answers.push(option)
    if (option > 0 && cost === "fault") this.faults++
    if (option > 0 && cost === "interruption") this.interruptions++
    return option
  }

  /** Runs the program once, along the stack and then on. */
  run(script?: Script): Ending {
    const { machine, stack } = this
    const { stepsPerFiber, totalSteps } = this.options.bounds
    this.script = script
    if (script !== undefined) stack.length = 0
    this.at = 0
    this.faults = 0
    this.interruptions = 0
    this.diverged = ""
    this.clocks = []
    this.ghosts = []
    for (const cell of this.used) {
      this.lastWrite[cell] = -1
      this.reads[cell] = []
      this.adds[cell] = []
    }
    this.used = []
    const settled = this.settled()
    this.events.length = settled.count
    let previous: Choice | undefined
    let step = 0
    let pruned = false
    machine.reset()
    this.start(machine)
    for (;;) {
      if (machine.trouble !== null) return "trouble"
      const processes = machine.enabled()
      let enabled = processes
      if (stepsPerFiber !== Number.POSITIVE_INFINITY) {
        enabled = processes.filter((it) => it.steps < stepsPerFiber)
        if (enabled.length < processes.length) pruned = true
      }
      if (enabled.length === 0) return pruned ? "pruned" : "ended"
      if (step >= totalSteps) {
        this.incomplete = true
        return "cut"
      }
      let node = script === undefined ? stack[this.at] : undefined
      if (node === undefined) {
        const made = this.next(enabled, previous, script, step)
        if (typeof made === "string") return made
        stack.push(made)
        node = made
      }
      if (node.kind !== "process") {
        this.diverged = "it no longer asks for the choice that it asked for"
        return "diverged"
      }
      this.at++
      const chosen = node.process
      const it = enabled.find(({ id }) => id === chosen)
      if (it === undefined) {
        this.diverged = `${machine.names.processName(chosen)} can no longer go on`
        return "diverged"
      }
      const { cause } = it
      machine.cancelled.length = 0
      if (this.answers.length > 0) this.answers = []
      this.go(it)
      if (this.diverged !== "") return "diverged"
      const known = step < settled.count ? this.events[step] : undefined
      if (known === undefined) this.record(node, it, step, cause)
      else if (!this.same(known, it, step)) return "diverged"
      previous = node
      step++
    }
  }

  /** How many of the steps on the stack are the same as in the run before. */
  private settled(): { readonly count: number } {
    if (this.script !== undefined) return { count: 0 }
    let count = 0
    for (const node of this.stack) if (node.kind === "process") count++
    return { count: Math.max(0, count - 1) }
  }

  /** A new choice of who goes on. */
  private next(
    enabled: ReadonlyArray<Process>,
    previous: Choice | undefined,
    script: Script | undefined,
    step: number
  ): Choice | Ending {
    const ids = enabled.map(({ id }) => id)
    const before = previous?.process ?? -1
    if (script !== undefined) {
      const process = script.process(ids, before, step)
      if (process < 0) return "diverged"
      return choice(process, ids, [process], new Map(), before, 0)
    }
    const sleep = new Map<number, ReadonlyArray<number>>()
    if (previous !== undefined && this.sleeps) {
      for (const [process, accesses] of previous.sleep) {
        if (process !== previous.process && !this.clashes(accesses)) sleep.set(process, accesses)
      }
    }
    const awake = ids.filter((id) => !sleep.has(id))
    if (awake.length === 0) return "blocked"
    const spent = previous?.preemptions ?? 0
    const allowed = before < 0 || !ids.includes(before) || spent < this.options.bounds.preemptions
    if (!allowed && ids.length > 1) this.incomplete = true
    const process = allowed ? this.first(awake, before) : before
    const backtrack = this.options.reduce ? [process] : allowed ? [...ids] : [process]
    return choice(process, ids, backtrack, sleep, before, spent)
  }

  private first(awake: ReadonlyArray<number>, before: number): number {
    if (this.random !== undefined) return awake[this.random(awake.length)] ?? -1
    if (this.options.order === "reversed") return awake[awake.length - 1] ?? -1
    return awake.includes(before) ? before : (awake[0] ?? -1)
  }

  /** Whether the step just taken clashes with these accesses. */
  private clashes(accesses: ReadonlyArray<number>): boolean {
    for (let i = 0; i < accesses.length; i++) {
      const access = accesses[i] ?? 0
      const mode = this.machine.modeOf(access >> 3)
      if (mode !== 0 && clash(mode, access & 7)) return true
    }
    return false
  }

  private same(known: Event, it: Process, index: number): boolean {
    const accesses = this.machine.accesses()
    const as = known.accesses
    let equal = known.process === it.id && as.length === accesses.length && known.answers.length === this.answers.length
    for (let i = 0; equal && i < accesses.length; i++) equal = accesses[i] === as[i]
    if (!equal) {
      this.diverged = `step ${known.nth} of ${this.machine.names.processName(it.id)} touched ${this.told(accesses)}, and ${this.told(as)} before`
      return false
    }
    this.enter(known, index)
    if (this.options.reduce && this.script === undefined) this.cancel(it, index)
    return true
  }

  told(accesses: ReadonlyArray<number>): string {
    if (accesses.length === 0) return "nothing"
    return accesses.map((access) => this.machine.names.cellName(access >> 3)).join(", ")
  }

  /** Takes an event into the tables by which later races are found. */
  private enter({ accesses, clock, process }: Event, index: number): void {
    this.clocks[process] = clock
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

  /** A step taken for the first time: its place in the trace, and the races that it ends. */
  private record(node: Choice, it: Process, index: number, madeBy: number): void {
    const { events, machine } = this
    const accesses = machine.accesses()
    const clock = [...(this.clocks[it.id] ?? [])]
    const cause = events[madeBy]
    if (cause !== undefined) join(clock, cause.clock)
    const candidates: Array<number> = []
    for (let i = 0; i < accesses.length; i++) {
      const access = accesses[i] ?? 0
      const cell = access >> 3
      const mode = access & 7
      const write = this.lastWrite[cell]
      if (write === undefined) continue
      if (write >= 0) candidates.push(write)
      if ((mode & (WRITE | ADD)) !== 0) for (const read of this.reads[cell] ?? []) candidates.push(read)
      if ((mode & (WRITE | READ)) !== 0) for (const add of this.adds[cell] ?? []) candidates.push(add)
    }
    const races: Array<number> = []
    if (candidates.length > 1) candidates.sort((a, b) => b - a)
    for (const i of candidates) {
      const event = events[i]
      if (event === undefined || (clock[event.process] ?? 0) >= event.nth) continue
      if (event.process !== it.id) races.push(i)
      join(clock, event.clock)
    }
    const nth = it.steps
    clock[it.id] = nth
    let hash = mix(it.id + 1, nth)
    for (const answer of this.answers) hash = mix(hash, answer)
    for (const access of [...accesses].sort((a, b) => a - b)) hash = mix(hash, access)
    for (let p = 0; p < clock.length; p++) {
      const n = clock[p] ?? 0
      if (n > 0) hash = mix(mix(hash, p), n)
    }
    const trace = ((events[index - 1]?.trace ?? 0) + hash * 0x1_0000 + (mix(hash, 77) & 0xffff)) % 0x1_0000_0000_0000
    const event: Event = { process: it.id, nth, accesses, answers: this.answers.length === 0 ? none : this.answers, clock, node, trace }
    events[index] = event
    node.event = event
    node.accesses = node.accesses.length === 0 ? accesses : union(node.accesses, accesses)
    this.enter(event, index)
    if (!this.options.reduce || this.script !== undefined) return
    for (const i of races) this.reverse(i, index)
    for (const ghost of this.ghosts) {
      const first = events[ghost.index]
      if (first === undefined || ghost.index >= index || ghost.process === it.id) continue
      if ((clock[first.process] ?? 0) < first.nth && this.clashes(ghost.accesses)) this.reverse(ghost.index, index)
    }
    this.cancel(it, index)
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
  private cancel(by: Process, index: number): void {
    for (const process of this.machine.cancelled) {
      if (process === by.id) continue
      for (let k = index; k >= 0; k--) {
        const event = this.events[k]
        if (event === undefined || event.process === process) break
        if (!event.node.enabled.includes(process)) continue
        this.add(event.node, process)
        const accesses = event.node.sleep.get(process)
        if (accesses !== undefined) this.ghosts.push({ process, accesses, index: k })
        break
      }
    }
  }

  private add(node: Choice, process: number): void {
    if (!node.backtrack.includes(process)) node.backtrack.push(process)
  }

  /** The step at `j` races with the one at `i`: makes sure that some order with the later one first is run. */
  private reverse(i: number, j: number): void {
    const { events } = this
    const first = events[i]
    const last = events[j]
    if (first === undefined || last === undefined) return
    const { backtrack, enabled } = first.node
    const heads: Array<Event> = []
    const initials: Array<number> = []
    const consider = (event: Event): boolean => {
      for (const head of heads) if (head.process === event.process) return false
      let initial = true
      for (const head of heads) {
        if ((event.clock[head.process] ?? 0) >= head.nth) {
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
      if (event === undefined || (event.clock[first.process] ?? 0) >= first.nth) continue
      if (consider(event)) return
    }
    if (consider(last)) return
    if (initials.length === 0) {
      for (const process of enabled) this.add(first.node, process)
      return
    }
    const process = initials.includes(last.process) ? last.process : initials[initials.length - 1]
    if (process !== undefined) this.add(first.node, process)
  }

  /** Prepares the next run: false once there is none. */
  backtrack(): boolean {
    const { stack } = this
    for (;;) {
      const node = stack[stack.length - 1]
      if (node === undefined) return false
      if (node.kind === "answer") {
        const option = this.nextOption(node)
        if (option !== undefined) {
          node.option = option
          return true
        }
        stack.pop()
        continue
      }
      node.sleep.set(node.process, node.accesses)
      const process = node.backtrack.find((id) => !node.sleep.has(id) && this.affordable(node, id))
      if (process === undefined) {
        stack.pop()
        continue
      }
      node.process = process
      node.preemptions = node.spent + (preempts(node, process) ? 1 : 0)
      node.accesses = []
      node.event = undefined
      return true
    }
  }

  private affordable(node: Choice, process: number): boolean {
    if (!preempts(node, process) || node.spent < this.options.bounds.preemptions) return true
    this.incomplete = true
    return false
  }

  /** Unlimited interruptions are always made: one that comes after the end of its fiber is one that is not. */
  private nextOption({ cost, count, option }: Answer): number | undefined {
    if (cost === "interruption" && this.options.bounds.interruptions === Number.POSITIVE_INFINITY) return undefined
    return option + 1 < count ? option + 1 : undefined
  }

  /** How much of the tree lies behind, between 0 and 1: branches weighed alike at each node. */
  done(): number {
    let weight = 1
    let done = 0
    for (const node of this.stack) {
      if (node.kind === "answer") {
        weight /= node.count
        done += weight * node.option
      } else {
        const tried = node.backtrack.filter((id) => node.sleep.has(id) && id !== node.process).length
        weight /= Math.max(1, node.backtrack.length)
        done += weight * Math.min(tried, node.backtrack.length - 1)
      }
    }
    return done
  }

  /** What this run cost: faults, interruptions, context switches, length. */
  size(): readonly [faults: number, interruptions: number, switches: number, length: number] {
    let switches = 0
    for (let i = 1; i < this.events.length; i++) if (this.events[i]?.process !== this.events[i - 1]?.process) switches++
    return [this.faults, this.interruptions, switches, this.events.length]
  }

  /** The same for every order of one trace. */
  trace(): number {
    return this.events[this.events.length - 1]?.trace ?? 0
  }
}

/** Makes the choices of one run in place of the search. */
export interface Script {
  process(enabled: ReadonlyArray<number>, before: number, step: number): number
  answer(label: string, options: ReadonlyArray<string>): number
}

const choice = (
  process: number,
  enabled: ReadonlyArray<number>,
  backtrack: Array<number>,
  sleep: Map<number, ReadonlyArray<number>>,
  before: number,
  spent: number
): Choice => {
  const made: Choice = {
    kind: "process",
    process,
    enabled,
    backtrack,
    sleep,
    accesses: [],
    before,
    spent,
    preemptions: spent,
    event: undefined
  }
  if (preempts(made, process)) made.preemptions++
  return made
}

const preempts = ({ before, enabled }: Choice, process: number): boolean =>
  before >= 0 && before !== process && enabled.includes(before)

const join = (clock: Array<number>, other: ReadonlyArray<number>): void => {
  for (let i = 0; i < other.length; i++) {
    const n = other[i] ?? 0
    if (n > (clock[i] ?? 0)) clock[i] = n
  }
}

const union = (a: ReadonlyArray<number>, b: ReadonlyArray<number>): Array<number> => {
  const out = new Map<number, number>()
  for (const access of a) out.set(access >> 3, access & 7)
  for (const access of b) out.set(access >> 3, (out.get(access >> 3) ?? 0) | (access & 7))
  return Array.from(out, ([cell, mode]) => cell * 8 + mode)
}
