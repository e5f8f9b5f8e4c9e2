import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import { type Flags, type InMemory, MapiError } from "../../src/index.ts"
import { callsOf, makeGate, play, plot, results, tally, until } from "../support/scene.ts"

const about = { subject: "Inbox", detail: "scripted" }
const spooling = ["give entry id", "withdraw entry id", "IMSProvider::SpoolerLogon"] as const

describe("R14 the security blob", () => {
  it.effect("is freed as soon as SpoolerLogon has it, and not only when the store closes", () =>
    Effect.gen(function* () {
      const stores = [{ name: "Inbox", spoolSecurity: Redacted.make(Uint8Array.of(7)) }]
      yield* play({ stores }, ({ events, open, session }) =>
        Effect.gen(function* () {
          yield* open("Inbox")
          yield* session.spoolerIdle
          assert.strictEqual(callsOf(yield* events, "MAPIFreeBuffer").length, 1)
        })
      )
    })
  )
})

describe("R6 the gate", () => {
  const gate: ReadonlyArray<readonly [ReadonlyArray<Flags.Session>, ReadonlyArray<Flags.Open>, number]> = [
    [[], [], 1],
    [[], ["MDB_NO_MAIL"], 0],
    [["MAPI_NO_MAIL"], [], 0],
    [["MAPI_NO_MAIL"], ["MDB_NO_MAIL"], 0]
  ]
  it.effect.each(gate)("session %s and open %s: the spooler is told %s times", ([session, flags, told]) =>
    Effect.gen(function* () {
      const { events } = yield* play({ session: { flags: session } }, (scene) =>
        Effect.andThen(scene.open("Inbox", { flags }), scene.session.spoolerIdle)
      )
      assert.deepStrictEqual(tally(events, ...spooling), {
        "give entry id": told,
        "withdraw entry id": 0,
        "IMSProvider::SpoolerLogon": told
      })
    })
  )

  it.effect("a client without mail and one with it share a session: each pointer has its own gate", () =>
    Effect.gen(function* () {
      const { events } = yield* play({ session: { flags: ["MAPI_NO_MAIL"] } }, ({ id, open, session }) =>
        Effect.gen(function* () {
          yield* open("Inbox")
          const mail = yield* session.share({ client: "mail" })
          yield* mail.openMsgStore({ entryId: id("Inbox") })
          yield* session.spoolerIdle
        })
      )
      const [given] = callsOf(events, "give entry id")
      const opener = events.find(({ callId, phase }) => callId === given?.within && phase === "call")
      assert.strictEqual(opener?.from, "mail")
      assert.strictEqual(callsOf(events, "IMSProvider::SpoolerLogon").length, 1)
    })
  )

  it.effect("the spooler is told once per open store: at the first success whose gate is open, repeats included", () =>
    Effect.gen(function* () {
      const { events } = yield* play({}, ({ open, session }) =>
        Effect.gen(function* () {
          yield* open("Inbox", { flags: ["MDB_NO_MAIL"] })
          yield* open("Inbox")
          yield* open("Inbox")
          yield* session.spoolerIdle
        })
      )
      const told = callsOf(events, "give entry id").map(({ within }) => within)
      // The first open takes no ticket: there is none that nobody ever redeems.
      assert.strictEqual(callsOf(events, "give entry id")[0]?.object, "Ticket#1")
      const second = callsOf(events, "IMAPISession::OpenMsgStore")[1]
      assert.deepStrictEqual(told, [second?.callId ?? null])
    })
  )

  it.effect("the spooler is not told of a store that comes when nobody waits for it any more", () =>
    Effect.gen(function* () {
      const gate = yield* makeGate
      const { events } = yield* play({ script: { logon: (_, usual) => Effect.andThen(gate.pass, usual) } }, (scene) =>
        Effect.gen(function* () {
          const opening = yield* Effect.forkChild(Effect.exit(scene.open("Inbox")))
          yield* gate.reached
          yield* Fiber.interrupt(opening)
          yield* gate.open
          yield* until(scene, "IMSLogon::Release")
        })
      )
      assert.deepStrictEqual(tally(events, "new IMsgStore", "give entry id"), {
        "new IMsgStore": 1,
        "give entry id": 0
      })
    })
  )

  it.effect("a failing SpoolerLogon never reaches the client, and disables nothing", () =>
    Effect.gen(function* () {
      const stores = [{ name: "Inbox" }, { name: "Archive" }]
      const script: InMemory.Script = { spoolerLogon: () => Effect.fail(new MapiError.LogonFailed(about)) }
      const { events } = yield* play({ stores, script }, ({ open, session }) =>
        Effect.gen(function* () {
          yield* open("Inbox")
          yield* session.spoolerIdle
          yield* open("Archive")
          yield* session.spoolerIdle
        })
      )
      assert.deepStrictEqual(results(events, "IMSProvider::SpoolerLogon"), [
        "MAPI_E_LOGON_FAILED",
        "MAPI_E_LOGON_FAILED"
      ])
      assert.deepStrictEqual(results(events, "IMSProvider::Logon"), ["S_OK", "S_OK"])
    })
  )

  it.effect(
    "a SpoolerLogon that throws, or never returns, holds up neither clients nor the other stores' spooling",
    () =>
      Effect.gen(function* () {
        const stores = [{ name: "Stuck" }, { name: "Broken" }, { name: "Inbox" }]
        const spooled = yield* Deferred.make<void>()
        let calls = 0
        const script: InMemory.Script = {
          spoolerLogon: (_, answer) => {
            calls += 1
            if (calls === 1) return Effect.never
            if (calls === 2) throw new Error("broken")
            return Effect.tap(answer, () => Deferred.succeed(spooled, undefined))
          }
        }
        const { events } = yield* play({ stores, script, hangs: true }, ({ open }) =>
          Effect.gen(function* () {
            yield* open("Stuck")
            yield* open("Broken")
            yield* open("Inbox")
            yield* Deferred.await(spooled)
          })
        )
        assert.deepStrictEqual(results(events, "IMSProvider::SpoolerLogon"), [undefined, "MAPI_E_CALL_FAILED", "S_OK"])
        // Every store is closed; but with a call of it under way the provider is not shut down, nor its DLL freed.
        assert.deepStrictEqual(tally(events, "IMSLogon::Logoff", "IMSProvider::Shutdown", "FreeLibrary"), {
          "IMSLogon::Logoff": 3,
          "IMSProvider::Shutdown": 0,
          FreeLibrary: 0
        })
      })
  )
})

