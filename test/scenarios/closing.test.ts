import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Scope from "effect/Scope"
import { CallLog, InMemory, MapiError, MapiSession, ProviderRegistry } from "../../src/index.ts"
import { brokenIn } from "../laws/judged.ts"
import { callsOf, errorOf, heldIn, makeGate, play, plot, results, story, tally, until } from "../support/scene.ts"
import { happeningAtSteps } from "../support/stepping.ts"

const quiet = { session: { flags: ["MAPI_NO_MAIL"] } } as const
const about = { subject: "Inbox", detail: "scripted" }
const folders = [{ name: "Top", messages: ["Hello"] }]

const from = (lines: ReadonlyArray<string>, start: string): ReadonlyArray<string> =>
  lines.slice(lines.findIndex((line) => line.includes(start)))

describe("R7 the last client closes", () => {
  it.effect("open children answer InvalidObject, the support object goes last, the provider object stays", () =>
    Effect.gen(function* () {
      const { events } = yield* play({ ...quiet, stores: [{ name: "Inbox", folders }] }, ({ open }) =>
        Effect.gen(function* () {
          const storeScope = yield* Scope.make()
          const store = yield* Scope.provide(open("Inbox"), storeScope)
          const root = yield* store.openRootFolder // released with the scenario, after the store
          yield* Scope.close(storeScope, Exit.void)
          const after = yield* Effect.all([
            Effect.flip(store.getProps(["PR_DISPLAY_NAME"])),
            Effect.flip(Effect.scoped(store.openRootFolder)),
            Effect.flip(root.getHierarchyTable)
          ])
          assert.deepStrictEqual(
            after.map((error) => error._tag),
            ["InvalidObject", "InvalidObject", "InvalidObject"]
          )
        })
      )
      assert.deepStrictEqual(from(plot(events), "client >IMsgStore::Release"), [
        "· client >IMsgStore::Release IMsgStore#1 (client 0, all 0)",
        "· provider IMAPISupport::StoreLogoffTransports IMAPISupport#1 [LOGOFF_ABORT]",
        "· provider IMAPISupport::MakeInvalid IMAPISupport#1",
        "· provider >IMAPISupport::Release IMAPISupport#1 (provider 0, all 0)",
        "· MAPI remove MAPIUIDs IMAPISupport#1",
        "· MAPI remove status row IMAPISupport#1",
        "· MAPI IMSLogon::Logoff IMSLogon#1",
        "· MAPI IMSLogon::Release IMSLogon#1 (MAPI 0, all 0)",
        "· provider <IMAPISupport::Release IMAPISupport#1",
        "· client <IMsgStore::Release IMsgStore#1",
        "· client >IMAPISession::Logoff IMAPISession#1",
        "· MAPI IMSProvider::Shutdown IMSProvider#1",
        "· MAPI IMSProvider::Release IMSProvider#1 (MAPI 0, all 0)",
        "· client <IMAPISession::Logoff IMAPISession#1",
        "· MAPI FreeLibrary MEMORY.DLL"
      ])
    })
  )

  it.effect("with two clients only the second Release closes", () =>
    Effect.gen(function* () {
      const { events } = yield* play(quiet, (scene) =>
        Effect.gen(function* () {
          const store = yield* scene.open("Inbox")
          yield* Effect.scoped(scene.open("Inbox"))
          assert.strictEqual(callsOf(yield* scene.events, "IMSLogon::Logoff").length, 0)
          assert.deepStrictEqual(yield* store.getProps(["PR_DISPLAY_NAME"]), { PR_DISPLAY_NAME: "Inbox" })
        })
      )
      assert.deepStrictEqual(tally(events, "IMAPISupport::StoreLogoffTransports", "IMSLogon::Logoff"), {
        "IMAPISupport::StoreLogoffTransports": 1,
        "IMSLogon::Logoff": 1
      })
    })
  )

  it.effect("a store opens afresh after its close, in the same session and with the same provider object", () =>
    Effect.gen(function* () {
      const { events } = yield* play(quiet, ({ open }) =>
        Effect.andThen(Effect.scoped(open("Inbox")), Effect.scoped(open("Inbox")))
      )
      assert.deepStrictEqual(tally(events, "MSProviderInit", "new IMsgStore", "IMSProvider::Shutdown"), {
        MSProviderInit: 1,
        "new IMsgStore": 2,
        "IMSProvider::Shutdown": 1
      })
    })
  )

  it.effect("a Logoff that fails or throws is recorded and stops nothing", () =>
    Effect.gen(function* () {
      const script: InMemory.Script = {
        logoff: () => {
          throw new Error("cannot log off")
        }
      }
      const { events } = yield* play({ ...quiet, script }, ({ open }) => open("Inbox"))
      assert.deepStrictEqual(results(events, "IMSLogon::Logoff"), ["MAPI_E_CALL_FAILED"])
      assert.strictEqual(callsOf(events, "IMSProvider::Shutdown").length, 1)
    })
  )
})

