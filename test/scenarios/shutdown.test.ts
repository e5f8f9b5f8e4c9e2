import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import { CallLog, EntryId, InMemory, MapiError, MapiSession, ProviderKit, ProviderRegistry } from "../../src/index.ts"
import { makeGate, play, plot } from "../support/scene.ts"

const quiet = { session: { flags: ["MAPI_NO_MAIL"] } } as const
const settle = Effect.forEach(Array.from({ length: 200 }), () => Effect.yieldNow, { discard: true })

/** The last calls of a log that begin with these. */
const ending = (events: ReadonlyArray<CallLog.Event>, ...calls: ReadonlyArray<string>): ReadonlyArray<string> =>
  events.filter(({ call, phase }) => phase === "return" && calls.includes(call)).map(({ call }) => call)

describe("R7 Shutdown is the last but for Release", () => {
  it.effect("it waits for a client's Release that is still closing its store, and nobody waits for it", () =>
    Effect.gen(function* () {
      const closing = yield* makeGate
      const uid = new Uint8Array(16)
      const module = ProviderKit.make({
        dllFileName: "SLOW.DLL",
        providerDisplay: "Slow to close",
        mdbProvider: uid,
        compareStoreIds: () => Effect.succeed(true),
        open: () =>
          Effect.as(
            Effect.acquireRelease(Effect.void, () => closing.pass),
            {
              displayName: "Slow",
              recordKey: uid,
              uid,
              granted: [],
              openEntry: () => Effect.fail(new MapiError.NotFound({ subject: "Slow", detail: "it is empty" }))
            }
          )
      })
      const id = Result.getOrThrow(EntryId.makePrivate(new Uint8Array(24)))
      const entryId = Result.getOrThrow(EntryId.wrap("SLOW.DLL", id))
      const registrations = [ProviderRegistry.inMemory("SLOW.DLL", module)]
      const { events } = yield* play({ ...quiet, registrations }, ({ session }) =>
        Effect.gen(function* () {
          const client = yield* Effect.forkChild(Effect.scoped(session.openMsgStore({ entryId })))
          yield* closing.reached
          yield* session.logoff
          yield* closing.open
          yield* Fiber.join(client)
        })
      )
      assert.deepStrictEqual(
        ending(events, "IMAPISession::Logoff", "IMSLogon::Logoff", "IMsgStore::Release", "IMSProvider::Shutdown"),
        ["IMSLogon::Logoff", "IMAPISession::Logoff", "IMsgStore::Release", "IMSProvider::Shutdown"]
      )
    })
  )

  it.effect("it waits until the pair of a late SpoolerLogon is given back", () =>
    Effect.gen(function* () {
      const spooler = yield* makeGate
      const script: InMemory.Script = { spoolerLogon: (_, answer) => Effect.tap(answer, () => spooler.pass) }
      const { events } = yield* play({ script }, ({ open, session }) =>
        Effect.gen(function* () {
          yield* open("Inbox")
          yield* spooler.reached
          yield* session.logoff
          yield* spooler.open
          yield* settle
        })
      )
      const lines = plot(events)
      assert.deepStrictEqual(lines.slice(lines.findIndex((line) => line.startsWith("9 spooler"))), [
        "9 spooler <IMSProvider::SpoolerLogon IMSProvider#1 [MDB_NO_DIALOG] = IMSLogon#1, IMsgStore#1",
        "· MAPI IMAPISupport::Release IMAPISupport#2 (MAPI 0, all 0)",
        "· spooler IMSLogon::Release IMSLogon#1 (spooler 0, all 0)",
        "· spooler IMsgStore::Release IMsgStore#1 (spooler 0, all 1)",
        "· MAPI IMSProvider::Shutdown IMSProvider#1",
        "· MAPI IMSProvider::Release IMSProvider#1 (MAPI 0, all 0)",
        "· client IMsgStore::Release IMsgStore#1 (client 0, all 0)",
        "· MAPI FreeLibrary MEMORY.DLL"
      ])
    })
  )

  it.effect("the end of the scope waits for a Logoff under way in another fiber", () =>
    Effect.gen(function* () {
      const shutdown = yield* makeGate
      const script: InMemory.Script = {
        shutdown: (_, answer) => Effect.andThen(Effect.andThen(shutdown.pass, settle), answer)
      }
      const { events } = yield* play({ ...quiet, script }, ({ open, session }) =>
        Effect.gen(function* () {
          yield* Effect.scoped(open("Inbox"))
          yield* Effect.forkDetach(session.logoff)
          yield* shutdown.reached
          yield* shutdown.open
        })
      )
      assert.deepStrictEqual(ending(events, "IMSProvider::Shutdown", "IMSProvider::Release", "FreeLibrary"), [
        "IMSProvider::Shutdown",
        "IMSProvider::Release",
        "FreeLibrary"
      ])
    })
  )

  it.effect("FreeLibrary comes after an MSProviderInit that outlives its session has failed", () =>
    Effect.gen(function* () {
      const init = yield* makeGate
      const failure = new MapiError.VersionMismatch({ subject: "MEMORY.DLL", detail: "scripted" })
      const script: InMemory.Script = { MSProviderInit: () => Effect.andThen(init.pass, Effect.fail(failure)) }
      const memory = InMemory.make({ stores: [], script })
      const { events, recorder } = CallLog.makeRecorder()
      const stage = MapiSession.MapiSession.layer.pipe(
        Layer.provide(ProviderRegistry.ProviderRegistry.layer([memory.registration])),
        Layer.provide(Layer.succeed(CallLog.CallLog, recorder))
      )
      const entryId = Result.getOrThrow(memory.entryId("Inbox"))
      const program = Effect.gen(function* () {
        const client = yield* Effect.forkChild(Effect.scoped(MapiSession.openMsgStore({ entryId })))
        yield* init.reached
        yield* Fiber.interrupt(client)
      })
      yield* Effect.provide(program, stage)
      yield* init.open
      yield* settle
      assert.deepStrictEqual(ending(yield* events, "MSProviderInit", "FreeLibrary"), ["MSProviderInit", "FreeLibrary"])
    })
  )

  it.effect("a client may be called what MAPI calls others: its references are its own all the same", () =>
    play({ session: { client: "spooler", flags: ["MAPI_NO_MAIL"] } }, ({ open }) =>
      Effect.gen(function* () {
        assert.strictEqual((yield* open("Inbox")).id, (yield* open("Inbox")).id)
      })
    )
  )
})

