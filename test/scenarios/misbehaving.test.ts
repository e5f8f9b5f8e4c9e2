import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Result from "effect/Result"
import { EntryId, InMemory, MapiError, ProviderKit, ProviderRegistry, type StoreProvider } from "../../src/index.ts"
import { callsOf, errorOf, heldIn, makeGate, play, results, tally } from "../support/scene.ts"

const quiet = { session: { flags: ["MAPI_NO_MAIL"] } } as const
const stores = [{ name: "Inbox" }, { name: "Archive" }]

describe("R9 calls into a provider that misbehaves", () => {
  const misbehaviours: ReadonlyArray<readonly [string, NonNullable<InMemory.Script["logon"]>, RegExp]> = [
    [
      "throws",
      () => {
        throw new Error("bad day")
      },
      /threw Error: bad day/
    ],
    ["dies", () => Effect.die("worse day"), /threw worse day/],
    ["interrupts itself", () => Effect.interrupt, /interrupted itself/],
    ["answers with no Effect", () => "S_OK" as never, /returned no Effect/],
    ["answers with nothing", () => Effect.succeed(undefined as never), /something else than its objects/],
    ["fails with anything", () => Effect.fail("odd" as never), /no provider may answer: odd/]
  ]
  it.effect.each(misbehaviours)("a Logon that %s is ProviderFailed, and harms no open store", ([, logon, told]) =>
    Effect.gen(function* () {
      const first: InMemory.Script = { logon: (request, answer) => (calls++ === 0 ? answer : logon(request, answer)) }
      let calls = 0
      const { events } = yield* play({ ...quiet, stores, script: first }, ({ open }) =>
        Effect.gen(function* () {
          const inbox = yield* open("Inbox")
          const error = yield* errorOf(open("Archive"))
          assert.deepInclude(error, { _tag: "ProviderFailed", scode: 0x80004005, step: 4 })
          assert.match(error.detail, told)
          assert.deepStrictEqual(yield* inbox.getProps(["PR_DISPLAY_NAME"]), { PR_DISPLAY_NAME: "Inbox" })
        })
      )
      assert.strictEqual(callsOf(events, "IMSProvider::Shutdown").length, 1)
    })
  )

  it.effect("a Logon that never returns stops nobody else, and the end of the session does not wait for it", () =>
    Effect.gen(function* () {
      const inside = yield* Deferred.make<void>()
      const script: InMemory.Script = {
        logon: ({ entryId }, answer) =>
          entryId.bytes.at(-1) === "e".charCodeAt(0)
            ? Effect.andThen(Deferred.succeed(inside, undefined), Effect.never)
            : answer
      }
      const { events } = yield* play({ ...quiet, stores, script, hangs: true }, ({ open }) =>
        Effect.gen(function* () {
          const stuck = yield* Effect.forkChild(errorOf(open("Archive")))
          yield* Deferred.await(inside)
          const inbox = yield* open("Inbox")
          assert.deepStrictEqual(yield* inbox.getProps(["PR_DISPLAY_NAME"]), { PR_DISPLAY_NAME: "Inbox" })
          yield* Fiber.interrupt(stuck)
        })
      )
      assert.deepStrictEqual(tally(events, "IMSLogon::Logoff", "IMSProvider::Shutdown"), {
        "IMSLogon::Logoff": 1,
        "IMSProvider::Shutdown": 0 // it is still inside
      })
    })
  )

  it.effect("a Logon that opens another store works, and both close", () =>
    Effect.gen(function* () {
      const scene: { open?: Effect.Effect<void> } = {}
      const script: InMemory.Script = {
        logon: ({ entryId }, answer) =>
          entryId.bytes.at(-1) === "x".charCodeAt(0)
            ? Effect.andThen(
                Effect.suspend(() => scene.open ?? Effect.void),
                answer
              )
            : answer
      }
      const { events } = yield* play({ ...quiet, stores, script }, ({ open }) =>
        Effect.gen(function* () {
          scene.open = Effect.orDie(Effect.asVoid(Effect.scoped(open("Archive"))))
          yield* open("Inbox")
        })
      )
      assert.deepStrictEqual(tally(events, "MSProviderInit", "IMSProvider::Logon", "IMSLogon::Logoff"), {
        MSProviderInit: 1,
        "IMSProvider::Logon": 2,
        "IMSLogon::Logoff": 2
      })
    })
  )

  it.effect("an MSProviderInit that throws is LoadFailed, and the next open tries again", () =>
    Effect.gen(function* () {
      let calls = 0
      const script: InMemory.Script = {
        MSProviderInit: (_, answer) => {
          if (calls++ === 0) throw new Error("bad day")
          return answer
        }
      }
      yield* play({ ...quiet, script }, ({ open }) =>
        Effect.gen(function* () {
          const error = yield* errorOf(open("Inbox"))
          assert.deepInclude(error, { _tag: "LoadFailed", reason: "initFailed", step: 3 })
          yield* open("Inbox")
        })
      )
    })
  )

  it.effect("a support object released once too often is an over-release, typed and recorded", () =>
    Effect.gen(function* () {
      const tags: Array<string> = []
      const failure = new MapiError.LogonFailed({ subject: "Inbox", detail: "scripted" })
      const script: InMemory.Script = {
        logon: ({ support }) =>
          support.release.pipe(
            Effect.tapError((error) => Effect.sync(() => void tags.push(error._tag))),
            Effect.matchEffect({ onFailure: () => Effect.fail(failure), onSuccess: () => Effect.fail(failure) })
          )
      }
      const setting = { ...quiet, script, breaks: ["Counts", "NetAddRef"] }
      const { events } = yield* play(setting, ({ open }) => errorOf(open("Inbox")))
      assert.deepStrictEqual(tags, ["OverRelease"])
      assert.deepStrictEqual(results(events, "IMAPISupport::Release"), ["MAPI_E_INVALID_OBJECT", "S_OK"])
    })
  )
})

