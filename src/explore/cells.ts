/**
 * The shared cells of Effect: how each is seen to be used, or refused by name.
 *
 * A cell that Effect makes from a prototype is seen by accessors on it; one whose fields are the instance's own is
 * instrumented when it is born. A read is told from a write where the field tells them apart; a field that holds
 * something mutable is written by whoever looks at it. Inside the package only.
 *
 * Source: Effect 4.1.0, the modules named.
 */
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FiberHandle from "effect/FiberHandle"
import * as FiberMap from "effect/FiberMap"
import * as FiberSet from "effect/FiberSet"
import * as Latch from "effect/Latch"
import * as Layer from "effect/Layer"
import * as MutableRef from "effect/MutableRef"
import * as PubSub from "effect/PubSub"
import * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import * as SubscriptionRef from "effect/SubscriptionRef"
import { READ, WRITE } from "./access.ts"
import { trackScopedCache } from "./caches.ts"
import { stale as outside } from "./execution.ts"
import { whenListed } from "./lists.ts"
import type { Machine } from "./machine.ts"
import { own, type Patches, protoOf } from "./patch.ts"
import { refused } from "./refused.ts"

const cell = Symbol("effect-mapi/explore/cell")
const epoch = Symbol("effect-mapi/explore/epoch")

/** An object that this search bore, or is about to. */
interface Tracked {
  [cell]?: number
  [epoch]?: number
  [slot: symbol]: unknown
}

const stale = (machine: Machine, kind: string): void => machine.refuse(outside(kind))

const used = (machine: Machine, it: Tracked, mode: number, kind: string): void => {
  const id = it[cell]
  if (id === undefined) return
  if (it[epoch] !== machine.epoch) {
    if (mode !== READ) stale(machine, kind)
    return
  }
  machine.touch(id, mode)
}

const bear = (machine: Machine, it: Tracked, kind: string): void => {
  it[cell] = machine.bearCell(kind)
  it[epoch] = machine.epoch
}

const hidden = (it: object, symbol: symbol, value: unknown): void => {
  Object.defineProperty(it, symbol, { value, writable: true, configurable: true })
}

/** Marks an object as born now, without making the marks enumerable. */
const mark = (machine: Machine, it: object, kind: string): number => {
  const id = machine.bearCell(kind)
  hidden(it, cell, id)
  hidden(it, epoch, machine.epoch)
  return id
}

let live: () => Machine | null = () => null

/** A field of a prototype: the first assignment is the birth. What is born may be looked at later than it was asked for. */
const field = (
  patches: Patches,
  proto: object,
  key: string,
  kind: string,
  readMode: number,
  born?: (value: unknown, looks: () => void) => void
): void => {
  const slot = Symbol(`effect-mapi/explore/${kind}.${key}`)
  patches.replace(proto, key, {
    get(this: Tracked) {
      const machine = live()
      if (machine !== null) used(machine, this, readMode, kind)
      return this[slot]
    },
    set(this: Tracked, value: unknown) {
      const machine = live()
      if (this[cell] !== undefined) {
        if (machine !== null) {
          // To write what is there already is to have read it.
          const same = readMode === READ && this[epoch] === machine.epoch && Object.is(this[slot], value)
          used(machine, this, same ? READ : WRITE, kind)
          if (kind === "Deferred" && this[cell] !== undefined) machine.completes(this[cell])
        }
        this[slot] = value
      } else if (machine === null) {
        own(this, key, value)
      } else {
        bear(machine, this, kind)
        this[slot] = value
        born?.(value, () => {
          const now = live()
          if (now !== null && this[slot] === value) used(now, this, READ, kind)
        })
      }
    }
  })
}

/** A field of one instance: `readMode` and WRITE on the cell. */
const watch = (it: object, key: string, id: number, readMode: number, set?: (value: unknown) => unknown): void => {
  let value: unknown = Reflect.get(it, key)
  const born = live()
  const at = born?.epoch
  const seen = (machine: Machine, mode: number) => {
    if (machine.epoch === at) machine.touch(id, mode)
    else if (mode !== READ) stale(machine, born?.names.cells[id]?.kind ?? "cell")
  }
  Object.defineProperty(it, key, {
    configurable: true,
    enumerable: true,
    get() {
      const machine = live()
      if (machine !== null) seen(machine, readMode)
      return value
    },
    set(next: unknown) {
      const machine = live()
      if (machine !== null) seen(machine, WRITE)
      value = set === undefined ? next : set(next)
    }
  })
}

const wrap = (patches: Patches, proto: object, key: string, before: (it: Tracked, first: unknown) => void): void => {
  const original: (...args: Array<unknown>) => unknown = Reflect.get(proto, key)
  patches.replace(proto, key, {
    value(this: Tracked, ...args: Array<unknown>) {
      before(this, args[0])
      return original.apply(this, args)
    },
    writable: true
  })
}

/** Prototypes by which `newborn` knows what it sees. */
const instances = new Map<object, (machine: Machine, it: object) => void>()

