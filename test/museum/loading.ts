/** Defects of loading and unloading: the DLL, MSProviderInit, and the provider object. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import {
  CallLog,
  LoadSequence,
  ProviderRegistry,
  RefCounted,
  SessionState,
  StoreProvider,
  SupportObject,
  UnloadSequence
} from "../../src/index.ts"
import * as Internal from "../../src/internal/session.ts"
import * as ByHand from "./byHand.ts"
import { type Exhibit, inTurn, type Setting, switches, type Version } from "./museum.ts"

const { ProviderRegistry: Registry } = ProviderRegistry

/** A session whose opens go by these steps, or by all their own. */
const stepping = (version: Version, defective: ByHand.Steps) =>
  Effect.succeed({ session: ByHand.layer({ open: ByHand.composed(version === "sound" ? {} : defective) }) })

// --- init on every open ---------------------------------------------------------------------------------------------

const initAgain = (requested: LoadSequence.Requested) =>
  LoadSequence.loadProvider(requested).pipe(
    Effect.flatMap(LoadSequence.initProvider),
    Effect.tap((ready) => Internal.transit(requested.pointer.session, SessionState.providerReady(ready)))
  )

// --- Shutdown never called ------------------------------------------------------------------------------------------

/** The session's end, which goes from the last logon straight to the Release of the provider object. */
const endWithoutShutdown = Effect.fnUntraced(function* (session: Internal.Session, client: string) {
  const providers = yield* Internal.transit(session, ({ providers }) => [
    providers,
    { claims: new Map(), providers: new Map() }
  ])
  yield* UnloadSequence.endSession(session, client)
  for (const ready of providers.values()) {
    yield* RefCounted.letGo(ready.provider, "MAPI")
    yield* Scope.close(ready.scope, Exit.void)
  }
})

// --- the crash in a guard -------------------------------------------------------------------------------------------

/** A guard that finds no MSProviderInit, and reads the name of what it has not found. */
const crashing = Layer.effect(
  Registry,
  Effect.map(Registry, (registry) => ({
    ...registry,
    load: (dllFileName: string) =>
      Effect.catchTag(registry.load(dllFileName), "LoadFailed", () =>
        Effect.die(new TypeError("Cannot read properties of undefined (reading 'name')"))
      )
  }))
)

// --- a DLL that is unloaded too early -------------------------------------------------------------------------------

/** The last MAPIUninitialize comes within the last Release of a support object, after all that MAPI does there. */
const unloadedInRelease = Effect.gen(function* () {
  const [process, use] = [yield* Scope.make(), yield* Scope.make()]
  const free = Effect.andThen(Scope.close(process, Exit.void), Scope.close(use, Exit.void))
  return {
    registry: (real: Layer.Layer<ProviderRegistry.ProviderRegistry>) =>
      Layer.effect(
        Registry,
        Effect.map(Layer.buildWithScope(real, process), (context) => {
          const registry = Context.get(context, Registry)
          return { ...registry, load: (dll: string) => Scope.provide(registry.load(dll), use) }
        })
      ),
    supports: Layer.effect(
      SupportObject.SupportObject,
      Effect.map(SupportObject.SupportObject, ({ make }) => ({
        make: (hooks: SupportObject.Hooks) => make({ ...hooks, lastRelease: Effect.andThen(hooks.lastRelease, free) })
      }))
    ).pipe(Layer.provide(SupportObject.SupportObject.layer))
  }
})

// --- open flags -----------------------------------------------------------------------------------------------------

/** Steps 2 and 3, with the flags of the open in the place of the session's. */
const withOpenFlags = Effect.fnUntraced(function* (requested: LoadSequence.Requested) {
  const { module, scope } = yield* LoadSequence.loadProvider(requested)
  const { dll, dllFileName, flags, pointer } = requested
  const about = { call: "MSProviderInit", from: "MAPI", to: "provider", dll: dllFileName, flags } as const
  const { provider } = yield* CallLog.call(
    { ...about, step: 2, returnStep: 3 },
    // Boundary: that these are no flags of MSProviderInit is the defect.
    Effect.orDie(module.MSProviderInit({ mapiVersion: StoreProvider.currentSpiVersion, flags: flags as never })),
    { answer: ({ provider }) => ({ returned: [provider.id] }) }
  )
  const ready: SessionState.Ready = { dll, dllFileName, module, provider, scope }
  yield* Internal.transit(pointer.session, SessionState.providerReady(ready))
  return ready
})

