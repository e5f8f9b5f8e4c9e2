import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import { InMemory, type StoreProvider } from "../../src/index.ts"
import { makeGate, play, results, tally } from "../support/scene.ts"

const stores = [{ name: "Inbox", spoolSecurity: Redacted.make(Uint8Array.of(7)) }]
const settle = Effect.forEach(Array.from({ length: 50 }), () => Effect.yieldNow, { discard: true })

/** The store is made, and in the provider's list, long before the Logon that made it returns: a repeat comes back first. */
const holdingFirst = (until: Effect.Effect<void>): InMemory.Script["logon"] =>
  InMemory.inTurn((_, answer) => Effect.tap(answer, () => until))

describe("R2 R8 a first Logon that returns after a repeat", () => {
  it.effect("and after the session's end, is logged off and released, and its provider shut down", () =>
    Effect.gen(function* () {
      const answers = yield* makeGate
      const logoffs = yield* makeGate
      const spooler = yield* Deferred.make<void>()
      // The spooler is slow to release, so that the end of the session takes long enough.
      const slow = new Map<string, StoreProvider.IMsgStore>()
      const slowly = <A extends { readonly store: StoreProvider.IMsgStore }>(answer: A): A => {
        const { store } = answer
        const release = (holder: string) =>
          holder === "spooler" ? Effect.andThen(Deferred.await(spooler), store.release(holder)) : store.release(holder)
        const slowed = slow.get(store.id) ?? { ...store, release }
        slow.set(store.id, slowed)
        return { ...answer, store: slowed }
      }
      const logon = holdingFirst(answers.pass)
      const script: InMemory.Script = {
        logon: (request, answer) => Effect.map(logon?.(request, answer) ?? answer, slowly),
        spoolerLogon: (_, answer) => Effect.map(answer, slowly),
        logoff: (_, answer) => Effect.andThen(logoffs.pass, answer)
      }
      const { events } = yield* play({ stores, script }, ({ open, session }) =>
        Effect.gen(function* () {
          const first = yield* Effect.forkChild(Effect.exit(Effect.scoped(open("Inbox"))), { startImmediately: true })
          yield* answers.reached
          yield* open("Inbox")
          yield* session.spoolerIdle
          const end = yield* Effect.forkChild(session.logoff, { startImmediately: true })
          yield* settle
          yield* answers.open
          yield* settle
          yield* Deferred.succeed(spooler, undefined)
          yield* logoffs.open
          yield* Fiber.join(end)
          yield* Fiber.join(first)
          yield* settle
        })
      )
      assert.deepStrictEqual(tally(events, "IMSLogon::Logoff", "IMSProvider::Shutdown", "FreeLibrary"), {
        "IMSLogon::Logoff": 1,
        "IMSProvider::Shutdown": 1,
        FreeLibrary: 1
      })
      assert.deepStrictEqual(results(events, "IMSLogon::Logoff"), ["S_OK"])
    })
  )

  it.effect("a repeat that comes too late leaves its store to the session's end, which waits for its Logoff", () =>
    Effect.gen(function* () {
      const [repeat, one, other] = [yield* makeGate, yield* makeGate, yield* makeGate]
      const logoffs = [one, other]
      const script: InMemory.Script = {
        logon: InMemory.inTurn(
          (_, answer) => answer,
          (_, answer) => answer,
          (_, answer) => Effect.tap(answer, () => repeat.pass)
        ),
        logoff: (_, answer) =>
          Effect.andThen(
            Effect.suspend(() => logoffs.shift()?.pass ?? Effect.void),
            answer
          )
      }
      const quiet = { stores: [{ name: "Inbox" }, { name: "Archive" }], session: { flags: ["MAPI_NO_MAIL"] } } as const
      const { events } = yield* play({ ...quiet, script }, ({ open, session }) =>
        Effect.gen(function* () {
          yield* open("Inbox")
          yield* open("Archive")
          const late = yield* Effect.forkChild(Effect.exit(Effect.scoped(open("Archive"))), { startImmediately: true })
          yield* repeat.reached
          const end = yield* Effect.forkChild(session.logoff, { startImmediately: true })
          yield* one.reached
          yield* repeat.open
          yield* settle
          yield* one.open
          yield* settle
          yield* other.open
          yield* Fiber.join(end)
          yield* Fiber.join(late)
        })
      )
      const order = events
        .filter(({ call, phase }) => phase === "return" && /Logoff$/.test(call))
        .map(({ call }) => call)
      assert.deepStrictEqual(order, ["IMSLogon::Logoff", "IMSLogon::Logoff", "IMAPISession::Logoff"])
    })
  )

  it.effect("brings the spooler its blob all the same: the spooler is told with it, not before", () =>
    Effect.gen(function* () {
      const answers = yield* makeGate
      const blobs: Array<Uint8Array | null> = []
      const script: InMemory.Script = {
        logon: holdingFirst(answers.pass) ?? ((_, answer) => answer),
        spoolerLogon: ({ spoolSecurity }, answer) => {
          blobs.push(spoolSecurity === null ? null : Redacted.value(spoolSecurity))
          return answer
        }
      }
      yield* play({ stores, script }, ({ open, session }) =>
        Effect.gen(function* () {
          const first = yield* Effect.forkChild(open("Inbox", { flags: ["MDB_NO_MAIL"] }), { startImmediately: true })
          yield* answers.reached
          yield* open("Inbox")
          yield* settle
          assert.deepStrictEqual(blobs, [])
          yield* answers.open
          yield* Fiber.join(first)
          yield* session.spoolerIdle
        })
      )
      assert.deepStrictEqual(blobs, [Uint8Array.of(7)])
    })
  )

  it.effect("and finds its client gone: the repeat's spooler is told all the same", () =>
    Effect.gen(function* () {
      const answers = yield* makeGate
      const script: InMemory.Script = { logon: holdingFirst(answers.pass) ?? ((_, answer) => answer) }
      const { events } = yield* play({ stores, script }, ({ open, session }) =>
        Effect.gen(function* () {
          const first = yield* Effect.forkChild(open("Inbox"), { startImmediately: true })
          yield* answers.reached
          yield* open("Inbox")
          yield* Fiber.interrupt(first)
          yield* answers.open
          yield* settle
          yield* session.spoolerIdle
        })
      )
      assert.deepStrictEqual(tally(events, "give entry id", "IMSProvider::SpoolerLogon", "new IMsgStore"), {
        "give entry id": 1,
        "IMSProvider::SpoolerLogon": 1,
        "new IMsgStore": 1
      })
    })
  )
})
