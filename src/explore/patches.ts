/**
 * What Effect's own classes tell the machine, while a check runs: fibers and the three primitives that matter.
 *
 * An unmodified program runs on Effect's own fibers and its own run loop. Three things are taken over: when a fiber is
 * evaluated (in its own step, never inside another's), when it ends, and what others learn of that. The patches are
 * counted across concurrent checks and gone after the last; objects that no execution of ours bore are left as they
 * are throughout. Inside the package only.
 *
 * Source: Effect 4.1.0, internal/effect.ts.
 */
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Queue from "effect/Queue"
import { beginScope, cellPatches, newborn } from "./cells.ts"
import {
  causeSlot,
  childrenSlot,
  exitSlot,
  type FiberView,
  inbox,
  type Machine,
  type Observer,
  process
} from "./machine.ts"

/** The machine whose execution runs now: executions are synchronous, so there is one at most. */
export let active: Machine | null = null

export const activate = (machine: Machine | null): void => {
  active = machine
}

// Boundary: everything below speaks of fields that Effect does not export.
type Method<A extends ReadonlyArray<never>, B> = (this: FiberView, ...args: A) => B
interface Evaluates {
  (this: object, fiber: FiberView): unknown
}

export const evaluateKey = "~effect/Effect/evaluate"
const typeKey = "~effect/Effect"
const argsKey = "~effect/Effect/args"
const contA = "~effect/Effect/successCont"
const yieldSymbol = Symbol.for("effect/Effect/Yield")

const protoOf = (value: object): object => {
  const proto: unknown = Object.getPrototypeOf(value)
  return typeof proto === "object" && proto !== null ? proto : {}
}

/** Replaces properties and puts them back. */
export class Patches {
  private readonly undo: Array<() => void> = []

  replace(target: object, key: PropertyKey, descriptor: PropertyDescriptor): void {
    const before = Object.getOwnPropertyDescriptor(target, key)
    Object.defineProperty(target, key, { configurable: true, ...descriptor })
    this.undo.push(() => {
      if (before === undefined) Reflect.deleteProperty(target, key)
      else Object.defineProperty(target, key, before)
    })
  }

  remove(): void {
    for (const undo of this.undo.splice(0).reverse()) undo()
  }
}

const own = (target: object, key: PropertyKey, value: unknown): void => {
  Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true })
}

/** Our process of a fiber, where this execution bore it. */
const ours = (machine: Machine | null, fiber: FiberView) => {
  const it = fiber[process]
  return machine !== null && it !== undefined && it.epoch === machine.epoch ? it : undefined
}

const marker: unknown = Reflect.get(Effect.void, typeKey)

const yieldProto = protoOf(Effect.yieldNow)
const callbackProto = protoOf(Effect.never)

/** The source of what registers a wait for a fiber or a Deferred: each closure of it has the same. */
const awaits: ReadonlySet<string> = (() => {
  const fiber = Effect.runFork(Effect.never)
  const waits = [Fiber.await(fiber), Fiber.join(fiber), Deferred.await(Deferred.makeUnsafe())]
  const sources = waits.map((wait) => String(Reflect.get(wait, "register")))
  fiber.interruptUnsafe()
  return new Set(sources)
})()

/**
 * A wait for what, once there, stays: it may register at any moment without anybody telling the difference. So it ends
 * the step before it, and what it waits for is read by the step after it.
 */
const waits = (current: object): boolean =>
  Object.getPrototypeOf(current) === callbackProto && awaits.has(String(Reflect.get(current, "register")))

/** Given each primitive by the run loop, in place of evaluating it: where a step ends, it yields instead. */
function primitive(current: object, fiber: FiberView): unknown {
  const evaluate: Evaluates = Reflect.get(current, evaluateKey)
  const machine = active
  if (
    machine !== null &&
    machine.touched !== 0 &&
    !machine.everyPrimitive &&
    !machine.inline &&
    !fiber.cache.preventYield &&
    ours(machine, fiber) !== undefined &&
    Object.getPrototypeOf(current) !== yieldProto &&
    !waits(current)
  ) {
    // Boundary: the run loop's own primitive.
    const rest = Effect.flatMap(Effect.yieldNow, () => current as Effect.Effect<unknown, unknown>)
    return Reflect.get(rest, evaluateKey).call(rest, fiber)
  }
  if (active !== null && Reflect.get(current, typeKey) !== marker && evaluate !== undefined) {
    active.refuse({
      kind: "ForeignEffect",
      subject: "an effect of the program",
      detail: "it was made by another copy of Effect than the explorer's",
      advice: "Install one copy of effect, and let the program and effect-mapi import that one."
    })
  }
  return evaluate.call(current, fiber)
}

/** A scheduler that grants steps, and does nothing while no execution runs. */
export const makeScheduler = (machine: Machine) => {
  const running = () => active === machine
  const dispatcher = {
    scheduleTask: (task: () => void) => {
      if (running()) machine.schedule(task)
    },
    flush: () => {}
  }
  return {
    executionMode: "sync" as const,
    shouldYield: (fiber: Fiber.Fiber<unknown, unknown>): boolean => {
      // Boundary: the run loop gives its own fiber, whose cache its interface does not show in full.
      const { cache } = fiber as unknown as FiberView
      if (cache.tracerContext !== primitive) cache.tracerContext = primitive
      return !running() || machine.shouldYield()
    },
    makeDispatcher: () => dispatcher
  }
}