describe("R8 the session ends with stores open", () => {
  it.effect("Logoff, and inside it transports, MakeInvalid, support Release; then logon, provider, DLL", () =>
    Effect.gen(function* () {
      const { events } = yield* play(quiet, ({ open, session }) =>
        Effect.gen(function* () {
          const store = yield* open("Inbox")
          yield* session.logoff
          const stale = yield* Effect.flip(store.getProps(["PR_DISPLAY_NAME"]))
          assert.deepInclude(stale, { _tag: "InvalidObject", scode: 0x80040108 })
        })
      )
      assert.deepStrictEqual(from(story(events), ">IMAPISession::Logoff"), [
        "· client >IMAPISession::Logoff IMAPISession#1",
        "· MAPI >IMSLogon::Logoff IMSLogon#1",
        "· provider IMAPISupport::StoreLogoffTransports IMAPISupport#1 [LOGOFF_ABORT]",
        "· provider IMAPISupport::MakeInvalid IMAPISupport#1",
        "· provider >IMAPISupport::Release IMAPISupport#1 (provider 0, all 0)",
        "· MAPI remove MAPIUIDs IMAPISupport#1",
        "· MAPI remove status row IMAPISupport#1",
        "· provider <IMAPISupport::Release IMAPISupport#1",
        "· MAPI <IMSLogon::Logoff IMSLogon#1",
        "· MAPI IMSLogon::Release IMSLogon#1 (MAPI 0, all 0)",
        "· MAPI IMSProvider::Shutdown IMSProvider#1",
        "· MAPI IMSProvider::Release IMSProvider#1 (MAPI 0, all 0)",
        "· client <IMAPISession::Logoff IMAPISession#1",
        "· client IMsgStore::Release IMsgStore#1 (client 0, all 0)",
        "· MAPI FreeLibrary MEMORY.DLL"
      ])
    })
  )

  it.effect("the spooler lets go inside StoreLogoffTransports", () =>
    Effect.gen(function* () {
      const { events } = yield* play({}, ({ open, session }) =>
        Effect.gen(function* () {
          yield* open("Inbox")
          yield* session.spoolerIdle
          yield* session.logoff
        })
      )
      assert.deepStrictEqual(from(plot(events), ">IMAPISupport::StoreLogoffTransports").slice(0, 4), [
        "· provider >IMAPISupport::StoreLogoffTransports IMAPISupport#1 [LOGOFF_ABORT]",
        "· spooler IMSLogon::Release IMSLogon#1 (spooler 0, all 1)",
        "· spooler IMsgStore::Release IMsgStore#1 (spooler 0, all 1)",
        "· provider <IMAPISupport::StoreLogoffTransports IMAPISupport#1 [LOGOFF_ABORT]"
      ])
    })
  )

  it.effect("from Logoff on opens fail as InvalidObject; a second Logoff does nothing", () =>
    Effect.gen(function* () {
      const { events } = yield* play(quiet, ({ open, session }) =>
        Effect.gen(function* () {
          yield* Effect.scoped(open("Inbox"))
          yield* session.logoff
          assert.deepInclude(yield* errorOf(open("Inbox")), { _tag: "InvalidObject", step: 1 })
          yield* session.logoff
        })
      )
      assert.strictEqual(callsOf(events, "IMAPISession::Logoff").length, 1)
    })
  )

  it.effect("an open in flight is told at once; what its Logon still brings is closed, and Shutdown waits for it", () =>
    Effect.gen(function* () {
      const gate = yield* makeGate
      const script: InMemory.Script = {
        logon: (_, answer) => Effect.andThen(gate.pass, answer)
      }
      const { events } = yield* play({ ...quiet, script }, (scene) =>
        Effect.gen(function* () {
          const opening = yield* Effect.forkChild(errorOf(scene.open("Inbox")))
          yield* gate.reached
          yield* scene.session.logoff
          assert.deepInclude(yield* Fiber.join(opening), { _tag: "InvalidObject", step: 4 })
          assert.strictEqual(callsOf(yield* scene.events, "IMSProvider::Shutdown").length, 0)
          yield* gate.open
          yield* until(scene, "IMSProvider::Shutdown")
        })
      )
      assert.deepStrictEqual(from(plot(events), "5 MAPI <IMSProvider::Logon"), [
        "5 MAPI <IMSProvider::Logon IMSProvider#1 = IMSLogon#1, IMsgStore#1",
        "· MAPI IMAPISupport::Release IMAPISupport#1 (MAPI 0, all 1)",
        "· MAPI >IMsgStore::Release IMsgStore#1 (MAPI 0, all 0)",
        "· provider IMAPISupport::StoreLogoffTransports IMAPISupport#1 [LOGOFF_ABORT]",
        "· provider >IMAPISupport::Release IMAPISupport#1 (provider 0, all 0)",
        "· MAPI remove MAPIUIDs IMAPISupport#1",
        "· MAPI remove status row IMAPISupport#1",
        "· MAPI IMSLogon::Logoff IMSLogon#1",
        "· MAPI IMSLogon::Release IMSLogon#1 (MAPI 0, all 0)",
        "· provider <IMAPISupport::Release IMAPISupport#1",
        "· MAPI <IMsgStore::Release IMsgStore#1",
        "· MAPI IMSProvider::Shutdown IMSProvider#1",
        "· MAPI IMSProvider::Release IMSProvider#1 (MAPI 0, all 0)",
        "· MAPI FreeLibrary MEMORY.DLL"
      ])
    })
  )

  it.effect("what a Logon brings too late is logged off, though its provider keeps the store open for itself", () =>
    Effect.gen(function* () {
      const gate = yield* makeGate
      const script: InMemory.Script = {
        logon: (_, answer) =>
          Effect.andThen(
            gate.pass,
            Effect.tap(answer, ({ store }) => Effect.ignore(store.addRef("provider")))
          )
      }
      const { events } = yield* play({ ...quiet, script, breaks: ["AllReleased"] }, (scene) =>
        Effect.gen(function* () {
          const opening = yield* Effect.forkChild(errorOf(scene.open("Inbox")))
          yield* gate.reached
          yield* scene.session.logoff
          yield* Fiber.join(opening)
          yield* gate.open
          yield* until(scene, "IMSProvider::Release")
        })
      )
      assert.deepStrictEqual(tally(events, "IMSLogon::Logoff", "IMSLogon::Release", "IMSProvider::Shutdown"), {
        "IMSLogon::Logoff": 1,
        "IMSLogon::Release": 1,
        "IMSProvider::Shutdown": 1
      })
    })
  )

  it.effect("an open that waits for the load is told too; the provider that comes is given back", () =>
    Effect.gen(function* () {
      const gate = yield* makeGate
      const script: InMemory.Script = {
        MSProviderInit: (_, answer) => Effect.andThen(gate.pass, answer)
      }
      const { events } = yield* play({ ...quiet, script }, (scene) =>
        Effect.gen(function* () {
          const opening = yield* Effect.forkChild(errorOf(scene.open("Inbox")))
          yield* gate.reached
          yield* scene.session.logoff
          assert.strictEqual((yield* Fiber.join(opening))._tag, "InvalidObject")
          yield* gate.open
          yield* until(scene, "IMSProvider::Release")
        })
      )
      assert.deepStrictEqual(tally(events, "IMSProvider::Logon", "IMSProvider::Shutdown"), {
        "IMSProvider::Logon": 0,
        "IMSProvider::Shutdown": 1
      })
    })
  )

  it.effect("teardown calls that fail are recorded and stop nothing", () =>
    Effect.gen(function* () {
      const script: InMemory.Script = {
        logoff: (_, answer) => Effect.andThen(answer, Effect.fail(new MapiError.ProviderFailed(about))),
        shutdown: () => Effect.die("broken")
      }
      const stores = [{ name: "Inbox" }, { name: "Archive" }]
      const { events } = yield* play({ ...quiet, stores, script }, ({ open, session }) =>
        Effect.gen(function* () {
          yield* open("Inbox")
          yield* open("Archive")
          yield* session.logoff
        })
      )
      assert.deepStrictEqual(results(events, "IMSLogon::Logoff"), ["MAPI_E_CALL_FAILED", "MAPI_E_CALL_FAILED"])
      assert.deepStrictEqual(results(events, "IMSProvider::Shutdown"), ["MAPI_E_CALL_FAILED"])
      assert.deepStrictEqual(tally(events, "IMSProvider::Release", "FreeLibrary"), {
        "IMSProvider::Release": 1,
        FreeLibrary: 1
      })
    })
  )
})

