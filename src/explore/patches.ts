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
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Queue from "effect/Queue"
import { ADD, WRITE } from "./access.ts"
import { active, ours } from "./active.ts"
import { beginScope, cellPatches, newborn } from "./cells.ts"
import {
  ends,
  endsLast,
  endsWait,
  interrupts,
  leaveParent,
  observesEnd,
  readCause,
  readChildren,
  readEnd,
  readExit,
  tellInbox,
  writeExit,
  writeInbox
} from "./fibers.ts"
import { within } from "./guests.ts"
import type { Machine } from "./machine.ts"
import { maskPatches } from "./masks.ts"
import { own, Patches, protoOf } from "./patch.ts"
import { primitivePatches, yieldSymbol } from "./primitives.ts"
import {
  causeSlot,
  childrenSlot,
  commutes,
  exitSlot,
  type FiberView,
  fromBirth,
  inbox,
  type Observer,
  type Process,
  process,
  waiter
} from "./process.ts"
import { tablePatches } from "./tables.ts"

// Boundary: everything below speaks of fields that Effect does not export.
type Method<A extends ReadonlyArray<never>, B> = (this: FiberView, ...args: A) => B

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
      readChildren(machine, it)
      if (children.size > 0) {
        // Boundary: the children are fibers, and the exit an effect. They are those that are there once it comes to it.
        const living = childrenOf(machine, it, children as unknown as Set<Fiber.Fiber<unknown, unknown>>)
        effect = Effect.andThen(Fiber.interruptAll(living), exit as Effect.Effect<unknown>)
        continue
      }
    }
    end(machine, fiber, exit)
    return
  }
}

const childrenOf = <A>(machine: Machine, it: Process, children: ReadonlySet<A>): Iterable<A> => ({
  [Symbol.iterator]: () => {
    readChildren(machine, it)
    return children.values()
  }
})

const end = (machine: Machine, fiber: FiberView, exit: unknown): void => {
  const it = fiber[process]
  if (it === undefined) return
  fiber[exitSlot] = exit
  writeExit(machine, it)
  fiber.cache.runtimeMetrics?.recordFiberEnd(fiber.context, exit)
  const parent = fiber._parent
  if (parent !== undefined) {
    const parentProcess = ours(machine, parent)
    if (parentProcess !== undefined) leaveParent(machine, parentProcess)
    parent[childrenSlot]?.delete(fiber)
    fiber._parent = undefined
  }
  const observers = fiber._observers
  let isTold = false
  if (observers !== undefined) {
    fiber._observers = undefined
    const { awaiting, commuting, registering } = machine
    for (const observer of observers) {
      // Nobody could wait for it yet when it was born: whoever observes it from then on is told first.
      if (!isTold && observer[fromBirth] !== true) {
        ends(machine, it)
        isTold = true
      }
      const whose = observer[inbox]
      machine.registering = whose ?? null
      machine.commuting = observer[commutes] === true
      machine.awaiting = observer[waiter] ?? null
      if (machine.awaiting !== null) endsWait(machine, machine.awaiting)
      if (whose === undefined) observer(exit)
      else observed(machine, it, whose, observer, exit)
    }
    machine.registering = registering
    machine.commuting = commuting
    machine.awaiting = awaiting
  }
  if (!isTold) ends(machine, it)
  fiber._stack.length = 0
  fiber[childrenSlot] = undefined
  fiber.context = Context.empty()
}

/**
 * Two fibers of a `forEach` that succeed may do so in either order: results go by index, and the one that ends last wakes
 * the parent, whose next step comes after both in any case. Unless one forks what is still to be done, interrupts others
 * fails or throws: then the order shows, in who forks, and in which failure was first.
 */
