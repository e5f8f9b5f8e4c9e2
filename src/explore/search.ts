import type { Machine } from "./machine.ts"
import { exitSlot, type Process } from "./process.ts"
import { Races } from "./races.ts"
import {
  type Answer,
  type Choice,
  choice,
  type Ending,
  type Event,
  type Ghost,
  generator,
  type Node,
  noneAsleep,
  type Options,
  preempts,
  type Script,
  type Variant
} from "./tree.ts"
import { mayGoOn } from "./turns.ts"

/** Runs one program, again and again. */
export class Search {
  readonly machine: Machine
  readonly stack: Array<Node> = []
  readonly races: Races
  private readonly options: Options
  private readonly start: (machine: Machine) => void
  private readonly go: (process: Process) => void
  private readonly random: ((n: number) => number) | undefined
  private readonly sleeps: boolean
  /** Position in the stack, in this run. */
  private at = 0
  private faults = 0
  private interruptions = 0
  /** How many times somebody might have gone on at once. */
  private chances = 0
  /** Given instead of the stack, where one given run is to be replayed. */
  private script: Script | undefined
  /** How many first steps of this run are those of the run before. */
  shared = 0
  /** What a bound of the budget kept from being run. */
  incomplete = false
  /** Whether `stepsPerFiber` kept anything from being run. */
  pruned = false
  diverged = ""

  constructor(machine: Machine, options: Options, start: (machine: Machine) => void, go: (process: Process) => void) {
    this.machine = machine
    this.races = new Races(machine)
    this.options = options
    this.start = start
    this.go = go
    this.random = typeof options.order === "number" ? generator(options.order) : undefined
    this.sleeps = options.reduce && options.bounds.preemptions === Number.POSITIVE_INFINITY
  }

  /** The steps of the run. */
  get events(): ReadonlyArray<Event> {
    return this.races.events
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
    const count = left > 0 ? options.length : 1
    // Asked even where the answer is settled: a script counts what it is asked.
    const option = Math.min(this.script?.answer(label, options) ?? 0, count - 1)
    const made: Answer = { kind: "answer", label, options, cost, count, option }
    this.stack.push(made)
    this.at++
    return this.spend(made, option)
  }

  /** Whether somebody who is woken goes on at once. Asked of the search where that has turned out to matter. */
  atOnce(by: Process, woken: Process): boolean {
    const { machine, script, stack } = this
    const nth = this.chances++
    const place = machine.nesting.place(woken)
    const { id } = woken
    if (woken.steps >= this.options.bounds.stepsPerFiber) return false
    let taken = false
    if (script !== undefined) {
      taken = script.atOnce(nth, place)
      if (taken) stack.push({ kind: "at once", nth, process: id, rest: new Set(), taken })
    } else {
      if (by !== woken && !machine.names.mayGoAtOnce(by.id, id)) return false
      const at = this.at++
      const node = stack[at] ?? { kind: "at once", nth, process: id, rest: new Set(), taken }
      stack[at] = node
      if (node.kind !== "at once" || node.nth !== nth) {
        this.diverged = "it wakes others than it woke before"
        return false
      }
      taken = node.taken
      machine.nesting.chosen(node)
    }
    if (taken) this.races.atOnce.push(place)
    return taken
  }

  tooLate(process: Process): void {
    if (this.interruptions < this.options.bounds.interruptions) this.races.late = process
  }

  clock(now: Process): ReadonlyArray<number> {
    return this.races.soFar(now)
  }

  private spend({ cost }: Answer, option: number): number {
    this.races.answers.push(option)
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
    this.chances = 0
    this.diverged = ""
    const settled = this.settled()
    this.races.begin(settled)
    this.races.learns = script === undefined
    this.shared = settled
    let previous: Choice | undefined
    let step = 0
    let pruned = false
    machine.reset()
    this.start(machine)
    for (;;) {
      if (machine.trouble !== null) return "trouble"
      const processes = mayGoOn(machine)
      let enabled = processes
      if (stepsPerFiber !== Number.POSITIVE_INFINITY) {
        enabled = processes.filter((it) => it.steps < stepsPerFiber)
        if (enabled.length < processes.length) pruned = true
      }
      if (enabled.length === 0) {
        if (!pruned) return "ended"
        this.pruned = true
        return "pruned"
      }
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
      machine.cancelled.length = 0
      if (this.races.answers.length > 0) this.races.answers = []
      if (this.races.atOnce.length > 0) this.races.atOnce = []
      this.races.late = undefined
      this.go(it)
      if (this.diverged !== "") return "diverged"
      const known = step < settled ? this.events[step] : undefined
      if (known === undefined) {
        // Whoever goes on at once for nothing makes another order of an execution that there is already.
        const isAgain = script === undefined && !machine.everyPrimitive && machine.nesting.inVain
        this.races.record(node, it, step, this.options.reduce && script === undefined)
        const { way } = this.races
        if (isAgain || node.drowsy.get(chosen)?.some((variant) => variant.answers === way) === true) return "blocked"
        node.isOpen = true
      } else if (!this.retake(known, it, step)) return "diverged"
      previous = node
      step++
      if (machine.inline && machine.processes.some((it) => it.steps > stepsPerFiber)) {
        this.pruned = true
        return "pruned"
      }
    }
  }

