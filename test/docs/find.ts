/**
 * Finds tokens that make a program end in a wanted way: in its search, as far as that comes in a number of executions, and
 * then by holding up one fiber after another from each step of it.
 *
 * It looks for witnesses and proves nothing: what it does not find may still come up. To search a whole program, and to
 * doubt the search, is `check`'s business.
 */
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import { defaultOf, deviations, fingerprint, scripted, tokenOf } from "../../src/explore/counterexample.ts"
import { Engine } from "../../src/explore/engine.ts"
import { install, uninstall } from "../../src/explore/patches.ts"
import type { Search } from "../../src/explore/search.ts"
import { type Script, unbounded } from "../../src/explore/tree.ts"
import type { Explore } from "../../src/explore.ts"

const bounds = { ...unbounded, faults: 1 }

/** The default order of steps; but who would take this one is held up, for as long as anybody else can go on. */
const holdingUp = (step: number): Script => {
  let now = 0
  let held = -1
  return {
    process: (enabled, before) => {
      if (now++ === step) held = defaultOf(enabled, before)
      const others = enabled.filter((process) => process !== held)
      return defaultOf(others.length > 0 ? others : enabled, before)
    },
    answer: () => 0,
    atOnce: () => false
  }
}

/** How a program may end. */
export type Is<A, E> = (exit: Exit.Exit<A, E> | undefined) => boolean

class Finding<A, E> {
  readonly tokens = new Map<string, string>()
  private readonly engine: Engine<A, E>
  private readonly wanted: ReadonlyMap<string, Is<A, E>>

  constructor(program: Effect.Effect<A, E, Explore>, wanted: ReadonlyMap<string, Is<A, E>>) {
    this.engine = new Engine(program)
    this.wanted = wanted
  }

  run(executions: number): void {
    const search = this.engine.search(bounds)
    for (let n = 0; n < executions && !this.isDone(); n++) {
      const { ending, exit } = this.engine.run(search)
      if (ending === "ended") this.look(search, exit)
      if (!search.backtrack()) break
    }
    const { length } = search.events
    for (let step = 0; step < length && !this.isDone(); step++) this.attempt(holdingUp(step))
  }

  private isDone(): boolean {
    return this.tokens.size === this.wanted.size
  }

  private look(search: Search, exit: Exit.Exit<A, E> | undefined): void {
    for (const [name, is] of this.wanted) {
      if (this.tokens.has(name) || !is(exit)) continue
      const smallest = this.shrunk(search, is)
      this.tokens.set(name, tokenOf(fingerprint(this.engine.machine, smallest), deviations(smallest), undefined))
    }
  }

  private attempt(script: Script, is?: Is<A, E>): Search | undefined {
    const search = this.engine.search(bounds)
    const { ending, exit } = this.engine.run(search, script)
    if (ending !== "ended") return undefined
    if (is === undefined) this.look(search, exit)
    return is?.(exit) === true ? search : undefined
  }

  /** The same answers in the default order of steps, if they are enough; else without the departures that it can lack. */
  private shrunk(search: Search, is: Is<A, E>): Search {
    const answers = search.stack.flatMap((node) => (node.kind === "answer" ? [node.option] : []))
    let at = 0
    const plain = this.attempt({ process: defaultOf, answer: () => answers[at++] ?? 0, atOnce: () => false }, is)
    if (plain !== undefined) return plain
    let kept = deviations(search)
    let smallest = this.attempt(scripted(kept), is) ?? search
    for (let n = kept.length - 1; n >= 0; n--) {
      const fewer = kept.filter((_, other) => other !== n)
      const again = this.attempt(scripted(fewer), is)
      if (again === undefined) continue
      kept = fewer
      smallest = again
    }
    return smallest
  }
}

/** For each wanted end, by its name, the token of an execution that has it; what was not met is left out. */
export const find = <A, E>(
  program: Effect.Effect<A, E, Explore>,
  wanted: ReadonlyMap<string, Is<A, E>>,
  executions: number
): Effect.Effect<ReadonlyMap<string, string>> =>
  Effect.acquireUseRelease(
    Effect.sync(install),
    () =>
      Effect.sync(() => {
        const finding = new Finding(program, wanted)
        finding.run(executions)
        return finding.tokens
      }),
    () => Effect.sync(uninstall)
  )
