/** What a check says: its verdicts, counterexamples and tokens, and what a test makes of them. */
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Ref from "effect/Ref"
import { keyOf } from "../../src/explore/exits.ts"
import { install, uninstall } from "../../src/explore/patches.ts"
import { unbounded } from "../../src/explore/tree.ts"
import { it as explored, report, verified } from "../../src/explore/vitest.ts"
import * as Explore from "../../src/explore.ts"
import { engineOf } from "./oracle.ts"
import { load, lostUpdate } from "./programs.ts"

const twoLost = {
  "nothing is lost": ({ exit }: Explore.Execution<number, never>) => Exit.isSuccess(exit) && exit.value === 2
}

describe("a verdict", () => {
  it.effect("Verified, with what it holds within", () =>
    Effect.gen(function* () {
      const verdict = yield* Explore.check(load(2, { interrupt: true, fault: true }), {
        within: { faults: 1, interruptions: 1 },
        sometimes: { "it loads": ({ exit }) => Exit.isSuccess(exit) }
      })
      assert.deepStrictEqual([verdict._tag, verdict.executions], ["Verified", 38])
    })
  )

  it.effect("Falsified, with the smallest counterexample, which replays", () =>
    Effect.gen(function* () {
      const verdict = yield* Explore.check(lostUpdate(2, 1), { always: twoLost })
      if (verdict._tag !== "Falsified") return assert.fail(verdict._tag)
      const { columns, law, size, token } = verdict.counterexample
      assert.strictEqual(law, "nothing is lost")
      assert.deepStrictEqual([size.faults, size.interruptions], [0, 0])
      assert.include(columns, "reads Ref #1 of main")
      const again = yield* Explore.replay(lostUpdate(2, 1), token)
      assert.deepStrictEqual([again.changed, again.exit === undefined ? "" : keyOf(again.exit)], [false, "Success 1"])
      const changed = yield* Explore.replay(lostUpdate(2, 2), token)
      assert.isTrue(changed.changed)
      return undefined
    })
  )

  const interruptions: ReadonlyArray<readonly [string, Explore.Within]> = [
    ["anywhere", {}],
    ["once at most", { interruptions: 1 }]
  ]

  it.effect(
    "a token says that the program has changed where its choices have, or where it no longer has them all",
    () =>
      Effect.gen(function* () {
        const which = (label: string, ...options: readonly [string, ...ReadonlyArray<string>]) =>
          Explore.choose(label, options)
        const isC = ({ exit }: Explore.Execution<string, never>) => Exit.isFailure(exit) || exit.value !== "c"
        const verdict = yield* Explore.check(which("which", "a", "b", "c"), { always: { isC } })
        const token = verdict._tag === "Falsified" ? verdict.counterexample.token : ""
        const changed = (program: Effect.Effect<string, never, Explore.Explore>, replayed = token) =>
          Effect.map(Explore.replay(program, replayed), (replay) => replay.changed)
        assert.isFalse(yield* changed(which("which", "a", "b", "c")))
        assert.isTrue(yield* changed(which("which", "a", "c", "b")))
        assert.isTrue(yield* changed(which("other", "a", "b", "c")))
        assert.isTrue(yield* changed(which("which", "a", "b")))
        assert.isTrue(yield* changed(which("which", "a", "b", "c"), `${token}.zz-1`))
        assert.isTrue(yield* changed(which("which", "a", "b", "c"), token.replace(/-2$/, "-9")))
      })
  )

  it.effect("an option may be nothing at all", () =>
    Effect.gen(function* () {
      const met = (exit: Exit.Exit<number | undefined | null>) => (Exit.isSuccess(exit) ? exit.value : "failure")
      const verdict = yield* Explore.check(Explore.choose("which", [1, undefined, null]), {
        sometimes: {
          one: ({ exit }) => met(exit) === 1,
          undefined: ({ exit }) => met(exit) === undefined,
          null: ({ exit }) => met(exit) === null
        }
      })
      assert.deepStrictEqual([verdict._tag, verdict.executions], ["Verified", 3])
    })
  )

  it.effect("a larger failing execution that is found first is not kept", () =>
    Effect.gen(function* () {
      const program = Effect.gen(function* () {
        if ((yield* Explore.fault("first", "works", ["fails"])) === "fails") return 2
        const others = [yield* Explore.fault("second", "works", ["fails"])]
        others.push(yield* Explore.fault("third", "works", ["fails"]))
        return others.filter((it) => it === "fails").length
      })
      const verdict = yield* Explore.check(program, {
        always: { two: ({ exit }) => Exit.isSuccess(exit) && exit.value !== 2 }
      })
      if (verdict._tag !== "Falsified") return assert.fail(verdict._tag)
      assert.deepStrictEqual([verdict.failing, verdict.counterexample.size.faults], [2, 1])
      assert.deepStrictEqual(verdict.counterexample.choices, ["step 1: first: fails"])
      return undefined
    })
  )

  it.effect.each(interruptions)("a token with an interruption %s replays what was told", ([, within]) =>
    Effect.gen(function* () {
      const program = Effect.gen(function* () {
        const ref = yield* Ref.make("")
        const say = (what: string) => Ref.update(ref, (all) => all + what)
        const fibers = [
          yield* Effect.forkChild(Effect.andThen(say("a"), say("b"))),
          yield* Effect.forkChild(Effect.andThen(say("c"), say("d")))
        ]
        for (const fiber of fibers) yield* Explore.interruptAnywhere(fiber)
        yield* Fiber.awaitAll(fibers)
        yield* Explore.observe("end", "changes", yield* Ref.get(ref))
        return yield* Ref.get(ref)
      })
      for (const wanted of within.interruptions === 1 ? ["cdab", "cad"] : ["acbd", "ca", "cda"]) {
        const verdict = yield* Explore.check(program, {
          within,
          always: { other: ({ exit }) => !(Exit.isSuccess(exit) && exit.value === wanted) }
        })
        if (verdict._tag !== "Falsified") return assert.fail(`${wanted}: ${verdict._tag}`)
        const { events, steps, token } = verdict.counterexample
        assert.deepStrictEqual(events.at(-1)?.value, wanted)
        const again = yield* Explore.replay(program, token)
        assert.deepStrictEqual([again.changed, again.exit], [false, Exit.succeed(wanted)])
        assert.deepStrictEqual([again.execution.steps, again.execution.events], [steps, events])
      }
      return undefined
    })
  )

  it.effect("Falsified by a deadlock, with what each fiber waits for", () =>
    Effect.gen(function* () {
      const program = Effect.gen(function* () {
        const first = yield* Deferred.make<void>()
        const second = yield* Deferred.make<void>()
        const wait = (a: Deferred.Deferred<void>, b: Deferred.Deferred<void>) =>
          Effect.andThen(Deferred.await(a), Deferred.succeed(b, undefined))
        yield* Effect.all([wait(first, second), wait(second, first)], { concurrency: 2 })
      })
      const verdict = yield* Explore.check(program)
      if (verdict._tag !== "Falsified") return assert.fail(verdict._tag)
      assert.strictEqual(verdict.counterexample.law, "deadlock")
      assert.include(
        verdict.counterexample.reason,
        "main.1 waits for Deferred #1 of main; main.2 waits for Deferred #2 of main"
      )
      return undefined
    })
  )

  it.effect("Falsified where something that must happen sometimes never does", () =>
    Effect.gen(function* () {
      const verdict = yield* Explore.check(Effect.succeed(1), {
        sometimes: { two: ({ exit }) => Exit.isSuccess(exit) && exit.value === 2 }
      })
      assert.strictEqual(verdict._tag === "Falsified" ? verdict.counterexample.law : "", "two")
    })
  )

  it.effect.each([
    [{ executions: 2 }, "executions"],
    [{ preemptions: 0 }, "preemptions"],
    [{ totalSteps: 4 }, "totalSteps"]
  ] as const)("Inconclusive where the budget %o runs out", ([budget, stoppedBy]) =>
    Effect.gen(function* () {
      const verdict = yield* Explore.check(lostUpdate(2, 1), { budget })
      assert.strictEqual(verdict._tag === "Inconclusive" ? verdict.stoppedBy : verdict._tag, stoppedBy)
    })
  )

  it.effect("Inconclusive, with nothing covered, where no execution comes to its end", () =>
    Effect.gen(function* () {
      const verdict = yield* Explore.check(Effect.forever(Effect.yieldNow), { budget: { totalSteps: 100 } })
      assert.deepStrictEqual(verdict._tag === "Inconclusive" && [verdict.covered, verdict.executions], [0, 0])
    })
  )

  it.effect("Falsified says so where it was stopped: a smaller counterexample may lie beyond", () =>
    Effect.gen(function* () {
      const stoppedBy = (verdict: Explore.Verdict) => (verdict._tag === "Falsified" ? verdict.stoppedBy : verdict._tag)
      assert.strictEqual(
        stoppedBy(yield* Explore.check(lostUpdate(2, 1), { always: { none: () => false }, budget: { executions: 2 } })),
        "executions"
      )
      assert.isUndefined(stoppedBy(yield* Explore.check(lostUpdate(2, 1), { always: { none: () => false } })))
    })
  )

  it.effect("Inconclusive where the time runs out, with how much was covered", () =>
    Effect.gen(function* () {
      const verdict = yield* Explore.check(lostUpdate(3, 3), { budget: { time: 0 } })
      if (verdict._tag !== "Inconclusive") return assert.fail(verdict._tag)
      assert.strictEqual(verdict.stoppedBy, "time")
      assert.isTrue(verdict.covered > 0 && verdict.covered < 1)
      assert.isAbove(verdict.executions, 100)
      return undefined
    })
  )

  it.effect("a counterexample is the smallest of all that fail, not of those found first", () =>
    Effect.gen(function* () {
      const program = lostUpdate(2, 2)
      const fails = (exit: Exit.Exit<unknown, unknown>) => Exit.isSuccess(exit) && exit.value === 2
      const engine = engineOf(program)
      const search = engine.search(unbounded, true, "reversed")
      const sizes: Array<ReadonlyArray<number>> = []
      install()
      do {
        const { ending, exit } = engine.run(search)
        if (ending === "ended" && exit !== undefined && fails(exit)) sizes.push(search.size())
      } while (search.backtrack())
      uninstall()
      const verdict = yield* Explore.check(program, { always: { never: ({ exit }) => !fails(exit) } })
      if (verdict._tag !== "Falsified") return assert.fail(verdict._tag)
      const { faults, interruptions, length, switches } = verdict.counterexample.size
      const least = sizes.toSorted((a, b) => a.map((n, i) => n - (b[i] ?? 0)).find((n) => n !== 0) ?? 0)[0]
      assert.deepStrictEqual([faults, interruptions, switches, length], least)
      assert.notDeepEqual(sizes[0], least)
      return undefined
    })
  )

  it.effect("steps that a bound of the claim forbids are not run, and the claim says so", () =>
    Effect.gen(function* () {
      const verdict = yield* Explore.check(Effect.forever(Effect.yieldNow), { within: { stepsPerFiber: 5 } })
      assert.deepStrictEqual([verdict._tag, verdict.executions], ["Verified", 0])
    })
  )

  it.effect("steps that are not run take their outcomes with them: that is no doubt of the check", () =>
    Effect.gen(function* () {
      const verdict = yield* Explore.check(lostUpdate(2, 3), { within: { stepsPerFiber: 6 } })
      assert.deepStrictEqual([verdict._tag, verdict.executions], ["Verified", 0])
    })
  )

  it.effect("what a law says of an error has the place where the program made it", () =>
    Effect.gen(function* () {
      const explain = ({ exit }: Explore.Execution<never, never>) => Exit.isSuccess(exit) || Cause.pretty(exit.cause)
      const verdict = yield* Explore.check(
        Effect.sync(() => {
          throw new Error("broken here")
        }),
        { always: { explain } }
      )
      const reason = verdict._tag === "Falsified" ? verdict.counterexample.reason : ""
      assert.include(reason, "broken here")
      assert.include(reason, "check.test.ts")
    })
  )

  it.effect("a law that throws does not hold, and the counterexample says what it threw", () =>
    Effect.gen(function* () {
      const throws = (): boolean => {
        throw new Error("no such subject")
      }
      const verdict = yield* Explore.check(Effect.void, { always: { throws } })
      const reason = verdict._tag === "Falsified" ? verdict.counterexample.reason : ""
      assert.strictEqual(reason, "throws threw Error: no such subject")
      const never = yield* Explore.check(Effect.void, { sometimes: { throws } })
      assert.strictEqual(never._tag === "Falsified" ? never.counterexample.law : "", "throws")
    })
  )

  it("progress can be shown on one line", () => {
    const line = Explore.progressLine({ executions: 12_345, rate: 4321.9, depth: 37, done: 0.4251 })
    assert.strictEqual(line, "12345 executions, 4322 a second, up to 37 steps, 42.5 % of the tree")
  })

  it.effect("progress is told, and changes nothing", () =>
    Effect.gen(function* () {
      const told: Array<Explore.Progress> = []
      const quiet = yield* Explore.check(lostUpdate(2, 2))
      const loud = yield* Explore.check(lostUpdate(2, 2), { onProgress: (progress) => told.push(progress) })
      assert.deepStrictEqual(loud, quiet)
      assert.deepStrictEqual([told.at(-1)?.executions, told.at(-1)?.done], [26, 1])
    })
  )

  it.effect("laws see the events of each subject, in the order of its changes", () =>
    Effect.gen(function* () {
      const seen = new Set<string>()
      const write = (name: string) => Explore.observe("file", "changes", name)
      yield* Explore.check(Effect.all([write("a"), write("b"), Explore.observe("other", "uses")], { concurrency: 3 }), {
        always: {
          seen: ({ bySubject }) => {
            seen.add((bySubject.get("file") ?? []).map(({ value }) => value).join())
            return bySubject.get("other")?.length === 1
          }
        }
      })
      assert.deepStrictEqual([...seen].sort(), ["a,b", "b,a"])
    })
  )

  it.effect("a recorder records within a step, under several subjects at once", () =>
    Effect.gen(function* () {
      const program = Effect.gen(function* () {
        const recorder = yield* Explore.recorder
        const log = (event: string) =>
          recorder.record(
            [
              { subject: "a", mode: "changes" },
              { subject: "b", mode: "uses" }
            ],
            event
          )
        yield* Effect.all([Effect.sync(() => log("x")), Effect.sync(() => log("y"))], { concurrency: 2 })
      })
      const verdict = yield* Explore.check(program, {
        always: { both: ({ bySubject }) => bySubject.get("a")?.length === 2 && bySubject.get("b")?.length === 2 }
      })
      assert.deepStrictEqual([verdict._tag, verdict.executions], ["Verified", 2])
    })
  )
})

