/** What distrusts the explorer: whole sets of traces and outcomes, found by brute force and by the search. */
import type * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Predicate from "effect/Predicate"
import { finestRun, reordered, type Sample } from "../../src/explore/audit.ts"
import { Engine } from "../../src/explore/engine.ts"
import { install, uninstall } from "../../src/explore/patches.ts"
import type { Search } from "../../src/explore/search.ts"
import { seenOf } from "../../src/explore/seen.ts"
import type { Explore } from "../../src/explore/service.ts"
import { type Bounds, type Order, unbounded } from "../../src/explore/tree.ts"

export interface Found {
  readonly executions: number
  readonly blocked: number
  readonly complete: boolean
  /** Whether a bound kept it from anything. */
  readonly isCut: boolean
  readonly trouble: string | undefined
  readonly traces: ReadonlySet<string>
  readonly outcomes: ReadonlySet<string>
}

/** A trace by its events and their clocks: the same for every order of it. */
export const canonical = (search: Search): string =>
  search.events
    .map(({ accesses, answers, atOnce, clock, nth, process }) => {
      const before = clock.flatMap((n, slot) => ((n ?? 0) > 0 ? [`${search.machine.processes[slot]?.id}:${n}`] : []))
      return `${process}:${nth}${answers.map((n) => `=${n}`).join("")}${atOnce.map((n) => `!${n}`).join("")}:${[...accesses].sort((a, b) => a - b).join(",")}|${before.sort().join()}`
    })
    .sort()
    .join(";")

export const outcome = (exit: Exit.Exit<unknown, unknown> | undefined): string => {
  if (exit === undefined) return "deadlock"
  if (exit._tag === "Success") return JSON.stringify(exit.value) ?? "undefined"
  return exit.cause.reasons
    .map((reason) =>
      reason._tag === "Fail"
        ? `Fail ${String(reason.error)}`
        : reason._tag === "Die"
          ? `Die ${String(reason.defect)}`
          : "Interrupt"
    )
    .sort()
    .join("+")
}

/** Runs a whole search, and keeps every trace and outcome. */
export const explore = <A, E>(
  engine: Engine<A, E>,
  options: {
    readonly reduce?: boolean
    readonly order?: Order
    readonly bounds?: Bounds
    readonly limit?: number
    readonly everyPrimitive?: boolean
    readonly traces?: boolean
  } = {}
): Found => {
  const { bounds = unbounded, everyPrimitive = false, limit = 3_000_000, order = "default", reduce = true } = options
  const keep = options.traces ?? true
  const traces = new Set<string>()
  const outcomes = new Set<string>()
  const search = engine.search(bounds, reduce, order)
  engine.machine.everyPrimitive = everyPrimitive
  const { learnt } = engine.machine.names
  let executions = 0
  let blocked = 0
  let trouble: string | undefined
  install()
  try {
    for (;;) {
      const { ending, exit } = engine.run(search)
      // What it has learnt holds from the first execution on.
      if (engine.machine.names.learnt > learnt) return explore(engine, options)
      if (ending === "ended") {
        executions++
        if (keep) traces.add(canonical(search))
        outcomes.add(outcome(exit))
      } else if (ending === "blocked") blocked++
      else if (ending !== "pruned") {
        trouble = `${ending}: ${engine.machine.trouble?.subject ?? ""} ${engine.machine.trouble?.detail ?? search.diverged}`
        return { executions, blocked, complete: false, isCut: true, trouble, traces, outcomes }
      }
      const isOver = !search.backtrack()
      if (isOver || executions + blocked >= limit)
        return { executions, blocked, complete: isOver, isCut: search.incomplete, trouble, traces, outcomes }
    }
  } finally {
    engine.machine.everyPrimitive = false
    uninstall()
  }
}

export const engineOf = <A, E>(program: Effect.Effect<A, E, Explore>): Engine<A, E> => new Engine(program)

type Any = Effect.Effect<unknown, unknown, Explore>

/** Other than the search's own. */
export const orders: ReadonlyArray<Order> = ["reversed", 1, 2, 3]

/** What the oracles say of a program. */
export interface Judged {
  readonly wrong: ReadonlyArray<string>
  /** How many executions were run to say it. */
  readonly schedules: number
  /** Whether the search is too long to be judged by them. */
  readonly skipped: boolean
  /** Whether brute force came to its end: else what it did not come to is not compared. */
  readonly whole: boolean
}

/** How many schedules that stop at every primitive are run at random, beside the first ones in order. */
const walks = 30

