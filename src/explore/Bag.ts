/**
 * A bag: things that are alike but for their key, put in and taken out in no order, such as the references on an object.
 *
 * A count would be one cell, and any two who change it would meet there. In a bag nobody has to do with more than he has
 * to: who puts one in meets only those that looked and found nothing; who takes one out takes one of those that he knows
 * to be there, his own before others'; who asks whether there is any looks only for one that he knows of. What somebody
 * knows of is what happened before, so that it is the same in every order of one trace. Outside an exploration it is a
 * plain count by key.
 */
import { ADD, READ, WRITE } from "./access.ts"
import { active, living } from "./active.ts"
import type { Machine } from "./machine.ts"

/** How many of each key there are: a key without any is left out. */
export type Counts = ReadonlyMap<string, number>

/** A bag. What is not told here orders nothing, and decides nothing. */
export interface Bag {
  readonly put: (key: string) => void
  /** Takes out one of that key. False where there is none. */
  readonly take: (key: string) => boolean
  /** Is there any whose key is so? */
  readonly some: (is: (key: string) => boolean) => boolean
  /** All that there is. */
  readonly all: () => Counts
  /** All that there is, for a record of it: nobody may decide anything by it. */
  readonly untold: () => Counts
}

/** One of the things, as long as somebody may still have to do with it. */
interface Item {
  readonly key: string
  readonly cell: number
  /** The step that put it in. */
  readonly process: number
  readonly nth: number
  /** The path of the process that put it in. */
  readonly name: string
  isIn: boolean
}

const changed = (counts: Counts, key: string, by: 1 | -1): Counts => {
  const n = (counts.get(key) ?? 0) + by
  const next = new Map(counts).set(key, n)
  if (n === 0) next.delete(key)
  return next
}

/** How many makers two names have in common: who was forked by whom. */
const kinship = (one: string, other: string): number => {
  const [a, b] = [one.split("."), other.split(".")]
  const at = a.findIndex((part, i) => part !== b[i])
  return at < 0 ? a.length : at
}

/** The same in every search, unlike the numbers of their cells. */
const inOrder = (one: Item, other: Item): number => {
  if (one.name !== other.name) return one.name < other.name ? -1 : 1
  return one.cell - other.cell
}

/** The cells of one bag in one execution. */
class Told {
  private readonly machine: Machine
  private readonly which: number
  private readonly kind: string
  private readonly items: Array<Item> = []

  constructor(machine: Machine, kind: string) {
    this.machine = machine
    this.kind = kind
    this.which = machine.bearCell(`what there is of ${kind}`)
  }

  put(key: string): void {
    const { current, names } = this.machine
    if (current === null) return
    const cell = this.machine.bearCell(this.kind)
    this.items.push({ key, cell, process: current.id, nth: current.steps, name: names.path(current.id), isIn: true })
    this.machine.touch(this.which, ADD)
    this.machine.touch(cell, WRITE)
  }

  /** Takes out one; who finds none has looked for one. */
  take(key: string): void {
    const item = this.find((it) => it === key)
    if (item === undefined) return
    item.isIn = false
    this.machine.touch(item.cell, WRITE)
  }

  all(): void {
    this.machine.touch(this.which, READ)
    for (const { cell } of this.items) this.machine.touch(cell, READ)
  }

  /** Looks at one after the other, until one is in: first at those that it knows of, and at the others only then. */
  find(is: (key: string) => boolean): Item | undefined {
    const { current, names } = this.machine
    if (current === null) return undefined
    const path = names.path(current.id)
    const left = this.items.filter(({ key }) => is(key))
    left.sort((a, b) => kinship(b.name, path) - kinship(a.name, path) || inOrder(a, b))
    const look = (at: number): Item | undefined => {
      const [item] = left.splice(at, 1)
      if (item !== undefined) this.machine.touch(item.cell, READ)
      return item?.isIn === true ? item : undefined
    }
    for (;;) {
      // With each that has been looked at, more may be known.
      const clock = this.machine.chooser.clock(current)
      const at = left.findIndex(({ nth, process }) => process === current.id || (clock[process] ?? 0) >= nth)
      if (at < 0) break
      const found = look(at)
      if (found !== undefined) return found
    }
    this.machine.touch(this.which, READ)
    while (left.length > 0) {
      const found = look(0)
      if (found !== undefined) return found
    }
    return undefined
  }
}

/** A bag that is made now, with nothing in it. In an exploration it belongs inside the program. */
export const make = (kind: string): Bag => {
  const machine = active
  const epoch = machine?.epoch ?? 0
  const told = machine === null ? undefined : new Told(machine, kind)
  let counts: Counts = new Map()
  const live = (mode: number) => (living(kind, machine, epoch, mode) === null ? undefined : told)
  return {
    put: (key) => {
      live(WRITE)?.put(key)
      counts = changed(counts, key, 1)
    },
    take: (key) => {
      const has = counts.has(key)
      live(has ? WRITE : READ)?.take(key)
      if (has) counts = changed(counts, key, -1)
      return has
    },
    some: (is) => {
      live(READ)?.find(is)
      return Array.from(counts.keys()).some(is)
    },
    all: () => {
      live(READ)?.all()
      return counts
    },
    untold: () => counts
  }
}
