import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { InMemory, MapiError, Scode } from "../../src/index.ts"
import { callsOf, errorOf, makeGate, play, plot, results, tally } from "../support/scene.ts"

const quiet = { session: { flags: ["MAPI_NO_MAIL"] } } as const
const about = { subject: "Inbox", detail: "scripted" }
const sesame = Redacted.make("Sesame-4711")
const locked = { stores: [{ name: "Inbox", password: sesame }] }
const told = (error: MapiError.MapiError) => [error._tag, Scode.show(error.scode), error.step]

describe("the note: a wrong password that cannot be asked for again", () => {
  it.effect("is FailOneProvider; the client asks, and the same session opens the store", () =>
    Effect.gen(function* () {
      const { events } = yield* play({ ...quiet, ...locked }, ({ id, open, session }) =>
        Effect.gen(function* () {
          const missing = yield* errorOf(open("Inbox"))
          assert.deepStrictEqual(told(missing), ["FailOneProvider", "MAPI_E_FAILONEPROVIDER", 4])
          yield* session.profile.setPassword(id("Inbox"), Redacted.make("wrong"))
          assert.strictEqual((yield* errorOf(open("Inbox")))._tag, "FailOneProvider")
          yield* session.profile.setPassword(id("Inbox"), sesame)
          yield* open("Inbox")
        })
      )
      assert.deepStrictEqual(results(events, "IMSProvider::Logon"), [
        "MAPI_E_FAILONEPROVIDER",
        "MAPI_E_FAILONEPROVIDER",
        "S_OK"
      ])
    })
  )

  it.effect("a retry that handles it takes it out of the error type", () =>
    play({ ...quiet, ...locked }, ({ id, open, session }) =>
      open("Inbox").pipe(
        Effect.tapError(() => Effect.ignore(session.profile.setPassword(id("Inbox"), sesame))),
        Effect.retry({ times: 1, while: (error) => error._tag === "FailOneProvider" })
      )
    )
  )
})

