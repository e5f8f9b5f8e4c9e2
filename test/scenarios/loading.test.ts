import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import { EntryId, InMemory, MapiError, MapiSession, ProviderRegistry, Scode } from "../../src/index.ts"
import { callsOf, errorOf, play, plot } from "../support/scene.ts"

const told = (error: MapiError.MapiError) => [error._tag, Scode.show(error.scode), error.step]

describe("a registry of somebody else's making that takes something before it fails", () => {
  it.effect("has given it back when the client is told of LoadFailed", () =>
    Effect.gen(function* () {
      let taken = 0
      const load = Effect.acquireRelease(
        Effect.sync(() => taken++),
        () => Effect.sync(() => taken--)
      ).pipe(
        Effect.andThen(Effect.fail(new MapiError.LoadFailed({ subject: "X.DLL", reason: "missing", detail: "gone" })))
      )
      const registry = Layer.succeed(ProviderRegistry.ProviderRegistry, { knows: () => true, load: () => load })
      const memory = InMemory.make({ stores: [{ name: "Inbox" }] })
      const opened = Effect.gen(function* () {
        const entryId = Result.getOrThrow(memory.entryId("Inbox"))
        const error = yield* Effect.flip(Effect.scoped(MapiSession.openMsgStore({ entryId })))
        return [error._tag, taken]
      })
      const stage = Layer.provide(MapiSession.MapiSession.layer, registry)
      assert.deepStrictEqual(yield* Effect.provide(opened, stage), ["LoadFailed", 0])
    })
  )
})

describe("R13 unknown or unusable DLLs", () => {
  it.effect("an id whose DLL no registration names is UnknownEntryId, and nothing is loaded", () =>
    Effect.gen(function* () {
      const entryId = Result.getOrThrow(InMemory.make({ dllFileName: "EVIL.DLL", stores: [] }).entryId("Inbox"))
      const { events } = yield* play({}, ({ session }) =>
        Effect.gen(function* () {
          const error = yield* errorOf(session.openMsgStore({ entryId }))
          assert.deepStrictEqual(told(error), ["UnknownEntryId", "MAPI_E_UNKNOWN_ENTRYID", 1])
        })
      )
      assert.strictEqual(callsOf(events, "LoadLibrary").length, 0)
    })
  )

  it.effect("an id that is none is InvalidEntryId, with the offset", () =>
    Effect.gen(function* () {
      const whole = Result.getOrThrow(InMemory.make({ stores: [] }).entryId("Inbox"))
      const entryId = Result.getOrThrow(EntryId.fromBytes(whole.bytes.slice(0, 26)))
      yield* play({}, ({ session }) =>
        Effect.gen(function* () {
          const error = yield* errorOf(session.openMsgStore({ entryId }))
          assert.deepInclude(error, { _tag: "InvalidEntryId", scode: 0x80040107, offset: 26, step: 1 })
        })
      )
    })
  )

  it.effect("registered, but missing, throwing or without the export: LoadFailed says which", () =>
    Effect.gen(function* () {
      const module = (dll: string, from: string | (() => Promise<unknown>)) => ProviderRegistry.fromModule(dll, from)
      const registrations = [
        module("MISSING.DLL", new URL("./no-such-module.ts", import.meta.url).href),
        module("THROWS.DLL", () => Promise.reject(new Error("bad day"))),
        module("BARE.DLL", () => Promise.resolve({ ABProviderInit: () => {} }))
      ]
      yield* play({ registrations }, ({ session }) =>
        Effect.gen(function* () {
          const reasons = yield* Effect.forEach(registrations, ({ dllFileName }) => {
            const entryId = Result.getOrThrow(InMemory.make({ dllFileName, stores: [] }).entryId("Inbox"))
            return Effect.map(errorOf(session.openMsgStore({ entryId })), (error) => [
              error._tag,
              error._tag === "LoadFailed" ? error.reason : "",
              error.step
            ])
          })
          assert.deepStrictEqual(reasons, [
            ["LoadFailed", "missing", 2],
            ["LoadFailed", "threw", 2],
            ["LoadFailed", "noExport", 2]
          ])
        })
      )
    })
  )
})

describe("R11 an MSProviderInit that fails", () => {
  it.effect("as a Logon may is LoadFailed, in its own words", () =>
    Effect.gen(function* () {
      const error = new MapiError.NoAccess({ subject: "MEMORY.DLL", detail: "the file is locked" })
      const script: InMemory.Script = { MSProviderInit: InMemory.failing(error) }
      yield* play({ script }, ({ open }) =>
        Effect.gen(function* () {
          const { detail } = yield* errorOf(open("Inbox"))
          assert.strictEqual(detail, "MSProviderInit failed: the file is locked")
        })
      )
    })
  )
})

describe("R18 version too low", () => {
  it.effect("MAPI releases the provider object at once, without Shutdown", () =>
    Effect.gen(function* () {
      const script: InMemory.Script = {
        MSProviderInit: (_, answer) => Effect.map(answer, ({ provider }) => ({ provider, version: 0x00010008 }))
      }
      const { events } = yield* play({ script }, ({ open }) =>
        Effect.gen(function* () {
          assert.deepStrictEqual(told(yield* errorOf(open("Inbox"))), ["VersionMismatch", "MAPI_E_VERSION", 3])
        })
      )
      assert.deepStrictEqual(plot(events), [
        "1 client >IMAPISession::OpenMsgStore IMAPISession#1",
        "2 MAPI LoadLibrary MEMORY.DLL",
        "2 MAPI >MSProviderInit MEMORY.DLL",
        "· MAPI IMSProvider::Release IMSProvider#1 (MAPI 0, all 0)",
        "3 MAPI <MSProviderInit MEMORY.DLL ! MAPI_E_VERSION",
        "· client <IMAPISession::OpenMsgStore IMAPISession#1 ! MAPI_E_VERSION",
        "· client IMAPISession::Logoff IMAPISession#1",
        "· MAPI FreeLibrary MEMORY.DLL"
      ])
    })
  )
})
