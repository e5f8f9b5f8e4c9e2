/**
 * MutableHashMap, and MutableHashSet which is made of one: tracked entry by entry.
 *
 * Each key has a cell of its own, by its text; keys that are objects have no name that is the same in every execution, and
 * share one. A table has one more cell for which keys it has: to put in or take out a key is an addition to it, and whoever
 * asks for the size or goes through the entries reads it. The order of the entries can be seen only by who goes through two
 * or more: the first time that somebody does, the table is learnt to be ordered, and the search begins again with every
 * addition a write. Inside the package only.
 *
 * Source: Effect 4.1.0, MutableHashMap.ts.
 */
import * as MutableHashMap from "effect/MutableHashMap"
import { ADD, READ, WRITE } from "./access.ts"
import { active, living } from "./active.ts"
import type { Machine } from "./machine.ts"
import { own, type Patches, protoOf } from "./patch.ts"

const kind = "MutableHashMap"

/** What one execution knows of one table. */
class Tracking {
  private readonly machine: Machine
  private readonly epoch: number
  /** Which keys there are. */
  private readonly keys: number
  private readonly objects: number

  constructor(machine: Machine) {
    this.machine = machine
    this.epoch = machine.epoch
    this.keys = machine.bearCell(kind)
    this.objects = machine.bearCell("the objects in MutableHashMap")
  }

  /** Null where nobody runs, or another execution than the one that made the table. */
  live(mode: number): Machine | null {
    return living(kind, this.machine, this.epoch, mode)
  }

  private entry(machine: Machine, key: unknown): number {
    if ((typeof key === "object" && key !== null) || typeof key === "function" || typeof key === "symbol")
      return this.objects
    return machine.names.subject(`${typeof key} ${String(key)} of ${machine.names.cellName(this.keys)}`)
  }

  looks(machine: Machine, key: unknown): void {
    machine.touch(this.entry(machine, key), READ)
  }

  /** Among the keys of one hash: they are objects. */
  digs(machine: Machine): void {
    machine.touch(this.objects, READ)
  }

  changes(machine: Machine, key: unknown, comesOrGoes: boolean): void {
    machine.touch(this.entry(machine, key), WRITE)
    if (comesOrGoes) machine.touch(this.keys, machine.names.ordered.has(this.keys) ? WRITE : ADD)
  }

  counts(machine: Machine): void {
    machine.touch(this.keys, READ)
  }

  goesThrough(machine: Machine, keys: Iterable<unknown>, count: number): void {
    machine.touch(this.keys, READ)
    for (const key of keys) this.looks(machine, key)
    if (count > 1) machine.names.learn(this.keys)
  }

  clears(machine: Machine, keys: Iterable<unknown>): void {
    machine.touch(this.keys, WRITE)
    for (const key of keys) machine.touch(this.entry(machine, key), WRITE)
  }
}

/** The map of keys and values, in the place of the one that MutableHashMap makes for itself. */
class Backing<K, V> extends Map<K, V> {
  readonly tracking: Tracking

  constructor(tracking: Tracking) {
    super()
    this.tracking = tracking
  }

  override has(key: K): boolean {
    const machine = this.tracking.live(READ)
    if (machine !== null) this.tracking.looks(machine, key)
    return super.has(key)
  }

  override get(key: K): V | undefined {
    const machine = this.tracking.live(READ)
    if (machine !== null) this.tracking.looks(machine, key)
    return super.get(key)
  }

  override set(key: K, value: V): this {
    const machine = this.tracking.live(WRITE)
    if (machine !== null) this.tracking.changes(machine, key, !super.has(key))
    return super.set(key, value)
  }

  override delete(key: K): boolean {
    const machine = this.tracking.live(WRITE)
    if (machine !== null && super.has(key)) this.tracking.changes(machine, key, true)
    else if (machine !== null) this.tracking.looks(machine, key)
    return super.delete(key)
  }

  override clear(): void {
    const machine = this.tracking.live(WRITE)
    if (machine !== null) this.tracking.clears(machine, super.keys())
    super.clear()
  }

  override get size(): number {
    const machine = this.tracking.live(READ)
    if (machine !== null) this.tracking.counts(machine)
    return super.size
  }

  private through(): void {
    const machine = this.tracking.live(READ)
    if (machine !== null) this.tracking.goesThrough(machine, super.keys(), super.size)
  }

  override keys(): MapIterator<K> {
    this.through()
    return super.keys()
  }

  override values(): MapIterator<V> {
    this.through()
    return super.values()
  }

  override entries(): MapIterator<[K, V]> {
    this.through()
    return super.entries()
  }

  override [Symbol.iterator](): MapIterator<[K, V]> {
    return this.entries()
  }

  override forEach(f: (value: V, key: K, map: Map<K, V>) => void, self?: unknown): void {
    this.through()
    super.forEach(f, self)
  }
}

/** The keys of each hash: whoever looks here looks for an object that may not be there. */
class Buckets extends Map<number, unknown> {
  readonly tracking: Tracking

  constructor(tracking: Tracking) {
    super()
    this.tracking = tracking
  }

  override get(hash: number): unknown {
    const machine = this.tracking.live(READ)
    if (machine !== null) this.tracking.digs(machine)
    return super.get(hash)
  }
}

/** Gives each MutableHashMap that an execution makes a tracked map in place of its own. */
export const tablePatches = (patches: Patches): void => {
  const proto = protoOf(MutableHashMap.empty())
  patches.replace(proto, "backing", {
    get: () => undefined,
    set(this: object, map: unknown) {
      const machine = active
      own(this, "backing", machine === null ? map : new Backing(new Tracking(machine)))
    }
  })
  patches.replace(proto, "buckets", {
    get: () => undefined,
    set(this: object, map: unknown) {
      const backing: unknown = Reflect.get(this, "backing")
      own(this, "buckets", backing instanceof Backing ? new Buckets(backing.tracking) : map)
    }
  })
}
