/** What a check says, and why it can be believed: the points of soundness, one by one, and its errors. */
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as MutableRef from "effect/MutableRef"
import * as Random from "effect/Random"
import * as Ref from "effect/Ref"
import { keyOf } from "../../src/explore/exits.ts"
import { holders, install, uninstall } from "../../src/explore/patches.ts"
import { it as explored, report } from "../../src/explore/vitest.ts"
import * as Explore from "../../src/explore.ts"
import { engineOf, explore } from "./oracle.ts"
import { load, lostUpdate } from "./programs.ts"

type Any = Effect.Effect<unknown, unknown, Explore.Explore>

const outcomes = (program: Any) => [...explore(engineOf(program)).outcomes].sort()

const tagOf = <A, E>(exit: Exit.Exit<A, E>) => exit._tag

describe("soundness", () => {
  it("1: an interruption clashes with the step that it cancels", () => {
    const program = Effect.gen(function* () {
      const ref = yield* Ref.make(0)
      const fiber = yield* Effect.forkChild(Effect.andThen(Ref.set(ref, 1), Ref.set(ref, 2)))
      yield* Explore.interruptAnywhere(fiber)
      yield* Fiber.await(fiber)
      return yield* Ref.get(ref)
    })
    assert.deepStrictEqual(outcomes(program), ["0", "1", "2"])
  })

  it("2: a child that is interrupted before it started stays unstarted", () => {
    const program = Effect.gen(function* () {
      const ref = yield* Ref.make("never started")
      const fiber = yield* Effect.forkChild(
        Effect.ensuring(
          Ref.set(ref, "started"),
          Ref.update(ref, (it) => `${it}, ended`)
        )
      )
      yield* Fiber.interrupt(fiber)
      return yield* Ref.get(ref)
    })
    assert.deepStrictEqual(outcomes(program), ['"never started"', '"never started, ended"', '"started, ended"'])
  })

  it.effect("2: what Effect's own scheduler ends with is always among the outcomes", () =>
    Effect.gen(function* () {
      const programs = [
        Effect.race(Effect.as(Effect.yieldNow, "a"), Effect.succeed("b")),
        Effect.flatMap(Ref.make(0), (ref) =>
          Effect.andThen(
            Effect.forEach([1, 2, 3], (n) => Ref.update(ref, (m) => m * 3 + n), { concurrency: 2 }),
            Ref.get(ref)
          )
        )
      ]
      for (const program of programs) {
        const usual: unknown = yield* program
        assert.include(outcomes(program), JSON.stringify(usual))
      }
    })
  )

  it("3: each fiber of a race or an all is a process of its own", () => {
    assert.deepStrictEqual(
      outcomes(
        Effect.raceFirst(Effect.succeed("a").pipe(Effect.tap(Effect.yieldNow)), Effect.as(Effect.yieldNow, "b"))
      ),
      ['"a"', '"b"']
    )
    const all = Effect.flatMap(Ref.make(""), (ref) =>
      Effect.andThen(
        Effect.forEach(["a", "b"], (name) => Ref.update(ref, (it) => it + name), { concurrency: "unbounded" }),
        Ref.get(ref)
      )
    )
    assert.deepStrictEqual(outcomes(all), ['"ab"', '"ba"'])
  })

  it("4: cells have their name from birth, not from who touches them first", () => {
    const program = Effect.gen(function* () {
      const refs = [MutableRef.make(0), MutableRef.make(0)]
      const touch = (n: number) => Effect.sync(() => refs.map((ref) => (ref.current = ref.current * 2 + n)))
      yield* Effect.all([touch(1), touch(2)], { concurrency: 2 })
      return refs.map((ref) => ref.current)
    })
    assert.deepStrictEqual(outcomes(program), ["[4,4]", "[5,5]"])
  })

  it("5: causes are the same when they hold the same reasons, whoever interrupted", () => {
    const two = (reasons: ReadonlyArray<string>) => Exit.failCause(Cause.fromReasons(reasons.map(Cause.makeFailReason)))
    assert.strictEqual(keyOf(two(["x", "y"])), keyOf(two(["y", "x"])))
    assert.strictEqual(keyOf(Exit.interrupt(1)), keyOf(Exit.interrupt(2)))
    assert.notStrictEqual(keyOf(Exit.fail("x")), keyOf(Exit.die("x")))
  })

  it("6: timers fire at any moment, in the order of their deadlines", () => {
    const program = Effect.gen(function* () {
      const ref = yield* Ref.make("")
      const say = (name: string) => Ref.update(ref, (it) => it + name)
      yield* Effect.all([Effect.delay(say("b"), 20), Effect.delay(say("a"), 10), say("x")], {
        concurrency: "unbounded"
      })
      return [yield* Ref.get(ref), yield* Clock.currentTimeMillis]
    })
    const found = outcomes(program)
    assert.include(found, '["xab",20]')
    assert.include(found, '["axb",20]')
  })

  it.effect("6: randomness is the same in every execution", () =>
    Effect.gen(function* () {
      const verdict = yield* Explore.check(Effect.all([Random.next, Random.next], { concurrency: 2 }))
      assert.strictEqual(verdict._tag, "Verified")
    })
  )

  it.effect("7: a replayed step that does something else is Nondeterministic", () =>
    Effect.gen(function* () {
      let run = 0
      const program = Effect.gen(function* () {
        const ref = yield* Ref.make(0)
        const odd = run++ % 2
        yield* Effect.all([Ref.set(ref, 1), odd === 1 ? Ref.get(ref) : Effect.yieldNow, Ref.set(ref, 2)], {
          concurrency: 3
        })
      })
      const error = yield* Effect.flip(Explore.check(program))
      assert.strictEqual(error._tag, "Nondeterministic")
    })
  )

  it.effect("7: a cell that was made in an earlier execution is refused", () =>
    Effect.gen(function* () {
      const kept: Array<Ref.Ref<number>> = []
      const program = Effect.gen(function* () {
        const own = yield* Ref.make(0)
        const ref = kept[0] ?? (yield* Ref.make(0))
        kept[0] = ref
        yield* Effect.all([Ref.set(own, 1), Ref.set(own, 2)], { concurrency: 2 })
        yield* Ref.set(ref, 1)
      })
      const error = yield* Effect.flip(Explore.check(program))
      assert.deepStrictEqual([error._tag, error.subject], ["Untracked", "Ref"])
    })
  )
})

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
      assert.deepStrictEqual([verdict._tag, verdict.executions], ["Verified", 41])
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
      const program = load(2, { interrupt: true, fault: true })
      const fails = (exit: Exit.Exit<unknown, unknown>) => Exit.isSuccess(exit)
      const engine = engineOf(program)
      const search = engine.search()
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