describe("R4 a provider disabled meanwhile", () => {
  it.effect("is not called for a Logon that was only about to begin", () =>
    Effect.gen(function* () {
      const compare = yield* makeGate
      const stores = [{ name: "Inbox" }, { name: "Archive" }]
      const script: InMemory.Script = {
        logon: InMemory.inTurn(
          (_, answer) => answer,
          InMemory.failing(new MapiError.LogonFailed({ subject: "Archive", detail: "scripted" }))
        ),
        compareStoreIds: ([one], answer) =>
          one.bytes.at(-1) === "x".charCodeAt(0) ? Effect.andThen(compare.pass, answer) : answer
      }
      const { events } = yield* play({ ...quiet, stores, script }, ({ open }) =>
        Effect.gen(function* () {
          yield* Effect.scoped(open("Inbox"))
          const second = yield* Effect.forkChild(Effect.flip(Effect.scoped(open("Inbox"))))
          yield* compare.reached
          assert.strictEqual((yield* Effect.flip(Effect.scoped(open("Archive"))))._tag, "LogonFailed")
          yield* compare.open
          assert.strictEqual((yield* Fiber.join(second))._tag, "ProviderDisabled")
        })
      )
      assert.strictEqual(ending(events, "IMSProvider::Logon").length, 2)
    })
  )
})
