/**
 * One check as it goes on: what the search found, what the laws say of it, and what the check doubts of itself.
 *
 * It runs no fiber of its own and installs no patch: whoever drives it has. Inside the package only.
 */
import type * as Exit from "effect/Exit"
import { asked, askedOf, type Broken, brokenBy, named } from "./asked.ts"
import { along, finestRun, randomRun, reordered, type Sample } from "./audit.ts"
import {
  type Counterexample,
  choicesOf,
  columnsOf,
  type Deviations,
  deviations,
  eventsOf,
  fingerprint,
  type Size,
  scripted,
  stepsOf,
  tokenOf
} from "./counterexample.ts"
import type { Engine } from "./engine.ts"
import { type ExploreError, nondeterministic, troubled, untracked } from "./errors.ts"
import { type Breach, Orders } from "./orders.ts"
import type { Search } from "./search.ts"
import { difference, outcomeOf, type Seen, seenOf } from "./seen.ts"
import { type Bounds, type Order, type Profile, unbounded } from "./tree.ts"
import {
  type Execution,
  Falsified,
  Inconclusive,
  type Observation,
  type Options,
  type Progress,
  type StoppedBy,
  type Verdict,
  Verified
} from "./verdict.ts"
import { traced } from "./where.ts"

const smaller = (a: ReadonlyArray<number>, b: ReadonlyArray<number>): boolean => {
  for (let i = 0; i < a.length; i++) if ((a[i] ?? 0) !== (b[i] ?? 0)) return (a[i] ?? 0) < (b[i] ?? 0)
  return false
}

interface Failure {
  readonly law: string
  readonly reason: string
  readonly size: ReturnType<Search["size"]>
  readonly deviations: Deviations
}

const samples = 8
const walks = 24
const slice = 20_000

/** One check as it goes on: all that it found so far. */
export class Checking<A, E> {
  readonly engine: Engine<A, E>
  readonly search: Search
  readonly bounds: Bounds
  private readonly options: Options<A, E>
  private readonly isOver: () => boolean
  private readonly missing: Set<string>
  private readonly traces = new Set<number>()
  private readonly outcomes = new Set<string>()
  private readonly sampled: Array<Sample> = []
  private readonly orders: ReadonlyArray<readonly [name: string, orders: Orders]>
  /** How many first steps all executions share since the last whose orders were judged. */
  private shared = 0
  executions = 0
  pruned = 0
  failing = 0
  private lastFailed = 0
  longest = 0
  worst: Failure | undefined
  complete = false
  private readonly learnt: number
  stoppedBy: StoppedBy | undefined

  /** `isOver`: has the time of the budget run out? */
  constructor(engine: Engine<A, E>, options: Options<A, E>, isOver: () => boolean) {
    this.isOver = isOver
    const { budget = {}, within = {} } = options
    this.options = options
    this.engine = engine
    this.learnt = engine.machine.names.learnt
    this.bounds = {
      faults: within.faults ?? unbounded.faults,
      interruptions: within.interruptions ?? unbounded.interruptions,
      stepsPerFiber: within.stepsPerFiber ?? unbounded.stepsPerFiber,
      preemptions: budget.preemptions ?? unbounded.preemptions,
      totalSteps: budget.totalSteps ?? unbounded.totalSteps
    }
    this.orders = Object.entries(options.everyOrder ?? {}).map(([name, law]) => [name, new Orders(law)])
    this.missing = new Set(Object.keys(options.sometimes ?? {}))
    this.search = this.engine.search(this.bounds)
  }

  /** What this search took for one order has turned out to be two: all is to be searched again. */
  get stale(): boolean {
    return this.engine.machine.names.learnt > this.learnt
  }

  /** Runs for a while. An error ends the check; true is when there is nothing left to run. */
  work(): boolean | ExploreError {
    const { engine, search } = this
    let steps = 0
    while (steps < slice) {
      const { ending, exit } = engine.run(search)
      this.shared = Math.min(this.shared, search.shared)
      if (this.stale) return true
      steps += engine.machine.stepIndex + 1
      const error = this.take(ending, exit)
      if (error !== undefined) return error
      if (this.stoppedBy !== undefined) return true
      if (!search.backtrack()) {
        this.complete = true
        return true
      }
      const limit = this.options.budget?.executions
      if (limit !== undefined && this.executions >= limit) {
        this.stoppedBy = "executions"
        return true
      }
    }
    return false
  }