  /** How many of the steps on the stack are the same as in the run before. */
  private settled(): number {
    if (this.script !== undefined) return 0
    let count = 0
    for (const node of this.stack) if (node.kind === "process") count++
    return Math.max(0, count - 1)
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
      return choice(process, ids, [process], noneAsleep, noneAsleep, before, 0)
    }
    let sleep = noneAsleep
    let drowsy = noneAsleep
    if (previous !== undefined && this.sleeps && previous.sleep.size + previous.drowsy.size > 0) {
      const asleep = new Map<number, ReadonlyArray<Variant>>()
      const half = new Map<number, ReadonlyArray<Variant>>()
      sleep = asleep
      drowsy = half
      const still = ({ accesses }: Variant) => !this.races.clashes(accesses)
      const woken: Array<Ghost> = []
      const index = step - 1
      let hasty = false
      const keep = (process: number, variants: ReadonlyArray<Variant>): ReadonlyArray<Variant> => {
        const kept = variants.filter(still)
        if (kept.length < variants.length) {
          for (const it of variants) {
            if (kept.includes(it)) continue
            woken.push({ process, accesses: it.accesses, index })
            if (it.isHasty) hasty = true
          }
        }
        return kept
      }
      for (const [process, variants] of previous.sleep) {
        if (process === previous.process) continue
        const kept = keep(process, variants)
        if (kept.length === variants.length) asleep.set(process, variants)
        else if (kept.length > 0) half.set(process, kept)
      }
      for (const [process, variants] of previous.drowsy) {
        if (process === previous.process || previous.sleep.has(process)) continue
        const kept = keep(process, variants)
        if (kept.length > 0) half.set(process, kept)
      }
      if (hasty || woken.some(({ process }) => this.isTooLate(process))) {
        // Its no is known, so the run may be cut before it has met all the races: none of them is left to be found by it.
        // So it is with whoever would have gone on at once, and may no longer.
        for (const id of previous.enabled) if (!previous.backtrack.includes(id)) previous.backtrack.push(id)
      }
      // Who was half asleep did not go as he would have in his sleep: what clashes with that might have come before him.
      for (const { accesses } of previous.drowsy.get(previous.process) ?? [])
        if (accesses.length > 0) woken.push({ process: previous.process, accesses, index })
      previous.woken = woken
      this.races.addGhosts(woken)
    }
    const awake = ids.filter((id) => !sleep.has(id))
    if (awake.length === 0) return "blocked"
    const spent = previous?.preemptions ?? 0
    const allowed = before < 0 || !ids.includes(before) || spent < this.options.bounds.preemptions
    if (!allowed && ids.length > 1) this.incomplete = true
    const process = allowed ? this.first(awake, before) : before
    const backtrack = this.options.reduce ? [process] : allowed ? [...ids] : [process]
    return choice(process, ids, backtrack, sleep, drowsy, before, spent)
  }

  /** An interrupter whose target has ended: as long as it slept, it would have interrupted it. */
  private isTooLate(process: number): boolean {
    const target = this.machine.processes.find(({ id }) => id === process)?.target
    return target?.fiber?.[exitSlot] !== undefined
  }

  private first(awake: ReadonlyArray<number>, before: number): number {
    if (this.random !== undefined) return awake[this.random(awake.length)] ?? -1
    if (this.options.order === "reversed") return awake[awake.length - 1] ?? -1
    return awake.includes(before) ? before : (awake[0] ?? -1)
  }

  private retake(known: Event, it: Process, index: number): boolean {
    const equal =
      known.process === it.id &&
      known.answers.length === this.races.answers.length &&
      known.atOnce.length === this.races.atOnce.length &&
      this.machine.footprint.is(known.accesses)
    if (!equal) {
      const now = this.races.told(this.machine.footprint.accesses())
      this.diverged = `step ${known.nth} of ${this.machine.names.processName(it.id)} touched ${now}, and ${this.races.told(known.accesses)} before`
      return false
    }
    this.races.enter(known, index)
    this.races.addGhosts(known.node.woken)
    if (this.options.reduce && this.script === undefined) this.races.cancel(it, index)
    return true
  }

  /** Prepares the next run: false once there is none. */
  backtrack(): boolean {
    const { stack } = this
    for (;;) {
      const node = stack[stack.length - 1]
      if (node === undefined) return false
      if (node.kind === "answer") {
        if (node.option + 1 < node.count) {
          node.option++
          return true
        }
        stack.pop()
        continue
      }
      if (node.kind === "at once") {
        if (!node.taken) {
          node.taken = true
          return true
        }
        stack.pop()
        continue
      }
      node.sleep = new Map(node.sleep).set(node.process, node.variants)
      // All that was left of a step slept, too, or what was not spends what another might have: somebody else is to be first.
      // What touches nothing would have been first anywhere.
      const isWide = (id: number) => node.drowsy.get(id)?.some(({ accesses }) => accesses.length > 0) === true
      const isPartial = !node.isOpen || this.options.bounds.faults !== Number.POSITIVE_INFINITY
      if (isPartial && this.options.reduce && node.backtrack.every((id) => node.sleep.has(id))) {
        const awake = node.enabled.filter((id) => !node.sleep.has(id))
        if (awake.length > 0 && node.backtrack.some(isWide)) node.backtrack.push(this.first(awake, node.before))
      }
      const process = node.backtrack.find((id) => !node.sleep.has(id) && this.affordable(node, id))
      if (process === undefined) {
        stack.pop()
        continue
      }
      node.process = process
      node.preemptions = node.spent + (preempts(node, process) ? 1 : 0)
      node.variants = []
      node.event = undefined
      return true
    }
  }

  private affordable(node: Choice, process: number): boolean {
    if (!preempts(node, process) || node.spent < this.options.bounds.preemptions) return true
    this.incomplete = true
    return false
  }

  /** How much of the tree lies behind, between 0 and 1: branches weighed alike at each node. */
  done(): number {
    let weight = 1
    let done = 0
    for (const node of this.stack) {
      if (node.kind === "answer") {
        weight /= node.count
        done += weight * node.option
      } else if (node.kind === "at once") {
        weight /= 2
        if (node.taken) done += weight
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
