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
import { type Execution, type Exhibit, eventsOf, inTurn, type Setting } from "./museum.ts"

const { ProviderRegistry: Registry } = ProviderRegistry

const sequences = (version: "sound" | "defective", defective: ByHand.Sequences) =>
  Effect.succeed({ session: ByHand.layer(version === "sound" ? {} : defective) })

// --- init on every open ---------------------------------------------------------------------------------------------

const initAgain = (requested: LoadSequence.Requested) =>
  LoadSequence.loadProvider(requested).pipe(
    Effect.flatMap(LoadSequence.initProvider),
    Effect.tap((ready) =>
      Effect.sync(() => Internal.transit(requested.pointer.session, SessionState.providerReady(ready)))
    )
  )

// --- Shutdown never called ------------------------------------------------------------------------------------------

/** The session's end, which goes from the last logon straight to the Release of the provider object. */
const endWithoutShutdown = Effect.fnUntraced(function* (session: Internal.Session, client: string) {
  const providers = Internal.transit(session, (state) => [state.providers, { ...state, providers: new Map() }])
  yield* UnloadSequence.endSession(session, client)
  for (const ready of providers.values()) {
    if (ready._tag !== "Ready") continue
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
  const ready: SessionState.Ready = { _tag: "Ready", dll, dllFileName, module, provider, scope }
  Internal.transit(pointer.session, SessionState.providerReady(ready))
  return ready
})

/** No law looks at these flags. */
const initFlags = (execution: Execution): true | string => {
  for (const { call, flags = [] } of eventsOf(execution, /^call /).flat()) {
    const stray = call === "MSProviderInit" ? flags.find((flag) => flag !== "MAPI_NT_SERVICE") : undefined
    if (stray !== undefined) return `MSProviderInit was given ${stray}`
  }
  return true
}

const nothing = { faults: 0, interruptions: 0, switches: 0 }

export const loading: ReadonlyArray<Exhibit> = [
  {
    title: "Init on every open",
    what: "",
    where: "",
    program: (version) =>
      inTurn(sequences(version, { open: ByHand.composed({ obtain: initAgain }) }), ({ open }) => [open(), open()]),
    law: "OneInit",
    also: ["AllReleased", "LoadsBalanced", "ShutdownOnce"],
    size: nothing,
    budget: 50,
    sound: "Verified",
    shows: []
  },
  {
    title: "IMSProvider destroyed after each open",
    what: "",
    where: "",
    program: (version) =>
      inTurn(
        sequences(version, { open: ByHand.composed({ last: ({ provider }) => RefCounted.letGo(provider, "MAPI") }) }),
        ({ open }) => [open()]
      ),
    law: "ShutdownOnce",
    size: nothing,
    budget: 50,
    sound: "Verified",
    shows: []
  },
  {
    title: "Shutdown never called",
    what: "",
    where: "",
    program: (version) => inTurn(sequences(version, { end: endWithoutShutdown }), ({ open }) => [open()]),
    law: "ShutdownOnce",
    size: nothing,
    budget: 50,
    sound: "Verified",
    shows: []
  },
  {
    title: "A DLL without MSProviderInit, and the crash in its guard",
    what: "",
    where: "",
    program: (version) => {
      // Boundary: a module without its export is no ProviderModule.
      const setting: Setting = { module: () => ({}) as StoreProvider.ProviderModule }
      const registry = (real: Layer.Layer<ProviderRegistry.ProviderRegistry>) => Layer.provide(crashing, real)
      return inTurn(Effect.succeed(version === "sound" ? setting : { ...setting, registry }), ({ open }) => [open()])
    },
    law: "only declared errors come out",
    size: nothing,
    budget: 50,
    sound: "Verified",
    shows: []
  },
  {
    title: "DLL unloaded inside the last support Release",
    what: "",
    where: "",
    program: (version) => inTurn(version === "sound" ? Effect.succeed({}) : unloadedInRelease, ({ open }) => [open()]),
    law: "FreeLibraryLast",
    size: nothing,
    budget: 50,
    sound: "Verified",
    shows: []
  },
  {
    title: "Open flags passed on to MSProviderInit",
    what: "",
    where: "",
    program: (version) =>
      inTurn(sequences(version, { open: ByHand.composed({ obtain: withOpenFlags }) }), ({ open }) => [
        open(["MDB_NO_MAIL", "MDB_WRITE"])
      ]),
    law: "MSProviderInit gets no flag of an open",
    always: { "MSProviderInit gets no flag of an open": initFlags },
    size: nothing,
    budget: 50,
    sound: "Verified",
    shows: []
  }
]
