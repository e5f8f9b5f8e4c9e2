/**
 * One execution of an Effect program, step by step: who may go on, what each step touched, what is born under which name.
 *
 * A process is a fiber, a task given to the scheduler, a timer or an interrupter. A step is what one process does until
 * the next primitive after its first visible access, or after a place past which an interruption would do something else
 * (`masks.ts`); whom it wakes may go on within it (`nesting.ts`). The machine chooses nothing: the search says who goes
 * next. It knows no patch: `patches.ts` tells it what Effect's own classes do.
 *
 * Everything has its name from birth, by its creator's path and count, so that it is the same in every execution in
 * which its creator did the same: fiber ids and first touches depend on the schedule. Inside the package only.
 */

import type * as Scheduler from "effect/Scheduler"
import { READ, WRITE } from "./access.ts"
import { type Chooser, type Observed, openList, ranOutside, type Trouble, thrownToNobody } from "./execution.ts"
import { Footprint } from "./footprint.ts"
import { Names } from "./names.ts"
import { type Guest, Nesting } from "./nesting.ts"
import { exitSlot, type FiberView, INBOX, INTERRUPT, Process, type ProcessKind, process } from "./process.ts"
import { Quiet } from "./quiet.ts"
import { none } from "./tree.ts"

export class Machine {
  readonly names = new Names()
  /** Which fibers are ours: those that this scheduler runs. */
  scheduler: Scheduler.Scheduler | undefined = undefined
  readonly subjectPrefix = "subject "
  epoch = 0
  chooser: Chooser
  /** Ends a step at every primitive, and looks at nothing: the oracle that shares no tracking. */
  everyPrimitive = false
  /** Runs as Effect's own scheduler does: whom a step wakes or starts at once goes on within it, and its tasks in turn. */
  readonly inline: boolean

  ready: Array<Process> = []
  timers: Array<Process> = []
  processes: Array<Process> = []
  current: Process | null = null
  /** The fiber that may be evaluated in place: the one whose step this is. */
  granted: Process | null = null
  yielding: Process | null = null
  newborn: Process | null = null
  peeked = false
  quiet = new Quiet()
  /** Who is about to wait for what, once there, stays. */
  awaiting: Process | null = null
  /** Whose callback is being registered, or whose observer runs. */
  registering: Process | null = null
  /** Whether that callback is one that cannot tell in which order its fibers succeed. */
  commuting = false
  /** How many interruptions there were, of whomever. */
  interruptions = 0
  /** The step that made the one now taken possible, and the cells and the steps that it had to wait for. */
  madeBy = -1
  waited: ReadonlyArray<number> = none
  required: ReadonlyArray<number> = none
  root: Process | null = null

  touched = 0
  /** Whether its fiber could be interrupted within this step, and then could not. */
  masked = false
  /** How often somebody was woken, or would have been. */
  wakes = 0
  /** Who runs within the step of another now. */
  guest: Guest | null = null
  /** Where the machine is in what a failure, or the end of a mask, asks of a fiber's stack. */
  failing = false
  leaving = false
  budget = 0
  stepIndex = -1
  cancelled: Array<number> = []
  observed: Array<Observed> = []
  trouble: Trouble | null = null
  /** Fibers that the step now taken started under another scheduler: at its end they have ended, or escape. */
  strangers: Array<object> = []
  /** Was interrupted while it waited for what no step brings: outside, that might have come first. */
  abandoned: { readonly process: Process; readonly register: unknown } | null = null
  now = 0

  readonly footprint = new Footprint()
  readonly nesting: Nesting
  lastTouched = -1
  readonly nowCell: number
  /** The cells of layers: most were there before the program. */
  readonly layers = new WeakMap<object, number>()
  private rootKids = 0

  constructor(chooser: Chooser, inline = false) {
    this.chooser = chooser
    this.inline = inline
    this.nowCell = this.names.subject("the clock")
    this.nesting = new Nesting(this.names)
  }

