import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import {
  CallLog,
  Flags,
  InMemory,
  type MapiError,
  MapiSession,
  type MsgStore,
  ProviderRegistry,
  Spooler,
  SupportObject
} from "../../src/index.ts"
import { callsOf, errorOf, heldIn, makeGate, play, plot, results, tally } from "../support/scene.ts"

const quiet = { session: { flags: ["MAPI_NO_MAIL"] } } as const

describe("R1 what is already open", () => {
  it.effect("a second, different store of the DLL reuses the provider object", () =>
    Effect.gen(function* () {
      const stores = [{ name: "Inbox" }, { name: "Archive" }]
      const { events } = yield* play({ ...quiet, stores }, ({ open }) => Effect.andThen(open("Inbox"), open("Archive")))
      assert.deepStrictEqual(
        tally(
          events,
          "LoadLibrary",
          "MSProviderInit",
          "IMSProvider::Logon",
          "IMSLogon::Logoff",
          "IMSProvider::Shutdown"
        ),
        {
          LoadLibrary: 1,
          MSProviderInit: 1,
          "IMSProvider::Logon": 2,
          "IMSLogon::Logoff": 2,
          "IMSProvider::Shutdown": 1
        }
      )
    })
  )

  it.effect("two sessions share the DLL, and nothing else; it is freed after both", () =>
    Effect.gen(function* () {
      const { events, recorder } = CallLog.makeRecorder()
      const memory = InMemory.make({ stores: [{ name: "Inbox" }] })
      const parts = Layer.mergeAll(
        ProviderRegistry.ProviderRegistry.layer([memory.registration]),
        SupportObject.SupportObject.layer,
        Spooler.Spooler.layer
      ).pipe(Layer.provideMerge(Layer.succeed(CallLog.CallLog, recorder)))
      const program = Effect.gen(function* () {
        const entryId = yield* Effect.fromResult(memory.entryId("Inbox"))
        const first = yield* MapiSession.make({ flags: ["MAPI_NO_MAIL"] })
        const second = yield* MapiSession.make({ flags: ["MAPI_NO_MAIL"] })
        const one = yield* first.openMsgStore({ entryId })
        const other = yield* second.openMsgStore({ entryId })
        return [one.id, other.id]
      })
      const ids = yield* Effect.provide(Effect.scoped(program), parts)
      assert.deepStrictEqual(ids, ["IMsgStore#1", "IMsgStore#2"])
      const all = yield* events
      assert.deepStrictEqual(heldIn(all), [])
      assert.deepStrictEqual(
        tally(all, "LoadLibrary", "MSProviderInit", "IMSProvider::Logon", "IMSProvider::Shutdown", "FreeLibrary"),
        {
          LoadLibrary: 1,
          MSProviderInit: 2,
          "IMSProvider::Logon": 2,
          "IMSProvider::Shutdown": 2,
          FreeLibrary: 1
        }
      )
      assert.strictEqual(all.at(-1)?.call, "FreeLibrary")
    })
  )

  it.effect("CompareStoreIDs says that two ids of different bytes are one store", () =>
    Effect.gen(function* () {
      const { events } = yield* play(quiet, ({ open }) =>
        Effect.gen(function* () {
          assert.strictEqual((yield* open("Inbox")).id, (yield* open("INBOX")).id)
        })
      )
      const logons = callsOf(events, "IMSProvider::Logon").map(({ entryId }) => entryId)
      assert.strictEqual(new Set(logons).size, 2)
      assert.strictEqual(callsOf(events, "IMSProvider::CompareStoreIDs").length, 1)
    })
  )

  it.effect("two clients at once: one load, one init, two logons, one store", () =>
    Effect.gen(function* () {
      const { events } = yield* play(quiet, ({ open }) =>
        Effect.gen(function* () {
          const [one, other] = yield* Effect.all([open("Inbox"), open("Inbox")], { concurrency: "unbounded" })
          assert.strictEqual(one.id, other.id)
        })
      )
      assert.deepStrictEqual(tally(events, "LoadLibrary", "MSProviderInit", "IMSProvider::Logon", "new IMsgStore"), {
        LoadLibrary: 1,
        MSProviderInit: 1,
        "IMSProvider::Logon": 2,
        "new IMsgStore": 1
      })
    })
  )
})

