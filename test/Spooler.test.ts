import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Ref from "effect/Ref"
import * as Scope from "effect/Scope"
import * as Spooler from "../src/Spooler.ts"
import { interruptedAtEachStep } from "./support/stepping.ts"

describe("a ticket, as data", () => {
  const letGo = Effect.void
  const queued: Spooler.TicketState = { _tag: "Queued" }
  const fiber = Effect.runFork(Effect.void)
  const begun: Spooler.TicketState = { _tag: "Begun", fiber }
  const leaving: Spooler.TicketState = { _tag: "Leaving", fiber }
  const holding: Spooler.TicketState = { _tag: "Holding", letGo }
  const ended: Spooler.TicketState = { _tag: "Ended" }
  const states = [queued, begun, leaving, holding, ended]

  it("begins once, and only if it is still queued", () => {
    assert.deepStrictEqual(
      states.map((state) => Spooler.begin(state, fiber)),
      [
        [true, begun],
        [false, begun],
        [false, leaving],
        [false, holding],
        [false, ended]
      ]
    )
  })

  it("keeps the pair that SpoolerLogon brings, unless it is to be given back at once", () => {
    assert.deepStrictEqual(
      states.map((state) => Spooler.held(state, letGo)),
      [
        [true, ended],
        [false, holding],
        [true, ended],
        [true, ended],
        [true, ended]
      ]
    )
  })

  it("lets go: withdrawn, later, or now", () => {
    assert.deepStrictEqual(states.map(Spooler.letGo), [
      ["withdrawn", ended],
      ["nothing", leaving],
      ["nothing", leaving],
      [letGo, ended],
      ["nothing", ended]
    ])
  })

  /** Every order of a SpoolerLogon (begin, then held) and up to two letGo. */
  const orders = (logon: ReadonlyArray<string>, letGos: number): ReadonlyArray<ReadonlyArray<string>> => {
    const [next, ...rest] = logon
    if (next === undefined) return [Array.from({ length: letGos }, () => "letGo")]
    const first = orders(rest, letGos).map((order) => [next, ...order])
    return letGos === 0 ? first : [...first, ...orders(logon, letGos - 1).map((order) => ["letGo", ...order])]
  }
  const all = [0, 1, 2]
    .flatMap((letGos) => orders(["begin", "held"], letGos))
    .map((order) => [order.join(" "), order] as const)

  it.each(all)("%s: what is held is given back once, if at all", (_, order) => {
    let state: Spooler.TicketState = queued
    let [references, withdrawn, runs] = [0, 0, false]
    for (const event of order) {
      if (event === "begin") [runs, state] = Spooler.begin(state, fiber)
      if (event === "held" && runs) {
        const [back, next] = Spooler.held(state, letGo)
        references += back ? 0 : 1
        state = next
      }
      if (event === "letGo") {
        const [act, next] = Spooler.letGo(state)
        if (act === "withdrawn") withdrawn++
        else if (act !== "nothing") references--
        state = next
      }
    }
    const letGoCame = order.includes("letGo")
    assert.deepStrictEqual(
      { references, withdrawn, state: state._tag },
      {
        references: letGoCame ? 0 : 1,
        withdrawn: order[0] === "letGo" ? 1 : 0,
        state: letGoCame ? "Ended" : "Holding"
      }
    )
  })
})

/** A spooler, and one ticket with a SpoolerLogon that tells when it has begun and answers when it is told to. */
const stage = Effect.gen(function* () {
  const spooler = yield* Spooler.Spooler
  const story: Array<string> = []
  const say = (line: string) => Effect.sync(() => void story.push(line))
  const begun = yield* Deferred.make<void>()
  const answer = yield* Deferred.make<void, string>()
  const letGo = say("released")
  const logon = say("begun").pipe(
    Effect.andThen(Deferred.succeed(begun, undefined)),
    Effect.andThen(Effect.interruptible(Deferred.await(answer))), // as step 8 waits
    Effect.andThen(say("held")),
    Effect.as(letGo),
    Effect.onInterrupt(() => say("interrupted"))
  )
  const ticket = Spooler.makeTicket("Ticket#1")
  const end = Effect.gen(function* () {
    yield* Deferred.await(ticket.settled)
    return [...story, (yield* Ref.get(ticket.state))._tag]
  })
  return { answer, begun, end, letGo, logon, say, spooler, story, ticket }
})