describe("R4 what a failed Logon does", () => {
  const failingOnce = (error: MapiError.ProviderError): InMemory.Script => ({
    logon: InMemory.inTurn(InMemory.failing(error))
  })

  const harmless: ReadonlyArray<MapiError.ProviderError> = [
    new MapiError.FailOneProvider(about),
    new MapiError.UnknownFlags(about),
    new MapiError.InterfaceNotSupported(about)
  ]
  it.effect.each(harmless.map((error) => [error._tag, error] as const))(
    "%s disables nothing: the same session opens the store next",
    ([, error]) =>
      Effect.gen(function* () {
        const { events } = yield* play({ ...quiet, script: failingOnce(error) }, ({ open }) =>
          Effect.gen(function* () {
            assert.strictEqual((yield* errorOf(open("Inbox")))._tag, error._tag)
            yield* open("Inbox")
          })
        )
        assert.strictEqual(callsOf(events, "IMSProvider::Logon").length, 2)
      })
  )

  const lasting: ReadonlyArray<MapiError.ProviderError> = [
    new MapiError.LogonFailed(about),
    new MapiError.Unconfigured(about),
    new MapiError.UserCancel(about),
    new MapiError.UnknownCpid(about),
    new MapiError.UnknownLcid(about),
    new MapiError.NoAccess(about),
    new MapiError.NotFound(about),
    new MapiError.InvalidParameter(about),
    new MapiError.ProviderFailed({ ...about, scode: Scode.values.MAPI_E_CORRUPT_STORE })
  ]
  it.effect.each(lasting.map((error) => [error._tag, error] as const))(
    "%s disables the provider: nothing is asked of it any more",
    ([, error]) =>
      Effect.gen(function* () {
        const stores = [{ name: "Inbox" }, { name: "Archive" }]
        const { events } = yield* play({ ...quiet, stores, script: failingOnce(error) }, ({ open }) =>
          Effect.gen(function* () {
            const first = yield* errorOf(open("Inbox"))
            assert.deepStrictEqual(told(first), [error._tag, Scode.show(error.scode), 4])
            const second = yield* errorOf(open("Archive"))
            assert.deepStrictEqual(told(second), ["ProviderDisabled", "MAPI_E_CALL_FAILED", 1])
          })
        )
        assert.deepStrictEqual(tally(events, "IMSProvider::Logon", "IMSProvider::CompareStoreIDs"), {
          "IMSProvider::Logon": 1,
          "IMSProvider::CompareStoreIDs": 0
        })
      })
  )

  it.effect("a new session is not disabled by what failed in the old one", () =>
    Effect.gen(function* () {
      const script = failingOnce(new MapiError.LogonFailed(about))
      const memory = InMemory.make({ stores: [{ name: "Inbox" }], script })
      const setting = { ...quiet, dllFileName: "OTHER.DLL", registrations: [memory.registration] }
      const entryId = Result.getOrThrow(memory.entryId("Inbox"))
      yield* play(setting, ({ session }) => Effect.flip(session.openMsgStore({ entryId })))
      yield* play(setting, ({ session }) => session.openMsgStore({ entryId }))
    })
  )

  it.effect("a failed Logon leaves no reference: its support object dies with it", () =>
    Effect.gen(function* () {
      const script = failingOnce(new MapiError.LogonFailed(about))
      const { events } = yield* play({ ...quiet, script }, ({ open }) => errorOf(open("Inbox")))
      assert.deepStrictEqual(plot(events), [
        "1 client >IMAPISession::OpenMsgStore IMAPISession#1",
        "2 MAPI LoadLibrary MEMORY.DLL",
        "2-3 MAPI MSProviderInit MEMORY.DLL = IMSProvider#1",
        "4 MAPI IMSProvider::Logon IMSProvider#1 ! MAPI_E_LOGON_FAILED",
        "· MAPI IMAPISupport::Release IMAPISupport#1 (MAPI 0, all 0)",
        "· client <IMAPISession::OpenMsgStore IMAPISession#1 ! MAPI_E_LOGON_FAILED",
        "· client >IMAPISession::Logoff IMAPISession#1",
        "· MAPI IMSProvider::Shutdown IMSProvider#1",
        "· MAPI IMSProvider::Release IMSProvider#1 (MAPI 0, all 0)",
        "· client <IMAPISession::Logoff IMAPISession#1",
        "· MAPI FreeLibrary MEMORY.DLL"
      ])
    })
  )

  it.effect("Unconfigured: the service entry runs, and one more Logon with a fresh support object", () =>
    Effect.gen(function* () {
      const asked: Array<unknown> = []
      const script: InMemory.Script = {
        ...failingOnce(new MapiError.Unconfigured(about)),
        ServiceEntry: ({ context, ui }) => Effect.sync(() => void asked.push([context, ui === null]))
      }
      const ui = { askPassword: () => Effect.succeed(sesame) }
      const { events } = yield* play({ script, session: { ...quiet.session, ui } }, ({ open }) =>
        open("Inbox", { flags: ["MDB_NO_DIALOG"] })
      )
      assert.deepStrictEqual(asked, [["MSG_SERVICE_CONFIGURE", true]])
      const lines = plot(events)
      assert.deepStrictEqual(lines.slice(3, 9), [
        "4 MAPI IMSProvider::Logon IMSProvider#1 [MDB_NO_DIALOG] ! MAPI_E_UNCONFIGURED",
        "· MAPI IMAPISupport::Release IMAPISupport#1 (MAPI 0, all 0)",
        "· MAPI MSG_SERVICE_CONFIGURE MEMORY.DLL",
        "4 MAPI >IMSProvider::Logon IMSProvider#1 [MDB_NO_DIALOG]",
        "5 provider IMAPISupport::AddRef IMAPISupport#2 (provider 1, all 2)",
        "5 MAPI <IMSProvider::Logon IMSProvider#1 [MDB_NO_DIALOG] = IMSLogon#1, IMsgStore#1"
      ])
    })
  )

  it.effect("a second Unconfigured is a failure, and disables", () =>
    Effect.gen(function* () {
      const error = new MapiError.Unconfigured(about)
      const script: InMemory.Script = { logon: InMemory.failing(error), ServiceEntry: () => Effect.void }
      const { events } = yield* play({ ...quiet, script }, ({ open }) =>
        Effect.gen(function* () {
          assert.strictEqual((yield* errorOf(open("Inbox")))._tag, "Unconfigured")
          assert.strictEqual((yield* errorOf(open("Inbox")))._tag, "ProviderDisabled")
        })
      )
      assert.deepStrictEqual(tally(events, "IMSProvider::Logon", "MSG_SERVICE_CONFIGURE"), {
        "IMSProvider::Logon": 2,
        MSG_SERVICE_CONFIGURE: 1
      })
    })
  )

  it.effect("a failure that no service entry mends disables at once, though there is one", () =>
    Effect.gen(function* () {
      const error = new MapiError.LogonFailed(about)
      const script: InMemory.Script = { logon: InMemory.failing(error), ServiceEntry: () => Effect.void }
      const { events } = yield* play({ ...quiet, script }, ({ open }) =>
        Effect.gen(function* () {
          assert.strictEqual((yield* errorOf(open("Inbox")))._tag, "LogonFailed")
          assert.strictEqual((yield* errorOf(open("Inbox")))._tag, "ProviderDisabled")
        })
      )
      assert.deepStrictEqual(tally(events, "IMSProvider::Logon", "MSG_SERVICE_CONFIGURE"), {
        "IMSProvider::Logon": 1,
        MSG_SERVICE_CONFIGURE: 0
      })
    })
  )

  it.effect("a Logon already inside may still succeed; open stores and their teardown go on", () =>
    Effect.gen(function* () {
      const gate = yield* makeGate
      const script: InMemory.Script = {
        logon: InMemory.inTurn(
          (_, answer) => answer,
          (_, answer) => Effect.andThen(gate.pass, answer),
          InMemory.failing(new MapiError.LogonFailed(about))
        )
      }
      const stores = ["Inbox", "Archive", "Drafts"].map((name) => ({ name }))
      const { events } = yield* play({ ...quiet, stores, script }, ({ open }) =>
        Effect.gen(function* () {
          const inbox = yield* open("Inbox")
          const archive = yield* Effect.forkChild(open("Archive"))
          yield* gate.reached
          assert.strictEqual((yield* errorOf(open("Drafts")))._tag, "LogonFailed")
          yield* gate.open
          yield* Fiber.join(archive)
          assert.deepStrictEqual(yield* inbox.getProps(["PR_DISPLAY_NAME"]), { PR_DISPLAY_NAME: "Inbox" })
        })
      )
      assert.strictEqual(callsOf(events, "IMSLogon::Logoff").length, 2)
    })
  )

  it.effect("failing to load or to agree on a version disables nothing", () =>
    Effect.gen(function* () {
      const script: InMemory.Script = {
        MSProviderInit: InMemory.inTurn(
          InMemory.failing(new MapiError.ProviderFailed(about)),
          InMemory.failing(new MapiError.VersionMismatch(about))
        )
      }
      yield* play({ ...quiet, script }, ({ open }) =>
        Effect.gen(function* () {
          assert.deepInclude(yield* errorOf(open("Inbox")), { _tag: "LoadFailed", reason: "initFailed", step: 3 })
          assert.deepStrictEqual(told(yield* errorOf(open("Inbox"))), ["VersionMismatch", "MAPI_E_VERSION", 3])
          yield* open("Inbox")
        })
      )
    })
  )
})