describe("R17 StoreLogoff", () => {
  it.effect("remembers one flag, the last one said, for the last client's Release", () =>
    Effect.gen(function* () {
      const { events } = yield* play(quiet, ({ open }) =>
        Effect.gen(function* () {
          const store = yield* open("Inbox")
          assert.deepStrictEqual(yield* store.storeLogoff(["LOGOFF_PURGE"]), ["LOGOFF_COMPLETE"])
          assert.deepStrictEqual(yield* store.storeLogoff(["LOGOFF_ORDERLY"]), ["LOGOFF_COMPLETE"])
        })
      )
      assert.deepStrictEqual(
        callsOf(events, "IMAPISupport::StoreLogoffTransports").map(({ flags }) => flags),
        [["LOGOFF_ORDERLY"]]
      )
    })
  )

  it.effect("takes exactly one flag, else InvalidParameter, and forgets nothing", () =>
    Effect.gen(function* () {
      const { events } = yield* play(quiet, ({ open }) =>
        Effect.gen(function* () {
          const store = yield* open("Inbox")
          yield* store.storeLogoff(["LOGOFF_QUIET"])
          const none = yield* Effect.flip(store.storeLogoff([]))
          const two = yield* Effect.flip(store.storeLogoff(["LOGOFF_ABORT", "LOGOFF_PURGE"]))
          assert.deepInclude(none, { _tag: "InvalidParameter", scode: 0x80070057 })
          assert.strictEqual(two._tag, "InvalidParameter")
        })
      )
      assert.deepStrictEqual(
        callsOf(events, "IMAPISupport::StoreLogoffTransports").map(({ flags }) => flags),
        [["LOGOFF_QUIET"]]
      )
    })
  )
})

