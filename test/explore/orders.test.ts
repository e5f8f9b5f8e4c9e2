/** What is told without a subject: one execution, and every log that it may have. */
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type { Engine } from "../../src/explore/engine.ts"
import { Orders } from "../../src/explore/orders.ts"
import { install, uninstall } from "../../src/explore/patches.ts"
import { unbounded } from "../../src/explore/tree.ts"
import * as Explore from "../../src/explore.ts"
import { isNode } from "../runtimes/node.ts"
import { program } from "./generated.ts"
import { engineOf } from "./oracle.ts"
import { type Plan, plan } from "./plans.ts"

/** One subject, of which every event is a part. */
const one = (mode: (event: unknown) => Explore.Mode, start: Explore.Position): Explore.LogLaw => ({
  sequences: (log) => [
    { subject: "all", parts: log.map((event, at) => ({ at, mode: mode(event), role: "" })), start: () => [start] }
  ],
  same: String
})

/** `first` comes before `second`, if both come. */
const inOrder = (first: string, second: string): Explore.LogLaw => {
  const at = (isOver: boolean): Explore.Position => ({
    key: String(isOver),
    change: (event) => (event === first && isOver ? `${second} came before ${first}` : at(isOver || event === second)),
    use: () => true,
    end: () => true
  })
  return one(() => "changes", at(false))
}

/** As much is given as is taken, in the end. */
const balanced: Explore.LogLaw = (() => {
  const at = (n: number): Explore.Position => ({
    key: String(n),
    change: (event) => at(event === "take" ? n + 1 : n - 1),
    use: () => true,
    end: () => n === 0 || `${n} left`
  })
  return one(() => "changes", at(0))
})()

const both = <A, B>(one: Effect.Effect<A, never, Explore.Explore>, other: Effect.Effect<B, never, Explore.Explore>) =>
  Effect.all([one, other], { concurrency: 2 })

