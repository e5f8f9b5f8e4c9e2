/** A bag, and a wait for quiescence: what they are outside an exploration, what they order in one, and the four oracles. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as Explore from "../../src/explore.ts"
import { isNode } from "../runtimes/node.ts"
import { program } from "./generated.ts"
import { engineOf, explore, wrong } from "./oracle.ts"
import { bagPlan } from "./plans.ts"

const { Bag } = Explore
type Any = Effect.Effect<unknown, unknown, Explore.Explore>

/** How many executions a program has, and its outcomes. */
const found = (it: Any): readonly [executions: number, outcomes: ReadonlyArray<string>] => {
  const { executions, outcomes } = explore(engineOf(it))
  return [executions, Array.from(outcomes).sort()]
}

/** Fibers of these, at once, over a bag with these in it. */
const over = (
  keys: ReadonlyArray<string>,
  ...fibers: ReadonlyArray<(bag: Explore.Bag.Bag) => ReadonlyArray<unknown>>
) => sorted(undefined, keys, ...fibers)

const sorted = (
  sortOf: ((key: string) => string) | undefined,
  keys: ReadonlyArray<string>,
  ...fibers: ReadonlyArray<(bag: Explore.Bag.Bag) => ReadonlyArray<unknown>>
) =>
  Effect.gen(function* () {
    const bag = yield* Effect.sync(() => {
      const made = Bag.make("things", sortOf)
      for (const key of keys) made.put(key)
      return made
    })
    return yield* Effect.forEach(fibers, (of) => Effect.sync(() => of(bag)), { concurrency: "unbounded" })
  })

const anything = () => true

describe("a bag", () => {
  const Key = Schema.Literals(["a", "b"])
  const Use = Schema.Struct({ op: Schema.Literals(["put", "take", "some", "rename"]), key: Key, to: Key })
  const isSorted = Schema.Boolean

  it.prop("outside an exploration it is a count by key", [Schema.Array(Use), isSorted], ([uses, isSorted]) => {
    const bag = isSorted ? Bag.make("things", () => "thing") : Bag.make("things")
    const model = new Map<string, number>()
    const less = (key: string) => {
      const n = model.get(key) ?? 0
      if (n > 1) model.set(key, n - 1)
      else model.delete(key)
    }
    for (const { key, op, to } of uses) {
      const n = model.get(key) ?? 0
      if (op === "put") {
        bag.put(key)
        model.set(key, n + 1)
      } else if (op === "some") {
        assert.strictEqual(
          bag.some((sort) => sort === (isSorted ? "thing" : key)),
          isSorted ? model.size > 0 : n > 0
        )
      } else {
        assert.strictEqual(op === "take" ? bag.take(key) : bag.rename(key, to), n > 0)
        less(key)
        if (n > 0 && op === "rename") model.set(to, (model.get(to) ?? 0) + 1)
      }
      assert.deepStrictEqual([bag.all(), bag.untold(), bag.some(anything)], [model, model, model.size > 0])
    }
  })

  const pinned: ReadonlyArray<readonly [name: string, program: Any, executions: number, outcomes: number]> = [
    [
      "nobody who puts in and takes out his own meets another",
      over([], ...["a", "b", "c"].map((key) => (bag: Explore.Bag.Bag) => [bag.put(key), bag.take(key)])),
      1,
      1
    ],
    [
      "two who take of what is there: it does not matter who takes which",
      over(["a", "a"], ...Array(2).fill(taking)),
      2,
      1
    ],
    ["two who take the last one", over(["a"], ...Array(2).fill(taking)), 2, 2],
    [
      "one who asks while the others change it, and one is there throughout",
      over(["a"], asking, asking, putting),
      1,
      1
    ],
    ["one who asks for what nobody has yet put in", over([], asking, putting), 2, 2],
    ["one who asks for all that there is", over(["a"], (bag) => [bag.all().size], taking), 2, 2],
    [
      "one who gives it another name, while others ask whether there is any",
      sorted(anySort, ["a"], asking, renaming, asking),
      1,
      1
    ],
    ["one who gives it a name of another sort meets them", over(["a"], asking, renaming), 2, 1],
    ["one who names what another takes by its old name", sorted(anySort, ["a"], renaming, taking), 2, 2],
    ["or by its new", sorted(anySort, ["a"], renaming, (bag) => [bag.take("b")]), 2, 2],
    ["of two that have the old name, each has one", sorted(anySort, ["a", "a"], renaming, taking), 2, 1],
    [
      "who takes what had the new name before meets nobody",
      sorted(anySort, ["a", "b"], renaming, (bag) => [bag.take("b")]),
      1,
      1
    ],
    ["one who asks for all names", sorted(anySort, ["a"], renaming, (bag) => [bag.all().has("a")]), 2, 2]
  ]

  it.each(pinned)("%s", (_, it, executions, outcomes) => {
    const [ran, ends] = found(it)
    assert.deepStrictEqual([ran, ends.length], [executions, outcomes])
    assert.deepStrictEqual(wrong(it, 200), [])
  })

  it.effect("one that was made outside the program is refused where it is changed", () =>
    Effect.gen(function* () {
      const bag = Bag.make("things")
      const error = yield* Effect.flip(Explore.check(Effect.sync(() => bag.put("a"))))
      assert.deepStrictEqual([error._tag, error.subject], ["Untracked", "things"])
    })
  )
})