const live = <A, E>(self: Effect.Effect<A, E, Spooler.Spooler>) => Effect.provide(self, Spooler.Spooler.layer)

describe("letting go", () => {
  it.effect("before it has begun withdraws the id: SpoolerLogon is never called", () =>
    Effect.gen(function* () {
      const { end, logon, spooler, ticket } = yield* stage
      yield* spooler.give(ticket, logon)
      assert.isTrue(yield* spooler.letGo(ticket))
      assert.deepStrictEqual(yield* end, ["Ended"])
      yield* Effect.yieldNow
      assert.deepStrictEqual(yield* end, ["Ended"])
      assert.isFalse(yield* spooler.letGo(ticket))
    }).pipe(live)
  )

  it.effect("while it is under way releases when it returns, and does not wait for that", () =>
    Effect.gen(function* () {
      const { answer, begun, end, logon, spooler, story, ticket } = yield* stage
      yield* spooler.give(ticket, logon)
      yield* Deferred.await(begun)
      assert.isFalse(yield* spooler.letGo(ticket))
      assert.isFalse(yield* spooler.letGo(ticket))
      assert.deepStrictEqual(story, ["begun"])
      assert.isFalse(yield* Deferred.isDone(ticket.settled))
      yield* Deferred.succeed(answer, undefined)
      assert.deepStrictEqual(yield* end, ["begun", "held", "released", "Ended"])
    }).pipe(live)
  )

  it.effect("afterwards releases now, and once", () =>
    Effect.gen(function* () {
      const { answer, end, logon, spooler, ticket } = yield* stage
      yield* spooler.give(ticket, logon)
      yield* Deferred.succeed(answer, undefined)
      assert.deepStrictEqual(yield* end, ["begun", "held", "Holding"])
      assert.isFalse(yield* spooler.letGo(ticket))
      assert.isFalse(yield* spooler.letGo(ticket))
      assert.deepStrictEqual(yield* end, ["begun", "held", "released", "Ended"])
    }).pipe(live)
  )

  it.effect("is finished by a client that is interrupted in it", () =>
    Effect.gen(function* () {
      const { end, say, spooler, ticket } = yield* stage
      yield* spooler.give(ticket, Effect.succeed(Effect.andThen(Effect.yieldNow, say("released"))))
      yield* Deferred.await(ticket.settled)
      yield* Fiber.interrupt(yield* Effect.forkChild(spooler.letGo(ticket), { startImmediately: true }))
      assert.deepStrictEqual(yield* end, ["released", "Ended"])
    }).pipe(live)
  )
})

describe("a SpoolerLogon", () => {
  const failures: ReadonlyArray<readonly [string, Effect.Effect<never, string>]> = [
    ["fails", Effect.fail("no")],
    ["dies", Effect.die("boom")],
    ["interrupts itself", Effect.interrupt]
  ]
  it.effect.each(failures)("that %s settles its ticket, and holds nothing", ([, failing]) =>
    Effect.gen(function* () {
      const { end, spooler, ticket } = yield* stage
      yield* spooler.give(ticket, failing)
      assert.deepStrictEqual(yield* end, ["Begun"])
      assert.isFalse(yield* spooler.letGo(ticket))
      assert.deepStrictEqual(yield* end, ["Leaving"])
    }).pipe(live)
  )

  it.effect("whose release dies settles its ticket", () =>
    Effect.gen(function* () {
      const { answer, begun, end, logon, spooler, ticket } = yield* stage
      yield* spooler.give(ticket, Effect.as(logon, Effect.die("boom")))
      yield* Deferred.await(begun)
      yield* spooler.letGo(ticket)
      yield* Deferred.succeed(answer, undefined)
      assert.deepStrictEqual(yield* end, ["begun", "held", "Ended"])
    }).pipe(live)
  )

  it.effect("that never ends holds up none of a hundred others", () =>
    Effect.gen(function* () {
      const spooler = yield* Spooler.Spooler
      const tickets = Array.from({ length: 101 }, (_, n) => Spooler.makeTicket(`Ticket#${n}`))
      const [stuck, ...others] = tickets
      const together = yield* Deferred.make<void>()
      let running = 0
      // Each waits for all: they end only if they all run at once.
      const logon = Effect.suspend(() => {
        running++
        return running === 100 ? Deferred.succeed(together, undefined) : Deferred.await(together)
      })
      yield* Effect.forEach(tickets, (ticket) =>
        spooler.give(ticket, ticket === stuck ? Effect.interruptible(Effect.never) : Effect.as(logon, Effect.void))
      )
      yield* Effect.forEach(others, (ticket) => Deferred.await(ticket.settled))
      const states = yield* Effect.forEach(tickets, ({ state }) => Ref.get(state))
      assert.deepStrictEqual(
        states.map(({ _tag }) => _tag),
        ["Begun", ...others.map(() => "Holding")]
      )
    }).pipe(live)
  )
})