export const cellPatches = (patches: Patches, queue: object, current: () => Machine | null): void => {
  live = current
  const scoped = <A>(self: Effect.Effect<A, never, Scope.Scope>): A => Effect.runSync(Effect.scoped(self))
  const protos = {
    semaphore: protoOf(Semaphore.makeUnsafe(1)),
    latch: protoOf(Latch.makeUnsafe()),
    memo: protoOf(Layer.makeMemoMapUnsafe()),
    set: protoOf(scoped(FiberSet.make())),
    map: protoOf(scoped(FiberMap.make())),
    handle: protoOf(scoped(FiberHandle.make())),
    subscriptionRef: protoOf(Effect.runSync(SubscriptionRef.make(0))),
    pubsub: protoOf(Effect.runSync(PubSub.unbounded())),
    subscription: protoOf(scoped(Effect.flatMap(PubSub.unbounded(), PubSub.subscribe)))
  }
  field(patches, protoOf(MutableRef.make(0)), "current", "Ref", READ)
  field(patches, protoOf(Deferred.makeUnsafe()), "effect", "Deferred", READ)
  field(patches, queue, "messages", "Queue", WRITE)
  field(patches, queue, "state", "Queue", WRITE)
  field(patches, protos.set, "state", "FiberSet", WRITE, whenListed)
  field(patches, protos.map, "state", "FiberMap", WRITE, whenListed)
  field(patches, protos.handle, "state", "FiberHandle", WRITE)
  field(patches, protos.subscriptionRef, "value", "SubscriptionRef", READ)

  // The constructor calls `withPermits` last: the birth. Every use looks at `free` or releases.
  wrap(patches, protos.semaphore, "withPermits", (it) => {
    const machine = live()
    if (machine !== null && it[cell] === undefined) mark(machine, it, "Semaphore")
  })
  const semaphoreUsed = (it: Tracked): void => {
    const machine = live()
    if (machine !== null) used(machine, it, WRITE, "Semaphore")
  }
  wrap(patches, protos.semaphore, "releaseUnsafe", semaphoreUsed)
  patches.replace(protos.semaphore, "free", {
    get(this: Tracked & { readonly permits: number; readonly taken: number }) {
      semaphoreUsed(this)
      return this.permits - this.taken
    }
  })

  const latchUsed = (it: Tracked): void => {
    const machine = live()
    if (machine === null) return
    if (it[cell] === undefined) refuse(machine, "Latch.makeUnsafe", withMake)
    else used(machine, it, WRITE, "Latch")
  }
  for (const key of ["scheduleUnsafe", "openUnsafe", "closeUnsafe"]) wrap(patches, protos.latch, key, latchUsed)

  wrap(patches, protos.memo, "get", (it, layer) => {
    const machine = live()
    if (machine !== null && typeof layer === "object" && layer !== null) memoized(machine, it, layer)
  })
  patches.replace(protoOf(Layer.empty), "build", {
    get: () => undefined,
    set(this: object, build: unknown) {
      own(this, "build", build)
      const machine = live()
      if (machine !== null) machine.layers.set(this, machine.bearCell("what is built of Layer"))
    }
  })

  instances.clear()
  instances.set(protos.latch, (machine, it) => {
    if (cell in it) return
    const id = mark(machine, it, "Latch")
    watch(it, "_isOpen", id, READ)
    watch(it, "waiters", id, WRITE)
    watch(it, "scheduled", id, WRITE)
  })
  const bus = ["pubsub", "subscribers", "subscription", "pollers", "replayWindow", "shutdownFlag", "strategy", "ended"]
  const subscribable = (machine: Machine, it: object): void => {
    if (cell in it) return
    const atomic: object = Reflect.get(it, "pubsub")
    const known: unknown = Reflect.get(atomic, cell)
    const id = typeof known === "number" ? known : mark(machine, atomic, "PubSub")
    hidden(it, cell, id)
    hidden(it, epoch, machine.epoch)
    const hook: unknown = Reflect.get(it, "shutdownHook")
    if (typeof hook === "object" && hook !== null) newborn(machine, hook)
    const scope: unknown = Reflect.get(it, "scope")
    if (typeof scope === "object" && scope !== null) instrumentScope(machine, scope)
    for (const key of bus) if (key in it) watch(it, key, id, WRITE)
  }
  instances.set(protos.pubsub, subscribable)
  instances.set(protos.subscription, subscribable)
}

const withMake =
  "Make the latch with Latch.make. If it is not yours: a PubSub must not be shut down while somebody subscribes to it."

const refuse = (machine: Machine, subject: string, advice: string): void =>
  machine.refuse({ kind: "Untracked", subject, detail: "what it shares cannot be seen", advice })

/** Prototypes of what is no shared cell: a cell with a prototype of its own is known by it. */
const harmless = new WeakSet<object>()