function taking(bag: Explore.Bag.Bag) {
  return [bag.take("a")]
}
function renaming(bag: Explore.Bag.Bag) {
  return [bag.rename("a", "b")]
}
function anySort() {
  return "thing"
}
function asking(bag: Explore.Bag.Bag) {
  return [bag.some(anything)]
}
function putting(bag: Explore.Bag.Bag) {
  return [bag.put("b")]
}

describe("quiescence", () => {
  const racing = (waits: Effect.Effect<void, never, Explore.Explore>) =>
    Effect.gen(function* () {
      const cells: Array<string> = []
      const cell = Explore.Cell.make("what was said")
      const says = (what: string) =>
        Effect.sync(() => {
          cell.writes()
          cells.push(what)
        })
      yield* Effect.forkChild(Effect.andThen(says("one"), Effect.sleep(10)))
      const other = yield* Effect.forkChild(Effect.ensuring(says("other"), Effect.void))
      yield* Explore.interruptAnywhere(other)
      yield* waits
      yield* says("main")
      return cells
    })

  it("comes once nobody else can go on: fibers, timers and interruptions are through", () => {
    const [, outcomes] = found(racing(Explore.quiescence))
    assert.deepStrictEqual(outcomes, ['["one","main"]', '["one","other","main"]', '["other","one","main"]'])
    assert.deepStrictEqual(wrong(racing(Explore.quiescence), 200), [])
  })

  it("without it, whoever goes on races with all of them", () => {
    const [, outcomes] = found(racing(Effect.void))
    assert.include(outcomes, '["main"]')
  })

  it("all who wait for it go on together; where it never comes to anything, it comes again", () => {
    const both = Effect.gen(function* () {
      const order: Array<number> = []
      const cell = Explore.Cell.make("the order")
      const waits = (n: number) =>
        Effect.andThen(
          Explore.quiescence,
          Effect.sync(() => {
            cell.writes()
            order.push(n)
          })
        )
      yield* Effect.all([waits(1), waits(2)], { concurrency: 2 })
      yield* Explore.quiescence
      return order
    })
    assert.deepStrictEqual(found(both), [2, ["[1,2]", "[2,1]"]])
    assert.deepStrictEqual(wrong(both, 200), [])
  })

  it.effect("a fiber that waits for what nobody does is still a deadlock", () =>
    Effect.gen(function* () {
      const stuck = Effect.gen(function* () {
        const fiber = yield* Effect.forkChild(Effect.never)
        yield* Explore.quiescence
        yield* Fiber.await(fiber)
      })
      const verdict = yield* Explore.check(stuck)
      assert.deepStrictEqual(verdict._tag === "Falsified" && verdict.counterexample.law, "deadlock")
    })
  )
})

/** The oracles are the same under each runtime: most of the programs are Node's. */
const programs = isNode ? 60 : 10

describe("random programs with bags and waits for quiescence", () => {
  it.each(Array.from({ length: programs / 10 }, (_, n) => n * 10))(
    "the oracles find nothing wrong with ten, from %i",
    (from) => {
      for (let seed = from; seed < from + 10; seed++)
        assert.deepStrictEqual(wrong(program(bagPlan(seed)), 150), [], `${seed}`)
    }
  )
})
