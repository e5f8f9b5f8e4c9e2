/**
 * The four oracles: brute force that looks at nothing, brute force over the same steps, other search orders, and other
 * orders of each trace. On pinned programs, and on as many random ones as EXPLORE_PROGRAMS says.
 */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Ref from "effect/Ref"
import { linearisation, numbers } from "../../src/explore/audit.ts"
import { count, knownVersions, measure, pinned } from "../../src/explore/calibrate.ts"
import { checkOn } from "../../src/explore/check.ts"
import { keyOf } from "../../src/explore/exits.ts"
import { install, uninstall } from "../../src/explore/patches.ts"
import { type Order, unbounded } from "../../src/explore/tree.ts"
import * as Explore from "../../src/explore.ts"
import { isNode } from "../runtimes/node.ts"
import { program } from "./generated.ts"
import { engineOf, explore, type Judged, judge, orders, wrong } from "./oracle.ts"
import { boundsOf, type Plan, plan } from "./plans.ts"
import { disjoint, load, lostUpdate, semaphore } from "./programs.ts"

type Any = Effect.Effect<unknown, unknown, Explore.Explore>

/** What each has: executions of the search, and its outcomes. */
const suite: ReadonlyArray<readonly [name: string, program: Any, executions: number, outcomes: number]> = [
  ["a lost update, two fibers once", lostUpdate(2, 1), 4, 2],
  ["a lost update, two fibers twice", lostUpdate(2, 2), 26, 3],
  ["fibers that share nothing", disjoint(2), 1, 1],
  ["a semaphore, two fibers", semaphore(2), 12, 1],
  ["a shared load", load(2), 6, 1],
  ["a shared load that is wrong", load(2, { wrong: true }), 18, 2],
  ["a shared load, one client interrupted", load(2, { interrupt: true }), 25, 1],
  ["a shared load with faults", load(2, { fault: true }), 10, 3],
  ["a shared load with both", load(2, { interrupt: true, fault: true }), 38, 3]
]

// Held throughout: to patch and to put back takes longer than many a search.
beforeAll(install)
afterAll(uninstall)

describe("pinned programs", () => {
  it.each(suite)("%s: the search runs each trace once", (_, it, executions, outcomes) => {
    const found = explore(engineOf(it))
    assert.deepStrictEqual(
      [found.executions, found.traces.size, found.outcomes.size],
      [executions, executions, outcomes]
    )
  })

  it.each(suite)("%s: the oracles find nothing wrong", (_, it) => {
    assert.deepStrictEqual(wrong(it, 400), [])
  })

  it.runIf(isNode).each([
    ["a lost update, two fibers once", 379],
    ["a lost update, two fibers twice", 8581],
    ["fibers that share nothing", 71],
    ["a shared load", 26_525],
    ["a shared load with faults", 27_693]
  ])("%s: all %i schedules together have the traces of the search, and no others", (name, schedules) => {
    const it = suite.find(([its]) => its === name)?.[1] ?? Effect.void
    const brute = explore(engineOf(it), { reduce: false })
    assert.strictEqual(brute.executions, schedules)
    assert.deepStrictEqual([...brute.traces].sort(), [...explore(engineOf(it)).traces].sort())
  })

  it.each([
    [{ faults: 1 }, 38],
    [{ interruptions: 1 }, 38],
    [{ faults: 0, interruptions: 0 }, 6],
    [{ stepsPerFiber: 4 }, 0]
  ] as const)("within %o, search and brute force have the same traces", (within, traces) => {
    const engine = engineOf(load(2, { interrupt: true, fault: true }))
    const bounds = { ...unbounded, ...within }
    const found = explore(engine, { bounds })
    assert.deepStrictEqual([found.executions, found.traces.size], [traces, traces])
    const brute = explore(engine, { bounds, reduce: false, limit: 5000 })
    for (const trace of brute.traces) assert.isTrue(found.traces.has(trace))
    for (const order of orders) assert.strictEqual(explore(engine, { bounds, order }).executions, traces)
  })

  it.each(pinned)("what the explorer calibrates itself on: %s", (_, executions, it) => {
    assert.strictEqual(count(it), executions)
  })
})

/** The oracles are the same under each runtime: most of the programs are Node's. */
const programs = Number(process.env.EXPLORE_PROGRAMS ?? (isNode ? 200 : 50))
const chunk = 50

