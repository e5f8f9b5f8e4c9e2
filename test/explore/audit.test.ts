/** What a check doubts of itself: for each of its doubts, what no other would see. */
import { afterEach, assert, describe, it, vi } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Ref from "effect/Ref"
import { Races } from "../../src/explore/races.ts"
import * as Explore from "../../src/explore.ts"
import { lostUpdate } from "./programs.ts"

afterEach(() => {
  vi.restoreAllMocks()
})

/** Two fibers add one to what the search cannot see. */
const unseen = <A, E, R>(then: (n: number) => Effect.Effect<A, E, R>) =>
  Effect.suspend(() => {
    let n = 0
    const add = Effect.gen(function* () {
      const now = n
      yield* Effect.yieldNow
      n = now + 1
    })
    return Effect.andThen(
      Effect.all([add, add], { concurrency: 2 }),
      Effect.suspend(() => then(n))
    )
  })

class One {
  readonly of = "a kind"
}
class Two {
  readonly of = "a kind"
}
/** Nothing of it is to be seen. */
class Hidden {
  readonly #n: number
  constructor(n: number) {
    this.#n = n
  }
  is(n: number): boolean {
    return this.#n === n
  }
}

const doubt = (
  program: Effect.Effect<unknown, unknown, Explore.Explore>,
  options?: Explore.Options<unknown, unknown>
) => Effect.map(Effect.flip(Explore.check(program, options)), (error) => `${error._tag}: ${error.detail}`)

/** The races that the search finds from now on are not run in the other order: until it runs anything along a script. */
const missRaces = (always: boolean) => {
  const { record } = Races.prototype
  let missed = true
  vi.spyOn(Races.prototype, "record").mockImplementation(function (this: Races, node, it, index, reduce) {
    missed &&= always || reduce
    record.call(this, node, it, index, reduce && !missed)
  })
}

describe("a check doubts itself where", () => {
  it.effect("another order of the same steps ends otherwise", () =>
    Effect.gen(function* () {
      assert.strictEqual(
        yield* doubt(unseen(Effect.succeed)),
        "Untracked: two orders of one trace differ: it ended with Success 2, and then with Success 1"
      )
    })
  )

  it.effect("it shows laws something else of a subject", () =>
    Effect.gen(function* () {
      assert.strictEqual(
        yield* doubt(unseen((n) => Explore.observe("n", "changes", n))),
        "Untracked: two orders of one trace differ: it observed n: 0 2, and then n: 0 1"
      )
    })
  )

  it.effect.each([
    ["a date", (n: number) => DateTime.toDate(DateTime.makeUnsafe(n))],
    ["an address", (n: number) => new URL(`https://example.org/${n}`)],
    ["an expression", (n: number) => new RegExp(String(n))],
    ["bytes", (n: number) => Uint8Array.of(n).buffer],
    ["a secret", (n: number) => Redacted.make(n)],
    ["a class", (n: number) => (n === 1 ? new One() : new Two())],
    ["a big number", (n: number) => (n === 1 ? 1n : 1)],
    ["what lies deep", (n: number) => [[[[[[[[[[n]]]]]]]]]]],
    ["the cause of an error", (n: number) => new Error("it", { cause: n })]
  ] as const)("it ends with another value: %s", ([, value]) =>
    Effect.gen(function* () {
      const said = yield* doubt(unseen((n) => Effect.succeed(value(n))))
      assert.match(said, /^Untracked: two orders of one trace differ: it ended with Success .+, and then with Success /)
    })
  )

  it.effect("a law says something else of it", () =>
    Effect.gen(function* () {
      const always = {
        "it is two": ({ exit }: Explore.Execution<unknown, unknown>) =>
          exit._tag === "Success" && exit.value instanceof Hidden && exit.value.is(2)
      }
      assert.strictEqual(
        yield* doubt(
          unseen((n) => Effect.succeed(new Hidden(n))),
          { always }
        ),
        "Untracked: two orders of one trace differ: it broke no law, and then it is two"
      )
    })
  )

  it.effect("it tells a law of logs something else", () =>
    Effect.gen(function* () {
      const told = unseen((n) => Effect.map(Explore.recorder, ({ tell }) => tell(n)))
      const deaf = { sequences: () => [], same: () => "" }
      assert.strictEqual((yield* Explore.check(told, { everyOrder: { deaf } }))._tag, "Verified")
      assert.strictEqual(
        yield* doubt(told, { everyOrder: { deaf, hears: { ...deaf, same: String } } }),
        "Untracked: two orders of one trace differ: it told other events than before"
      )
    })
  )

  it.effect("the same steps touch something else", () =>
    Effect.gen(function* () {
      let runs = 0
      const program = Effect.gen(function* () {
        const [a, b] = [yield* Ref.make(0), yield* Ref.make(0)]
        const other = runs++ % 2 === 0 ? a : b
        yield* Ref.set(other, 1)
        yield* Effect.all([Ref.set(a, 2), Ref.set(a, 3)], { concurrency: 2 })
      })
      assert.strictEqual(
        yield* doubt(program),
        "Nondeterministic: the same choices led to something else: step 1 of main touched " +
          "the interruption of main, Ref #2 of main, and the interruption of main, Ref #1 of main before"
      )
    })
  )

  it.effect("a random schedule has a trace that the search missed", () =>
    Effect.gen(function* () {
      missRaces(true)
      assert.strictEqual(
        yield* doubt(lostUpdate(2, 1)),
        "Untracked: a random schedule found a trace that the search did not"
      )
    })
  )

  it.effect("the search misses in one order what it finds in another, and chance does not", () =>
    Effect.gen(function* () {
      missRaces(false)
      const program = Effect.gen(function* () {
        const ref = yield* Ref.make(0)
        const late = Effect.andThen(Effect.repeat(Effect.yieldNow, { times: 200 }), Ref.set(ref, 1))
        yield* Effect.all([Ref.set(ref, 1), late], { concurrency: 2 })
      })
      assert.strictEqual(yield* doubt(program), "Untracked: the search found another trace in another order")
    })
  )
})
