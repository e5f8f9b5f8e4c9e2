/** What the rehearsal takes for one order: clients that are alike, and counts that follow from what is called. */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as CallLog from "../../src/CallLog.ts"
import { Engine } from "../../src/explore/engine.ts"
import { install, uninstall } from "../../src/explore/patches.ts"
import { unbounded } from "../../src/explore/tree.ts"
import * as Explore from "../../src/explore.ts"
import * as Example from "../../src/laws/Example.ts"
import * as Rehearsal from "../../src/Rehearsal.ts"

beforeAll(install)
afterAll(uninstall)

/** A log without the names that say who is who, and without its order. */
const nameless = (told: ReadonlyArray<unknown>): string =>
  Rehearsal.logOf(told)
    .map(({ call, error = "", phase, refs, result = "" }) =>
      [
        call,
        phase,
        result,
        error,
        ...refs.map(({ count, holder, total }) => `${holder} ${count > 0} ${total > 0}`)
      ].join()
    )
    .sort()
    .join("\n")

/** All that the executions of a cast come to, and how many there are. */
const found = (cast: Rehearsal.Cast, within: { readonly faults?: number; readonly interruptions?: number }) => {
  const engine = new Engine(Rehearsal.opening(cast))
  const search = engine.search({ ...unbounded, ...within })
  const logs = new Set<string>()
  let executions = 0
  do {
    if (engine.run(search).ending !== "ended") continue
    executions++
    logs.add(nameless(engine.machine.observed.map(({ value }) => value)))
  } while (search.backtrack())
  return { executions, logs }
}

describe("clients that are alike", () => {
  it.each([
    [{ clients: 2, mail: false }, {}],
    [{ clients: 2, mail: false, faults: true }, { faults: 1 }],
    [{ clients: 2, mail: false, stores: 2 }, {}]
  ] as const)(
    "%o within %o: named by who comes first, they do all that they do under names of their own",
    (cast, within) => {
      const named = found(cast, within)
      const apart = found({ ...cast, alike: false }, within)
      assert.deepStrictEqual(named.logs, apart.logs)
      assert.isBelow(named.executions, apart.executions)
    }
  )
})

describe("a program that counts for itself", () => {
  const store = "IMsgStore#1"
  const call = (name: string, ...refs: ReadonlyArray<readonly [count: number, total: number]>) => ({
    ...{ call: name, object: store, from: "client" },
    refs: refs.flatMap(([count, total]) => Example.counted(store, "client", count, total))
  })
  const made = call("new IMsgStore", [1, 1])
  const last = call("IMsgStore::Release", [0, 0])

  /** What the laws find in every order, and what the judge finds in the log that ran. */
  const judged = (...calls: ReadonlyArray<Example.Call>) =>
    Effect.gen(function* () {
      const program = Rehearsal.judged(
        Effect.flatMap(CallLog.CallLog, ({ record }) =>
          Effect.forEach(Example.log(...calls), (event) => Effect.sync(() => record(event)), { discard: true })
        )
      )
      const found = new Set<string>()
      const verdict = yield* Explore.check(program, {
        always: {
          "it is judged": ({ exit }) => {
            if (Exit.isSuccess(exit)) for (const broken of exit.value.broken()) found.add(broken)
            return true
          }
        },
        everyOrder: { laws: Rehearsal.laws }
      })
      return [verdict._tag, found.size > 0]
    })

  it.effect.each([
    [
      "AddRef tells more than it takes",
      [made, call("IMsgStore::AddRef", [5, 5]), call("IMsgStore::Release", [1, 1]), last]
    ],
    ["Release takes nothing", [made, call("IMsgStore::Release", [1, 1])]]
  ] as const)("%s: broken, as by the judge", ([, calls]) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* judged(...calls), ["Falsified", true])
    })
  )

  it.effect("a call whose name says nothing of its counts: they are taken as they are", () =>
    Effect.gen(function* () {
      const calls = [made, call("IMsgStore::QueryInterface", [2, 2]), call("IMsgStore::Release", [1, 1]), last]
      assert.deepStrictEqual(yield* judged(...calls), ["Verified", false])
    })
  )

  it.effect("an object whose birth is not told, and one answer under which it counts wrong", () =>
    Effect.gen(function* () {
      const program = Rehearsal.judged(
        Effect.gen(function* () {
          const { record } = yield* CallLog.CallLog
          const wrong = yield* Explore.choose("counts", [3, 7])
          const calls = [
            call("IMsgStore::AddRef", [2, 2]),
            call("IMsgStore::AddRef", [wrong, wrong]),
            ...[2, 1, 0].map((n) => call("IMsgStore::Release", [n, n]))
          ]
          for (const event of Example.log(...calls)) yield* Effect.sync(() => record(event))
        })
      )
      assert.strictEqual((yield* Explore.check(program, { everyOrder: { laws: Rehearsal.laws } }))._tag, "Falsified")
    })
  )
})