describe("R7 R8 a client that closes while its session ends", () => {
  it("at many steps of an open and a close, with the spooler: every law holds, and nothing is left", () => {
    const memory = InMemory.make({ stores: [{ name: "Inbox" }] })
    const entryId = Result.getOrThrow(memory.entryId("Inbox"))
    const steps = happeningAtSteps(7, (moment) => {
      const { events, recorder } = CallLog.makeRecorder()
      const stage = MapiSession.MapiSession.layer.pipe(
        Layer.provide(ProviderRegistry.ProviderRegistry.layer([memory.registration])),
        Layer.provide(Layer.succeed(CallLog.CallLog, recorder))
      )
      const program = Effect.gen(function* () {
        const { logoff, openMsgStore, spoolerIdle } = yield* MapiSession.MapiSession
        const ending = yield* Effect.forkChild(Effect.andThen(moment, logoff))
        yield* Effect.exit(Effect.scoped(Effect.andThen(openMsgStore({ entryId }), spoolerIdle)))
        yield* Fiber.interrupt(ending)
      })
      const check = () => {
        const log = Effect.runSync(events) // what was detached has come to its end, too
        assert.deepStrictEqual([brokenIn(log), heldIn(log)], [[], []])
      }
      return { program: Effect.provide(program, stage), check }
    })
    assert.isAbove(steps, 500)
  })
})