describe("a log", () => {
  it.effect("has every order that its fibers may come in, and their program runs once", () =>
    Effect.gen(function* () {
      const program = both(Explore.tell("a"), Explore.tell("b"))
      const either = yield* Explore.check(program, { everyOrder: { "a, then b": inOrder("a", "b") } })
      if (either._tag !== "Falsified") return assert.fail(either._tag)
      assert.deepStrictEqual([either.executions, either.failing], [1, 1])
      const { events, law, reason, token } = either.counterexample
      assert.deepStrictEqual([law, reason], ["a, then b", "b came before a"])
      assert.deepStrictEqual(
        events.map(({ value }) => value),
        ["b", "a"]
      )
      const again = yield* Explore.replay(program, token)
      assert.deepStrictEqual([again.changed, again.execution.events], [false, events])
      const other = yield* Explore.check(program, { everyOrder: { "b, then a": inOrder("b", "a") } })
      assert.strictEqual(other._tag, "Falsified")
    })
  )

  it.effect("keeps the order of one fiber, and what happened before what", () =>
    Effect.gen(function* () {
      const program = Effect.gen(function* () {
        const told = yield* Deferred.make<void>()
        const first = Effect.andThen(Explore.tell("a"), Deferred.succeed(told, undefined))
        yield* both(first, Effect.andThen(Deferred.await(told), Explore.tell("b")))
        yield* Explore.tell("c")
      })
      const verdict = yield* Explore.check(program, {
        everyOrder: { "a, then b": inOrder("a", "b"), "b, then c": inOrder("b", "c") }
      })
      assert.deepStrictEqual([verdict._tag, verdict.executions], ["Verified", 1])
    })
  )

  it.live("has more orders than there is time for: that is said", () =>
    Effect.gen(function* () {
      // It remembers all that came: no two orders lead to one place.
      const all = (came: string): Explore.Position => ({
        key: came,
        change: (event) => all(`${came} ${String(event)}`),
        use: () => true,
        end: () => true
      })
      const names = ["a", "b", "c", "d", "e", "f"]
      const tells = (name: string) => Effect.forEach([1, 2, 3], (n) => Explore.tell(`${name}${n}`))
      const program = Effect.forEach(names, tells, { concurrency: "unbounded" })
      const verdict = yield* Explore.check(program, {
        everyOrder: { law: one(() => "changes", all("")) },
        budget: { time: 300 }
      })
      if (verdict._tag !== "Inconclusive") return assert.fail(verdict._tag)
      assert.deepStrictEqual([verdict.stoppedBy, verdict.executions], ["time", 1])
    })
  )

  it.effect("has no order that Effect's own scheduler does not give it, where that is all that is asked", () =>
    Effect.gen(function* () {
      const program = both(Explore.tell("a"), Explore.tell("b"))
      const everyOrder = { "a, then b": inOrder("a", "b") }
      const usual = yield* Explore.check(program, { profile: "default-scheduler", everyOrder })
      assert.deepStrictEqual([usual._tag, usual.executions], ["Verified", 1])
      const other = yield* Explore.check(program, {
        profile: "default-scheduler",
        everyOrder: { "b, then a": inOrder("b", "a") }
      })
      assert.strictEqual(other._tag, "Falsified")
    })
  )

  it.effect("is asked of a use wherever the use may come", () =>
    Effect.gen(function* () {
      const at = (isOpen: boolean): Explore.Position => ({
        key: String(isOpen),
        change: (event) => at(event === "open"),
        use: () => isOpen || "it is not open",
        end: () => true
      })
      const law = one((event) => (event === "use" ? "uses" : "changes"), at(false))
      const opened = Effect.andThen(Explore.tell("open"), Explore.tell("close"))
      const free = yield* Explore.check(both(opened, Explore.tell("use")), { everyOrder: { law } })
      if (free._tag !== "Falsified") return assert.fail(free._tag)
      assert.strictEqual(free.counterexample.reason, "it is not open")
      const inside = Effect.andThen(Explore.tell("open"), both(Explore.tell("use"), Explore.tell("use")))
      const held = yield* Explore.check(Effect.andThen(inside, Explore.tell("close")), { everyOrder: { law } })
      assert.strictEqual(held._tag, "Verified")
    })
  )

  it.effect("that ends earlier than the one before it is asked of its end all the same", () =>
    Effect.gen(function* () {
      for (const gives of [["yes", "no"] as const, ["no", "yes"] as const]) {
        const program = Effect.gen(function* () {
          yield* Explore.tell("take")
          if ((yield* Explore.choose("gives", gives)) === "yes") yield* Explore.tell("give")
        })
        const verdict = yield* Explore.check(program, { everyOrder: { law: balanced } })
        assert.strictEqual(verdict._tag === "Falsified" && verdict.counterexample.reason, "1 left")
      }
    })
  )

  it.effect("has nothing between two events of one step", () =>
    Effect.gen(function* () {
      const at = (last: unknown): Explore.Position => ({
        key: String(last),
        change: (event) => (last === "first" && event !== "second" ? `${event} came in between` : at(event)),
        use: () => true,
        end: () => true
      })
      const pair = Effect.map(Explore.recorder, ({ tell }) => {
        tell("first")
        tell("second")
      })
      const verdict = yield* Explore.check(both(pair, Explore.tell("other")), {
        everyOrder: { law: one(() => "changes", at("")) }
      })
      assert.strictEqual(verdict._tag, "Verified")
    })
  )

  it.effect("is asked about by each law, whatever another found; and fails once", () =>
    Effect.gen(function* () {
      const program = Effect.gen(function* () {
        const told = yield* Deferred.make<void>()
        const first = Effect.andThen(Explore.tell("x"), Deferred.succeed(told, undefined))
        const second = Effect.andThen(Deferred.await(told), Explore.tell("y"))
        yield* Effect.all([first, second, Explore.tell("b")], { concurrency: 3 })
      })
      const everyOrder = {
        "x, then b": inOrder("x", "b"),
        "x, then y": inOrder("x", "y"),
        "b, then x": inOrder("b", "x")
      }
      const verdict = yield* Explore.check(program, { everyOrder })
      if (verdict._tag !== "Falsified") return assert.fail(verdict._tag)
      assert.deepStrictEqual([verdict.executions, verdict.failing], [1, 1])
      assert.notStrictEqual(verdict.counterexample.law, "x, then y")
    })
  )

  it.effect("whose law throws breaks it, and says so", () =>
    Effect.gen(function* () {
      const throwing: Explore.LogLaw = {
        sequences: () => {
          throw new Error("not of mine")
        },
        same: String
      }
      const verdict = yield* Explore.check(Explore.tell("a"), { everyOrder: { throwing } })
      assert.strictEqual(
        verdict._tag === "Falsified" && verdict.counterexample.reason,
        "throwing threw Error: not of mine"
      )
    })
  )

  it.effect("does not hide what escapes", () =>
    Effect.gen(function* () {
      const program = Effect.flatMap(Explore.recorder, ({ tell }) =>
        Effect.promise(() => {
          tell("called")
          return Promise.resolve(1)
        })
      )
      const error = yield* Effect.flip(Explore.check(program))
      assert.strictEqual(error._tag, "Escaped")
    })
  )

  it.effect("is asked what it owes in its end", () =>
    Effect.gen(function* () {
      const takes = Effect.andThen(Explore.tell("take"), Explore.tell("give"))
      assert.strictEqual((yield* Explore.check(both(takes, takes), { everyOrder: { law: balanced } }))._tag, "Verified")
      const verdict = yield* Explore.check(both(takes, Explore.tell("take")), { everyOrder: { law: balanced } })
      assert.strictEqual(verdict._tag === "Falsified" && verdict.counterexample.reason, "1 left")
    })
  )

  it.effect("whose law is not about the order that it was found in is no verdict", () =>
    Effect.gen(function* () {
      const at = (events: ReadonlyArray<unknown>): Explore.Position => ({
        key: String(events),
        change: (event) => at([...events, event]),
        use: () => true,
        end: () => true
      })
      const start = (first: unknown): Explore.Position => ({
        ...at([]),
        change: (event) => (event === first ? at([event]) : "another was first when it was asked")
      })
      const law: Explore.LogLaw = {
        sequences: (log) => [
          {
            subject: "all",
            parts: log.map((_, at) => ({ at, mode: "changes", role: "" })),
            start: () => [start(log[0])]
          }
        ],
        same: String
      }
      const refused = yield* Effect.flip(
        Explore.check(both(Explore.tell("a"), Explore.tell("b")), { everyOrder: { law } })
      )
      assert.strictEqual(refused._tag, "Untracked")
      assert.include(refused.message, "law")
    })
  )
})

