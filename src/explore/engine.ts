/**
 * A program on the machine: its context with virtual time and seeded randomness, one execution, and what came of it.
 * Inside the package only.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Random from "effect/Random"
import * as References from "effect/References"
import * as Scheduler from "effect/Scheduler"
import { READ, WRITE } from "./access.ts"
import { activate, active } from "./active.ts"
import { ofAnother, type Trouble } from "./execution.ts"
import { Machine } from "./machine.ts"
import { evaluate } from "./patches.ts"
import { makeScheduler } from "./primitives.ts"
import type { Process } from "./process.ts"
import { exitSlot, type FiberView, process } from "./process.ts"
import { Search } from "./search.ts"
import { Explore, type Recorder } from "./service.ts"
import { clockOf, randomOf } from "./time.ts"
import { type Bounds, type Ending, type Order, type Profile, type Script, unbounded } from "./tree.ts"
import { interruptLater } from "./turns.ts"
import { withStacks } from "./where.ts"

/** What a fiber that never ended waits for. */
export interface Waiting {
  readonly fiber: string
  readonly waitsFor: string
}

/** One execution, to its end. */
export interface Execution<A, E> {
  readonly ending: Ending
  /** Undefined where the program never ended. */
  readonly exit: Exit.Exit<A, E> | undefined
}

/** How many things were named while no execution ran. */
let outside = 0

/** One program, and the machine that all its searches share, so that names are the same in each. */
export class Engine<A, E> {
  readonly machine: Machine
  private readonly program: Effect.Effect<A, E, Explore>
  private readonly context: Context.Context<Explore>

  constructor(program: Effect.Effect<A, E, Explore>, profile?: Profile) {
    this.program = program
    this.machine = new Machine(
      { choose: () => 0, atOnce: () => false, tooLate: () => {}, clock: () => [] },
      profile === "default-scheduler"
    )
    const machine = this.machine
    machine.scheduler = makeScheduler(machine)
    const recorder: Recorder = {
      record: (subjects, value) => {
        const { current } = machine
        if (active !== machine || current === null) return
        for (const { mode, subject } of subjects) {
          machine.touch(machine.names.subject(`${machine.subjectPrefix}${subject}`), mode === "uses" ? READ : WRITE)
        }
        machine.observed.push({ step: machine.stepIndex, process: current.id, subjects, value })
      },
      tell: (value) => {
        const { current } = machine
        if (active !== machine || current === null) return
        // What comes before and after it may be told in between; who registers a wait is at the end of its step anyway.
        if (machine.registering === null) machine.touched = 1
        machine.nesting.told()
        machine.observed.push({ step: machine.stepIndex, process: current.id, subjects: undefined, value })
      },
      name: (kind) => {
        const { current } = machine
        if (active !== machine || current === null) return `${kind}#outside:${++outside}`
        return `${kind}#${machine.names.path(current.id)}:${++current.named}`
      }
    }
    this.context = Context.empty().pipe(
      Context.add(Explore, {
        choose: (label, options, cost) => machine.chooser.choose(label, options, cost),
        interruptLater: (fiber) => {
          // Boundary: where the machine keeps its process is no part of a fiber's type.
          const it = (fiber as unknown as FiberView)[process]
          if (it === undefined) machine.refuse(ofAnother)
          else interruptLater(machine, it)
        },
        whenQuiet: (resume) => {
          machine.touched = 1
          machine.quiet.wait(resume)
        },
        recorder
      }),
      Context.add(Clock.Clock, clockOf(machine)),
      Context.add(Random.Random, randomOf(machine)),
      Context.add(References.TracerTimingEnabled, false), // when a span began is nobody's to decide by
      Context.add(Scheduler.Scheduler, machine.scheduler)
    )
  }

  /** Steps that run others within them are not told apart by what they touch: they are searched without reduction. */
  search(bounds: Bounds = unbounded, reduce = !this.machine.inline, order: Order = "default"): Search {
    return new Search(
      this.machine,
      { bounds, reduce, order },
      () => Effect.runForkWith(this.context)(this.program),
      (it: Process) => this.machine.step(it, evaluate)
    )
  }

  /** One run of a search. The patches must be in place. */
  run(search: Search, script?: Script): Execution<A, E> {
    const before = active
    if (before !== null) throw new Error("an execution cannot start another")
    this.machine.chooser = search
    activate(this.machine)
    const go = () => ({ ending: search.run(script), exit: this.exit() })
    try {
      // Nobody sees the stacks of an execution that is not told, and they take longer than all that is kept of it.
      return script === undefined ? withStacks(0, go) : go()
    } finally {
      activate(null)
    }
  }

  private exit(): Exit.Exit<A, E> | undefined {
    // Boundary: the program's own exit.
    return this.machine.root?.fiber?.[exitSlot] as Exit.Exit<A, E> | undefined
  }

  /** Fibers that wait for something that nobody will do. */
  waiting(): ReadonlyArray<Waiting> {
    return this.machine.processes.flatMap((it) => {
      if (it.fiber === undefined || it.fiber[exitSlot] !== undefined || it.pending) return []
      const { names } = this.machine
      const waitsFor =
        it.waitsFor >= 0 ? names.cellName(it.waitsFor) : "what never comes, or comes from outside the program"
      return [{ fiber: names.processName(it.id), waitsFor }]
    })
  }

  /** A fiber that waits, or waited in vain, for what no step of the program can bring: a promise, a timer, other I/O. */
  escaped(): Trouble | undefined {
    const { abandoned, processes } = this.machine
    if (abandoned !== null) return this.outside(abandoned.process, abandoned.register)
    for (const it of processes) {
      const { fiber, register } = it
      if (fiber === undefined || fiber[exitSlot] !== undefined || it.pending) continue
      if (register !== undefined && !it.tracked) return this.outside(it, register)
    }
    return undefined
  }

  private outside(it: Process, register: unknown): Trouble {
    const frame = it.fiber?.cache.stackFrame
    const said = frame?.stack()?.trim().replace(/^at /, "")
    const where = [...it.where, ...(said === undefined || it.where.includes(said) ? [] : [said])]
    const code = String(register)
    const what = promises.has(code) ? "a promise" : `a callback: ${code.replace(/\s+/g, " ").slice(0, 100)}`
    return {
      kind: "Escaped",
      subject: `${this.machine.names.processName(it.id)}${frame === undefined ? "" : `, in ${frame.name}`}`,
      detail: `it waits for what no step of the program can bring: ${what}${where.map((at) => `\n    at ${at}`).join("")}`,
      advice:
        "Provide a service in its place that answers within the program: Effect.succeed, a Deferred, Explore.choose."
    }
  }
}

/** The source of what registers a wait for a promise: each closure of it has the same. */
const promises: ReadonlySet<string> = new Set(
  [Effect.promise(() => Promise.resolve()), Effect.tryPromise(() => Promise.resolve())].map((it) =>
    String(Reflect.get(it, "register"))
  )
)
