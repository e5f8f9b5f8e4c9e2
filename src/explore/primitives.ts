/**
 * What the run loop's primitives tell the machine: where a step ends, who yields, who waits and for what, and what is born.
 *
 * Source: Effect 4.1.0, internal/effect.ts and internal/core.ts. Inside the package only.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scheduler from "effect/Scheduler"
import { READ } from "./access.ts"
import { active, ours } from "./active.ts"
import { newborn } from "./cells.ts"
import { goesOn } from "./guests.ts"
import type { Machine } from "./machine.ts"
import { failureProto, isOwn, waitsFor } from "./masks.ts"
import { type Patches, protoOf } from "./patch.ts"
import type { FiberView } from "./process.ts"

// Boundary: everything below speaks of fields that Effect does not export.
type Evaluates = (this: object, fiber: FiberView) => unknown

const evaluateKey = "~effect/Effect/evaluate"
const typeKey = "~effect/Effect"
const argsKey = "~effect/Effect/args"
const contA = "~effect/Effect/successCont"

interface Primitive {
  readonly [evaluateKey]: Evaluates
  readonly [typeKey]: unknown
  readonly [argsKey]: unknown
}

interface Sync {
  readonly [argsKey]: () => unknown
}

export const yieldSymbol = Symbol.for("effect/Effect/Yield")

const marker: unknown = Reflect.get(Effect.void, typeKey)

const yieldProto = protoOf(Effect.yieldNow)
const successProto = protoOf(Exit.succeed(0))
const callbackProto = protoOf(Effect.never)

/** The source of what registers a wait for a fiber or a Deferred: each closure of it has the same. */
const awaits: ReadonlySet<string> = (() => {
  const fiber = Effect.runFork(Effect.never)
  const waits = [Fiber.await(fiber), Fiber.join(fiber), Fiber.awaitAll([fiber]), Deferred.await(Deferred.makeUnsafe())]
  const sources = waits.map((wait) => String(Reflect.get(wait, "register")))
  fiber.interruptUnsafe()
  return new Set(sources)
})()

/**
 * What a concurrent `forEach` waits with, and the continuation that it leaves on the stack: other users of the same loop
 * do more with a result than put it in its place.
 */
const forEach: { readonly register: string; readonly next: unknown } = (() => {
  const effect = Effect.forEach([Effect.never], (it) => it, { concurrency: 2 })
  const begun: () => object = Reflect.get(effect, argsKey)
  const waiting = begun()
  return { register: String(Reflect.get(Reflect.get(waiting, argsKey), "register")), next: Reflect.get(waiting, contA) }
})()

const isForEach = (register: unknown, fiber: FiberView): boolean => {
  const top = fiber._stack[fiber._stack.length - 1]
  return (
    typeof top === "object" &&
    top !== null &&
    Reflect.get(top, contA) === forEach.next &&
    String(register) === forEach.register
  )
}

/**
 * A wait for what, once there, stays: for a fiber, for many, for a Deferred. It may register at any moment without
 * anybody telling the difference: it belongs to the step before it, and what it waits for is read by the step after it,
 * which cannot be taken before all of it is there. Whoever interrupts the wait reads it too, and can tell.
 */
const waits = (current: object): boolean =>
  Object.getPrototypeOf(current) === callbackProto && awaits.has(String(Reflect.get(current, "register")))

/** Given each primitive by the run loop, in place of evaluating it: where a step ends, it is put off to the next. */
function primitive(current: Primitive, fiber: FiberView): unknown {
  const evaluate = current[evaluateKey]
  const machine = active
  if (
    machine !== null &&
    (machine.touched !== 0 || (machine.masked && failsMasked(current, fiber))) &&
    !machine.everyPrimitive &&
    !machine.inline &&
    !fiber.cache.preventYield &&
    Object.getPrototypeOf(current) !== yieldProto &&
    !waits(current)
  ) {
    const it = ours(machine, fiber)
    if (it !== undefined && !goesOn(machine)) {
      it.effect = current
      machine.enqueue(it)
      fiber._yielded = nothing
      return yieldSymbol
    }
  }
  if (active !== null && current[typeKey] !== marker && evaluate !== undefined) {
    active.refuse({
      kind: "ForeignEffect",
      subject: "an effect of the program",
      detail: "it was made by another copy of Effect than the explorer's",
      advice: "Install one copy of effect, and let the program and effect-mapi import that one."
    })
  }
  if (machine !== null && Object.getPrototypeOf(current) === successProto) {
    const value = current[argsKey]
    if (typeof value === "object") newborn(machine, value)
  }
  const before = fiber._stack.length
  const next = evaluate.call(current, fiber)
  // The end of a span is told to the program's own tracer: an interruption within it, too.
  if (machine !== null && fiber.cache.tracer !== undefined && fiber.interruptible && fiber._stack.length > before)
    if (isOwn(fiber._stack.at(-1))) machine.touched = 1
  return next
}