/** What an interruption wakes does something else than it would have: found by random programs, and made small. */
const woken: ReadonlyArray<readonly [name: string, plan: Plan, executions: number]> = [
  [
    "a fiber that is interrupted once it has its permit",
    {
      fibers: [{ body: [{ op: "permit", on: 1, body: [{ op: "get", on: 1 }] }], interrupted: true, now: false }],
      main: [{ op: "add", on: 1 }]
    },
    9
  ],
  [
    "a fiber that is interrupted after its race",
    {
      fibers: [
        {
          body: [
            { op: "race", left: [], right: [] },
            { op: "get", on: 1 }
          ],
          interrupted: true,
          now: false
        },
        { body: [{ op: "double", on: 1 }], interrupted: false, now: false }
      ],
      main: []
    },
    49
  ],
  [
    "a fiber that is interrupted where it could not be before",
    {
      fibers: [
        {
          body: [
            { op: "mask", on: 0, body: [{ op: "get", on: 1 }] },
            { op: "get", on: 1 }
          ],
          interrupted: true,
          now: false
        }
      ],
      main: [{ op: "all", left: [{ op: "add", on: 1 }], right: [] }]
    },
    9
  ],
  [
    "a fiber that is interrupted in its sleep, and afterwards no more",
    {
      fibers: [{ body: [{ op: "sleep", on: 0 }], interrupted: true, now: false }],
      main: [{ op: "timeout", on: 0, body: [] }]
    },
    296
  ],
  [
    "a fiber that cannot tell, interrupted by two and left",
    {
      fibers: [
        {
          body: [{ op: "ensure", on: 0, body: [{ op: "double", on: 0 }] }],
          interrupted: true,
          now: false,
          twice: true,
          masked: true,
          left: true
        }
      ],
      main: []
    },
    15
  ],
  [
    "a fiber between two of its steps, interrupted by one who starts at once",
    {
      fibers: [
        { body: [{ op: "hand over", on: 1 }], interrupted: false, now: false },
        { body: [{ op: "run now", on: 0 }], interrupted: false, now: false }
      ],
      main: []
    },
    55
  ]
]

const double = (ref: Ref.Ref<number>) => Ref.update(ref, (n) => n * 2 + 1)

/** A fiber, what another does beside it, and what is there at the end. */
const beside = (
  fiber: (ref: Ref.Ref<number>) => Effect.Effect<unknown>,
  then: (ref: Ref.Ref<number>, fiber: Fiber.Fiber<unknown>) => Effect.Effect<unknown, never, Explore.Explore>
): Any =>
  Effect.gen(function* () {
    const ref = yield* Ref.make(0)
    const forked = yield* Effect.forkChild(fiber(ref))
    yield* then(ref, forked)
    yield* Fiber.await(forked)
    return yield* Ref.get(ref)
  })

const increment = (ref: Ref.Ref<number>) => Effect.flatMap(Ref.get(ref), (n) => Ref.set(ref, n + 1))

/** So small that whoever looks at nothing, and stops at every primitive, comes to the end of them. */
const tiny: ReadonlyArray<readonly [name: string, schedules: number, outcomes: ReadonlyArray<string>, program: Any]> = [
  ["two read and write", 56, ["1", "2"], beside(increment, increment)],
  [
    "one is interrupted",
    40,
    ["0", "1", "3"],
    beside(
      (ref) => Effect.andThen(double(ref), double(ref)),
      (_, fiber) => Fiber.interrupt(fiber)
    )
  ],
  ["one may be interrupted", 44, ["0", "1"], beside(double, (_, fiber) => Explore.interruptAnywhere(fiber))],
  [
    "a choice of what to do",
    18,
    ["2", "3", "5"],
    beside(double, (ref) => Effect.flatMap(Explore.choose("which", [1, 2]), (n) => Ref.update(ref, (was) => was + n)))
  ],
  [
    "two complete a Deferred",
    31,
    ["1", "2"],
    Effect.gen(function* () {
      const done = yield* Deferred.make<number>()
      yield* Effect.forkChild(Deferred.succeed(done, 1))
      yield* Deferred.succeed(done, 2)
      return yield* Deferred.await(done)
    })
  ],
  [
    "two race",
    12,
    ["1", "3"],
    Effect.flatMap(Ref.make(0), (ref) => Effect.andThen(Effect.race(double(ref), double(ref)), Ref.get(ref)))
  ]
]