/** Effect's `FiberImpl.evaluate`, without capturing an async context: nothing here outlives the call. */
export const evaluate = (fiber: FiberView, first: unknown): void => {
  const machine = active
  const it = fiber[process]
  if (machine === null || it === undefined) return
  let effect = first
  for (;;) {
    const yielded = fiber._yielded
    if (typeof yielded === "function") {
      fiber._yielded = undefined
      yielded()
    }
    fiber._asyncContext = undefined
    const exit = fiber.runLoop(effect)
    if (exit === yieldSymbol) return
    const children = fiber[childrenSlot]
    if (children !== undefined) {
      machine.readChildren(it)
      if (children.size > 0) {
        // Boundary: the children are fibers, and the exit an effect.
        const living = children as unknown as Set<Fiber.Fiber<unknown, unknown>>
        effect = Effect.andThen(Fiber.interruptAll(living), exit as Effect.Effect<unknown, unknown>)
        continue
      }
    }
    end(machine, fiber, exit)
    return
  }
}

const end = (machine: Machine, fiber: FiberView, exit: unknown): void => {
  const it = fiber[process]
  if (it === undefined) return
  fiber[exitSlot] = exit
  machine.writeExit(it)
  fiber.cache.runtimeMetrics?.recordFiberEnd(fiber.context, exit)
  const parent = fiber._parent
  if (parent !== undefined) {
    const parentProcess = ours(machine, parent)
    if (parentProcess !== undefined) machine.leaveParent(parentProcess)
    parent[childrenSlot]?.delete(fiber)
    fiber._parent = undefined
  }
  const observers = fiber._observers
  if (observers !== undefined) {
    fiber._observers = undefined
    const before = machine.registering
    for (const observer of observers) {
      const whose = observer[inbox]
      machine.registering = whose ?? null
      if (whose !== undefined) {
        whose.observing--
        machine.writeInbox(whose)
      }
      observer(exit)
    }
    machine.registering = before
  }
  fiber._stack.length = 0
  fiber[childrenSlot] = undefined
  fiber.context = Context.empty()
}

const fiberPatches = (patches: Patches, proto: object): void => {
  const methods = {
    pollUnsafe: Reflect.get(proto, "pollUnsafe") as Method<[], unknown>,
    children: Reflect.get(proto, "children") as Method<[], unknown>,
    evaluate: Reflect.get(proto, "evaluate") as Method<[effect: never], void>,
    interruptUnsafe: Reflect.get(proto, "interruptUnsafe") as Method<[id: never, annotations: never], void>,
    addObserver: Reflect.get(proto, "addObserver") as Method<[observer: never], () => void>,
    removeObserver: Reflect.get(proto, "removeObserver") as Method<[observer: never], void>,
    setContext: Reflect.get(proto, "setContext") as Method<[context: never], void>,
    succeedWith: Reflect.get(proto, "succeedWith") as Method<[value: never], unknown>
  }
  patches.replace(proto, "_exit", {
    // Whether a fiber has ended is asked again by whoever registers a wait for it: only then is it said.
    get(this: FiberView) {
      const machine = active
      const it = ours(machine, this)
      if (machine === null || it === undefined) return this[exitSlot]
      if (it === machine.newborn) machine.peeked = true
      if (machine.registering === null && machine.awaiting === null) return undefined
      machine.readExit(it)
      return this[exitSlot]
    },
    set(this: FiberView, exit: unknown) {
      if (this[process] !== undefined) this[exitSlot] = exit
      else if (active === null || this.cache.scheduler !== active.scheduler) own(this, "_exit", exit)
      else {
        this[exitSlot] = exit
        active.bearFiber(this)
      }
    }
  })
  patches.replace(proto, "_children", {
    get(this: FiberView) {
      const it = ours(active, this)
      if (it !== undefined) active?.readChildren(it)
      return this[childrenSlot]
    },
    set(this: FiberView, children: Set<FiberView> | undefined) {
      if (this[process] === undefined) own(this, "_children", children)
      else this[childrenSlot] = children
    }
  })
  patches.replace(proto, "children", {
    value(this: FiberView) {
      if (this[process] === undefined) return methods.children.call(this)
      this[childrenSlot] ??= new Set()
      return this[childrenSlot]
    },
    writable: true
  })
  patches.replace(proto, "_interruptedCause", {
    get(this: FiberView) {
      const it = ours(active, this)
      if (it !== undefined) active?.readCause(it)
      return this[causeSlot]
    },
    set(this: FiberView, cause: unknown) {
      if (this[process] === undefined) own(this, "_interruptedCause", cause)
      else this[causeSlot] = cause
    }
  })
  patches.replace(proto, "evaluate", {
    value(this: FiberView, effect: never) {
      const it = this[process]
      if (it === undefined) return methods.evaluate.call(this, effect)
      const machine = active
      if (machine === null || it.epoch !== machine.epoch) return undefined
      if (machine.newborn === it && machine.peeked && this[causeSlot] === undefined) machine.refuse(cached)
      if (machine.inline ? this[exitSlot] === undefined : machine.offer(this, it, effect)) evaluate(this, effect)
    },
    writable: true
  })
  patches.replace(proto, "interruptUnsafe", {
    value(this: FiberView, id: never, annotations: never) {
      if (this[process] === undefined) return methods.interruptUnsafe.call(this, id, annotations)
      const machine = active
      const it = ours(machine, this)
      if (machine === null || it === undefined) return undefined
      if (this[exitSlot] !== undefined) return machine.readExit(it)
      machine.readExit(it)
      machine.interrupts(it)
      return methods.interruptUnsafe.call(this, id, annotations)
    },
    writable: true
  })
  patches.replace(proto, "addObserver", {
    value(this: FiberView, observer: Observer) {
      const machine = active
      const it = ours(machine, this)
      if (machine === null || it === undefined) return methods.addObserver.call(this, observer as never)
      machine.readExit(it)
      if (this[exitSlot] !== undefined) {
        observer(this[exitSlot])
        return () => {}
      }
      const whose = machine.registering
      if (whose !== null && machine.awaiting === null) {
        observer[inbox] = whose
        whose.observing++
      }
      return methods.addObserver.call(this, observer as never)
    },
    writable: true
  })
  patches.replace(proto, "removeObserver", {
    value(this: FiberView, observer: Observer) {
      const whose = observer[inbox]
      if (whose !== undefined && this._observers?.includes(observer) === true) whose.observing--
      return methods.removeObserver.call(this, observer as never)
    },
    writable: true
  })
  patches.replace(proto, "pollUnsafe", {
    value(this: FiberView) {
      const it = ours(active, this)
      if (it !== undefined) active?.readExit(it)
      return this[process] === undefined ? methods.pollUnsafe.call(this) : this[exitSlot]
    },
    writable: true
  })
  patches.replace(proto, "setContext", {
    value(this: FiberView, context: never) {
      if (active !== null) beginScope(active, context)
      return methods.setContext.call(this, context)
    },
    writable: true
  })
  patches.replace(proto, "succeedWith", {
    value(this: FiberView, value: never) {
      if (active !== null && typeof value === "object") newborn(active, value)
      return methods.succeedWith.call(this, value)
    },
    writable: true
  })
}

