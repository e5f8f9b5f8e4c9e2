/** What the explorer needs of a fiber beyond what Effect shows, and where it keeps its own. Inside the package only. */
import type { Process } from "./process.ts"

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
    tracerContext: unknown
    preventYield: boolean
    stackFrame: Frame | undefined
    runtimeMetrics: Metrics | undefined
  }
  runLoop(effect: unknown): unknown
  evaluate(effect: unknown): void
  interruptUnsafe(fiberId?: number): void
  [process]?: Process
  [exitSlot]?: unknown
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
}

/** Where a fiber keeps its process, and what the accessors hide. */
export const process = Symbol("effect-mapi/explore/process")
export const exitSlot = Symbol("effect-mapi/explore/exit")
export const childrenSlot = Symbol("effect-mapi/explore/children")
export const causeSlot = Symbol("effect-mapi/explore/cause")
export const inbox = Symbol("effect-mapi/explore/inbox")