/** A provider by hand: the in-memory one, with its Logon changed. */
const changed = (change: (provider: StoreProvider.IMSProvider) => Partial<StoreProvider.IMSProvider>) => {
  const memory = InMemory.make({ dllFileName: "CHANGED.DLL", stores })
  const { MSProviderInit } = memory.module
  const registration = ProviderRegistry.inMemory("CHANGED.DLL", {
    MSProviderInit: (request) =>
      Effect.map(MSProviderInit(request), ({ provider, version }) => ({
        version,
        provider: { ...provider, ...change(provider) }
      }))
  })
  return { registrations: [registration], entryId: Result.getOrThrow(memory.entryId("Inbox")) }
}

describe("R7 R8 providers that forget their part of the close", () => {
  it.effect("one that never logs its transports off: the spooler lets go at Logoff all the same", () =>
    Effect.gen(function* () {
      const { entryId, registrations } = changed((provider) => ({
        logon: (request) =>
          provider.logon({
            ...request,
            support: { ...request.support, storeLogoffTransports: () => Effect.succeed([]) }
          })
      }))
      const { events } = yield* play({ registrations, breaks: ["TransportsOnce"] }, ({ session }) =>
        Effect.gen(function* () {
          yield* session.openMsgStore({ entryId })
          yield* session.spoolerIdle
          yield* session.logoff
        })
      )
      assert.deepStrictEqual(tally(events, "IMAPISupport::StoreLogoffTransports", "IMSLogon::Logoff"), {
        "IMAPISupport::StoreLogoffTransports": 0,
        "IMSLogon::Logoff": 1
      })
    })
  )

  it.effect(
    "one whose transports take their time: a session that ends meanwhile waits for them, and they stay first",
    () =>
      Effect.gen(function* () {
        const gate = yield* makeGate
        const { entryId, registrations } = changed((provider) => ({
          logon: (request) => {
            const storeLogoffTransports: StoreProvider.IMAPISupport["storeLogoffTransports"] = (flag) =>
              Effect.andThen(gate.pass, request.support.storeLogoffTransports(flag))
            return provider.logon({ ...request, support: { ...request.support, storeLogoffTransports } })
          }
        }))
        const { events } = yield* play({ ...quiet, registrations }, ({ session }) =>
          Effect.gen(function* () {
            const closing = yield* Effect.forkChild(Effect.scoped(session.openMsgStore({ entryId })))
            yield* gate.reached
            const ending = yield* Effect.forkChild(session.logoff)
            yield* Effect.repeat(Effect.yieldNow, { times: 50 })
            yield* gate.open
            yield* Fiber.join(closing)
            yield* Fiber.join(ending)
          })
        )
        const last = ["IMAPISupport::StoreLogoffTransports", "IMAPISupport::Release", "IMSLogon::Logoff"]
        assert.deepStrictEqual(
          events.flatMap(({ call, from, phase }) =>
            phase === "call" && from !== "MAPI" && last.includes(call) ? [call] : []
          ),
          ["IMAPISupport::StoreLogoffTransports", "IMAPISupport::Release"]
        )
      })
  )

  it.effect(
    "one that keeps its support object: the session logs its store off, and what it kept shows in the ledger",
    () =>
      Effect.gen(function* () {
        const { entryId, registrations } = changed((provider) => ({
          logon: (request) =>
            provider.logon({ ...request, support: { ...request.support, release: Effect.succeed(0) } })
        }))
        const { events } = yield* play({ ...quiet, registrations, breaks: ["AllReleased"] }, ({ session }) =>
          Effect.scoped(session.openMsgStore({ entryId }))
        )
        assert.deepStrictEqual(heldIn(events), ['IMAPISupport#1 {"MAPI":0,"provider":1}'])
        assert.deepStrictEqual(tally(events, "IMSLogon::Logoff", "IMSProvider::Shutdown"), {
          "IMSLogon::Logoff": 1,
          "IMSProvider::Shutdown": 1
        })
      })
  )

  it.effect("one whose Release throws: the client's scope closes without a defect", () =>
    Effect.gen(function* () {
      const { entryId, registrations } = changed((provider) => ({
        logon: (request) =>
          Effect.map(provider.logon(request), (answer) => ({
            ...answer,
            store: {
              ...answer.store,
              release: () => {
                throw new Error("cannot let go")
              }
            }
          }))
      }))
      const { events } = yield* play({ ...quiet, registrations, breaks: ["AllReleased"] }, ({ session }) =>
        Effect.scoped(session.openMsgStore({ entryId }))
      )
      assert.strictEqual(callsOf(events, "IMSProvider::Shutdown").length, 1)
    })
  )
})