describe("tiny programs", () => {
  it.each(tiny)(
    "%s: all %i schedules that stop at every primitive end as the search does",
    (_, schedules, ends, it) => {
      const blind = explore(engineOf(it), { reduce: false, everyPrimitive: true, traces: false, limit: 20_000 })
      assert.deepStrictEqual([blind.complete, blind.executions, [...blind.outcomes].sort()], [true, schedules, ends])
      assert.deepStrictEqual([...explore(engineOf(it)).outcomes].sort(), ends)
    }
  )
})

describe.runIf(isNode)("a step that another changes while it is asleep", () => {
  it.each(woken)("%s: every order of the search finds each trace", (_, it, executions) => {
    const engine = engineOf(program(it))
    const many: ReadonlyArray<Order> = ["default", "reversed", ...Array.from({ length: 12 }, (_, n) => n)]
    assert.deepStrictEqual(
      many.map((order) => explore(engine, { order }).traces.size),
      many.map(() => executions)
    )
    const brute = explore(engine, { reduce: false, limit: 20_000 })
    if (brute.complete) assert.strictEqual(brute.traces.size, executions)
    else assert.isAtMost(brute.traces.size, executions)
  })
})

describe("the version of Effect", () => {
  it("is the one that the explorer knows, and behaves as it knows it", () => {
    assert.isUndefined(measure())
  })

  it("is refused where the explorer does not know it, naming those it does", () => {
    const refused = measure("4.0.9")
    assert.strictEqual(refused?.subject, "effect 4.0.9")
    assert.strictEqual(refused?.detail, "the explorer does not know this version")
    assert.include(refused?.advice, knownVersions.join(", "))
  })

  it.effect("is asked about before a check runs anything", () =>
    Effect.gen(function* () {
      let ran = 0
      const counted = Effect.sync(() => void ran++)
      const error = yield* Effect.flip(checkOn("9.9.9", counted, {}))
      assert.deepStrictEqual([error._tag, error.subject, ran], ["UncalibratedEffect", "effect 9.9.9", 0])
      assert.include(error.message, knownVersions.join(", "))
    })
  )
})

describe("random programs", () => {
  const judgedIn: Array<Judged> = []

  it.each(Array.from({ length: Math.ceil(programs / chunk) }, (_, n) => n * chunk))(
    "seeds from %i",
    (from) => {
      const found: Array<string> = []
      for (let seed = from; seed < Math.min(from + chunk, programs); seed++) {
        const limit = programs > 1000 ? 355 : 60
        const judged = judge(program(plan(seed)), limit, limit, boundsOf(seed))
        judgedIn.push(judged)
        for (const what of judged.wrong) found.push(`seed ${seed}: ${what}`)
      }
      assert.deepStrictEqual(found, [])
    },
    3_600_000
  )

  it("most are judged, and of those a third by all of their schedules", () => {
    const judged = judgedIn.filter(({ skipped }) => !skipped)
    assert.isAbove(judged.length, judgedIn.length * 0.6)
    assert.isAbove(judged.filter(({ whole }) => whole).length, judged.length / 3)
  })

  it.effect(
    "a check of one never doubts itself",
    () =>
      Effect.gen(function* () {
        for (let seed = 0; seed < programs / 3; seed++) {
          const said = yield* Effect.exit(Explore.check(program(plan(seed)), { budget: { executions: 100 } }))
          assert.strictEqual(said._tag, "Success", `seed ${seed}: ${keyOf(said)}`)
        }
      }),
    3_600_000
  )

  it("the oracles see a search that leaves traces out", () => {
    const engine = engineOf(lostUpdate(2, 1))
    const found = explore(engine, { limit: 3 })
    const brute = explore(engine, { reduce: false })
    assert.isFalse(found.complete)
    assert.isAbove(brute.traces.size, found.traces.size)
  })

  it("a linearisation keeps what happened before what", () => {
    const engine = engineOf(lostUpdate(2, 1))
    const search = engine.search()
    engine.run(search)
    const taken = new Map<number, number>()
    for (const { nth, process } of linearisation(search.events, numbers(7))) {
      assert.strictEqual(nth, (taken.get(process) ?? 0) + 1)
      taken.set(process, nth)
    }
    assert.strictEqual(
      [...taken.values()].reduce((a, b) => a + b, 0),
      search.events.length
    )
  })
})