  reset(): void {
    this.epoch++
    this.ready = []
    this.timers = []
    this.processes = []
    this.quiet = new Quiet()
    this.rest()
    this.root = null
    this.touched = 0
    this.stepIndex = -1
    this.cancelled.length = 0
    this.observed = []
    this.trouble = null
    this.abandoned = null
    this.strangers = []
    this.now = 0
    this.rootKids = 0
    this.footprint.clear()
    this.nesting.reset()
  }

  // --- accesses -----------------------------------------------------------------------------------------------------

  /** A visible access: the step ends at the next primitive. */
  touch(cell: number, mode: number): void {
    if (this.awaiting !== null) {
      const { awaited, awaits } = this.awaiting
      const kind = this.names.cells[cell]?.kind ?? ""
      if (mode === READ && (kind === "Deferred" || kind === "the end of")) {
        if (awaits && !awaited.includes(cell)) awaited.push(cell) // it is asked again as it registers
        this.noteWaits(cell)
      } else if (awaits) this.refuse(openList)
      return
    }
    this.touched = 1
    this.lastTouched = cell
    this.note(cell, mode)
  }

  /** An access that is no reason to end the step. */
  note(cell: number, mode: number): void {
    this.footprint.note(cell, mode)
    this.nesting.noted(cell, mode)
  }

  /** Somebody begins to wait for it, or no longer does, or finds it there: an access where it counts who was first. */
  noteWaits(cell: number): void {
    if (this.names.ordered.has(cell)) this.note(this.names.waits(cell), WRITE)
  }

  /** It has just been written, once and for all: whoever waits for it is woken. */
  completes(cell: number): void {
    this.wakes++
    if (this.inline || this.current === null) return
    this.noteWaits(cell)
    this.nesting.completes(this.current, cell)
  }

  // --- births -------------------------------------------------------------------------------------------------------

  bear(kind: ProcessKind): Process {
    const creator = this.current
    const nth = creator === null ? ++this.rootKids : ++creator.kids
    const id = this.names.process(creator === null ? -1 : creator.id, nth, kind)
    const { length } = this.processes
    const it = new Process(id, length, kind, this.epoch, this.names.processes[id]?.cells ?? 0, this.stepIndex)
    if (creator !== null) it.where = creator.where
    this.processes.push(it)
    return it
  }

  bearCell(kind: string): number {
    const creator = this.current
    if (creator === null) return this.names.cell(-1, 1, kind)
    return this.names.cell(creator.id, ++creator.births, kind)
  }

  bearFiber(fiber: FiberView): void {
    const it = this.bear("fiber")
    it.fiber = fiber
    fiber[process] = it
    this.root ??= it
    this.newborn = it
    this.peeked = false
  }

  refuse(trouble: Trouble): void {
    this.trouble ??= trouble
  }

  // --- who may go on ------------------------------------------------------------------------------------------------

  enqueue(it: Process): void {
    if (it.pending) return
    it.pending = true
    it.cause = this.stepIndex
    this.touched = 1
    this.ready.push(it)
  }

  /** A fiber is to be evaluated: at once in its own step, or within that of whoever wakes it; else as one that may go on. */
  offer(fiber: FiberView, it: Process, effect: unknown): boolean {
    if (this.newborn === it) this.newborn = null
    if (fiber[exitSlot] !== undefined) return false
    if (this.granted === it) {
      this.granted = null
      return true
    }
    if (this.current !== null) {
      this.wakes++
      if (this.inline) return true
      if (it.pending) {
        this.cancelled.push(it.id)
        this.nesting.cancels(it)
      }
      if (this.chooser.atOnce(this.current, it)) return true
      this.nesting.woke(this.current, it)
    }
    const yielded = fiber._yielded
    if (typeof yielded === "function") {
      fiber._yielded = undefined
      yielded()
    }
    it.effect = effect
    it.task = undefined
    it.yielded = false
    if (!it.pending) this.enqueue(it)
    return false
  }

  /** What Effect gives to the scheduler: a yield, the start of a fiber, or a task such as waking who waits. */
  schedule(task: () => void): void {
    const own = this.yielding
    if (own !== null) {
      this.yielding = null
      own.task = task
      own.effect = undefined
      own.yielded = true
      this.enqueue(own)
      return
    }
    const child = this.newborn
    if (child !== null) {
      this.newborn = null
      child.task = task
      child.yielded = false
      this.enqueue(child)
      return
    }
    const it = this.bear("task")
    it.task = task
    this.enqueue(it)
  }

