/** What a check refuses to judge, and that it leaves nothing behind. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as MutableRef from "effect/MutableRef"
import * as PubSub from "effect/PubSub"
import * as Ref from "effect/Ref"
import { holders } from "../../src/explore/patches.ts"
import * as Explore from "../../src/explore.ts"
import { load, lostUpdate } from "./programs.ts"

type Any = Effect.Effect<unknown, unknown, Explore.Explore>

const tagOf = <A, E>(exit: Exit.Exit<A, E>) => exit._tag

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
      assert.match(where ?? "", /^ {4}at .*refusals\.test\.ts:\d+:\d+\)?$/)
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

  it.effect("Escaped: what an observer throws, that no fiber catches", () =>
    Effect.gen(function* () {
      const thrower = () => {
        throw new Error("seen")
      }
      const error = yield* Effect.flip(
        Explore.check(
          Effect.gen(function* () {
            const fiber = yield* Effect.forkChild(Effect.void)
            yield* Effect.sync(() => fiber.addObserver(thrower))
          })
        )
      )
      assert.deepStrictEqual(
        [error._tag, error.subject, error.detail],
        ["Escaped", "main.1", "it threw Error: seen outside of any effect, in an observer or a callback"]
      )
      assert.strictEqual((yield* Explore.check(Effect.void))._tag, "Verified")
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

  it.effect("Untracked: the latch of a subscription, where its PubSub is shut down before that is there", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(
        Explore.check(
          Effect.gen(function* () {
            const bus = yield* PubSub.unbounded<number>()
            const subscribing = Effect.scoped(PubSub.subscribe(bus))
            yield* Effect.all([subscribing, PubSub.shutdown(bus)], { concurrency: 2 })
          })
        )
      )
      assert.deepStrictEqual([error._tag, error.subject], ["Untracked", "Latch.makeUnsafe"])
      assert.include(error.advice, "a PubSub must not be shut down while somebody subscribes to it")
    })
  )

  it.effect("Untracked: a fiber that is to be interrupted, and was started outside the program", () =>
    Effect.gen(function* () {
      const outside = yield* Effect.forkChild(Effect.never)
      const error = yield* Effect.flip(Explore.check(Explore.interruptAnywhere(outside)))
      assert.strictEqual(
        `${error._tag}: ${error.message}`,
        "Untracked: Explore.interruptAnywhere: the fiber that it is to interrupt was started outside the program. " +
          "Fork it within the program: Effect.forkChild, Effect.forkIn, Effect.forkDetach."
      )
    })
  )

  it.effect("Untracked: a check within a program that is being checked", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Explore.check(Effect.exit(Explore.check(load(2)))))
      assert.strictEqual(
        `${error._tag}: ${error.message}`,
        "Untracked: Explore.check: it is run by a program that is being explored itself. " +
          "Run one check after the other, or let one program be all of both."
      )
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