  private take(ending: ReturnType<Search["run"]>, exit: Exit.Exit<A, E> | undefined): ExploreError | undefined {
    const { engine, search } = this
    const { trouble } = engine.machine
    if (trouble !== null) return troubled(trouble)
    if (ending === "diverged") return nondeterministic(search.diverged)
    if (engine.machine.abandoned !== null) return this.escaped()
    if (ending !== "ended") {
      this.pruned++
      return undefined
    }
    if (engine.escaped() !== undefined) return this.escaped()
    this.executions++
    this.longest = Math.max(this.longest, search.events.length)
    if (this.traces.size < 1_000_000) this.traces.add(search.trace())
    const broken = this.broken(exit)
    this.sees(exit, broken)
    if (exit === undefined) {
      const waits = engine.waiting().map(({ fiber, waitsFor }) => `${fiber} waits for ${waitsFor}`)
      this.fails("deadlock", waits.join("; "))
      return undefined
    }
    this.meets(exit)
    for (const [law, reason] of broken) this.fails(law, reason)
    let isBroken = false
    const { inline, observed } = engine.machine
    for (const [name, orders] of this.orders) {
      // Effect's own scheduler makes every one of its orders an execution.
      const breach = askedOf(name, () =>
        inline
          ? orders.brokenAsItCame(search.events, observed)
          : orders.broken(search.events, observed, this.shared, this.isOver)
      )
      if (breach === "unfinished") {
        this.stoppedBy = "time"
        return undefined
      }
      if (breach === undefined) continue
      isBroken = true // the engine goes on to what breaks it, and the law is asked again about all of the next execution
      const doubt = this.reorders(name, orders, breach)
      if (doubt !== undefined) return doubt
    }
    this.shared = isBroken ? 0 : Number.POSITIVE_INFINITY
    return undefined
  }

  /** An order of this execution breaks a law: to run it is to have an execution that does. */
  private reorders(law: string, orders: Orders, breach: Breach): ExploreError | undefined {
    const { bounds, engine } = this
    if (breach.order.length === 0) {
      this.fails(law, breach.reason)
      return undefined
    }
    const search = engine.search(bounds)
    const { ending } = engine.run(search, along(orders.steps(breach)))
    if (ending !== "ended" || orders.afresh.brokenAsItCame(search.events, engine.machine.observed) === undefined) {
      return untracked(`"${law}" is broken in an order of an execution, and not by the execution that has it`)
    }
    this.fails(law, breach.reason, search)
    return undefined
  }

  /** Runs this execution again, to say where. */
  private escaped(): ExploreError {
    const { bounds, engine, search } = this
    const events = [...search.events]
    traced(() => void engine.run(engine.search(bounds), along(events)))
    const trouble = engine.escaped()
    return trouble === undefined ? nondeterministic("it no longer waits for what it waited for") : troubled(trouble)
  }

  /** What it breaks of `always`: the execution that has just been run. */
  private broken(exit: Exit.Exit<A, E> | undefined): ReadonlyArray<Broken> {
    const { always } = this.options
    return exit === undefined || always === undefined ? [] : brokenBy({ exit, bySubject: this.bySubject() }, always)
  }

  private meets(exit: Exit.Exit<A, E>): void {
    if (this.missing.size === 0) return
    const execution: Execution<A, E> = { exit, bySubject: this.bySubject() }
    for (const name of this.missing)
      if (asked(name, this.options.sometimes?.[name], execution) === true) this.missing.delete(name)
  }

  private bySubject(): ReadonlyMap<string, ReadonlyArray<Observation>> {
    const { machine } = this.engine
    const out = new Map<string, Array<Observation>>()
    for (const { process, subjects = [], value } of machine.observed) {
      const fiber = machine.names.processName(process)
      for (const { mode, subject } of subjects) {
        const list = out.get(subject)
        if (list === undefined) out.set(subject, [{ mode, value, fiber }])
        else list.push({ mode, value, fiber })
      }
    }
    return out
  }

  private fails(law: string, reason: string, search = this.search): void {
    if (this.lastFailed < this.executions) this.failing++
    this.lastFailed = this.executions
    const size = search.size()
    if (this.worst !== undefined && !smaller(size, this.worst.size)) return
    this.worst = { law, reason, size, deviations: deviations(search) }
  }

  /** How the execution ended that has just been run, what it observed, and which laws it breaks. */
  private readonly outcome = (exit: Exit.Exit<A, E> | undefined, broken = this.broken(exit)): string =>
    outcomeOf(exit, this.engine.machine.observed, named(broken))

  /** What laws see of it, and say to it: they may see more in a value than its text tells. */
  private readonly see = (exit: Exit.Exit<A, E> | undefined, broken = this.broken(exit)): Seen => {
    const { observed } = this.engine.machine
    const heard = this.orders.map(([, orders]) => orders.heard(observed))
    return seenOf(exit, observed, heard, named(broken))
  }

  /** Keeps every outcome, and of the executions the first, and then ever rarer ones. */
  private sees(exit: Exit.Exit<A, E> | undefined, broken: ReadonlyArray<Broken>): void {
    const { executions } = this
    this.outcomes.add(this.outcome(exit, broken))
    if (executions > samples && (executions & (executions - 1)) !== 0) return
    this.sampled.push({ events: [...this.search.events], seen: this.see(exit, broken) })
  }

