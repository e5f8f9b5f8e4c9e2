/**
 * MutableHashMap, and MutableHashSet which is made of one: tracked entry by entry.
 *
 * An entry has a cell from when its key was first put in, a table one cell for which keys it has. To put in or take out a
 * key is an addition to that cell: two of different keys commute, and whoever asks for the size, goes through the entries,
 * or asks for a key that never was there, reads it. The order of the entries can be seen only by who goes through two or
 * more of them: the first time that somebody does, the table's name is learnt, and the search begins again with every
 * addition to it a write. Inside the package only.
 *
 * Source: Effect 4.1.0, MutableHashMap.ts.
 */
import * as MutableHashMap from "effect/MutableHashMap"
import { ADD, READ, WRITE } from "./access.ts"
import type { Machine } from "./machine.ts"
import { type Patches, protoOf } from "./patch.ts"

const kind = "MutableHashMap"

/** What one execution knows of one table. */
class Tracking {
  private readonly machine: Machine
  private readonly epoch: number
  /** Which keys there are. */
  private readonly keys: number
  /** By key, whether it is there now or not. */
  private readonly entries = new Map<unknown, number>()
  /**
   * That a key was not there is read by whoever asks, but not by who is about to put it in: MutableHashMap looks before it
   * does. Then what the look added to the step's accesses is taken back, by the next thing done to the table.
   */
  private look: { readonly isFor: (key: unknown) => boolean; readonly step: number; deep: boolean } | undefined

  constructor(machine: Machine) {
    this.machine = machine
    this.epoch = machine.epoch
    this.keys = machine.bearCell(kind)
  }

  /** Null where nobody runs, or another execution than the one that made the table. */
  live(current: () => Machine | null, mode: number): Machine | null {
    const now = current()
    if (now === null || (now === this.machine && now.epoch === this.epoch)) return now
    if (mode !== READ) {
      now.refuse({
        kind: "Untracked",
        subject: kind,
        detail: "it was made outside this execution, and is written in it",
        advice: `Make the ${kind} inside the program, so that every execution starts with one of its own.`
      })
    }
    return null
  }

  /** Somebody looks for a key. */
  looks(machine: Machine, key: unknown): void {
    const entry = this.entries.get(key)
    this.look = undefined
    if (entry !== undefined) machine.touch(entry, READ)
    else this.missed(machine, (put) => put === key, false)
  }

  /** Somebody looks among the keys of one hash: after having missed one, or to take one of them out. */
  digs(machine: Machine, bucket: unknown): void {
    const { look } = this
    if (look !== undefined && look.step === machine.stepIndex && !look.deep) look.deep = true
    else this.missed(machine, (taken) => Array.isArray(bucket) && bucket.includes(taken), true)
  }

  private missed(machine: Machine, isFor: (key: unknown) => boolean, deep: boolean): void {
    const known = (machine.modeOf(this.keys) & READ) !== 0
    machine.touch(this.keys, READ)
    this.look = known ? undefined : { isFor, step: machine.stepIndex, deep }
  }

  /** What was only a look before the deed is none. */
  private does(machine: Machine, key: unknown): void {
    if (this.look?.step === machine.stepIndex && this.look.isFor(key)) machine.retract(this.keys, READ)
    this.look = undefined
  }

  puts(machine: Machine, key: unknown, isNew: boolean): void {
    const entry = this.entries.get(key)
    this.does(machine, key)
    if (isNew) this.changed(machine)
    if (entry !== undefined) machine.touch(entry, WRITE)
    else {
      const born = machine.bearCell("an entry of MutableHashMap")
      this.entries.set(key, born)
      machine.touch(born, WRITE)
    }
  }

  takes(machine: Machine, key: unknown, isThere: boolean): void {
    const entry = this.entries.get(key)
    if (isThere) this.does(machine, key)
    this.look = undefined
    if (entry === undefined) machine.touch(this.keys, READ)
    else machine.touch(entry, isThere ? WRITE : READ)
    if (isThere) this.changed(machine)
  }

  private changed(machine: Machine): void {
    machine.touch(this.keys, machine.names.ordered.has(this.keys) ? WRITE : ADD)
  }

  counts(machine: Machine): void {
    this.look = undefined
    machine.touch(this.keys, READ)
  }

  goesThrough(machine: Machine, keys: Iterable<unknown>, count: number): void {
    this.counts(machine)
    for (const key of keys) {
      const entry = this.entries.get(key)
      if (entry !== undefined) machine.touch(entry, READ)
    }
    if (count > 1) machine.names.learn(this.keys)
  }

  clears(machine: Machine): void {
    this.look = undefined
    machine.touch(this.keys, WRITE)
    for (const entry of this.entries.values()) machine.touch(entry, WRITE)
  }
}

let live: () => Machine | null = () => null

/** The map of keys and values, in the place of the one that MutableHashMap makes for itself. */
class Backing<K, V> extends Map<K, V> {
  readonly tracking: Tracking

  constructor(tracking: Tracking) {
    super()
    this.tracking = tracking
  }

  override has(key: K): boolean {
    const machine = this.tracking.live(live, READ)
    if (machine !== null) this.tracking.looks(machine, key)
    return super.has(key)
  }

  override get(key: K): V | undefined {
    const machine = this.tracking.live(live, READ)
    if (machine !== null) this.tracking.looks(machine, key)
    return super.get(key)
  }

  override set(key: K, value: V): this {
    const machine = this.tracking.live(live, WRITE)
    if (machine !== null) this.tracking.puts(machine, key, !super.has(key))
    return super.set(key, value)
  }

  override delete(key: K): boolean {
    const machine = this.tracking.live(live, WRITE)
    if (machine !== null) this.tracking.takes(machine, key, super.has(key))
    return super.delete(key)
  }

  override clear(): void {
    const machine = this.tracking.live(live, WRITE)
    if (machine !== null) this.tracking.clears(machine)
    super.clear()
  }

  override get size(): number {
    const machine = this.tracking.live(live, READ)
    if (machine !== null) this.tracking.counts(machine)
    return super.size
  }

  private through(): void {
    const machine = this.tracking.live(live, READ)
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

/** The keys of each hash: whoever looks here looks for a key that is there by another identity, or is not there. */
class Buckets extends Map<number, unknown> {
  readonly tracking: Tracking

  constructor(tracking: Tracking) {
    super()
    this.tracking = tracking
  }

  override get(hash: number): unknown {
    const machine = this.tracking.live(live, READ)
    const bucket = super.get(hash)
    if (machine !== null) this.tracking.digs(machine, bucket)
    return bucket
  }
}

const own = (it: object, key: string, value: unknown): void => {
  Object.defineProperty(it, key, { value, writable: true, enumerable: true, configurable: true })
}

/** Gives each MutableHashMap that an execution makes a tracked map in place of its own. */
export const tablePatches = (patches: Patches, current: () => Machine | null): void => {
  live = current
  const proto = protoOf(MutableHashMap.empty())
  patches.replace(proto, "backing", {
    get: () => undefined,
    set(this: object, map: unknown) {
      const machine = live()
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
