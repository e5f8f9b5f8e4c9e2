/**
 * Which DLL serves a store, and how it is loaded: the process's side of step 2.
 *
 * A DLL is loaded once a process, at its first use, and freed when the registry closes and its last user is gone. Nothing
 * is ever imported because an entry id named it: an id can only choose among the registrations. [R1] [R13]
 */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Formatter from "effect/Formatter"
import * as Layer from "effect/Layer"
import * as Predicate from "effect/Predicate"
import * as Ref from "effect/Ref"
import type * as Scope from "effect/Scope"
import * as CallLog from "./CallLog.ts"
import { dllKey } from "./EntryId.ts"
import { at, LoadFailed } from "./MapiError.ts"
import * as MapiSvcInf from "./MapiSvcInf.ts"
import type { ProviderModule } from "./StoreProvider.ts"

/** A DLL name, and how to get at what it exports. */
export interface Registration {
  /** The base name, without the "32" that MAPI adds: `DEMO.DLL`. Compared without regard to case. */
  readonly dllFileName: string
  readonly load: Effect.Effect<ProviderModule, LoadFailed>
}

/** A provider that is already in memory. */
export const inMemory = (dllFileName: string, module: ProviderModule): Registration => ({
  dllFileName,
  load: Effect.suspend(() => checked(dllFileName, module))
})

/**
 * A provider that is an ES module: its `MSProviderInit` export, by `import()`, when the first store of it is opened. Pass
 * an absolute URL or package name; or a function that imports, so that a bundler sees which module. Of a function it is
 * not known which module it means: whatever it did not find, itself or what it imports, is told as `missing`.
 */
export const fromModule = (dllFileName: string, from: string | URL | (() => Promise<unknown>)): Registration => {
  const name = typeof from === "function" ? undefined : String(from)
  return {
    dllFileName,
    load:
      name?.startsWith(".") === true
        ? Effect.fail(failed(dllFileName, "missing", `${name} is relative: register an absolute URL or a package name`))
        : Effect.tryPromise({
            // Async: what it throws before there is a promise is its failure too.
            try: async () => (typeof from === "function" ? from() : import(String(from))),
            catch: (cause) => notLoaded(dllFileName, name, cause)
          }).pipe(Effect.flatMap((module) => checked(dllFileName, module)))
  }
}

/** What implements a DLL: a module in memory, a function that imports one, or a registration, whatever name that one has. */
export type Implementation = ProviderModule | Registration | (() => Promise<unknown>)

/**
 * A registration for each DLL in which an INF says that stores live, and for no other. `modules` says what implements each,
 * by its base name, without regard to case; a DLL that it leaves out is registered, and cannot be loaded. [R13]
 */
export const fromInf = (
  inf: MapiSvcInf.MapiSvcInf,
  modules: Readonly<Record<string, Implementation>>
): ReadonlyArray<Registration> => {
  const given = new Map(Object.entries(modules).map(([name, module]) => [dllKey(name), module]))
  return MapiSvcInf.storeDlls(inf).map((dllFileName) => {
    const module = given.get(dllKey(dllFileName))
    if (module === undefined) return { dllFileName, load: Effect.fail(notGiven(dllFileName)) }
    if (typeof module === "function") return fromModule(dllFileName, module)
    return isRegistration(module) ? { dllFileName, load: module.load } : inMemory(dllFileName, module)
  })
}

const isRegistration = (module: Implementation): module is Registration => Predicate.hasProperty(module, "load")

const notGiven = (dllFileName: string) =>
  new LoadFailed({
    subject: dllFileName,
    reason: "missing",
    detail: "the INF names this DLL, and no module is given that implements it",
    advice: `Pass a module for ${JSON.stringify(dllFileName)} along with the INF, then open again.`,
    step: 2
  })

const failed = (subject: string, reason: LoadFailed["reason"], detail: string) =>
  new LoadFailed({ subject, reason, detail, step: 2 })

const told = (cause: unknown): string => (typeof cause === "string" ? cause : Formatter.format(cause))