describe("a name from the recorder", () => {
  it("is the same in every execution, whatever the order, and no two are alike", () => {
    const program = Effect.gen(function* () {
      const { name } = yield* Explore.recorder
      const order = yield* Ref.make("")
      const client = (who: string) =>
        Effect.gen(function* () {
          const first = name("Store")
          yield* Ref.update(order, (all) => all + who)
          return [first, name("Store"), name("Folder")]
        })
      const names = yield* Effect.all([client("a"), client("b")], { concurrency: 2 })
      return [name("Store"), ...names.flat(), yield* Ref.get(order)].join(" ")
    })
    const names =
      "Store#main:1 Store#main.1:1 Store#main.1:2 Folder#main.1:3 Store#main.2:1 Store#main.2:2 Folder#main.2:3"
    assert.deepStrictEqual(outcomes(program), [`"${names} ab"`, `"${names} ba"`])
  })

  it.effect("is unique outside an execution, too", () =>
    Effect.gen(function* () {
      const kept: Array<Explore.Recorder> = []
      yield* Explore.check(Effect.map(Explore.recorder, (recorder) => void kept.push(recorder)))
      const names = kept.flatMap(({ name }) => [name("Store"), name("Store")])
      assert.isAbove(names.length, 1)
      assert.strictEqual(new Set(names).size, names.length)
    })
  )
})

const later = (resume: (effect: Effect.Effect<void>) => void): void => {
  queueMicrotask(() => resume(Effect.void))
}

