/**
 * Each reduction twice: a program whose orders nobody can tell apart, which is run once, and programs where somebody can,
 * which must still be told apart.
 */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FiberSet from "effect/FiberSet"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import * as References from "effect/References"
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"
import { install, uninstall } from "../../src/explore/patches.ts"
import * as Explore from "../../src/explore.ts"
import { engineOf, explore, wrong } from "./oracle.ts"

type Program = Effect.Effect<unknown, unknown, Explore.Explore>

/** Two steps, the second of which is its own. */
const step = Ref.make(0).pipe(Effect.flatMap((ref) => Ref.set(ref, 1)))

const steps = (n: number) => Array.from({ length: n }, () => step)

const unbounded = { concurrency: "unbounded" } as const

const said = (log: Ref.Ref<string>, what: string) => Ref.update(log, (all) => all + what)

class One extends Context.Service<One, number>()("effect-mapi/test/explore/reductions.test/One") {}
class Two extends Context.Service<Two, number>()("effect-mapi/test/explore/reductions.test/Two") {}

const one = Layer.effect(One, Effect.as(step, 1))
const two = Layer.effect(Two, Effect.as(step, 2))

/** One fiber puts in a key, the other looks whether it is there. */
const keyed = (puts: string, looks: string): Program =>
  Effect.suspend(() => {
    const of = Explore.Cell.family("a key")
    const keys = new Set<string>()
    const put = Effect.sync(() => {
      of(puts).writes()
      keys.add(puts)
    })
    const look = Effect.sync(() => {
      of(looks).reads()
      return keys.has(looks)
    })
    return Effect.all([look, put], unbounded)
  })

/** Programs of which every order is the same: so many executions. */
const alike: Readonly<Record<string, readonly [executions: number, program: Program]>> = {
  "forEach: who succeeds first": [1, Effect.all(steps(3), unbounded)],
  "forEach: who succeeds first, the rest in pairs": [1, Effect.all([Effect.all(steps(2), unbounded), step], unbounded)],
  "awaitAll: who ends first": [
    1,
    Effect.flatMap(
      Effect.forEach(steps(3), (it) => Effect.forkChild(it)),
      Fiber.awaitAll
    )
  ],
  "a Deferred that is waited for, before it is completed or after": [
    1,
    Effect.flatMap(Deferred.make<number>(), (it) =>
      Effect.all([Deferred.await(it), Deferred.succeed(it, 1)], unbounded)
    )
  ],
  "Ref: who first writes what is there": [
    1,
    Effect.flatMap(Ref.make(0), (ref) => Effect.all([Ref.set(ref, 0), Ref.update(ref, (n) => n)], unbounded))
  ],
  "layers: which is built first": [1, Effect.scoped(Layer.build(Layer.mergeAll(one, two)))],
  "layers: which is built first, where the program makes them": [
    1,
    Effect.suspend(() => {
      const made = Layer.mergeAll(Layer.effect(One, Effect.as(step, 1)), Layer.effect(Two, Effect.as(step, 2)))
      return Effect.scoped(Layer.build(made))
    })
  ],
  "a family of cells: who looks for what is not there, while something else comes": [1, keyed("one", "other")],
  "spans: when they begin": [1, Effect.all([Effect.withSpan(step, "a span"), Effect.sleep(10)], unbounded)]
}

