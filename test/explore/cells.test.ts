/** What the explorer sees, refuses, only detects or does not see: one test for each row of the table of docs/explore.md. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import * as Ref from "effect/Ref"
import * as TestClock from "effect/testing/TestClock"
import { install, uninstall } from "../../src/explore/patches.ts"
import * as Explore from "../../src/explore.ts"
import { isNode } from "../runtimes/node.ts"
import { both, caching, detected, families, kept, tracked, unseen, uses } from "./cellPrograms.ts"
import { engineOf, explore, judge } from "./oracle.ts"
import { escaping, refused } from "./refusedPrograms.ts"

const advice = "what it shares cannot be seen"
const stateful = Object.keys(tracked)
const outer = Effect.runFork(Effect.never)

// Held throughout: to patch and to put back takes longer than many a search.
beforeAll(install)
afterAll(uninstall)
afterAll(() => outer.interruptUnsafe())

describe("tracked", () => {
  it.effect.each(stateful)("%s: all its races are run, and the check trusts itself", (name) =>
    Effect.gen(function* () {
      const program = tracked[name] ?? Effect.void
      const engine = engineOf(program)
      const found = explore(engine)
      const blind = explore(engine, { reduce: false, everyPrimitive: true, traces: false, limit: 4000 })
      assert.isUndefined(found.trouble)
      for (const outcome of blind.outcomes) assert.include([...found.outcomes], outcome)
      const verdict = yield* Explore.check(program)
      assert.strictEqual(verdict._tag, "Verified")
      assert.isAbove(verdict.executions, 1)
    })
  )
})

describe("a ScopedCache", () => {
  // The longest of the searches: one runtime is enough.
  it.runIf(isNode).each(Object.keys(caching))("%s: the oracles find nothing wrong", (name) => {
    const judged = judge(caching[name] ?? Effect.void, 250, 14_000)
    assert.deepStrictEqual([judged.wrong, judged.skipped], [[], false])
  })
})

describe("refused", () => {
  it.effect.each(Object.keys(refused))("%s", (name) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Explore.check(refused[name] ?? Effect.void))
      assert.instanceOf(error, Explore.Untracked)
      assert.include([advice, "its state is in a closure, where no access can be seen"], error.detail)
      assert.isNotEmpty(error.advice)
    })
  )
})

describe("refused, since it escapes", () => {
  it.effect.each(Object.keys(escaping))("%s", (name) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Explore.check(escaping[name] ?? Effect.void))
      assert.instanceOf(error, Explore.Escaped)
      assert.include(error.detail, "it runs an effect that does not end at once")
    })
  )
})

describe("refused with its family", () => {
  it.effect.each(Object.keys(families))("%s", (name) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Explore.check(families[name] ?? Effect.void))
      assert.instanceOf(error, Explore.Untracked)
      assert.include(["Effect.cached", "Effect.tx", "RcMap", "TxRef"], error.subject)
    })
  )
})

describe("what was made in another execution", () => {
  it.effect.each(Object.keys(kept))("%s is refused by name as soon as it is written", (name) =>
    Effect.gen(function* () {
      const made: Array<object> = []
      const program = Effect.gen(function* () {
        const own = yield* Ref.make(0)
        const its = yield* kept[name] ?? Effect.succeed({})
        const first = made[0] ?? its
        made[0] = first
        yield* both(Ref.set(own, 1), Ref.set(own, 2))
        if (first !== its) yield* uses[name]?.(first as never) ?? Effect.void
      })
      const error = yield* Effect.flip(Explore.check(program))
      // A SubscriptionRef is written under its Semaphore.
      const subject = name === "SubscriptionRef" ? "Semaphore" : name
      assert.deepStrictEqual([error._tag, error.subject], ["Untracked", subject])
      assert.include(error.detail, "outside this execution")
    })
  )
})

describe("detected", () => {
  it.effect.each(Object.keys(detected))("%s", (name) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Explore.check(detected[name] ?? Effect.void))
      assert.include(["Untracked", "Nondeterministic"], error._tag)
    })
  )
})

describe("not seen", () => {
  it.effect.each(Object.keys(unseen))("%s: one execution, and nothing is said", (name) =>
    Effect.gen(function* () {
      const verdict = yield* Explore.check(unseen[name] ?? Effect.die(name))
      assert.deepStrictEqual([verdict._tag, verdict.executions], ["Verified", 1])
    })
  )
})

describe("what comes from outside the program", () => {
  it.effect.each([
    [
      "a Deferred that a callback completes",
      Effect.flatMap(Deferred.make<void>(), (done) => {
        queueMicrotask(() => Deferred.doneUnsafe(done, Exit.void))
        return Deferred.await(done)
      })
    ],
    ["a fiber that runs outside", Effect.suspend(() => Fiber.join(outer))]
  ] as const)("%s: to wait for it is a deadlock", ([, program]) =>
    Effect.gen(function* () {
      const verdict = yield* Explore.check(program)
      assert.strictEqual(verdict._tag === "Falsified" ? verdict.counterexample.law : verdict._tag, "deadlock")
    })
  )

  it.effect("a cell from before the check, which nobody writes, is no harm", () =>
    Effect.gen(function* () {
      const given = yield* Ref.make(7)
      const verdict = yield* Explore.check(both(Ref.get(given), Ref.get(given)))
      assert.strictEqual(verdict._tag, "Verified")
    })
  )
})

describe("what a program does to the world", () => {
  it.effect("is done in each execution, and in the check's own samples", () =>
    Effect.gen(function* () {
      let logged = 0
      const logger = Logger.make(() => void logged++)
      const program = Effect.provide(Effect.log("hello"), Logger.layer([logger]))
      const verdict = yield* Explore.check(program)
      assert.deepStrictEqual([verdict._tag, verdict.executions], ["Verified", 1])
      assert.isAbove(logged, 24)
    })
  )

  it.effect("its clock begins at 0, and the TestClock of whoever checks is none of its own", () =>
    Effect.gen(function* () {
      yield* TestClock.adjust(1000)
      const now = Effect.clockWith(({ currentTimeMillis }) => currentTimeMillis)
      const verdict = yield* Explore.check(
        Effect.tap(now, () => Effect.sleep(10)),
        {
          always: { "it is 0": ({ exit }) => Exit.isSuccess(exit) && exit.value === 0 }
        }
      )
      assert.strictEqual(verdict._tag, "Verified")
    })
  )
})

describe("docs/explore.md", () => {
  it("has a row for each, and no other", () => {
    const page = readFileSync(join(import.meta.dirname, "../../docs/explore.md"), "utf8")
    const rows = page.split("\n").flatMap((line) => {
      const [, what, how] = /^\| (.+?) \| (tracked|refused|only detected|not seen) \|/.exec(line) ?? []
      return what === undefined || how === undefined ? [] : [[what.replaceAll("`", ""), how] as const]
    })
    const tests = [
      ...Object.keys(tracked).map((name) => [name, "tracked"] as const),
      ...Object.keys(refused).map((name) => [name, "refused"] as const),
      ...Object.keys(escaping).map((name) => [name, "refused"] as const),
      ...Object.keys(detected).map((name) => [name, "only detected"] as const),
      ...Object.keys(unseen).map((name) => [name, "not seen"] as const)
    ]
    assert.deepStrictEqual(rows, tests)
  })
})