const notLoaded = (dllFileName: string, name: string | undefined, cause: unknown): LoadFailed => {
  const missing = isNotFound(cause) && (name === undefined || isNamed(told(cause), name))
  if (!missing) return failed(dllFileName, "threw", `${name ?? "the module"} threw while loading: ${told(cause)}`)
  const detail = name === undefined ? `a module is missing: ${told(cause)}` : `no module at ${name}`
  return failed(dllFileName, "missing", detail)
}

const isNotFound = (cause: unknown): boolean =>
  Predicate.hasProperty(cause, "code") && cause.code === "ERR_MODULE_NOT_FOUND"

/**
 * Is this module what was not found, or does it exist and import something that was not? Runtimes say the same code for
 * both (Deno for a syntax error, too), and name the missing one in quotes: as asked for, as a path, or by its package.
 */
const isNamed = (text: string, name: string): boolean => {
  const path = name.startsWith("file://")
    ? decodeURIComponent(name.slice("file://".length).replace(/[?#].*$/, ""))
    : name
  const [packageName = name] = /^(@[^/]+\/)?[^/]+/.exec(name) ?? []
  return [name, path, packageName].some((it) => text.includes(`'${it}'`) || text.includes(`"${it}"`))
}

const checked = (dllFileName: string, module: unknown): Effect.Effect<ProviderModule, LoadFailed> =>
  Effect.suspend(() => {
    if (!Predicate.hasProperty(module, "MSProviderInit")) {
      return Effect.fail(failed(dllFileName, "noExport", "the module has no export MSProviderInit"))
    }
    return typeof module.MSProviderInit === "function"
      ? Effect.succeed(module as ProviderModule) // boundary: what the export does is checked at each call
      : Effect.fail(failed(dllFileName, "noExport", "the module's export MSProviderInit is no function"))
  })

/** A load whose every failure is a LoadFailed of step 2, whatever a registration of somebody's own does. */
const total = ({ dllFileName, load }: Registration): Effect.Effect<ProviderModule, LoadFailed> =>
  Effect.suspend(() =>
    Effect.isEffect(load) ? load : Effect.fail(failed(dllFileName, "threw", "its registration loads by no Effect"))
  ).pipe(
    Effect.catchCause((cause) => {
      const error = Cause.squash(cause)
      const other = () => failed(dllFileName, "threw", `loading threw: ${told(error)}`)
      return Effect.fail(error instanceof LoadFailed ? at(error, 2) : other())
    })
  )

/**
 * A DLL from the first claim of it until its FreeLibrary. Who waits for its load is a user already, so that it is not
 * freed between the load and the first use.
 */
interface Entry {
  readonly ready: Deferred.Deferred<ProviderModule, LoadFailed>
  readonly users: number
}

interface State {
  readonly entries: ReadonlyMap<string, Entry>
  /** The last MAPIUninitialize has happened: what nobody uses is freed. */
  readonly closing: boolean
}

const put = (state: State, key: string, entry: Entry | undefined): State => {
  const entries = new Map(state.entries)
  if (entry === undefined) entries.delete(key)
  else entries.set(key, entry)
  return { ...state, entries }
}

/** One user more. Answers what he waits for, and whether the load is his to start. */
const claim =
  (key: string, ready: Entry["ready"]) =>
  (state: State): readonly [{ readonly ready: Entry["ready"]; readonly isFirst: boolean }, State] => {
    const { users, ...known } = state.entries.get(key) ?? { ready, users: 0 }
    return [{ ready: known.ready, isFirst: known.ready === ready }, put(state, key, { ...known, users: users + 1 })]
  }

/** One user less. Answers true to the last one after the end: the DLL is his to free. */
const leave =
  (key: string) =>
  (state: State): readonly [boolean, State] => {
    const entry = state.entries.get(key)
    if (entry === undefined) return [false, state]
    const users = entry.users - 1
    const last = state.closing && users === 0
    return [last, put(state, key, last ? undefined : { ...entry, users })]
  }

/** The end. Answers the DLLs that nobody uses, to be freed now. */
const close = (state: State): readonly [ReadonlyArray<string>, State] => {
  const idle = Array.from(state.entries).flatMap(([key, { users }]) => (users === 0 ? [key] : []))
  const closing: State = { ...state, closing: true }
  return [idle, idle.reduce((left, key) => put(left, key, undefined), closing)]
}

/** The providers of this process. */
export class ProviderRegistry extends Context.Service<
  ProviderRegistry,
  {
    /** Is a provider registered under this DLL name? */
    readonly knows: (dllFileName: string) => boolean
    /** LoadLibrary, once a process; in use until the scope closes. */
    readonly load: (dllFileName: string) => Effect.Effect<ProviderModule, LoadFailed, Scope.Scope>
  }
>()("effect-mapi/ProviderRegistry") {
  /** A registry of these providers; of two with one name, the later. Its own end is the last MAPIUninitialize. */
  static layer(registrations: ReadonlyArray<Registration>): Layer.Layer<ProviderRegistry> {
    return Layer.effect(ProviderRegistry, makeRegistry(registrations))
  }

  /** A registry of what a MAPISVC.INF names: see `fromInf`. What is wrong with the file, `MapiSvcInf.parse` tells. */
  static layerFromInf(
    text: string | Uint8Array,
    modules: Readonly<Record<string, Implementation>>
  ): Layer.Layer<ProviderRegistry> {
    return Layer.suspend(() => ProviderRegistry.layer(fromInf(MapiSvcInf.parse(text), modules)))
  }
}

const makeRegistry = Effect.fnUntraced(function* (registrations: ReadonlyArray<Registration>) {
  const known = new Map(registrations.map((registration) => [dllKey(registration.dllFileName), registration]))
  const state = yield* Ref.make<State>({ entries: new Map(), closing: false })
  const recorder = yield* CallLog.CallLog
  const process = { session: null, within: null }

  const free = (dll: string) =>
    Effect.sync(() => CallLog.note(recorder, process, { call: "FreeLibrary", from: "MAPI", to: "provider", dll }))

  // One fiber loads, for all who wait; a failure is forgotten before any of them hears of it, so that a second try loads.
  const start = (key: string, registration: Registration, ready: Entry["ready"]) => {
    const about = { call: "LoadLibrary", from: "MAPI", to: "provider", dll: registration.dllFileName, step: 2 } as const
    return CallLog.call(about, total(registration)).pipe(
      Effect.provideService(CallLog.CallLog, recorder),
      Effect.provideService(CallLog.Frame, process),
      Effect.tapError(() => Ref.update(state, (now) => put(now, key, undefined))),
      Effect.exit,
      Effect.flatMap((exit) => Deferred.done(ready, exit)),
      Effect.forkDetach({ startImmediately: true, uninterruptible: true })
    )
  }

  const take = Effect.fnUntraced(function* (key: string, registration: Registration) {
    const { isFirst, ready } = yield* Ref.modify(state, claim(key, Deferred.makeUnsafe()))
    if (isFirst) yield* start(key, registration, ready)
    return yield* Deferred.await(ready)
  })

  const release = (key: string, dll: string) =>
    Effect.flatMap(Ref.modify(state, leave(key)), (isLast) => (isLast ? free(dll) : Effect.void))

  yield* Effect.addFinalizer(() =>
    Effect.flatMap(Ref.modify(state, close), (idle) =>
      Effect.forEach(idle, (key) => free(known.get(key)?.dllFileName ?? key), { discard: true })
    )
  )

  return ProviderRegistry.of({
    knows: (dllFileName) => known.has(dllKey(dllFileName)),
    load: Effect.fn("ProviderRegistry.load")(function* (dllFileName: string) {
      const key = dllKey(dllFileName)
      const registration = known.get(key)
      if (registration === undefined) {
        return yield* failed(dllFileName, "missing", "no provider is registered under this name")
      }
      // Uninterruptible until loaded; who wants to stop waiting earlier waits elsewhere. [R12]
      return yield* Effect.acquireRelease(take(key, registration), () => release(key, registration.dllFileName))
    })
  })
})