/**
 * Asks all the oracles about a program. Brute force has four times `limit` executions; the search may have as many as it is
 * said to, those that are cut included: somebody who goes on at once is often cut again.
 */
export const judge = (it: Any, limit: number, most = limit, bounds = unbounded): Judged => {
  // Held throughout: to patch and to put back takes longer than many a search.
  install()
  try {
    return judged(it, limit, most, bounds)
  } finally {
    uninstall()
  }
}

const judged = (it: Any, limit: number, most: number, bounds: Bounds, engine = engineOf(it)): Judged => {
  const found = explore(engine, { bounds, limit: most })
  const { learnt } = engine.machine.names
  let schedules = found.executions + found.blocked
  if (found.trouble !== undefined) return { wrong: [found.trouble], schedules, skipped: false, whole: false }
  if (!found.complete) return { wrong: [], schedules, skipped: true, whole: false }
  const out: Array<string> = []
  const asked = (options: Parameters<typeof explore>[1], on = engine): Found => {
    const other = explore(on, { bounds, ...options })
    schedules += other.executions + other.blocked
    if (other.trouble !== undefined) out.push(other.trouble)
    return other
  }
  const lacks = (what: string, some: ReadonlySet<string>, all: ReadonlySet<string>) => {
    for (const one of some) if (!all.has(one)) out.push(`${what}: ${one}`)
  }
  // Of other steps it learns other things. First without preemptions, then with one, and so on as far as it comes.
  const other = engineOf(it)
  const blindly = { reduce: false, everyPrimitive: true, traces: false } as const
  for (let preemptions = 0, left = limit * 4; left > 0; preemptions++) {
    const blind = asked({ ...blindly, bounds: { ...bounds, preemptions }, limit: left }, other)
    left -= blind.executions + blind.blocked
    lacks("only brute force ends with", blind.outcomes, found.outcomes)
    if (blind.trouble !== undefined) break
    if (!blind.complete || blind.isCut) continue
    lacks("only the search ends with", found.outcomes, blind.outcomes)
    break
  }
  const walked = Array.from({ length: walks }, (_, seed) => finestRun(engine, seed, bounds, outcome))
  schedules += walks
  lacks("only a random schedule ends with", new Set(walked.filter(Predicate.isString)), found.outcomes)
  const usual = explore(new Engine(it, "default-scheduler"), { bounds, reduce: false, traces: false, limit })
  schedules += usual.executions
  lacks("only Effect's own scheduler ends with", usual.outcomes, found.outcomes)
  const brute = asked({ reduce: false, limit: limit * 4 })
  lacks("only brute force has the trace", brute.traces, found.traces)
  if (brute.complete) lacks("only the search has the trace", found.traces, brute.traces)
  if (found.executions !== found.traces.size) out.push(`${found.executions} executions of ${found.traces.size} traces`)
  for (const order of orders) {
    const other = asked({ order, limit: most * 2 })
    if (other.executions !== found.executions)
      out.push(`${other.executions} executions in order ${order}, not ${found.executions}`)
    lacks(`in order ${order} alone`, other.traces, found.traces)
    lacks(`not in order ${order}`, found.traces, other.traces)
    lacks(`in order ${order} alone it ends with`, other.outcomes, found.outcomes)
    lacks(`not in order ${order} it ends with`, found.outcomes, other.outcomes)
  }
  out.push(...reorderings(engine, bounds))
  // Another order has learnt more: as a check does, from the first execution on with that.
  if (engine.machine.names.learnt > learnt) return judged(it, limit, most, bounds, engine)
  return { wrong: out, schedules, skipped: false, whole: brute.complete }
}

/** All that the oracles find wrong in a program; nothing where the search is too long to judge it by them. */
export const wrong = (it: Any, limit: number): ReadonlyArray<string> => judge(it, limit).wrong

const reorderings = (engine: Engine<unknown, unknown>, bounds: Bounds): ReadonlyArray<string> => {
  const search = engine.search(bounds)
  const see = (exit: Exit.Exit<unknown, unknown> | undefined) => seenOf(exit, engine.machine.observed, [])
  const out: Array<string> = []
  install()
  try {
    for (let n = 0; ; n++) {
      const { ending, exit } = engine.run(search)
      if (ending === "ended") {
        const sample: Sample = { events: [...search.events], seen: see(exit) }
        for (let seed = n; seed < (n < 12 ? n + 3 : n + 1); seed++)
          out.push(...[reordered(engine, sample, seed, bounds, see)].filter((it) => it !== undefined))
      }
      if (!search.backtrack()) return out
    }
  } finally {
    uninstall()
  }
}