describe("R9 backends and answers that are not what they seem", () => {
  it.effect("a backend that answers with no Effect harms no client who waits for the same store", () =>
    Effect.gen(function* () {
      const privateId = Result.getOrThrow(EntryId.makePrivate(new Uint8Array(24)))
      const module = ProviderKit.make({
        dllFileName: "ODD.DLL",
        providerDisplay: "Odd",
        mdbProvider: new Uint8Array(16),
        compareStoreIds: () => Effect.succeed(true),
        open: () => Effect.andThen(Effect.yieldNow, (() => 42) as never)
      })
      const registrations = [ProviderRegistry.inMemory("ODD.DLL", module)]
      const entryId = Result.getOrThrow(EntryId.wrap("ODD.DLL", privateId))
      yield* play({ registrations }, ({ session }) =>
        Effect.gen(function* () {
          const tags = yield* Effect.forEach(
            [1, 2],
            () => Effect.map(errorOf(session.openMsgStore({ entryId })), ({ _tag }) => _tag),
            { concurrency: "unbounded" }
          )
          assert.deepStrictEqual(tags, ["ProviderFailed", "ProviderFailed"])
        })
      )
    })
  )

  it.effect("a store that will not be handed over is released by MAPI, which holds it", () =>
    Effect.gen(function* () {
      const script: InMemory.Script = {
        logon: (_, usual) =>
          Effect.map(usual, (answer) => ({
            ...answer,
            store: {
              ...answer.store,
              transfer: () => Effect.fail(new MapiError.InvalidObject({ subject: "it", detail: "no" }))
            }
          }))
      }
      const breaks = ["Counts"] // the client has not what it gives back
      const { events } = yield* play({ ...quiet, script, breaks }, ({ open }) =>
        Effect.ignore(Effect.scoped(open("Inbox")))
      )
      assert.deepStrictEqual(heldIn(events), [])
    })
  )

  it.effect("an answer with a store and a logon that is none is given back", () =>
    Effect.gen(function* () {
      const { entryId, registrations } = changed((provider) => ({
        logon: (request) => Effect.map(provider.logon(request), (answer) => ({ ...answer, logon: {} as never }))
      }))
      const breaks = ["AllReleased", "FreeLibraryLast", "ShutdownLast"]
      const { events } = yield* play({ ...quiet, registrations, breaks }, ({ session }) =>
        Effect.gen(function* () {
          assert.strictEqual((yield* errorOf(session.openMsgStore({ entryId })))._tag, "ProviderFailed")
        })
      )
      // What was hidden behind the logon that is none cannot be released.
      assert.deepStrictEqual(heldIn(events), ['IMSLogon#1 {"MAPI":1}'])
    })
  )

  it.effect("a FailOneProvider of another copy of this package is a FailOneProvider, and disables nothing", () =>
    Effect.gen(function* () {
      const ours = new MapiError.FailOneProvider({ subject: "Inbox", detail: "the password is wrong" })
      const theirs = Object.assign(new Error("the password is wrong"), { ...ours })
      assert.isFalse(MapiError.isProviderError(theirs))
      const script: InMemory.Script = { logon: InMemory.inTurn(() => Effect.fail(theirs as never)) }
      yield* play({ ...quiet, script }, ({ open }) =>
        Effect.gen(function* () {
          const error = yield* errorOf(open("Inbox"))
          assert.instanceOf(error, MapiError.FailOneProvider)
          assert.deepInclude(error, { detail: "the password is wrong", step: 4 })
          yield* open("Inbox")
        })
      )
    })
  )
})