describe("it.explore", () => {
  explored.explore("passes where all is verified", load(2))

  it.effect("its report has the law, the columns and the token", () =>
    Effect.gen(function* () {
      const verdict = yield* Explore.check(lostUpdate(2, 1), { always: twoLost })
      const text = report(verdict)
      assert.include(text, "nothing is lost")
      assert.match(text, /replay: x1\.[0-9a-z]+/)
    })
  )

  it.effect("fails where no law is given and the program does not succeed", () =>
    Effect.gen(function* () {
      const exit = yield* Effect.exit(verified(Effect.fail("no such store")))
      assert.include(Exit.isFailure(exit) ? Cause.pretty(exit.cause) : "", "it succeeds: Error: no such store")
      const asked = yield* verified(Effect.fail("no such store"), {
        always: { fails: ({ exit }) => Exit.isFailure(exit) }
      })
      assert.strictEqual(asked.executions, 1)
    })
  )

  it.effect("fails where the bounds leave no execution to ask about", () =>
    Effect.gen(function* () {
      const exit = yield* Effect.exit(verified(Effect.forever(Effect.yieldNow), { within: { stepsPerFiber: 5 } }))
      const defect = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
      assert.strictEqual(
        defect instanceof Error ? defect.message : defect,
        'no execution comes to its end within {"stepsPerFiber":5}, so nothing was asked: allow more steps per fiber'
      )
    })
  )
})

it("the explorer's service has its key", () => {
  assert.isTrue(Context.isKey(Explore.Explore))
})