  /** The check's own doubts, once the search is over. */
  audit(): ExploreError | undefined {
    const { bounds, engine } = this
    for (const [at, sample] of this.sampled.entries()) {
      const again = engine.search(bounds)
      const { exit } = engine.run(again, along(sample.events))
      if (this.stale) return undefined
      const differ = difference(sample.seen, this.see(exit))
      if (differ !== undefined) return nondeterministic(differ)
      for (const seed of engine.machine.inline ? [] : [at * 2, at * 2 + 1]) {
        const wrong = reordered(engine, sample, seed, bounds, this.see)
        if (wrong !== undefined) return untracked(wrong)
      }
    }
    // Every schedule of the profile was run as it is: there is nothing that reduction could have missed.
    if (engine.machine.inline) return undefined
    if (!this.complete || this.search.incomplete) return undefined
    const isTold = this.traces.size < 1_000_000 // beyond, not every trace is remembered
    for (let seed = 0; seed < walks; seed++) {
      const run = randomRun(engine, seed, bounds, this.outcome)
      if (isTold && run !== undefined && !this.traces.has(run.trace))
        return untracked("a random schedule found a trace that the search did not")
      // Where fibers were stopped, it would go on: there it says nothing.
      const finest = this.search.pruned ? undefined : finestRun(engine, seed, bounds, this.outcome)
      for (const [schedule, outcome] of [
        ["a random schedule", run?.seen],
        ["a schedule that stops at every primitive", finest]
      ] as const) {
        if (outcome === undefined || this.outcomes.has(outcome)) continue
        return untracked(`${schedule} ends with ${outcome}, as no execution of the search did`)
      }
    }
    return isTold ? (this.inOrder("reversed", 300) ?? this.inOrder(1, 100)) : undefined
  }

  /** Runs the search in another order: all of it, or as much as `most` executions. */
  private inOrder(order: Order, most: number): ExploreError | undefined {
    const search = this.engine.search(this.bounds, true, order)
    let executions = 0
    do {
      if (executions >= most && this.executions > most) return undefined
      const { ending } = this.engine.run(search)
      if (ending === "diverged") return nondeterministic(search.diverged)
      if (ending === "ended") {
        executions++
        if (!this.traces.has(search.trace())) return untracked("the search found another trace in another order")
      }
    } while (search.backtrack())
    if (executions === this.executions) return undefined
    return untracked(`the search ran ${this.executions} executions in one order, and ${executions} in another`)
  }

  verdict(): Verdict {
    const { executions, failing, pruned } = this
    const [never] = this.missing
    const stoppedBy = this.stoppedBy ?? (this.search.incomplete ? this.cutBy() : undefined)
    const partly = stoppedBy === undefined ? {} : { stoppedBy }
    if (this.worst !== undefined) {
      return new Falsified({ counterexample: this.told(this.worst), executions, pruned, failing, ...partly })
    }
    if (stoppedBy !== undefined) {
      // A tree whose every branch was cut lies behind, and nothing of it is known.
      const covered = this.complete ? Math.min(executions, 1) : this.search.done()
      return new Inconclusive({ covered, stoppedBy, executions, pruned })
    }
    if (never !== undefined) {
      const reason = `no execution within the bounds has it`
      const size = [0, 0, 0, 0] as const
      return new Falsified({
        counterexample: this.told({ law: never, reason, size, deviations: [] }),
        executions,
        pruned,
        failing: 0
      })
    }
    const { profile, within = {} } = this.options
    return new Verified({ within, executions, pruned, ...(profile === undefined ? {} : { profile }) })
  }

  private cutBy(): StoppedBy {
    return this.bounds.preemptions === Number.POSITIVE_INFINITY ? "totalSteps" : "preemptions"
  }

  told({ deviations: given, law, reason }: Failure): Counterexample {
    const { counterexample, exit } = retell(this.engine, this.bounds, given, this.options.profile)
    if (exit === undefined) return { ...counterexample, law, reason }
    // Only now do the errors of the execution have their stacks.
    const again = asked(law, this.options.always?.[law], { exit, bySubject: this.bySubject() })
    return { ...counterexample, law, reason: typeof again === "string" ? again : reason }
  }

  progress(millis: number): Progress {
    const { executions, longest, search } = this
    return {
      executions,
      rate: millis <= 0 ? 0 : (executions * 1000) / millis,
      depth: longest,
      done: this.complete ? 1 : search.done()
    }
  }
}

/** Runs one execution by its deviations, and tells it. */
export const retell = <A, E>(engine: Engine<A, E>, bounds: Bounds, given: Deviations, profile: Profile | undefined) => {
  const search = engine.search(bounds)
  const script = scripted(given)
  const { ending, exit } = engine.run(search, script)
  const steps = stepsOf(engine.machine, search)
  const events = eventsOf(engine.machine)
  const [faults, interruptions, switches, length] = search.size()
  const size: Size = { faults, interruptions, switches, length }
  const hash = fingerprint(engine.machine, search)
  const isWhole = script.left() === 0
  // What is left of them is of another program, or of none: the token is that of what has been run.
  const token = tokenOf(hash, isWhole ? given : deviations(search), profile)
  const told = { token, choices: choicesOf(engine.machine, search), steps, events, size }
  return {
    ending,
    exit,
    hash,
    isWhole,
    counterexample: { ...told, columns: columnsOf(steps, events) }
  }
}