describe("an error", () => {
  const asked = Effect.fn("askTheServer")(function* (ref: Ref.Ref<number>) {
    yield* Ref.set(ref, 1)
    return yield* Effect.promise(() => Promise.resolve(1))
  })
  const before = Effect.promise(() => Promise.resolve(1))
  const ref = Ref.make(0)

  // What waits is not made in the last call of a function: that leaves no frame under Bun.
  it.effect.each([
    ["a promise, in a named generator", Effect.flatMap(ref, asked), "main, in askTheServer", "a promise"],
    [
      "a promise, made in a step",
      Effect.suspend(() => {
        const made = Effect.promise(() => Promise.resolve(1))
        return made
      }),
      "main",
      "a promise"
    ],
    [
      "a promise, made before the program, waited for in a generator",
      Effect.gen(function* () {
        yield* Ref.set(yield* ref, 1)
        return yield* before
      }),
      "main",
      "a promise"
    ],
    [
      "a promise that may fail",
      Effect.suspend(() => {
        const made = Effect.tryPromise(() => Promise.resolve(1))
        return made
      }),
      "main",
      "a promise"
    ],
    [
      "a callback of the runtime",
      Effect.suspend(() => {
        const made = Effect.callback<void>(later)
        return made
      }),
      "main",
      "queueMicrotask"
    ],
    [
      "a promise in a fiber",
      Effect.gen(function* () {
        const fiber = yield* Effect.forkChild(Effect.promise(() => Promise.resolve(1)))
        return yield* Fiber.join(fiber)
      }),
      "main.1",
      "a promise"
    ],
    [
      "a promise that is given up for a timer",
      Effect.gen(function* () {
        yield* Effect.yieldNow
        return yield* Effect.timeoutOption(
          Effect.promise(() => Promise.resolve(1)),
          10
        )
      }),
      "main.1",
      "a promise"
    ]
  ] as ReadonlyArray<readonly [string, Any, string, string]>)("Escaped: %s", ([, program, subject, detail]) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Explore.check(program))
      assert.deepStrictEqual([error._tag, error.subject], ["Escaped", subject])
      const [what, where] = error.detail.split("\n")
      assert.include(what, detail)
      assert.match(where ?? "", /^ {4}at .*check\.test\.ts:\d+:\d+\)?$/)
    })
  )

  it.effect("Escaped: a promise made before the program, of which nothing shows where", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Explore.check(before))
      assert.deepStrictEqual(
        [error._tag, error.subject, error.detail],
        ["Escaped", "main", "it waits for what no step of the program can bring: a promise"]
      )
    })
  )

  it.effect("Escaped: an effect that runs on under another scheduler, though not one that ends at once", () =>
    Effect.gen(function* () {
      const within = (run: (it: Effect.Effect<unknown>) => unknown) =>
        Effect.gen(function* () {
          const ref = yield* Ref.make(0)
          yield* Effect.sync(() => void run(Effect.andThen(Effect.yieldNow, Ref.set(ref, 1))))
          return yield* Ref.get(ref)
        })
      const error = yield* Effect.flip(Explore.check(within(Effect.runFork)))
      assert.deepStrictEqual([error._tag, error.subject], ["Escaped", "main"])
      assert.include(error.detail, "Effect.runFork")
      assert.strictEqual((yield* Explore.check(within(Effect.runSync)))._tag, "Verified")
    })
  )

  it.effect("nothing has escaped where a fiber is meant to wait for ever", () =>
    Effect.gen(function* () {
      const verdict = yield* Explore.check(Effect.timeoutOption(Effect.never, 10))
      assert.strictEqual(verdict._tag, "Verified")
    })
  )

  it.effect("BadToken: what is no token", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Explore.replay(Effect.void, "y9.what"))
      assert.strictEqual(error._tag, "BadToken")
    })
  )
})

describe("the patches", () => {
  const marks = () => [Object.getOwnPropertyDescriptor(Object.getPrototypeOf(MutableRef.make(0)), "current"), holders()]

  it.effect("are gone after the last check, whatever happened", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(marks(), [undefined, 0])
      yield* Effect.all(
        [
          Explore.check(lostUpdate(2, 2)),
          Effect.exit(Explore.check(Effect.promise(() => Promise.resolve()))),
          Explore.check(load(2))
        ],
        { concurrency: 3 }
      )
      const fiber = yield* Effect.forkChild(Explore.check(lostUpdate(3, 3)), { startImmediately: true })
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(marks(), [undefined, 0])
    })
  )

  it.effect("leave what others make meanwhile as it is", () =>
    Effect.gen(function* () {
      const made: Array<Ref.Ref<number>> = []
      yield* Explore.check(lostUpdate(2, 1), { onProgress: () => made.push(Ref.makeUnsafe(7)) })
      assert.strictEqual(yield* Ref.get(made[0] ?? Ref.makeUnsafe(0)), 7)
      const other = yield* Effect.forkChild(Effect.succeed(tagOf(Exit.void)))
      assert.strictEqual(yield* Fiber.join(other), "Success")
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
})

it("the explorer's service has its key", () => {
  assert.isTrue(Context.isKey(Explore.Explore))
})