describe("R5 dialogs", () => {
  const dismissed = { askPassword: () => Effect.fail(new MapiError.UserCancel(about)) }

  it.effect("a dialog shown and dismissed is UserCancel", () =>
    play({ ...locked, session: { ...quiet.session, ui: dismissed } }, ({ open }) =>
      Effect.gen(function* () {
        assert.deepStrictEqual(told(yield* errorOf(open("Inbox"))), ["UserCancel", "MAPI_E_USER_CANCEL", 4])
      })
    )
  )

  it.effect("a dialog answered well opens the store", () =>
    Effect.gen(function* () {
      const ui = { askPassword: () => Effect.succeed(sesame) }
      yield* play({ ...locked, session: { ...quiet.session, ui } }, ({ open }) => open("Inbox"))
    })
  )

  it.effect("under MDB_NO_DIALOG, or in a service, no dialog is shown: FailOneProvider", () =>
    Effect.gen(function* () {
      yield* play({ ...locked, session: { ...quiet.session, ui: dismissed } }, ({ open }) =>
        Effect.gen(function* () {
          assert.strictEqual((yield* errorOf(open("Inbox", { flags: ["MDB_NO_DIALOG"] })))._tag, "FailOneProvider")
        })
      )
      const service = { flags: ["MAPI_NO_MAIL", "MAPI_NT_SERVICE"], ui: dismissed } as const
      yield* play({ ...locked, session: service }, ({ open }) =>
        Effect.gen(function* () {
          assert.strictEqual((yield* errorOf(open("Inbox")))._tag, "FailOneProvider")
        })
      )
    })
  )

  it.effect("what no retry can mend is LogonFailed, and disables", () =>
    Effect.gen(function* () {
      const script: InMemory.Script = { logon: InMemory.failing(new MapiError.LogonFailed(about)) }
      yield* play({ ...quiet, script }, ({ open }) =>
        Effect.gen(function* () {
          assert.deepStrictEqual(told(yield* errorOf(open("Inbox"))), ["LogonFailed", "MAPI_E_LOGON_FAILED", 4])
          assert.strictEqual((yield* errorOf(open("Inbox")))._tag, "ProviderDisabled")
        })
      )
    })
  )
})