/** Every log that an execution may have, by a law that only looks on. */
const logsOf = (logs: Set<string>): Explore.LogLaw => {
  const at = (told: string): Explore.Position => ({
    key: told,
    change: (event) => at(`${told}, ${event}`),
    use: () => true,
    end: () => {
      logs.add(told)
      return true
    }
  })
  return one(() => "changes", at(""))
}

/** All logs of a program: by its executions and their orders, or as they come when every order of its steps is run. */
const found = (engine: Engine<unknown, unknown>, by: "orders" | "every schedule"): ReadonlySet<string> | undefined => {
  const logs = new Set<string>()
  const search = engine.search(unbounded, by === "orders")
  const { learnt } = engine.machine.names
  install()
  try {
    for (let runs = 0; runs < 1500; runs++) {
      const { ending } = engine.run(search)
      if (engine.machine.names.learnt > learnt) return found(engine, by) // it holds from the first execution on
      if (ending !== "ended" && ending !== "blocked") return undefined
      const { observed } = engine.machine
      if (ending === "ended" && by === "orders") new Orders(logsOf(logs)).broken(search.events, observed, 0)
      if (ending === "ended" && by === "every schedule") logs.add(observed.map(({ value }) => `, ${value}`).join(""))
      if (!search.backtrack()) return logs
    }
    return undefined
  } finally {
    uninstall()
  }
}

/** Two fibers of one or two instructions, each interrupted once at most: small enough for every order of their steps. */
const small = (seed: number): Plan => {
  const { fibers } = plan(seed)
  const cut = ({ body, interrupted, now }: Plan["fibers"][number]) => ({ body: body.slice(0, 2), interrupted, now })
  return { main: [], fibers: fibers.slice(0, 2).map(cut) }
}

describe.runIf(isNode)("the logs of a random program", () => {
  it("are those of all its schedules, and no others", () => {
    let compared = 0
    for (let seed = 0; seed < 120; seed++) {
      const engine = engineOf(program(small(seed), true))
      const orders = found(engine, "orders")
      const all = orders === undefined || orders.size < 2 ? undefined : found(engine, "every schedule")
      if (orders === undefined || all === undefined) continue
      assert.deepStrictEqual([...orders].sort(), [...all].sort(), `seed ${seed}`)
      compared++
    }
    assert.isAbove(compared, 10)
  })
})
