import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import { EntryId, InMemory, MapiSession, ProviderRegistry } from "../src/index.ts"
import * as fixture from "./fixtures/provider.ts"

const inf = [
  ...["[Services]", "DEMO=Demo", "[DEMO]", "Providers=Memory, Loose, Imported, Book", "PR_SERVICE_DLL_NAME=MEM.DLL"],
  ...["[Memory]", "PR_RESOURCE_TYPE=MAPI_STORE_PROVIDER"],
  ...["[Loose]", "PR_RESOURCE_TYPE=MAPI_STORE_PROVIDER", "PR_PROVIDER_DLL_NAME=LOOSE.DLL"],
  ...["[Imported]", "PR_RESOURCE_TYPE=MAPI_STORE_PROVIDER", "PR_PROVIDER_DLL_NAME=IMPORTED.DLL"],
  ...["[Book]", "PR_RESOURCE_TYPE=MAPI_AB_PROVIDER", "PR_PROVIDER_DLL_NAME=BOOK.DLL"]
].join("\r\n")

const memory = InMemory.make({ dllFileName: "MEM.DLL", stores: [{ name: "Inbox" }] })
const modules = {
  "mem.dll": memory.registration,
  "Imported.DLL": () => import("./fixtures/provider.ts"),
  "BOOK.DLL": fixture
}
const registry = ProviderRegistry.ProviderRegistry.layerFromInf(inf, modules)

const asking = <A, E>(ask: (it: ProviderRegistry.ProviderRegistry["Service"]) => Effect.Effect<A, E>) =>
  Effect.flatMap(ProviderRegistry.ProviderRegistry, ask).pipe(Effect.provide(registry))

describe("a registry of an INF", () => {
  it.effect("knows the DLLs in which stores live, and no others", () =>
    asking(({ knows }) =>
      Effect.sync(() =>
        assert.deepStrictEqual(["MEM.DLL", "loose.dll", "imported.dll", "BOOK.DLL", "MEM32.DLL"].map(knows), [
          ...[true, true, true],
          ...[false, false]
        ])
      )
    )
  )

  it.effect("loads a DLL by the module that is given for it", () =>
    asking(({ load }) =>
      Effect.gen(function* () {
        const module = yield* Effect.scoped(load("IMPORTED.DLL"))
        assert.strictEqual(module.MSProviderInit, fixture.MSProviderInit)
      })
    )
  )

  it.effect("cannot load a DLL for which none is given, and says how to give one", () =>
    asking(({ load }) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(Effect.scoped(load("LOOSE.DLL")))
        assert.deepStrictEqual(
          { ...error },
          {
            _tag: "LoadFailed",
            scode: 0x80004005,
            step: 2,
            subject: "LOOSE.DLL",
            reason: "missing",
            detail: "the INF names this DLL, and no module is given that implements it",
            advice: 'Pass a module for "LOOSE.DLL" along with the INF, then open again.'
          }
        )
      })
    )
  )

  it.effect("refuses to load what is no module at all", () =>
    Effect.gen(function* () {
      // Boundary: a module in plain JavaScript.
      const odd = { "MEM.DLL": null } as unknown as Record<string, ProviderRegistry.Implementation>
      const error = yield* Effect.flatMap(ProviderRegistry.ProviderRegistry, ({ load }) => load("MEM.DLL")).pipe(
        Effect.flip,
        Effect.scoped,
        Effect.provide(ProviderRegistry.ProviderRegistry.layerFromInf(inf, odd))
      )
      assert.deepStrictEqual([error.reason, error.detail], ["noExport", "the module has no export MSProviderInit"])
    })
  )

  it.effect("opens a store of a DLL that it names; of one that it does not, the id is unknown", () =>
    Effect.gen(function* () {
      const session = yield* MapiSession.MapiSession
      const inbox = yield* Effect.fromResult(memory.entryId("Inbox"))
      const store = yield* session.openMsgStore({ entryId: inbox })
      assert.isDefined(store)
      const { privateId } = Result.getOrThrow(EntryId.unwrap(inbox))
      const other = Result.getOrThrow(EntryId.wrap("BOOK.DLL", privateId))
      const error = yield* Effect.flip(session.openMsgStore({ entryId: other }))
      assert.strictEqual(error._tag, "UnknownEntryId")
    }).pipe(Effect.scoped, Effect.provide(Layer.provide(MapiSession.MapiSession.layer, registry)))
  )
})
