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
  /** Gives one of that key another. False where there is none. Who asks by sort meets nobody who only renames within it. */
  readonly rename: (from: string, to: string) => boolean
  /** Is there any whose sort is so? */
  readonly some: (is: (sort: string) => boolean) => boolean
  /** All that there is. */
  readonly all: () => Counts
  /** All that there is, for a record of it: nobody may decide anything by it. */
  readonly untold: () => Counts
}

/** What each key is for those that ask for any: where it is not said, each is a sort of its own. */
export type SortOf = (key: string) => string

/** A step, by the slot of its process and its place among that one's. */
interface Step {
  readonly slot: number
  readonly nth: number
}

/** One of the things, as long as somebody may still have to do with it. */
interface Item {
  readonly sort: string
  /** Whether it is in, and what its key is. */
  readonly cell: number
  readonly label: number
  /** The step that put it in, and the path of its process. */
  readonly put: Step
  readonly name: string
  isIn: boolean
  key: string
  /** Every key that it has had, and the step that gave it. */
  readonly keys: Array<Step & { readonly key: string }>
}

/** What somebody looks for: by its sort, or by a key that it has or had, given to it in this step. */
interface Wanted {
  readonly byKey: boolean
  readonly since: (item: Item) => ReadonlyArray<Step>
  readonly is: (item: Item) => boolean
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

const ofSort = (is: (sort: string) => boolean): Wanted => ({
  byKey: false,
  since: ({ put, sort }) => (is(sort) ? [put] : []),
  is: ({ isIn }) => isIn
})

const ofKey = (key: string): Wanted => ({
  byKey: true,
  since: ({ keys }) => keys.filter((given) => given.key === key),
  is: (item) => item.isIn && item.key === key
})

/** The cells of one bag in one execution. */
class Told {
  private readonly machine: Machine
  private readonly kind: string
  private readonly sortOf: SortOf
  /** What there is, and who has which key. */
  private readonly which: number
  private readonly renamed: number
  private readonly items: Array<Item> = []

  constructor(machine: Machine, kind: string, sortOf: SortOf) {
    this.machine = machine
    this.kind = kind
    this.sortOf = sortOf
    this.which = machine.bearCell(`what there is of ${kind}`)
    this.renamed = machine.bearCell(`what is renamed of ${kind}`)
  }

  put(key: string): void {
    const { machine } = this
    const now = machine.current
    if (now === null) return
    const cell = machine.bearCell(this.kind)
    const label = machine.bearCell(`the name of one of ${this.kind}`)
    const put = { slot: now.slot, nth: now.steps }
    const name = machine.names.path(now.id)
    this.items.push({ sort: this.sortOf(key), cell, label, put, name, isIn: true, key, keys: [{ ...put, key }] })
    machine.touch(this.which, ADD)
    machine.touch(cell, WRITE)
  }

  /** Takes out one; who finds none has looked for one. */
  take(key: string): void {
    const item = this.find(ofKey(key))
    if (item === undefined) return
    item.isIn = false
    this.machine.touch(item.cell, WRITE)
  }

  rename(from: string, to: string): void {
    const now = this.machine.current
    const item = this.find(ofKey(from))
    if (now === null || item === undefined) return
    item.key = to
    item.keys.push({ slot: now.slot, nth: now.steps, key: to })
    this.machine.touch(this.renamed, ADD)
    this.machine.touch(item.label, WRITE)
  }

  all(): void {
    this.machine.touch(this.which, READ)
    this.machine.touch(this.renamed, READ)
    for (const { cell } of this.items) this.machine.touch(cell, READ)
  }

  some(is: (sort: string) => boolean): void {
    this.find(ofSort(is))
  }

  /** Looks at one after the other, until it is one: first at those that it knows of, and at the others only then. */
  private find({ byKey, is, since }: Wanted): Item | undefined {
    const { current, names } = this.machine
    if (current === null) return undefined
    const path = names.path(current.id)
    const left = this.items.filter((item) => since(item).length > 0)
    left.sort((a, b) => kinship(b.name, path) - kinship(a.name, path) || inOrder(a, b))
    const look = (at: number): Item | undefined => {
      const [item] = left.splice(at, 1)
      if (item === undefined) return undefined
      this.machine.touch(item.cell, READ)
      if (byKey) this.machine.touch(item.label, READ)
      return is(item) ? item : undefined
    }
    for (;;) {
      // With each that has been looked at, more may be known.
      const clock = this.machine.chooser.clock(current)
      const isKnown = ({ nth, slot }: Step) => slot === current.slot || (clock[slot] ?? 0) >= nth
      const at = left.findIndex((item) => since(item).some(isKnown))
      if (at < 0) break
      const found = look(at)
      if (found !== undefined) return found
    }
    this.machine.touch(this.which, READ)
    if (byKey) this.machine.touch(this.renamed, READ)
    while (left.length > 0) {
      const found = look(0)
      if (found !== undefined) return found
    }
    return undefined
  }
}

/** A bag that is made now, with nothing in it. In an exploration it belongs inside the program. */
export const make = (kind: string, sortOf: SortOf = (key) => key): Bag => {
  const machine = active
  const epoch = machine?.epoch ?? 0
  const told = machine === null ? undefined : new Told(machine, kind, sortOf)
  let counts: Counts = new Map()
  const live = (mode: number) => (living(kind, machine, epoch, mode) === null ? undefined : told)
  const put = (key: string) => {
    live(WRITE)?.put(key)
    counts = changed(counts, key, 1)
  }
  const take = (key: string) => {
    const has = counts.has(key)
    live(has ? WRITE : READ)?.take(key)
    if (has) counts = changed(counts, key, -1)
    return has
  }
  return {
    put,
    take,
    rename: (from, to) => {
      if (sortOf(from) !== sortOf(to)) {
        const has = take(from)
        if (has) put(to)
        return has
      }
      const has = counts.has(from)
      live(has ? WRITE : READ)?.rename(from, to)
      if (has) counts = changed(changed(counts, from, -1), to, 1)
      return has
    },
    some: (is) => {
      live(READ)?.some(is)
      return Array.from(counts.keys()).some((key) => is(sortOf(key)))
    },
    all: () => {
      live(READ)?.all()
      return counts
    },
    untold: () => counts
  }
}
