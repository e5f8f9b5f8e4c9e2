/**
 * Who may go on: a fiber, a task of the scheduler, a timer, an interrupter, or quiescence, once nobody else may; and what
 * the explorer needs of a fiber beyond what Effect shows. Inside the package only.
 */

/** What the machine needs of a fiber, beyond what Effect's types show. */
export interface FiberView {
  interruptible: boolean
  currentOpCount: number
  _stack: Array<unknown>
  _observers: Array<Observer> | undefined
  _yielded: (() => void) | object | undefined
  _running: boolean
  _parent: FiberView | undefined
  _asyncContext: unknown
  context: unknown
  cache: {
    scheduler: unknown
    tracer?: unknown
    tracerContext: unknown
    preventYield: boolean
    maxOpsBeforeYield: number
    stackFrame: Frame | undefined
    runtimeMetrics: Metrics | undefined
  }
  runLoop(effect: unknown): unknown
  evaluate(effect: unknown): void
  interruptUnsafe(fiberId?: number): void
  [process]?: Process
  [exitSlot]?: unknown
  [interruptibleSlot]?: boolean
  [childrenSlot]?: Set<FiberView> | undefined
  [causeSlot]?: unknown
}

/** A named stack frame, as `Effect.fn` and spans leave it. */
export interface Frame {
  readonly name: string
  readonly stack: () => string | undefined
}

interface Metrics {
  recordFiberEnd(context: unknown, exit: unknown): void
}

export interface Observer {
  (exit: unknown): void
  [inbox]?: Process
  [commutes]?: boolean
  [fromBirth]?: boolean
  [waiter]?: Process
}

/** Where a fiber keeps its process, and what the accessors hide. */
export const process = Symbol("effect-mapi/explore/process")
export const exitSlot = Symbol("effect-mapi/explore/exit")
export const interruptibleSlot = Symbol("effect-mapi/explore/interruptible")
export const childrenSlot = Symbol("effect-mapi/explore/children")
export const causeSlot = Symbol("effect-mapi/explore/cause")
export const inbox = Symbol("effect-mapi/explore/inbox")
export const commutes = Symbol("effect-mapi/explore/commutes")
export const fromBirth = Symbol("effect-mapi/explore/fromBirth")
export const waiter = Symbol("effect-mapi/explore/waiter")

/** Of the cells of a process: that it ended, that it was interrupted, what its observers write, its children. */
export const EXIT = 0
export const INTERRUPT = 1
export const INBOX = 2
export const CHILDREN = 3

export type ProcessKind = "fiber" | "task" | "timer" | "interrupter" | "quiescence"

/** That somebody was woken: in which step, by whom, and what that step touched from then on. */
export interface Wake {
  readonly step: number
  readonly by: number
  readonly rest: ReadonlyArray<number>
  readonly from: number
  /** What he waited for, where anybody may wait or not without being noticed. */
  readonly cells: ReadonlyArray<number>
  /** How whoever woke him was woken in turn. */
  readonly before: ReadonlyArray<Wake>
}

export const nobody: ReadonlyArray<Wake> = []

export class Process {
  readonly id: number
  /** How many were born before it in this execution: the same in every one that shares its first steps. */
  readonly slot: number
  readonly kind: ProcessKind
  readonly epoch: number
  readonly cells: number
  fiber: FiberView | undefined = undefined
  /** What it does next: evaluate an effect, or run a task. */
  effect: unknown = undefined
  task: (() => void) | undefined = undefined
  pending = false
  /** Resumes by the task of a yield, whose first primitive is only the end of that yield. */
  yielded = false
  /** The step that made it pending; -1 is before the first. */
  cause = -1
  births = 0
  kids = 0
  draws = 0
  /** What it named for the program. */
  named = 0
  steps = 0
  /** By whom it was woken, and what that step touched from then on. */
  woken: ReadonlyArray<Wake> = nobody
  /** By whom it was interrupted where it could not be. */
  masked: ReadonlyArray<Wake> = nobody
  /** By whom it was told something that did not wake it yet. */
  told: ReadonlyArray<Wake> = nobody
  /** In which step it was born. */
  readonly bornIn: number
  /** Observers that its callbacks left with other fibers, and whether one wrote since it last ran. */
  observing = 0
  written = false
  /** Timers only. */
  deadline = 0
  /** Why it is suspended: the cell its last step ended on, or the code that registered a callback. */
  waitsFor = -1
  waits: ReadonlyArray<number> | undefined = undefined
  register: (() => unknown) | undefined = undefined
  tracked = true
  /** Where in the user's code it was last, innermost first: known only of an execution that is traced. */
  where: ReadonlyArray<string> = []
  /** Whether it waits for what, once there, stays, or begins to: who no longer does may be told all the same. */
  awaits = false
  /** What its last step waited for: ended fibers and completed Deferreds stay so, and its next step reads them. */
  awaited: Array<number> = []
  /** The steps without which it would still wait: they come before its next in every order. */
  required: Array<number> = []
  /** Was interrupted while it waited: its next step reads nothing of what it waited for. */
  unwinds = false
  /** Interrupters only. */
  target: Process | undefined = undefined

  constructor(id: number, slot: number, kind: ProcessKind, epoch: number, cells: number, bornIn = -1) {
    this.id = id
    this.slot = slot
    this.kind = kind
    this.epoch = epoch
    this.cells = cells
    this.bornIn = bornIn
  }
}
