/** What is tracked entry by entry, and plain state that is told: which orders are one, and that none is missed. */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as MutableHashMap from "effect/MutableHashMap"
import * as MutableHashSet from "effect/MutableHashSet"
import { install, uninstall } from "../../src/explore/patches.ts"
import * as Explore from "../../src/explore.ts"
import { engineOf, explore } from "./oracle.ts"

type Map = MutableHashMap.MutableHashMap<unknown, number>
type Use = (map: Map) => unknown
type Set = MutableHashSet.MutableHashSet<string>

const both = (left: Effect.Effect<unknown>, right: Effect.Effect<unknown>) =>
  Effect.all([left, right], { concurrency: 2 })

/** Two fibers that each use one table, step by step, and what is asked of it afterwards. */
const race = (left: ReadonlyArray<Use>, right: ReadonlyArray<Use>, after?: Use) =>
  Effect.suspend(() => {
    const map: Map = MutableHashMap.empty()
    const run = (uses: ReadonlyArray<Use>) => Effect.forEach(uses, (use) => Effect.sync(() => use(map)))
    const told = both(run(left), run(right))
    return after === undefined
      ? told
      : Effect.andThen(
          told,
          Effect.sync(() => after(map))
        )
  })

const [one, other] = [{ a: 1 }, { b: 1 }]
const put =
  (key: unknown, value = 1): Use =>
  (map) =>
    void MutableHashMap.set(map, key, value)
const take =
  (key: unknown): Use =>
  (map) =>
    void MutableHashMap.remove(map, key)
const has =
  (key: unknown): Use =>
  (map) =>
    MutableHashMap.has(map, key)
const count: Use = (map) => MutableHashMap.size(map)
const values: Use = (map) => [...MutableHashMap.values(map)]

const programs: Readonly<Record<string, readonly [program: Effect.Effect<unknown>, executions: number]>> = {
  "two keys commute": [race([put("a")], [put("b")]), 1],
  "in and out, too": [race([put("a"), take("a")], [put("b"), take("b")]), 1],
  "one key does not": [race([put("a", 1)], [put("a", 2)], values), 2],
  "a number is not its text": [race([put(1)], [put("1")]), 1],
  "keys that are objects share one cell": [race([put(one)], [put(other)]), 2],
  "whoever looks for a key that is not there can tell": [race([put("a")], [has("a")]), 2],
  "and whoever takes it out": [race([put(one)], [take(one)], has(one)), 2],
  "whoever looks for another cannot": [race([put("a")], [has("b")]), 1],
  "whoever counts can": [race([put("a")], [count]), 2],
  "but not who counts afterwards": [race([put("a")], [put("b")], count), 1],
  "whoever goes through two, sees their order: it is searched again with it": [
    race([put("a", 1)], [put("b", 2)], values),
    2
  ],
  "clearing meets all": [race([put("a")], [(map) => void MutableHashMap.clear(map)], count), 2],
  "a set is tracked by its table": [
    Effect.suspend(() => {
      const set: Set = MutableHashSet.empty()
      const add = (word: string) => Effect.sync(() => void MutableHashSet.add(set, word))
      return both(
        add("a"),
        Effect.andThen(
          add("b"),
          Effect.sync(() => MutableHashSet.has(set, "a"))
        )
      )
    }),
    2
  ]
}

beforeAll(install)
afterAll(uninstall)

describe("a table", () => {
  it.effect.each(Object.keys(programs))("%s", (name) =>
    Effect.gen(function* () {
      const [program, executions] = programs[name] ?? [Effect.void, 0]
      const engine = engineOf(program)
      const blind = explore(engine, { reduce: false, everyPrimitive: true, traces: false, limit: 20_000 })
      const found = explore(engine) // whatever the table has been learnt to be, the blind search has learnt
      for (const outcome of blind.outcomes) assert.include([...found.outcomes], outcome)
      const verdict = yield* Explore.check(program)
      assert.deepStrictEqual([verdict._tag, verdict.executions], ["Verified", executions])
    })
  )

  it.effect("that was made outside is refused once it is written", () =>
    Effect.gen(function* () {
      let kept: Map | undefined
      const program = Effect.sync(() => {
        kept ??= MutableHashMap.empty()
        MutableHashMap.set(kept, "a", 1)
      })
      const error = yield* Effect.flip(Explore.check(Effect.andThen(program, both(program, program))))
      assert.deepStrictEqual([error._tag, error.subject], ["Untracked", "MutableHashMap"])
    })
  )
})

describe("plain state that is told", () => {
  /** Two fibers that add to a count and one that looks, or not. */
  const counting = (how: "adds" | "writes", looks: boolean) =>
    Effect.suspend(() => {
      const cell = Explore.Cell.make("a count")
      let sum = 0
      const add = Effect.sync(() => {
        cell[how]()
        sum++
      })
      const look = Effect.sync(() => {
        cell.reads()
        return sum
      })
      return Effect.all([add, add, ...(looks ? [look] : [])], { concurrency: 3 })
    })

  it.effect.each([
    ["adds", false, 1],
    ["adds", true, 4],
    ["writes", false, 2],
    ["writes", true, 6]
  ] as const)("%s, and somebody looks: %s", ([how, looks, executions]) =>
    Effect.gen(function* () {
      const verdict = yield* Explore.check(counting(how, looks))
      assert.deepStrictEqual([verdict._tag, verdict.executions], ["Verified", executions])
    })
  )

  it.effect("and told wrong, the check doubts itself", () =>
    Effect.gen(function* () {
      const program = Effect.suspend(() => {
        const cell = Explore.Cell.make("a word")
        let word = ""
        const say = (letter: string) =>
          Effect.sync(() => {
            cell.adds()
            word += letter
          })
        return Effect.map(both(say("a"), say("b")), () => word)
      })
      assert.strictEqual((yield* Effect.flip(Explore.check(program)))._tag, "Untracked")
    })
  )
})

describe("a cell that was made outside", () => {
  it.effect("is refused once it is written, as any other", () =>
    Effect.gen(function* () {
      const cell = Explore.Cell.make("a count")
      const error = yield* Effect.flip(Explore.check(Effect.sync(cell.writes)))
      assert.deepStrictEqual([error._tag, error.subject], ["Untracked", "a count"])
    })
  )
})

describe("outside an exploration", () => {
  it("a cell does nothing", () => {
    const { adds, reads, writes } = Explore.Cell.make("anything")
    assert.deepStrictEqual([adds(), reads(), writes()], [undefined, undefined, undefined])
  })
})
