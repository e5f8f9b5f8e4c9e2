/** Why what a check says can be believed: the points of soundness, one by one, and the names of what is born. */
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as MutableRef from "effect/MutableRef"
import * as Random from "effect/Random"
import * as Ref from "effect/Ref"
import { keyOf } from "../../src/explore/exits.ts"
import * as Explore from "../../src/explore.ts"
import { engineOf, explore } from "./oracle.ts"

type Any = Effect.Effect<unknown, unknown, Explore.Explore>

const outcomes = (program: Any) => [...explore(engineOf(program)).outcomes].sort()

describe("a fiber that only its interruption ends", () => {
  const program = Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(Effect.never)
    yield* Explore.interruptAnywhere(fiber)
    return yield* Fiber.await(fiber)
  })

  it.effect.each([{}, { interruptions: 1 }, { interruptions: 0 }])("may wait for ever: within %j", (within) =>
    Effect.gen(function* () {
      const verdict = yield* Explore.check(program, { within })
      assert.strictEqual(verdict._tag === "Falsified" && verdict.counterexample.law, "deadlock")
    })
  )
})

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

  it("1: an interruption that comes within a mask is taken where the fiber can be interrupted again", () => {
    const program = Effect.gen(function* () {
      const met = yield* Ref.make("never started")
      const fiber = yield* Effect.forkChild(
        Effect.uninterruptibleMask((restore) =>
          Effect.flatMap(Effect.exit(restore(Effect.succeed(1))), ({ _tag }) => Ref.set(met, _tag))
        )
      )
      yield* Explore.interruptAnywhere(fiber)
      yield* Fiber.await(fiber)
      return yield* Ref.get(met)
    })
    assert.deepStrictEqual(outcomes(program), ['"Failure"', '"Success"', '"never started"'])
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

  it("3: a chain of maps may stop between two of its links, as Effect lets go at every 32nd", () => {
    const increment = (ref: MutableRef.MutableRef<number>) =>
      Effect.sync(() => MutableRef.get(ref)).pipe(
        Effect.map((n) => n + 1),
        Effect.map((n) => MutableRef.set(ref, n))
      )
    const program = Effect.gen(function* () {
      const ref = yield* Effect.sync(() => MutableRef.make(0))
      yield* Effect.all([increment(ref), increment(ref)], { concurrency: 2 })
      return MutableRef.get(ref)
    })
    assert.deepStrictEqual(outcomes(program), ["1", "2"])
  })

  it("5: causes are the same when they hold the same reasons, whoever interrupted", () => {
    const two = (reasons: ReadonlyArray<string>) => Exit.failCause(Cause.fromReasons(reasons.map(Cause.makeFailReason)))
    assert.strictEqual(keyOf(two(["x", "y"])), keyOf(two(["y", "x"])))
    assert.strictEqual(keyOf(Exit.interrupt(1)), keyOf(Exit.interrupt(2)))
    assert.notStrictEqual(keyOf(Exit.fail("x")), keyOf(Exit.die("x")))
    assert.strictEqual(keyOf(Exit.succeed(two(["x", "y"]))), keyOf(Exit.succeed(two(["y", "x"]))))
    assert.notStrictEqual(keyOf(Exit.succeed(two(["x"]))), keyOf(Exit.succeed(two(["x", "x"]))))
  })

  it.effect(
    "5: one interruption may be told of twice, by the span in which it found the fiber: that is no other outcome",
    () =>
      Effect.gen(function* () {
        const inner = Effect.fn("inner")(() => Effect.never)
        const client = Effect.fn("outer")(function* (ref: Ref.Ref<number>) {
          yield* Ref.set(ref, 1)
          return yield* Effect.interruptible(inner())
        })
        const program = Effect.gen(function* () {
          const fiber = yield* Effect.forkChild(Effect.uninterruptible(Effect.flatMap(Ref.make(0), client)))
          yield* Explore.interruptAnywhere(fiber)
          return yield* Fiber.await(fiber)
        })
        const always = { "is interrupted": () => true as const }
        const verdict = yield* Explore.check(program, { always, within: { interruptions: 1 } })
        assert.strictEqual(verdict._tag, "Falsified") // where nobody interrupts it, it never ends
      })
  )

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