const observed = (machine: Machine, it: Process, whose: Process, observer: Observer, exit: unknown): void => {
  const { births, kids } = it
  const { interruptions } = machine
  const waiting = !whose.pending
  whose.observing--
  tellInbox(machine, whose)
  observer(exit)
  // Woken by anything but the end of the loop: what was still to be done threw.
  const thrown = waiting && whose.pending && whose.effect !== Effect.void
  const quiet = it.births === births && it.kids === kids && machine.interruptions === interruptions
  const orderless = !thrown && quiet && observer[commutes] === true && Exit.isExit(exit) && Exit.isSuccess(exit)
  const isLast = endsLast(machine, whose)
  writeInbox(machine, whose, orderless ? ADD : WRITE, waiting && !isLast)
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
      if (!machine.inline && machine.registering === null && machine.awaiting === null) return undefined
      readEnd(machine, it)
      return this[exitSlot]
    },
    set(this: FiberView, exit: unknown) {
      if (this[process] !== undefined) this[exitSlot] = exit
      else if (active === null) own(this, "_exit", exit)
      else if (this.cache.scheduler !== active.scheduler) {
        own(this, "_exit", exit)
        active.strangers.push(this)
      } else {
        this[exitSlot] = exit
        active.bearFiber(this)
      }
    }
  })
  patches.replace(proto, "_children", {
    get(this: FiberView) {
      const it = ours(active, this)
      if (it === undefined) return this[childrenSlot]
      if (active !== null) readChildren(active, it)
      // As they are now: who waits for all of them asks for each, and must not see them go.
      return this[childrenSlot] === undefined ? undefined : new Set(this[childrenSlot])
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
      if (it !== undefined && active !== null) readCause(active, it)
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
      if (!machine.offer(this, it, effect)) return undefined
      if (machine.current === it) evaluate(this, effect)
      else within(machine, it, () => evaluate(this, effect))
    },
    writable: true
  })
  patches.replace(proto, "interruptUnsafe", {
    value(this: FiberView, id: never, annotations: never) {
      if (this[process] === undefined) return methods.interruptUnsafe.call(this, id, annotations)
      const machine = active
      const it = ours(machine, this)
      if (machine === null || it === undefined) return undefined
      if (this[exitSlot] !== undefined) return readExit(machine, it)
      readExit(machine, it)
      interrupts(machine, it)
      return methods.interruptUnsafe.call(this, id, annotations)
    },
    writable: true
  })
  patches.replace(proto, "addObserver", {
    value(this: FiberView, observer: Observer) {
      const machine = active
      const it = ours(machine, this)
      if (machine === null || it === undefined) return methods.addObserver.call(this, observer as never)
      readEnd(machine, it)
      observesEnd(machine, it)
      if (this[exitSlot] !== undefined) {
        machine.nesting.tellsEnd(it, () => observer(this[exitSlot]))
        return () => {}
      }
      const whose = machine.registering
      if (machine.awaiting !== null) observer[waiter] = machine.awaiting
      else if (whose !== null) {
        observer[inbox] = whose
        observer[commutes] = machine.commuting
        observer[fromBirth] = it.bornIn === machine.stepIndex
        whose.observing++
      }
      return methods.addObserver.call(this, observer as never)
    },
    writable: true
  })
  patches.replace(proto, "removeObserver", {
    value(this: FiberView, observer: Observer) {
      const it = ours(active, this)
      if (it !== undefined && active !== null) observesEnd(active, it)
      const whose = observer[inbox]
      if (whose !== undefined && this._observers?.includes(observer) === true) whose.observing--
      return methods.removeObserver.call(this, observer as never)
    },
    writable: true
  })
  patches.replace(proto, "pollUnsafe", {
    value(this: FiberView) {
      const it = ours(active, this)
      if (it !== undefined && active !== null) readExit(active, it)
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
      const machine = active
      if (machine !== null && typeof value === "object") newborn(machine, value)
      // A chain goes on within one primitive, but for every 32nd of its links: any of them may be that one.
      if (machine?.breaks === true && ours(machine, this) !== undefined) return Exit.succeed(value)
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
  tablePatches(patches)
  fiberPatches(patches, fiber)
  maskPatches(patches, fiber)
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