/** Programs of which the orders differ: all that they may end with. */
const apart: Readonly<Record<string, readonly [outcomes: ReadonlyArray<string>, program: Program]>> = {
  "a family of cells: who looks for what comes": [["[false,null]", "[true,null]"], keyed("one", "one")],
  "spans: when they begin, where the program takes their times": [
    ["false", "true"],
    Effect.gen(function* () {
      const began = Effect.map(Effect.currentSpan, ({ status }) => status.startTime > 0n)
      const [told] = yield* Effect.all([Effect.withSpan(began, "a span"), Effect.sleep(10)], unbounded)
      return told
    }).pipe(Effect.provideService(References.TracerTimingEnabled, true))
  ],
  "an interruption: before the end": [
    ["false", "true"],
    Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(step)
      yield* Explore.interruptAnywhere(fiber)
      return (yield* Fiber.await(fiber))._tag === "Success"
    })
  ],
  "forEach: who fails first": [
    ["Fail a", "Fail a+Fail b", "Fail b"],
    Effect.forEach(["a", "b"], (name) => Effect.uninterruptible(Effect.andThen(step, Effect.fail(name))), unbounded)
  ],
  "forEach: who succeeds before another fails": [
    ['"failed"', '"failed, done"'],
    Effect.flatMap(Ref.make("failed"), (log) =>
      Effect.andThen(
        Effect.exit(Effect.all([said(log, ", done"), Effect.andThen(step, Effect.fail("x"))], unbounded)),
        Ref.get(log)
      )
    )
  ],
  "forEach: who ends first goes on with what is left": [
    ['"aab"', '"aba"', '"abb"', '"baa"', '"bab"', '"bba"'],
    Effect.flatMap(Ref.make(""), (log) =>
      Effect.andThen(
        Effect.forEach(
          ["a", "b", "?"],
          (name) => (name === "?" ? Effect.flatMap(Ref.get(log), (all) => said(log, all.slice(-1))) : said(log, name)),
          { concurrency: 2 }
        ),
        Ref.get(log)
      )
    )
  ],
  "forEach: who ends first forks what is left": [
    ["[0,1]", "[1,0]", "[1,1]"],
    Effect.gen(function* () {
      const one = yield* Ref.make(0)
      const two = yield* Ref.make(0)
      const saw = yield* Effect.forEach(
        [Ref.set(one, 1), Ref.set(two, 1), Effect.all([Ref.get(one), Ref.get(two)])],
        (it): Effect.Effect<unknown> => it,
        { concurrency: 2 }
      )
      return saw[2]
    })
  ],
  "forEach: what is left throws": [
    ['["Failure",0]', '["Failure",1]'],
    Effect.gen(function* () {
      const ref = yield* Ref.make(0)
      const items = [Effect.void, Effect.andThen(step, Ref.set(ref, 1)), null]
      const exit = yield* Effect.exit(
        Effect.forEach(
          items,
          (it) => {
            if (it === null) throw new Error("thrown")
            return Effect.andThen(Effect.yieldNow, it)
          },
          { concurrency: 2 }
        )
      )
      return [exit._tag, yield* Ref.get(ref)]
    })
  ],
  "awaitAllChildren: which are still there": [
    ["[0,2]", "[1,2]", "[2,2]"],
    Effect.gen(function* () {
      const ref = yield* Ref.make(0)
      const add = Ref.update(ref, (n) => n + 1)
      const before = yield* Effect.awaitAllChildren(
        Effect.gen(function* () {
          yield* Effect.forkChild(add)
          yield* Effect.forkChild(add)
          return yield* Ref.get(ref)
        })
      )
      return [before, yield* Ref.get(ref)]
    })
  ],
  "forEach: interrupted when some have ended": [
    ["[false,0]", "[false,1]", "[false,2]", "[true,2]"],
    Effect.gen(function* () {
      const count = yield* Ref.make(0)
      const add = Ref.update(count, (n) => n + 1)
      const fiber = yield* Effect.forkChild(Effect.all([add, add], unbounded))
      yield* Explore.interruptAnywhere(fiber)
      const exit = yield* Fiber.await(fiber)
      return [exit._tag === "Success", yield* Ref.get(count)]
    })
  ],
  "race: who is first": [['"a"', '"b"'], Effect.raceFirst(Effect.as(step, "a"), Effect.as(step, "b"))],
  "another loop over concurrent effects: who succeeds first": [
    ['["a","b"]', '["b","a"]'],
    Effect.suspend(() => {
      const gone = Schema.String.pipe(
        Schema.decode({
          decode: SchemaGetter.transformOptionalEffect(() => Effect.as(step, Option.none<string>())),
          encode: SchemaGetter.passthrough()
        })
      )
      const decode = Schema.decodeUnknownEffect(Schema.Struct({ a: gone, b: gone }), { errors: "all", ...unbounded })
      return Effect.map(Effect.flip(decode({ a: "1", b: "2" })), ({ message }) => message.match(/(?<=\[")\w/g))
    })
  ],
  "awaitAll: interrupted before the last has ended": [
    ["[false,0]", "[false,1]", "[false,2]", "[true,2]"],
    Effect.gen(function* () {
      const count = yield* Ref.make(0)
      const add = Ref.update(count, (n) => n + 1)
      const fibers = [yield* Effect.forkDetach(add), yield* Effect.forkDetach(add)]
      const fiber = yield* Effect.forkChild(Effect.andThen(Fiber.awaitAll(fibers), Ref.get(count)))
      yield* Explore.interruptAnywhere(fiber)
      const exit = yield* Fiber.await(fiber)
      return [exit._tag === "Success", yield* Ref.get(count)]
    })
  ],
  "a Deferred: the wait is interrupted before it is completed": [
    ['"interrupted"', '"waited"'],
    Effect.gen(function* () {
      const it = yield* Deferred.make<string>()
      const fiber = yield* Effect.forkChild(Deferred.await(it))
      const other = yield* Effect.forkChild(Deferred.succeed(it, "waited"))
      yield* Fiber.interrupt(fiber)
      yield* Fiber.await(other)
      const exit = yield* Fiber.await(fiber)
      return exit._tag === "Success" ? exit.value : "interrupted"
    })
  ],
  "Ref: who writes what is there until another writes": [
    ["[0,0]", "[0,1]", "[1,1]"],
    Effect.gen(function* () {
      const ref = yield* Ref.make(0)
      const saw = Effect.flatMap(Ref.get(ref), (n) => Effect.as(Ref.set(ref, n), n))
      const [, first] = yield* Effect.all([Ref.set(ref, 1), saw], unbounded)
      return [first, yield* Ref.get(ref)]
    })
  ],
  "layers: who builds the one that both need": [
    ['"a"', '"aa"', '"ab"', '"b"', '"ba"', '"bb"'],
    Effect.gen(function* () {
      const log = yield* Ref.make("")
      const who = yield* Ref.make("?")
      const shared = Layer.effect(
        One,
        Effect.as(
          Effect.flatMap(Ref.get(who), (name) => said(log, name)),
          1
        )
      )
      const memo = yield* Layer.makeMemoMap
      const build = (name: string) =>
        Effect.scoped(
          Effect.andThen(
            Ref.set(who, name),
            Effect.flatMap(Effect.scope, (scope) => Layer.buildWithMemoMap(shared, memo, scope))
          )
        )
      yield* Effect.all([build("a"), build("b")], unbounded)
      return yield* Ref.get(log)
    })
  ]
}

it.effect("awaitAll of a list that changes is refused", () =>
  Effect.gen(function* () {
    const program = Effect.scoped(
      Effect.gen(function* () {
        const set = yield* FiberSet.make<void>()
        yield* FiberSet.run(set, step)
        yield* Fiber.awaitAll(set)
      })
    )
    const error = yield* Effect.flip(Explore.check(program))
    assert.deepStrictEqual([error._tag, "subject" in error && error.subject], ["Untracked", "Fiber.awaitAll"])
  })
)

// Held throughout: to patch and to put back takes longer than many a search.
beforeAll(install)
afterAll(uninstall)

describe("nobody can tell", () => {
  it.each(Object.entries(alike))("%s", (_, [executions, program]) => {
    const { blocked, executions: found } = explore(engineOf(program))
    assert.deepStrictEqual([found, blocked], [executions, 0])
    assert.deepStrictEqual(wrong(program, 500), [])
  })
})

describe("somebody can tell", () => {
  it.each(Object.entries(apart))("%s", (_, [outcomes, program]) => {
    assert.deepStrictEqual([...explore(engineOf(program)).outcomes].sort(), outcomes)
    assert.deepStrictEqual(wrong(program, 500), [])
  })
})