describe("the spooler's end", () => {
  it.effect("interrupts what is under way, and settles it", () =>
    Effect.gen(function* () {
      const { end } = yield* Effect.gen(function* () {
        const { begun, end, logon, spooler, ticket } = yield* stage
        yield* spooler.give(ticket, logon)
        yield* Deferred.await(begun)
        return { end }
      }).pipe(live)
      assert.deepStrictEqual(yield* end, ["begun", "interrupted", "Begun"])
    })
  )

  it.effect("withdraws what is still queued", () =>
    Effect.gen(function* () {
      const { end } = yield* Effect.gen(function* () {
        const { end, logon, spooler, ticket } = yield* stage
        yield* spooler.give(ticket, logon)
        return { end }
      }).pipe(live)
      assert.deepStrictEqual(yield* end, ["Ended"])
    })
  )

  it.effect("and what is given to it afterwards", () =>
    Effect.gen(function* () {
      const { end, logon, spooler, ticket } = yield* live(stage)
      yield* spooler.give(ticket, logon)
      assert.deepStrictEqual(yield* end, ["Ended"])
    })
  )

  it.effect("leaves a pair that it holds to be let go of", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const held = yield* Effect.gen(function* () {
        const { answer, end, logon, spooler, ticket } = yield* stage
        yield* spooler.give(ticket, logon)
        yield* Deferred.succeed(answer, undefined)
        yield* Deferred.await(ticket.settled)
        return { end, letGo: spooler.letGo(ticket) }
      }).pipe(Effect.provide(Spooler.Spooler.layer), Scope.provide(scope))
      yield* Scope.close(scope, Exit.void)
      assert.deepStrictEqual(yield* held.end, ["begun", "held", "Holding"])
      yield* held.letGo
      assert.deepStrictEqual(yield* held.end, ["begun", "held", "released", "Ended"])
    })
  )

  it("settles what was given to it, wherever its program is interrupted", () => {
    const outcomes = new Set<string>()
    const points = interruptedAtEachStep(() => {
      const ticket = Spooler.makeTicket("Ticket#1")
      let given = false
      let references = 0
      const count = (by: number) =>
        Effect.sync(() => {
          references += by
        })
      // As SpoolerLogon is: what it brings is counted in the same step in which it is handed over.
      const logon = Effect.uninterruptible(Effect.as(Effect.andThen(Effect.yieldNow, count(1)), count(-1)))
      const program = Effect.gen(function* () {
        const spooler = yield* Spooler.Spooler
        yield* Effect.uninterruptible(
          Effect.andThen(
            spooler.give(ticket, logon),
            Effect.sync(() => {
              given = true
            })
          )
        )
        yield* Effect.yieldNow
        yield* Effect.yieldNow
        yield* spooler.letGo(ticket)
      }).pipe(live)
      return {
        program,
        check: () => {
          const { _tag } = Ref.getUnsafe(ticket.state)
          outcomes.add(
            given ? `${Deferred.isDoneUnsafe(ticket.settled) ? "settled" : "open"} ${_tag} ${references}` : "not given"
          )
        }
      }
    })
    assert.isAbove(points, 50)
    assert.deepStrictEqual(outcomes, new Set(["not given", "settled Ended 0", "settled Holding 1"]))
  })
})