/** Who is put off has nothing to take back when it is interrupted. */
const nothing = (): void => {}

/** A failure that is about to leave a mask: an interruption that has come is told beside it. */
const failsMasked = (current: object, fiber: FiberView): boolean =>
  !fiber.interruptible && Object.getPrototypeOf(current) === failureProto

/** A scheduler that grants steps, and does nothing while no execution runs. */
export const makeScheduler = (machine: Machine) => {
  const running = () => active === machine
  const dispatcher = {
    scheduleTask: (task: () => void) => {
      if (running()) machine.schedule(task)
    },
    flush: () => {}
  }
  const usual = new Scheduler.MixedScheduler("async", (run) => {
    machine.later(run)
    return () => {}
  })
  /** Effect's own: a queue for each fiber, emptied by one call of the runtime. */
  const queueing = (): Scheduler.SchedulerDispatcher => {
    const own = usual.makeDispatcher()
    return {
      scheduleTask: (task, priority) => {
        if (!running()) return
        machine.newborn = null
        own.scheduleTask(task, priority)
      },
      flush: () => {}
    }
  }
  return {
    executionMode: "sync" as const,
    shouldYield: (fiber: Fiber.Fiber<unknown, unknown>): boolean => {
      // Boundary: the run loop gives its own fiber, whose cache its interface does not show in full.
      const { cache } = fiber as unknown as FiberView
      if (cache.tracerContext !== primitive) cache.tracerContext = primitive
      return !running() || (machine.inline ? usual.shouldYield(fiber) : machine.shouldYield() && !goesOn(machine))
    },
    makeDispatcher: () => (machine.inline ? queueing() : dispatcher)
  }
}

export const primitivePatches = (patches: Patches): void => {
  const sync = protoOf(Effect.sync(Object))
  const syncEvaluate: Evaluates = Reflect.get(sync, evaluateKey)
  patches.replace(sync, evaluateKey, {
    value(this: Sync, fiber: FiberView & Continues): unknown {
      if (active === null) return syncEvaluate.call(this, fiber)
      const { wakes } = active
      const thunk = this[argsKey]
      const value = thunk()
      if (typeof value === "object" && value !== null) newborn(active, value)
      // Effect runs whom it wakes at once, before it goes on with what follows: that is one of the orders.
      if (active.wakes > wakes && !active.inline) return Exit.succeed(value)
      const cont = fiber.getCont(contA)
      return cont === undefined ? fiber.yieldWith(Effect.succeed(value)) : cont[contA](value, fiber)
    },
    writable: true
  })
  const yielding = protoOf(Effect.yieldNow)
  const yieldEvaluate: Evaluates = Reflect.get(yielding, evaluateKey)
  patches.replace(yielding, evaluateKey, {
    value(this: object, fiber: FiberView): unknown {
      const it = ours(active, fiber)
      if (active !== null && it !== undefined && !active.inline) active.yielding = it
      return yieldEvaluate.call(this, fiber)
    },
    writable: true
  })
  const callback = protoOf(Effect.never)
  const callbackEvaluate: Evaluates = Reflect.get(callback, evaluateKey)
  patches.replace(callback, evaluateKey, {
    value(this: object, fiber: FiberView): unknown {
      const machine = active
      const it = ours(machine, fiber)
      if (machine === null || it === undefined) return callbackEvaluate.call(this, fiber)
      if (waits(this)) {
        it.awaited = []
        it.awaits = true
        it.unwinds = false
        machine.awaiting = it
        const result = callbackEvaluate.call(this, fiber)
        machine.awaiting = null
        machine.touched = 1
        // The step goes on where it is there, and it is too late for that once it is there later: so this asks at once.
        if (fiber.cache.preventYield || (machine.guest !== null && result === yieldSymbol))
          for (const cell of it.awaited) machine.note(cell, READ)
        if (result === yieldSymbol) it.tracked = true
        else if (!machine.inline) machine.nesting.passes(it)
        waitsFor(fiber, result !== yieldSymbol)
        return result
      }
      const { commuting, registering } = machine
      if (machine.inline) machine.touched = 0
      machine.registering = it
      machine.commuting = isForEach(Reflect.get(this, "register"), fiber)
      const result = callbackEvaluate.call(this, fiber)
      machine.registering = registering
      machine.commuting = commuting
      const register: unknown = Reflect.get(this, "register")
      if (result === yieldSymbol && typeof register === "function" && register !== forever) {
        // Boundary: a function, of whatever arguments; it is only shown.
        it.register = register as () => unknown
        it.tracked = machine.touched !== 0
      }
      return result
    },
    writable: true
  })
}

/** Nothing is meant to come. */
const forever: unknown = Reflect.get(Effect.never, "register")

interface Continues {
  getCont(key: typeof contA): { [contA](value: unknown, fiber: FiberView): unknown } | undefined
  yieldWith(exit: unknown): unknown
}