const cached = {
  kind: "Untracked",
  subject: "Effect.cached",
  detail: "its state is in a closure, where no access can be seen",
  advice: "Cache with a Deferred and a Ref, or leave the cache out of the explored program."
} as const

const primitivePatches = (patches: Patches): void => {
  const sync = protoOf(Effect.sync(() => 0))
  const syncEvaluate: Evaluates = Reflect.get(sync, evaluateKey)
  patches.replace(sync, evaluateKey, {
    value(this: object, fiber: FiberView & Continues): unknown {
      if (active === null) return syncEvaluate.call(this, fiber)
      const thunk: () => unknown = Reflect.get(this, argsKey)
      const value = thunk()
      if (typeof value === "object" && value !== null) newborn(active, value)
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
  // From here on an interruption runs the finaliser: where that begins is seen, though no cell is touched.
  const onExit = protoOf(Effect.onExit(Effect.never, () => Effect.void))
  const onExitEvaluate: Evaluates = Reflect.get(onExit, evaluateKey)
  patches.replace(onExit, evaluateKey, {
    value(this: object, fiber: FiberView): unknown {
      if (active !== null && fiber.interruptible) active.touched = 1
      return onExitEvaluate.call(this, fiber)
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
        machine.awaiting = it
        const result = callbackEvaluate.call(this, fiber)
        machine.awaiting = null
        machine.touched = 1
        if (result === yieldSymbol) it.tracked = true
        return result
      }
      const before = machine.registering
      machine.registering = it
      const result = callbackEvaluate.call(this, fiber)
      machine.registering = before
      if (result === yieldSymbol) {
        it.register = Reflect.get(this, "register")
        it.tracked = machine.touched !== 0
      }
      return result
    },
    writable: true
  })
}

interface Continues {
  getCont(key: typeof contA): { [contA](value: unknown, fiber: FiberView): unknown } | undefined
  yieldWith(exit: unknown): unknown
}

let installed: Patches | null = null
let users = 0

/** Patches Effect's classes for as long as anybody checks. */
export const install = (): void => {
  if (users++ > 0) return
  const patches = new Patches()
  // Made before the first patch, as what they are outside.
  const fiber = protoOf(Effect.runFork(Effect.void))
  const queue = protoOf(Effect.runSync(Queue.unbounded()))
  cellPatches(patches, queue, () => active)
  fiberPatches(patches, fiber)
  primitivePatches(patches)
  installed = patches
}

export const uninstall = (): void => {
  if (--users > 0) return
  installed?.remove()
  installed = null
}

/** How many checks hold the patches now. */
export const holders = (): number => users