describe("R7 the spooler at the close", () => {
  it.effect("a ticket not begun is withdrawn: SpoolerLogon is never called for it", () =>
    Effect.gen(function* () {
      const { events } = yield* play({}, ({ open }) => Effect.scoped(open("Inbox")))
      assert.deepStrictEqual(tally(events, ...spooling), {
        "give entry id": 1,
        "withdraw entry id": 1,
        "IMSProvider::SpoolerLogon": 0
      })
    })
  )

  it.effect("the last client does not wait for a SpoolerLogon under way; the spooler releases when it returns", () =>
    Effect.gen(function* () {
      const gate = yield* makeGate
      const script: InMemory.Script = {
        spoolerLogon: (_, answer) => Effect.tap(answer, () => gate.pass)
      }
      const { events } = yield* play({ script }, (scene) =>
        Effect.gen(function* () {
          yield* Effect.scoped(Effect.andThen(scene.open("Inbox"), gate.reached))
          assert.strictEqual(callsOf(yield* scene.events, "IMSLogon::Logoff").length, 0)
          yield* gate.open
          yield* until(scene, "IMSLogon::Logoff")
        })
      )
      const lines = plot(events)
      const close = lines.slice(lines.findIndex((line) => line.includes("client >IMsgStore::Release")))
      assert.deepStrictEqual(close.slice(0, 16), [
        "· client >IMsgStore::Release IMsgStore#1 (client 0, all 1)",
        "· provider IMAPISupport::StoreLogoffTransports IMAPISupport#1 [LOGOFF_ABORT]",
        "· client <IMsgStore::Release IMsgStore#1",
        "9 spooler <IMSProvider::SpoolerLogon IMSProvider#1 [MDB_NO_DIALOG] = IMSLogon#1, IMsgStore#1",
        "· MAPI IMAPISupport::Release IMAPISupport#2 (MAPI 0, all 0)",
        "· spooler IMSLogon::Release IMSLogon#1 (spooler 0, all 1)",
        "· spooler >IMsgStore::Release IMsgStore#1 (spooler 0, all 0)",
        "· provider >IMAPISupport::Release IMAPISupport#1 (provider 0, all 0)",
        "· MAPI remove MAPIUIDs IMAPISupport#1",
        "· MAPI remove status row IMAPISupport#1",
        "· MAPI IMSLogon::Logoff IMSLogon#1",
        "· MAPI IMSLogon::Release IMSLogon#1 (MAPI 0, all 0)",
        "· provider <IMAPISupport::Release IMAPISupport#1",
        "· spooler <IMsgStore::Release IMsgStore#1",
        "· client >IMAPISession::Logoff IMAPISession#1",
        "· MAPI IMSProvider::Shutdown IMSProvider#1"
      ])
    })
  )

  it.effect("a client that comes while only the spooler is left gets a store of its own", () =>
    Effect.gen(function* () {
      const gate = yield* makeGate
      const script: InMemory.Script = {
        spoolerLogon: (_, answer) => Effect.tap(answer, () => gate.pass)
      }
      yield* play({ script }, ({ open }) =>
        Effect.gen(function* () {
          const first = yield* Effect.scoped(Effect.tap(open("Inbox"), () => gate.reached))
          const second = yield* open("Inbox", { flags: ["MDB_NO_MAIL"] })
          assert.notStrictEqual(second.id, first.id)
          yield* gate.open
        })
      )
    })
  )
})

