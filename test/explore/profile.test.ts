/** The profile of Effect's own scheduler: what it finds is what Effect does, no more and no less. */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Ref from "effect/Ref"
import { Engine } from "../../src/explore/engine.ts"
import { install, uninstall } from "../../src/explore/patches.ts"
import * as Explore from "../../src/explore.ts"
import { program } from "./generated.ts"
import { engineOf, explore } from "./oracle.ts"
import { everyOutcome, usualOutcome } from "./plain.ts"
import { plan } from "./plans.ts"
import { load, lostUpdate } from "./programs.ts"

const profile = "default-scheduler"

const usual = process.versions.bun === undefined && process.versions.deno === undefined ? 300 : 50
const programs = Number(process.env.EXPLORE_PROGRAMS ?? usual)

const own = (it: Effect.Effect<unknown, unknown, Explore.Explore>, limit: number) =>
  explore(new Engine(it, profile), { reduce: false, traces: false, limit })

// Held throughout: to patch and to put back takes longer than many a search.
beforeAll(install)
afterAll(uninstall)

describe("random programs, under Effect's own scheduler", () => {
  it("what the profile finds is what Effect itself does, run by hand", () => {
    const wrong: Array<string> = []
    let compared = 0
    for (let seed = 0; seed < programs; seed++) {
      const it = program(plan(seed))
      const found = own(it, 400)
      if (found.trouble !== undefined) wrong.push(`seed ${seed}: ${found.trouble}`)
      if (!found.complete) continue
      const { outcomes } = found
      if (!outcomes.has(usualOutcome(it))) wrong.push(`seed ${seed}: the usual outcome ${usualOutcome(it)} is missing`)
      const every = everyOutcome(it, 4000)
      if (every === undefined) continue
      compared++
      for (const one of every) if (!outcomes.has(one)) wrong.push(`seed ${seed}: only Effect ends with ${one}`)
      for (const one of outcomes) if (!every.has(one)) wrong.push(`seed ${seed}: only the profile ends with ${one}`)
    }
    assert.deepStrictEqual(wrong, [])
    assert.isAbove(compared, programs / 2)
  }, 600_000)

  it("what the profile finds, the search of every schedule finds too", () => {
    const wrong: Array<string> = []
    let compared = 0
    for (let seed = 0; seed < programs / 2; seed++) {
      const it = program(plan(seed))
      const all = explore(engineOf(it), { limit: 60, traces: false })
      if (!all.complete) continue
      compared++
      for (const one of own(it, 400).outcomes) {
        if (!all.outcomes.has(one)) wrong.push(`seed ${seed}: only the profile ends with ${one}`)
      }
    }
    assert.deepStrictEqual(wrong, [])
    assert.isAbove(compared, programs / 4)
  }, 600_000)
})

describe("a check under Effect's own scheduler", () => {
  const right = {
    "nothing is lost": ({ exit }: Explore.Execution<number, never>) => Exit.isSuccess(exit) && exit.value === 2
  }

  it.effect("verifies what only another scheduler could break, and says so", () =>
    Effect.gen(function* () {
      const every = yield* Explore.check(lostUpdate(2, 1), { always: right })
      assert.strictEqual(every._tag, "Falsified")
      const verdict = yield* Explore.check(lostUpdate(2, 1), { profile, always: right })
      assert.deepStrictEqual(verdict, new Explore.Verified({ within: {}, profile, executions: 1, pruned: 0 }))
    })
  )

  it.effect("finds what a yield of the program breaks, and its token replays under the same profile", () =>
    Effect.gen(function* () {
      const lost = Effect.gen(function* () {
        const ref = yield* Ref.make(0)
        const add = Effect.flatMap(Ref.get(ref), (n) => Effect.andThen(Effect.yieldNow, Ref.set(ref, n + 1)))
        yield* Effect.all([add, add], { concurrency: 2 })
        return yield* Ref.get(ref)
      })
      const verdict = yield* Explore.check(lost, { profile, always: right })
      if (verdict._tag !== "Falsified") return assert.fail(verdict._tag)
      assert.match(verdict.counterexample.token, /^x1d\./)
      const again = yield* Explore.replay(lost, verdict.counterexample.token)
      assert.deepStrictEqual([again.changed, again.exit], [false, Exit.succeed(1)])
      return undefined
    })
  )

  it.effect("chooses, interrupts and lets time pass as any other", () =>
    Effect.gen(function* () {
      const verdict = yield* Explore.check(load(2, { interrupt: true, fault: true }), {
        profile,
        within: { faults: 1, interruptions: 1 }
      })
      assert.strictEqual(verdict._tag, "Verified")
      const race = Effect.timeoutOption(Effect.forever(Effect.yieldNow), 10)
      const bounded = yield* Explore.check(race, { profile, within: { stepsPerFiber: 5 } })
      assert.deepStrictEqual([bounded._tag, bounded.executions > 1], ["Verified", true])
    })
  )

  it.effect("says what each fiber waits for where nobody can go on", () =>
    Effect.gen(function* () {
      const stuck = Effect.flatMap(Deferred.make<void>(), (it) =>
        Effect.flatMap(Effect.forkChild(Deferred.await(it)), Fiber.join)
      )
      const verdict = yield* Explore.check(stuck, { profile })
      assert.include(
        verdict._tag === "Falsified" ? verdict.counterexample.reason : "",
        "main.1 waits for Deferred #1 of main"
      )
    })
  )

  it.effect("refuses what escapes, even after something that was seen", () =>
    Effect.gen(function* () {
      const program = Effect.gen(function* () {
        const ref = yield* Ref.make(0)
        yield* Ref.set(ref, 1)
        yield* Effect.promise(() => Promise.resolve())
      })
      const error = yield* Effect.flip(Explore.check(program, { profile }))
      assert.deepStrictEqual([error._tag, error.subject], ["Escaped", "main"])
    })
  )
})