  /** What a dispatcher of Effect's own asks its runtime for: to be called later, in turn. */
  later(run: () => void): void {
    const it = this.bear("task")
    it.task = run
    this.enqueue(it)
  }

  // --- a step -------------------------------------------------------------------------------------------------------

  /** Runs one step of a process. Its accesses are the machine's until the next. */
  step(it: Process, evaluate: (fiber: FiberView, effect: unknown) => void): void {
    const list = it.kind === "timer" ? this.timers : this.ready
    const at = list.indexOf(it)
    if (at >= 0) list.splice(at, 1)
    this.footprint.clear()
    this.touched = 0
    this.masked = false
    this.lastTouched = -1
    this.current = it
    this.stepIndex++
    this.nesting.begin(this.stepIndex, it)
    it.pending = false
    it.steps++
    const { effect, fiber, task } = it
    it.effect = undefined
    it.task = undefined
    this.budget = it.yielded ? 2 : 1
    it.yielded = false
    this.madeBy = it.cause
    this.waited = none
    this.required = none
    this.begins(it)
    try {
      if (task === undefined) {
        if (fiber !== undefined) evaluate(fiber, effect)
      } else {
        this.granted = fiber === undefined ? null : it
        task()
        this.granted = null
      }
    } catch (thrown) {
      this.refuse(thrownToNobody(this.names.processName(it.id), thrown))
    }
    this.stops(it)
    this.nesting.ends()
    if (this.strangers.length > 0) this.refuseStrangers(it)
    this.rest()
  }

  /** What it knows of before it does anything. */
  begins(it: Process): void {
    if (it.fiber?.interruptible === true) this.note(it.cells + INTERRUPT, READ)
    if (it.fiber !== undefined && (it.observing > 0 || it.written)) {
      this.note(it.cells + INBOX, READ)
      it.written = false
    }
    if (!it.unwinds) {
      // Whoever goes on within the step of another may have begun to wait within it: that could have come earlier.
      if (this.guest === null) {
        this.waited = it.awaited
        this.required = it.required
      }
      for (const cell of it.awaited) this.note(cell, READ)
    }
    this.forgetWait(it)
  }

  /** Why it is suspended, if it is. */
  stops(it: Process): void {
    if (it.fiber === undefined || it.pending || it.fiber[exitSlot] !== undefined) return
    it.waitsFor = it.awaited[0] ?? this.lastTouched
    if (it.awaited.length === 0) it.waits = this.footprint.accesses()
  }

  private refuseStrangers(it: Process): void {
    for (const stranger of this.strangers.splice(0)) {
      if (Reflect.get(stranger, "_exit") !== undefined) continue
      this.refuse({ kind: "Escaped", subject: this.names.processName(it.id), ...ranOutside })
    }
  }

  /** It no longer waits for anything. */
  forgetWait(it: Process): void {
    if (it.awaited.length > 0) it.awaited = []
    if (it.required.length > 0) it.required = []
    it.awaits = false
    it.unwinds = false
    it.register = undefined
    it.waitsFor = -1
    it.waits = undefined
  }

  /** Nobody's step, and nothing of one left. */
  private rest(): void {
    this.current = null
    this.granted = null
    this.yielding = null
    this.newborn = null
    this.guest = null
    this.asksNothing()
  }

  /** Nothing is being registered, or asked of a fiber's stack. */
  asksNothing(): void {
    this.awaiting = null
    this.registering = null
    this.commuting = false
    this.failing = false
    this.leaving = false
  }

  /** Whether a chain of continuations that Effect runs as one primitive is to stop where it may. */
  get breaks(): boolean {
    return !this.inline && (this.everyPrimitive || this.touched !== 0)
  }

  /** Asked before each primitive of the fiber whose step this is, by the oracle that stops at each. */
  shouldYield(): boolean {
    return this.everyPrimitive && this.budget-- <= 0
  }
}