describe("R14 SpoolerLogon", () => {
  const blob = Redacted.make(Uint8Array.of(1, 2, 3))
  const stores = [{ name: "Inbox", spoolSecurity: blob }]

  it.effect(
    "gets the same private id, a copy of the blob, MDB_NO_DIALOG, and a support object that it does not keep",
    () =>
      Effect.gen(function* () {
        const seen: Array<unknown> = []
        const script: InMemory.Script = {
          logon: (request, answer) =>
            Effect.andThen(
              Effect.sync(() => void seen.push(request.entryId)),
              answer
            ),
          spoolerLogon: (request, answer) => {
            const bytes = request.spoolSecurity === null ? null : Redacted.value(request.spoolSecurity)
            seen.push(request.entryId, bytes, bytes !== Redacted.value(blob), request.flags)
            return answer
          }
        }
        const { events } = yield* play({ stores, script }, ({ open, session }) =>
          Effect.andThen(open("Inbox"), session.spoolerIdle)
        )
        const [id] = seen
        assert.deepStrictEqual(seen, [id, id, Uint8Array.of(1, 2, 3), true, ["MDB_NO_DIALOG"]])
        const support = events.flatMap(({ refs }) => refs).filter(({ object }) => object === "IMAPISupport#2")
        assert.deepStrictEqual(
          support.map(({ holder, total }) => [holder, total]),
          [
            ["MAPI", 1],
            ["MAPI", 0]
          ]
        )
      })
  )

  const frees = (setting: Parameters<typeof play>[0], body: Parameters<typeof play>[1]) =>
    Effect.map(play({ stores, ...setting }, body), ({ events }) => callsOf(events, "MAPIFreeBuffer").length)

  it.effect("MAPI frees the blob once: after SpoolerLogon, on withdrawal, or with a store that was never spooled", () =>
    Effect.gen(function* () {
      const logon = yield* frees({}, ({ open, session }) => Effect.andThen(open("Inbox"), session.spoolerIdle))
      const withdrawn = yield* frees({}, ({ open }) => Effect.scoped(open("Inbox")))
      const never = yield* frees({}, ({ open }) => open("Inbox", { flags: ["MDB_NO_MAIL"] }))
      const none = yield* frees({ stores: [{ name: "Inbox" }] }, ({ open }) => open("Inbox"))
      assert.deepStrictEqual({ logon, withdrawn, never, none }, { logon: 1, withdrawn: 1, never: 1, none: 0 })
    })
  )

  it.effect("a blob kept through a first open without mail reaches the SpoolerLogon of a later one", () =>
    Effect.gen(function* () {
      const seen: Array<boolean> = []
      const script: InMemory.Script = {
        spoolerLogon: ({ spoolSecurity }, answer) => {
          seen.push(spoolSecurity !== null)
          return answer
        }
      }
      yield* play({ stores, script }, ({ open, session }) =>
        Effect.gen(function* () {
          yield* open("Inbox", { flags: ["MDB_NO_MAIL"] })
          const fiber = yield* Effect.forkChild(open("Inbox"))
          yield* Fiber.join(fiber)
          yield* session.spoolerIdle
        })
      )
      assert.deepStrictEqual(seen, [true])
    })
  )
})
