/** Plans of random small programs, each from its seed: `generated.ts` makes programs of them. */
import { type Bounds, unbounded } from "../../src/explore/tree.ts"

/** One instruction; the numbers say which cell. */
export type Op =
  | { readonly op: (typeof leaves)[number]; readonly on: number }
  | { readonly op: "choose" | "yield" | "fail" | "awaitAll" | "quiet" | "all things" }
  | { readonly op: "put" | "take out" | "rename" | "some"; readonly on: number }
  | { readonly op: "sleep"; readonly on: number }
  | {
      readonly op: (typeof blocks)[number]
      readonly on: number
      readonly body: ReadonlyArray<Op>
    }
  | { readonly op: (typeof pairs)[number]; readonly left: ReadonlyArray<Op>; readonly right: ReadonlyArray<Op> }
  | { readonly op: "interrupt"; readonly on: number }

export interface Plan {
  readonly fibers: ReadonlyArray<{
    readonly body: ReadonlyArray<Op>
    readonly interrupted: boolean
    readonly now: boolean
    /** By two, each of which may come. */
    readonly twice?: boolean
    readonly masked?: boolean
    /** Forked for good, and waited for by nobody. */
    readonly left?: boolean
  }>
  readonly main: ReadonlyArray<Op>
  /** Are two of the three keys in the bag of one sort? */
  readonly sorted?: boolean
}

/** A whole number below `n`. */
type Pick = (n: number) => number

const random = (seed: number): Pick => {
  let x = (seed + 1) | 0
  return (n: number): number => {
    x = (x + 0x6d2b79f5) | 0
    let t = Math.imul(x ^ (x >>> 15), 1 | x)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % n
  }
}

const leaves = [
  "get",
  "add",
  "double",
  "await",
  "succeed",
  "offer",
  "take",
  "open",
  "latch",
  "finalize",
  "nothing",
  "park",
  "wake",
  "chain",
  "hand over",
  "hurry",
  "look",
  "interruptAll",
  "any",
  "interrupt now",
  "run now"
] as const
const blocks = [
  "permit",
  "mask",
  "interruptible",
  "restore",
  "checkpoint",
  "on interrupt",
  "mapped",
  "ensure",
  "scoped",
  "timeout",
  "forkIn",
  "forkChild",
  "three",
  "start",
  "undo",
  "gather"
] as const
const pairs = ["race", "raceAll", "all", "either"] as const

/** Of eight programs two are about what an interruption runs into, and one about who goes on at once. */
export const plan = (seed: number): Plan => {
  const pick = random(seed)
  const kind = pick(8)
  if (kind === 2) return hurries(pick)
  return kind < 2 ? regions(pick) : anything(pick)
}

/** Every other program is searched within one fault. */
export const boundsOf = (seed: number): Bounds => (seed % 2 === 0 ? unbounded : { ...unbounded, faults: 1 })

const anything = (pick: Pick): Plan => {
  const body = (size: number, depth: number): ReadonlyArray<Op> => Array.from({ length: size }, () => op(depth))
  const op = (depth: number): Op => {
    const kind = pick(depth > 0 ? 22 : 17)
    if (kind < 9) return { op: leaves[pick(3)] ?? "get", on: pick(2) }
    if (kind < 15) return { op: leaves[3 + pick(leaves.length - 3)] ?? "await", on: pick(2) }
    if (kind === 15) return pick(2) === 0 ? { op: "choose" } : { op: "interrupt", on: pick(2) }
    if (kind === 16) {
      const which = pick(6)
      if (which < 2) return { op: "sleep", on: pick(2) }
      return { op: which < 4 ? "yield" : which === 4 ? "fail" : "awaitAll" }
    }
    if (kind < 20) return { op: blocks[pick(blocks.length)] ?? "mask", on: pick(2), body: body(pick(3), depth - 1) }
    return { op: pairs[pick(pairs.length)] ?? "all", left: body(1, depth - 1), right: body(1, depth - 1) }
  }
  const fibers = Array.from({ length: 1 + pick(2) }, () => ({
    body: body(1 + pick(3), 1),
    interrupted: pick(3) === 0,
    now: pick(4) === 0
  }))
  const rest = body(pick(3), 1)
  const more = fibers.map((it) => ({ ...it, twice: pick(3) === 0, masked: pick(4) === 0, left: pick(5) === 0 }))
  return { fibers: more, main: rest }
}