describe("R2 repeat open", () => {
  const twice = (setting: Parameters<typeof play>[0]) =>
    Effect.map(
      play({ ...quiet, ...setting }, ({ open, session }) =>
        Effect.gen(function* () {
          yield* open("Inbox")
          const second = yield* session.share({ client: "second", flags: ["MAPI_NO_MAIL"] })
          const entryId = yield* Effect.fromResult(InMemory.make({ stores: [] }).entryId("Inbox"))
          yield* Effect.scoped(second.openMsgStore({ entryId }))
        })
      ),
      ({ events }) => {
        const lines = plot(events)
        const start = lines.findIndex((line) => line.startsWith("1 second"))
        const end = lines.findIndex((line) => line.includes("second IMsgStore::Release"))
        return lines.slice(start, end + 1)
      }
    )

  it.effect("the store is AddRef'd, the new support object is not and dies; the logon may be null", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* twice({}), [
        "1 second >IMAPISession::OpenMsgStore IMAPISession#1",
        "· MAPI IMSProvider::CompareStoreIDs IMSProvider#1",
        "4 MAPI >IMSProvider::Logon IMSProvider#1",
        "· provider IMsgStore::AddRef IMsgStore#1 (MAPI 1, all 2)",
        "5 MAPI <IMSProvider::Logon IMSProvider#1 = IMsgStore#1",
        "· MAPI IMAPISupport::Release IMAPISupport#2 (MAPI 0, all 0)",
        "7 second <IMAPISession::OpenMsgStore IMAPISession#1 = IMsgStore#1",
        "· second IMsgStore::Release IMsgStore#1 (second 0, all 1)"
      ])
    })
  )

  it.effect("or the existing logon comes back, AddRef'd, and MAPI releases it at once", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* twice({ script: { repeatLogon: "existing" } }), [
        "1 second >IMAPISession::OpenMsgStore IMAPISession#1",
        "· MAPI IMSProvider::CompareStoreIDs IMSProvider#1",
        "4 MAPI >IMSProvider::Logon IMSProvider#1",
        "· provider IMsgStore::AddRef IMsgStore#1 (MAPI 1, all 2)",
        "· provider IMSLogon::AddRef IMSLogon#1 (MAPI 2, all 2)",
        "5 MAPI <IMSProvider::Logon IMSProvider#1 = IMSLogon#1, IMsgStore#1",
        "· MAPI IMAPISupport::Release IMAPISupport#2 (MAPI 0, all 0)",
        "· MAPI IMSLogon::Release IMSLogon#1 (MAPI 1, all 1)",
        "7 second <IMAPISession::OpenMsgStore IMAPISession#1 = IMsgStore#1",
        "· second IMsgStore::Release IMsgStore#1 (second 0, all 1)"
      ])
    })
  )

  it.effect(
    "another interface is the same store; one that a store has not is InterfaceNotSupported, and disables nothing",
    () =>
      play(quiet, ({ open }) =>
        Effect.gen(function* () {
          const first = yield* open("Inbox")
          assert.strictEqual((yield* open("Inbox", { iid: "IID_IMAPIProp" })).id, first.id)
          const error = yield* errorOf(open("Inbox", { iid: "IID_IMAPIStatus" }))
          assert.deepInclude(error, { _tag: "InterfaceNotSupported", scode: 0x80004002, step: 4 })
          assert.strictEqual((yield* open("Inbox")).id, first.id)
        })
      )
  )

  it.effect("a Logon that meets one under way waits; when that one fails, it tries with its own credentials", () =>
    Effect.gen(function* () {
      const gate = yield* makeGate
      const password = Redacted.make("Sesame")
      const ui = {
        askPassword: () => Effect.as(gate.pass, Redacted.make("wrong"))
      }
      const setting = { stores: [{ name: "Inbox", password }], session: { ...quiet.session, ui } }
      const { events } = yield* play(setting, ({ id, session }) =>
        Effect.gen(function* () {
          const quietly = yield* session.share({ client: "second", flags: ["MAPI_NO_MAIL"] })
          const first = yield* Effect.forkChild(
            Effect.exit(Effect.scoped(session.openMsgStore({ entryId: id("Inbox") })))
          )
          yield* gate.reached
          yield* session.profile.setPassword(id("Inbox"), password)
          const second = yield* Effect.forkChild(quietly.openMsgStore({ entryId: id("Inbox") }), {
            startImmediately: true
          })
          yield* gate.open
          assert.strictEqual((yield* Fiber.join(first))._tag, "Failure")
          assert.strictEqual((yield* Fiber.join(second)).id, "IMsgStore#1")
        })
      )
      assert.deepStrictEqual(results(events, "IMSProvider::Logon"), ["MAPI_E_USER_CANCEL", "S_OK"])
    })
  )

  it.effect("a Logon that opens, from within itself, its own store is told that it is busy", () =>
    Effect.gen(function* () {
      const inner: Array<MapiError.MapiError> = []
      const scene: { open?: () => Effect.Effect<void> } = {}
      const ui = {
        askPassword: () =>
          Effect.as(
            Effect.suspend(() => scene.open?.() ?? Effect.void),
            Redacted.make("Sesame")
          )
      }
      const stores = [{ name: "Inbox", password: Redacted.make("Sesame") }]
      const { events } = yield* play({ stores, session: { ...quiet.session, ui } }, ({ open }) =>
        Effect.gen(function* () {
          scene.open = () => Effect.ignore(Effect.map(errorOf(open("Inbox")), (error) => void inner.push(error)))
          yield* open("Inbox")
        })
      )
      assert.deepStrictEqual(
        inner.map((error) => [error._tag, error.scode]),
        [["ProviderFailed", 0x8004010b]]
      )
      assert.strictEqual(callsOf(events, "new IMsgStore").length, 1)
    })
  )
})

