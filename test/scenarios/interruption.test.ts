import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type { InMemory } from "../../src/index.ts"
import { callsOf, makeGate, play, plot, tally, until } from "../support/scene.ts"

const quiet = { session: { flags: ["MAPI_NO_MAIL"] } } as const
const stores = [{ name: "Inbox" }, { name: "Archive" }]

describe("R12 interruption", () => {
  it.effect("the load belongs to the session: the client that asked first goes, the other gets the provider", () =>
    Effect.gen(function* () {
      const gate = yield* makeGate
      const script: InMemory.Script = {
        MSProviderInit: (_, answer) => Effect.andThen(gate.pass, answer)
      }
      const { events } = yield* play({ ...quiet, script }, ({ open }) =>
        Effect.gen(function* () {
          const first = yield* Effect.forkChild(open("Inbox"))
          yield* gate.reached
          const second = yield* Effect.forkChild(open("Inbox"), { startImmediately: true })
          yield* Fiber.interrupt(first)
          yield* gate.open
          assert.strictEqual((yield* Fiber.join(second)).id, "IMsgStore#1")
        })
      )
      assert.deepStrictEqual(tally(events, "MSProviderInit", "IMSProvider::Logon"), {
        MSProviderInit: 1,
        "IMSProvider::Logon": 1
      })
    })
  )

  it.effect("a client that gives up before Logon is called spares the provider the call", () =>
    Effect.gen(function* () {
      const gate = yield* makeGate
      const script: InMemory.Script = {
        compareStoreIds: (_, answer) => Effect.andThen(gate.pass, answer)
      }
      const { events } = yield* play({ ...quiet, script }, (scene) =>
        Effect.gen(function* () {
          yield* Effect.scoped(scene.open("Inbox"))
          const client = yield* Effect.forkChild(scene.open("Inbox"))
          yield* gate.reached
          yield* Fiber.interrupt(client)
          yield* gate.open
        })
      )
      assert.strictEqual(callsOf(events, "IMSProvider::Logon").length, 1)
    })
  )

  it.effect("a pair that comes for a client who has gone is closed in order, and disables nothing", () =>
    Effect.gen(function* () {
      const gate = yield* makeGate
      const script: InMemory.Script = {
        logon: (_, answer) => Effect.andThen(gate.pass, answer)
      }
      const { events } = yield* play({ ...quiet, script }, (scene) =>
        Effect.gen(function* () {
          const client = yield* Effect.forkChild(scene.open("Inbox"))
          yield* gate.reached
          yield* Fiber.interrupt(client)
          yield* gate.open
          yield* until(scene, "IMSLogon::Logoff")
          yield* scene.open("Inbox")
        })
      )
      assert.deepStrictEqual(plot(events).slice(3, 13), [
        "4 MAPI >IMSProvider::Logon IMSProvider#1",
        "· client <IMAPISession::OpenMsgStore IMAPISession#1 ! interrupted",
        "5 provider IMAPISupport::AddRef IMAPISupport#1 (provider 1, all 2)",
        "5 MAPI <IMSProvider::Logon IMSProvider#1 = IMSLogon#1, IMsgStore#1",
        "· MAPI IMAPISupport::Release IMAPISupport#1 (MAPI 0, all 1)",
        "· MAPI >IMsgStore::Release IMsgStore#1 (MAPI 0, all 0)",
        "· provider IMAPISupport::StoreLogoffTransports IMAPISupport#1 [LOGOFF_ABORT]",
        "· provider >IMAPISupport::Release IMAPISupport#1 (provider 0, all 0)",
        "· MAPI remove MAPIUIDs IMAPISupport#1",
        "· MAPI remove status row IMAPISupport#1"
      ])
    })
  )

  it.effect("interruption at any point leaves no reference behind", () =>
    Effect.gen(function* () {
      const outcomes = new Set<string>()
      for (let yields = 0; yields < 60; yields++) {
        yield* play({ stores }, ({ open, session }) =>
          Effect.gen(function* () {
            const other = yield* Effect.forkChild(Effect.scoped(open("Inbox")), { startImmediately: yields % 2 === 0 })
            const client = yield* Effect.forkChild(
              Effect.scoped(Effect.andThen(open("Inbox"), Effect.andThen(session.spoolerIdle, Effect.yieldNow)))
            )
            for (let n = 0; n < yields; n++) yield* Effect.yieldNow
            yield* Fiber.interrupt(client)
            outcomes.add(Exit.isSuccess(yield* Fiber.await(client)) ? "opened" : "interrupted")
            yield* Fiber.await(other)
          })
        )
      }
      assert.deepStrictEqual([...outcomes].sort(), ["interrupted", "opened"])
    })
  )
})