describe("R10 warnings", () => {
  const warning = { error: "two of nine folders are missing", component: "InMemory", lowLevelError: 7 }

  it.effect("MAPI_W_ERRORS_RETURNED is success; its detail is kept for the pointer that met it", () =>
    Effect.gen(function* () {
      const { events } = yield* play({ ...quiet, stores: [{ name: "Inbox", warning }] }, ({ open, session }) =>
        Effect.gen(function* () {
          const other = yield* session.share({ client: "other" })
          yield* open("Inbox")
          assert.deepStrictEqual(yield* session.getLastError, Option.some(warning))
          assert.deepStrictEqual(yield* other.getLastError, Option.none())
        })
      )
      assert.deepStrictEqual(results(events, "IMSProvider::Logon"), ["MAPI_W_ERRORS_RETURNED"])
    })
  )

  it.effect("a success without a warning leaves what is kept of an earlier one", () =>
    play({ ...quiet, stores: [{ name: "Inbox", warning }, { name: "Archive" }] }, ({ open, session }) =>
      Effect.gen(function* () {
        yield* open("Inbox")
        yield* open("Archive")
        assert.deepStrictEqual(yield* session.getLastError, Option.some(warning))
      })
    )
  )
})

describe("R11 failures nobody listed", () => {
  it.effect("a code without a class of its own is ProviderFailed with that code", () =>
    Effect.gen(function* () {
      const scode = Scode.values.MAPI_E_PASSWORD_EXPIRED
      const script: InMemory.Script = { logon: InMemory.failing(new MapiError.ProviderFailed({ ...about, scode })) }
      yield* play({ ...quiet, script }, ({ open }) =>
        Effect.gen(function* () {
          assert.deepStrictEqual(told(yield* errorOf(open("Inbox"))), ["ProviderFailed", "MAPI_E_PASSWORD_EXPIRED", 4])
        })
      )
    })
  )

  it.effect("an answer that is not a provider's to give is ProviderFailed", () =>
    Effect.gen(function* () {
      // What the compiler refuses, plain JavaScript can still do.
      const logon = () => new MapiError.ProviderDisabled(about) as never
      yield* play({ ...quiet, script: { logon } }, ({ open }) =>
        Effect.gen(function* () {
          assert.deepStrictEqual(told(yield* errorOf(open("Inbox"))), ["ProviderFailed", "MAPI_E_CALL_FAILED", 4])
        })
      )
    })
  )
})

describe("R16 credentials", () => {
  it.effect("travel in the profile section, and never show in the log", () =>
    Effect.gen(function* () {
      const { events } = yield* play(locked, ({ id, open, session }) =>
        Effect.gen(function* () {
          yield* session.profile.setPassword(id("Inbox"), sesame)
          yield* open("Inbox")
          yield* session.spoolerIdle
        })
      )
      assert.notInclude(JSON.stringify(events), Redacted.value(sesame))
    })
  )

  it.effect("a provider that says a password in its error is not repeated", () =>
    Effect.gen(function* () {
      const detail = `cannot open with ${Redacted.value(sesame)}`
      const script: InMemory.Script = {
        logon: InMemory.failing(new MapiError.LogonFailed({ subject: "Inbox", detail }))
      }
      const { events } = yield* play({ ...locked, script }, ({ id, open, session }) =>
        Effect.gen(function* () {
          yield* session.profile.setPassword(id("Inbox"), sesame)
          const error = yield* errorOf(open("Inbox"))
          assert.strictEqual(error.detail, "cannot open with <redacted>")
        })
      )
      assert.notInclude(JSON.stringify(events), Redacted.value(sesame))
    })
  )

  it.effect("nor is one that was typed into a dialog", () =>
    Effect.gen(function* () {
      const ui = { askPassword: () => Effect.succeed(sesame) }
      const script: InMemory.Script = {
        logon: ({ ui }, answer) =>
          Effect.flatMap(ui?.askPassword("Inbox") ?? Effect.andThen(answer, Effect.die("no dialog")), (secret) =>
            Effect.fail(new MapiError.FailOneProvider({ subject: "Inbox", detail: `not ${Redacted.value(secret)}` }))
          )
      }
      const { events } = yield* play({ script, session: { ...quiet.session, ui } }, ({ open }) =>
        Effect.gen(function* () {
          assert.strictEqual((yield* errorOf(open("Inbox"))).detail, "not <redacted>")
        })
      )
      assert.notInclude(JSON.stringify(events), Redacted.value(sesame))
    })
  )
})