describe("R3 one pair, and a reference of the spooler's own", () => {
  it.effect("the spooler's references are counted apart from the client's", () =>
    Effect.gen(function* () {
      const { events } = yield* play({}, ({ open, session }) => Effect.andThen(open("Inbox"), session.spoolerIdle))
      const [answer] = events.filter(({ call, phase }) => call === "IMSProvider::SpoolerLogon" && phase === "return")
      const [logon] = events.filter(({ call, phase }) => call === "IMSProvider::Logon" && phase === "return")
      assert.deepStrictEqual(answer?.returned, logon?.returned)
      const held = events.flatMap(({ refs }) => refs).filter(({ holder }) => holder === "spooler")
      assert.deepStrictEqual(
        held.map(({ count, object, total }) => [object, count, total]),
        [
          ["IMsgStore#1", 1, 2],
          ["IMSLogon#1", 1, 2],
          ["IMSLogon#1", 0, 1],
          ["IMsgStore#1", 0, 0]
        ]
      )
    })
  )

  it.effect("another pair than step 5's is a law broken, by name, and is given back", () =>
    Effect.gen(function* () {
      const script: InMemory.Script = {
        spoolerLogon: (_, answer) => Effect.map(answer, ({ logon, store }) => ({ logon, store: { ...store } }))
      }
      const { events } = yield* play({ script }, ({ open, session }) =>
        Effect.andThen(open("Inbox"), session.spoolerIdle)
      )
      const notes = events.flatMap(({ note }) => note ?? [])
      assert.deepStrictEqual(notes, ["[S9] SpoolerLogon returned another pair than step 5"])
    })
  )
})

describe("R15 flags and access", () => {
  it.effect("flags reach Logon unchanged, and MSProviderInit gets none of them", () =>
    Effect.gen(function* () {
      const flags = ["MDB_NO_DIALOG", "MDB_WRITE", "MAPI_BEST_ACCESS", "MDB_TEMPORARY"] as const
      const session = { flags: ["MAPI_NO_MAIL", "MAPI_NT_SERVICE"] } as const
      const { events } = yield* play({ session }, ({ open }) => open("Inbox", { flags }))
      const given = (call: string) => callsOf(events, call).map((event) => event.flags)
      assert.deepStrictEqual(given("MSProviderInit"), [["MAPI_NT_SERVICE"]])
      assert.deepStrictEqual(given("IMSProvider::Logon"), [[...flags]])
    })
  )

  const granted = (store: MsgStore.MsgStore) =>
    Effect.flatMap(store.getProps(["PR_STORE_SUPPORT_MASK"]), ({ PR_STORE_SUPPORT_MASK = 0 }) =>
      Effect.fromResult(Flags.decode(Flags.StoreSupport, PR_STORE_SUPPORT_MASK))
    )

  it.effect("a read-only medium answers MDB_WRITE with success and read-only", () =>
    Effect.gen(function* () {
      const stores = [{ name: "Inbox", readOnly: true }]
      yield* play({ ...quiet, stores }, ({ open }) =>
        Effect.gen(function* () {
          const mask = yield* granted(yield* open("Inbox", { flags: ["MDB_WRITE"] }))
          assert.deepStrictEqual(mask, ["STORE_ENTRYID_UNIQUE", "STORE_READONLY"])
        })
      )
    })
  )

  it.effect("a repeat keeps what the first was granted", () =>
    play(quiet, ({ open }) =>
      Effect.gen(function* () {
        const readOnly = yield* granted(yield* open("Inbox"))
        const repeat = yield* granted(yield* open("Inbox", { flags: ["MDB_WRITE"] }))
        assert.deepStrictEqual(repeat, readOnly)
        assert.deepStrictEqual(repeat, ["STORE_ENTRYID_UNIQUE", "STORE_READONLY"])
      })
    )
  )

  it.effect("MDB_TEMPORARY changes neither the gate nor the sharing, and leaves the profile as it was", () =>
    Effect.gen(function* () {
      const { events } = yield* play({}, ({ open, session }) =>
        Effect.gen(function* () {
          const first = yield* open("Inbox", { flags: ["MDB_TEMPORARY"] })
          assert.strictEqual((yield* open("Inbox")).id, first.id)
          yield* session.spoolerIdle
        })
      )
      assert.deepStrictEqual(tally(events, "give entry id", "IMSProvider::SpoolerLogon"), {
        "give entry id": 1,
        "IMSProvider::SpoolerLogon": 1
      })
    })
  )
})
