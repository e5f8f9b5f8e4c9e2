/** Who may go on: a fiber, a task of the scheduler, a timer, an interrupter. Inside the package only. */
import type { FiberView } from "./fiberView.ts"

export type ProcessKind = "fiber" | "task" | "timer" | "interrupter"

export class Process {
  readonly id: number
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
  steps = 0
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
  /** What its last step waited for: ended fibers and completed Deferreds stay so, and its next step reads them. */
  awaited: Array<number> = []
  /** Interrupters only. */
  target: Process | undefined = undefined

  constructor(id: number, kind: ProcessKind, epoch: number, cells: number) {
    this.id = id
    this.kind = kind
    this.epoch = epoch
    this.cells = cells
  }
}