/** Looks at a value that a primitive brought: instruments or refuses it, if it is a shared cell. */
export const newborn = (machine: Machine, value: object | null): void => {
  if (value === null) return
  const proto: unknown = Object.getPrototypeOf(value)
  if (typeof proto !== "object" || proto === null) return
  if (harmless.has(proto)) return
  const instrument = instances.get(proto)
  if (instrument !== undefined) instrument(machine, value)
  else if ("~effect/Scope" in value) instrumentScope(machine, value)
  else if ("~effect/RcRef" in value) instrumentRcRef(machine, value)
  else if ("~effect/ScopedCache" in value) instrumentScopedCache(machine, value)
  else {
    let found = false
    for (const [key, name, advice] of refused) {
      if (!(key in value)) continue
      refuse(machine, name, advice)
      found = true
    }
    if (!found && proto !== Object.prototype) harmless.add(proto)
  }
}

// --- scopes ---------------------------------------------------------------------------------------------------------

/** A context that a fiber is given: its scope may be new, and a transaction is refused. */
export const beginScope = (machine: Machine, context: Context.Context<never>): void => {
  const scope = Context.getOrUndefined(context, Scope.Scope)
  if (scope !== undefined && !(cell in scope)) instrumentScope(machine, scope)
  if (Context.getOrUndefined(context, Effect.Transaction) !== undefined) {
    refuse(machine, "Effect.tx", "Transactions are not explored: use a Ref, whose every operation is atomic.")
  }
}

/**
 * A scope: adding a finaliser reads whether it is open and writes the order; taking one out again only reads whether it
 * is open, since it commutes with every other; closing writes.
 */
const instrumentScope = (machine: Machine, scope: object): void => {
  if (cell in scope) return
  machine.touched = 1
  const open = mark(machine, scope, "Scope")
  const order = machine.bearCell("the finalisers of Scope")
  const at = machine.epoch
  const alive = (): Machine | null => {
    const now = live()
    if (now === null) return null
    if (now.epoch === at) return now
    stale(now, "Scope")
    return null
  }
  const opened = (state: unknown): unknown => {
    if (typeof state !== "object" || state === null || !("finalizers" in state)) return state
    const first: unknown = Reflect.get(state, "finalizerKey")
    const now = alive()
    if (now !== null && typeof first === "object" && first !== null && "~effect/Scope" in first)
      instrumentScope(now, first)
    let finalizers = state.finalizers
    Object.defineProperty(state, "finalizers", {
      configurable: true,
      enumerable: true,
      get: () => finalizers,
      set: (map: unknown) => {
        finalizers = map
        if (!(map instanceof Map)) return
        const set = map.set.bind(map)
        map.set = (key: unknown, finalizer: unknown) => {
          const now = alive()
          if (now !== null) {
            now.touch(order, WRITE)
            if (typeof key === "object" && key !== null && "~effect/Scope" in key) instrumentScope(now, key)
          }
          return set(key, finalizer)
        }
      }
    })
    return state
  }
  let state = opened(Reflect.get(scope, "state"))
  Object.defineProperty(scope, "state", {
    configurable: true,
    enumerable: true,
    get() {
      alive()?.touch(open, READ)
      return state
    },
    set(next: unknown) {
      const tag: unknown = typeof next === "object" && next !== null ? Reflect.get(next, "_tag") : undefined
      const now = alive()
      if (now !== null) {
        if (tag === "Closed") now.touch(open, WRITE)
        else if (tag === "Open") now.touch(order, WRITE)
      }
      state = tag === "Open" ? opened(next) : next
    }
  })
}

// --- what is instrumented in depth ----------------------------------------------------------------------------------

const instrumentRcRef = (machine: Machine, ref: object): void => {
  if (cell in ref) return
  const id = mark(machine, ref, "RcRef")
  const seen = new WeakSet<object>()
  const state = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null || seen.has(value)) return value
    seen.add(value)
    for (const key of ["refCount", "awaiters", "acquired", "invalidated", "fiber"]) {
      if (key in value) watch(value, key, id, WRITE)
    }
    return value
  }
  watch(ref, "state", id, WRITE, state)
}

const instrumentScopedCache = (machine: Machine, cache: object): void => {
  if (cell in cache) return
  const id = mark(machine, cache, "ScopedCache")
  trackScopedCache(cache, {
    watch: (it, key) => watch(it, key, id, WRITE),
    scope: (scope) => instrumentScope(machine, scope)
  })
}

const memos = new WeakSet<object>()

/**
 * A cell for each layer, whichever memo map: building two layers shares nothing but the scopes and cells that they use.
 * One that was made outside has its name from being the same object in every execution.
 */
const layerCell = (machine: Machine, layer: object): number => {
  const known = machine.layers.get(layer)
  if (known !== undefined) return known
  const given = machine.names.given("what is built of a layer")
  machine.layers.set(layer, given)
  return given
}

const memoized = (machine: Machine, memo: object, asked: object): void => {
  machine.touch(layerCell(machine, asked), WRITE)
  const map: unknown = Reflect.get(memo, "map")
  if (!(map instanceof Map) || memos.has(map)) return
  memos.add(map)
  const set = map.set.bind(map)
  map.set = (layer: object, entry: object) => {
    const now = live()
    if (now !== null) {
      watch(entry, "observers", layerCell(now, layer), WRITE)
      const scope: unknown = Reflect.get(entry, "scope")
      if (typeof scope === "object" && scope !== null) instrumentScope(now, scope)
    }
    return set(layer, entry)
  }
}