describe("R9 an answer that lacks what it should have is none, and what there is of it is given back", () => {
  type Spoil<A> = (answer: A) => Partial<Record<keyof A, unknown>>
  const told = "answered with something else than its objects"
  // What stands behind a thing that is none cannot be released.
  const lost = ["AllReleased", "FreeLibraryLast", "ShutdownLast"]

  it.effect.each<readonly [string, Spoil<StoreProvider.InitAnswer>, ReadonlyArray<string>]>([
    ["a provider that is none", ({ version }) => ({ version, provider: {} }), ["AllReleased"]],
    ["no version", ({ provider }) => ({ provider }), []],
    ["a version that is no number", ({ provider }) => ({ provider, version: "2.0" }), []]
  ])("MSProviderInit: %s", ([, spoil, breaks]) =>
    Effect.gen(function* () {
      const script: InMemory.Script = { MSProviderInit: (_, usual) => Effect.map(usual, (it) => spoil(it) as never) }
      yield* play({ ...quiet, script, breaks }, ({ open }) =>
        Effect.gen(function* () {
          const error = yield* errorOf(open("Inbox"))
          assert.deepInclude(error, { _tag: "LoadFailed", reason: "initFailed", step: 3 })
          assert.include(error.detail, told)
        })
      )
    })
  )

  it.effect.each<readonly [string, Spoil<StoreProvider.LogonAnswer>, ReadonlyArray<string>]>([
    ["a store that is none", (answer) => ({ ...answer, store: {} }), ["AllReleased", "FreeLibraryLast", "NetAddRef"]],
    ["no logon", ({ logon, ...answer }) => answer, lost],
    ["no warning, not even null", ({ warning, ...answer }) => answer, []],
    ["no blob, not even null", ({ spoolSecurity, ...answer }) => answer, []],
    ["a blob that is not hidden", (answer) => ({ ...answer, spoolSecurity: new Uint8Array(1) }), []]
  ])("Logon: %s", ([, spoil, breaks]) =>
    Effect.gen(function* () {
      const script: InMemory.Script = { logon: (_, usual) => Effect.map(usual, (it) => spoil(it) as never) }
      yield* play({ ...quiet, script, breaks }, ({ open }) =>
        Effect.gen(function* () {
          const error = yield* errorOf(open("Inbox"))
          assert.deepInclude(error, { _tag: "ProviderFailed", step: 4 })
          assert.include(error.detail, told)
        })
      )
    })
  )

  it.effect.each<readonly [string, Spoil<StoreProvider.SpoolerLogonAnswer>, ReadonlyArray<string>]>([
    ["a logon that is none", ({ store }) => ({ store, logon: {} }), lost],
    ["a store that is none", ({ logon }) => ({ logon, store: {} }), ["AllReleased"]]
  ])("SpoolerLogon: %s", ([, spoil, breaks]) =>
    Effect.gen(function* () {
      const script: InMemory.Script = { spoolerLogon: (_, usual) => Effect.map(usual, (it) => spoil(it) as never) }
      const { events } = yield* play({ script, breaks }, ({ open, session }) =>
        Effect.andThen(open("Inbox"), session.spoolerIdle)
      )
      assert.deepStrictEqual(results(events, "IMSProvider::SpoolerLogon"), ["MAPI_E_CALL_FAILED"])
    })
  )
})