export const loading: ReadonlyArray<Exhibit> = [
  {
    title: "Init on every open",
    what: "Each OpenMsgStore loads the DLL and calls MSProviderInit, and forgets the IMSProvider that the session has.",
    where:
      "One provider object serves a session, whatever the number of its stores; `msproviderinit` would have one more for a DLL that is listed twice in one profile.",
    seen: "Kopano Core, `mapi4linux/src/mapix.cpp`, `M4LMAPISession::OpenMsgStore`: each call makes a provider object by MSProviderInit, and looks for none that it has.",
    program: (version) => inTurn(stepping(version, { obtain: initAgain }), ({ open }) => [open(), open()]),
    law: "OneInit",
    also: ["AllReleased", "LoadsBalanced", "ShutdownOnce"],
    size: switches(90),
    told: "Two opens, one after the other: the second calls MSProviderInit again. In the end nobody shuts the first IMSProvider down, nobody releases it, and the DLL stays in memory.",
    shows: [
      "LoadLibrary",
      "MSProviderInit",
      "IMSProvider::Shutdown",
      "IMSProvider::Release",
      "IMAPISession::Logoff",
      "FreeLibrary"
    ]
  },
  {
    title: "IMSProvider destroyed after each open",
    what: "MAPI lets go of the provider object when an open is over, as if it were the store's and not the session's.",
    where: "The provider object lives from MSProviderInit until Shutdown and Release, which is the end of the session.",
    seen: "Kopano Core, `mapi4linux/src/mapix.cpp`, `M4LMAPISession::OpenMsgStore`: its only reference to the provider object goes when the function returns.",
    program: (version) =>
      inTurn(stepping(version, { last: ({ provider }) => RefCounted.letGo(provider, "MAPI") }), ({ open }) => [open()]),
    law: "ShutdownOnce",
    also: ["Counts", "DeadObjects"],
    size: switches(60),
    told: "One open is enough: MAPI's only reference goes before the session has called Shutdown.",
    shows: [
      "IMAPISession::OpenMsgStore",
      "MSProviderInit",
      "IMSProvider::Logon",
      "IMSProvider::Release",
      "IMSProvider::Shutdown"
    ]
  },
  {
    title: "Shutdown never called",
    what: "The end of a session goes from the last logon straight to the Release of the provider object.",
    where:
      "MAPI calls Shutdown right before it releases the provider object. Pages disagree on who calls it, MAPI or the spooler.",
    seen: "Kopano Core, `mapi4linux/src/mapix.cpp`, `M4LMAPISession::OpenMsgStore`: between Logon and the Release of the provider object nothing calls it.",
    program: (version) =>
      inTurn(
        Effect.succeed({ session: ByHand.layer(version === "sound" ? {} : { end: endWithoutShutdown }) }),
        ({ open }) => [open()]
      ),
    law: "ShutdownOnce",
    size: switches(60),
    told: "One open, and the end of the session.",
    shows: [
      "IMAPISession::Logoff",
      "IMSLogon::Logoff",
      "IMSLogon::Release",
      "IMSProvider::Shutdown",
      "IMSProvider::Release",
      "FreeLibrary"
    ]
  },
  {
    title: "A DLL without MSProviderInit, and the crash in its guard",
    what: "A module lacks the export. The guard that notices reads the name of what is not there, and crashes in its turn.",
    where:
      "MAPI finds the entry point by its fixed name, by GetProcAddress; what a DLL without it does to an open is R13.",
    seen: "Kopano Core, `mapi4linux/src/m4l.mapisvc.cpp`, `SVCService::Init`: of the entry points that it looks up, only MSGServiceEntry is compulsory, and OpenMsgStore calls MSProviderInit without asking whether it was found. The crash within a guard was not found in a source.",
    program: (version) => {
      // Boundary: a module without its export is no ProviderModule.
      const setting: Setting = { module: () => ({}) as StoreProvider.ProviderModule }
      const registry = (real: Layer.Layer<ProviderRegistry.ProviderRegistry>) => Layer.provide(crashing, real)
      return inTurn(Effect.succeed(version === "sound" ? setting : { ...setting, registry }), ({ open }) => [open()])
    },
    law: "only declared errors come out",
    size: switches(20),
    told: "One open: it ends with a TypeError, which is no error that an open declares. The call log is in order, and what the client meets is not.",
    shows: ["IMAPISession::OpenMsgStore", "LoadLibrary"]
  },
  {
    title: "DLL unloaded inside the last support Release",
    what: "The last MAPIUninitialize falls into the last Release of the support object, and frees the code that this Release returns to.",
    where:
      "FreeLibrary follows the last MAPIUninitialize, when providers have finished; the Release of the support object is a provider's last act for a store, and the provider is still inside it.",
    program: (version) => inTurn(version === "sound" ? Effect.succeed({}) : unloadedInRelease, ({ open }) => [open()]),
    law: "FreeLibraryLast",
    size: switches(60),
    told: "One open, and its close: IMsgStore::Release, from within which all this happens, has not returned, and the provider object is still to be shut down.",
    shows: ["IMsgStore::Release", "IMAPISupport::Release", "IMSLogon::Logoff", "FreeLibrary", "IMSProvider::Shutdown"]
  },
  {
    title: "Open flags passed on to MSProviderInit",
    what: "MSProviderInit is called with the flags of the open that caused it.",
    where: "Its word of flags knows MAPI_NT_SERVICE alone; the flags of an open belong to Logon. R15.",
    seen: "Kopano Core, `mapi4linux/src/mapix.cpp`, `M4LMAPISession::OpenMsgStore`: its comment says of the flags that they are passed to MSProviderInit.",
    program: (version) =>
      inTurn(stepping(version, { obtain: withOpenFlags }), ({ open }) => [open(["MDB_NO_MAIL", "MDB_WRITE"])]),
    law: "InitFlags",
    size: switches(50),
    told: "One open with MDB_WRITE.",
    shows: ["IMAPISession::OpenMsgStore", "MSProviderInit", "IMSProvider::Logon"]
  }
]