const inner = ["nothing", "nothing", "double", "any", "park", "await", "chain"] as const
const outer = ["mask", "interruptible", "restore", "checkpoint", "on interrupt", "mapped", "ensure"] as const

/** A fiber that may be interrupted anywhere, within finalisers and masks and past them, and perhaps one that wakes it. */
const regions = (pick: Pick): Plan => {
  const body = (size: number, depth: number): ReadonlyArray<Op> => Array.from({ length: size }, () => op(depth))
  const leaf = (): Op => (pick(8) === 0 ? { op: "fail" } : { op: inner[pick(inner.length)] ?? "nothing", on: pick(2) })
  const op = (depth: number): Op =>
    pick(2) === 0 || depth === 0
      ? leaf()
      : { op: outer[pick(outer.length)] ?? "mask", on: pick(2), body: body(pick(3), depth - 1) }
  const it = { body: body(1 + pick(2), 2), interrupted: true, now: pick(4) === 0, masked: pick(4) === 0 }
  const other = { body: [{ op: pick(2) === 0 ? "wake" : "succeed", on: 0 }], interrupted: false, now: false } as const
  return { fibers: pick(3) === 0 ? [it, other] : [it], main: [] }
}

const hasty = [
  "hurry",
  "look",
  "interruptAll",
  "any",
  "interrupt now",
  "run now",
  "succeed",
  "await",
  "await",
  "double",
  "get",
  "take",
  "offer"
] as const
const starts = ["start", "undo", "undo", "gather", "forkChild", "on interrupt"] as const
const together = ["all", "race", "raceAll", "either"] as const

/** Steps that wake others and are not through: what those do may come in the middle. */
const hurries = (pick: Pick): Plan => {
  const body = (size: number, depth: number): ReadonlyArray<Op> => Array.from({ length: size }, () => op(depth))
  const leaf = (): Op => {
    const kind = pick(12)
    if (kind === 0) return { op: "fail" }
    if (kind === 1) return { op: "awaitAll" }
    return { op: hasty[pick(hasty.length)] ?? "hurry", on: pick(2) }
  }
  const op = (depth: number): Op => {
    const kind = depth === 0 ? 0 : pick(6)
    if (kind < 3) return leaf()
    if (kind < 5) return { op: starts[pick(starts.length)] ?? "undo", on: pick(2), body: body(1 + pick(2), depth - 1) }
    return { op: together[pick(together.length)] ?? "all", left: body(1, depth - 1), right: body(1, depth - 1) }
  }
  const fibers = Array.from({ length: 1 + pick(2) }, () => ({
    body: body(1, 1),
    interrupted: pick(8) === 0,
    now: pick(2) === 0
  }))
  return { fibers, main: body(1 + pick(2), 1) }
}

const things = ["put", "put", "take out", "take out", "take out", "some", "some", "rename", "rename"] as const

/** Programs about a bag, with something else beside it, and waits until nobody else can go on. */
export const bagPlan = (seed: number): Plan => {
  const pick = random(seed)
  const body = (size: number): ReadonlyArray<Op> =>
    Array.from({ length: size }, (): Op => {
      const kind = pick(16)
      if (kind < 12) return { op: things[pick(things.length)] ?? "some", on: pick(3) }
      if (kind === 12) return { op: "all things" }
      if (kind === 13) return { op: "quiet" }
      return { op: kind === 14 ? "get" : "add", on: 0 }
    })
  const fibers = Array.from({ length: 2 + pick(2) }, () => ({
    body: body(1 + pick(3)),
    interrupted: pick(6) === 0,
    now: pick(4) === 0
  }))
  return { fibers, main: body(pick(3)), sorted: pick(3) > 0 }
}
