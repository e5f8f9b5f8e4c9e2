/**
 * Which DLL serves a store, and how it is loaded: the process's side of step 2.
 *
 * A DLL is loaded once a process, at its first use, and freed when the registry closes and its last user is gone. Nothing
 * is ever imported because an entry id named it: an id can only choose among the registrations. [R1] [R13]
 */
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Predicate from "effect/Predicate"
import * as Ref from "effect/Ref"
import type * as Scope from "effect/Scope"
import * as CallLog from "./CallLog.ts"
import { dllKey } from "./EntryId.ts"
import { LoadFailed } from "./MapiError.ts"
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
 * an absolute URL or package name; or a function that imports, so that a bundler sees which module.
 */
export const fromModule = (dllFileName: string, from: string | URL | (() => Promise<unknown>)): Registration => {
  const name = typeof from === "function" ? dllFileName : String(from)
  return {
    dllFileName,
    load: Effect.tryPromise({
      try: () => (typeof from === "function" ? from() : import(String(from))),
      catch: (cause) =>
        isMissing(cause)
          ? failed(dllFileName, "missing", `no module at ${name}`)
          : failed(dllFileName, "threw", `${name} threw while loading: ${told(cause)}`)
    }).pipe(Effect.flatMap((module) => checked(dllFileName, module)))
  }
}

const failed = (subject: string, reason: LoadFailed["reason"], detail: string) =>
  new LoadFailed({ subject, reason, detail, step: 2 })

const told = (cause: unknown): string => (Predicate.isError(cause) ? `${cause.name}: ${cause.message}` : String(cause))

const isMissing = (cause: unknown): boolean =>
  Predicate.hasProperty(cause, "code") && cause.code === "ERR_MODULE_NOT_FOUND"

const checked = (dllFileName: string, module: unknown): Effect.Effect<ProviderModule, LoadFailed> =>
  Predicate.hasProperty(module, "MSProviderInit") && typeof module.MSProviderInit === "function"
    ? Effect.succeed(module as ProviderModule) // boundary: what the export does is checked at each call
    : Effect.fail(failed(dllFileName, "noExport", "the module has no export MSProviderInit"))

type Entry =
  | { readonly _tag: "Loading"; readonly ready: Deferred.Deferred<ProviderModule, LoadFailed> }
  | { readonly _tag: "Loaded"; readonly module: ProviderModule; readonly users: number }

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

const used = (state: State, key: string, by: number): readonly [number, State] => {
  const entry = state.entries.get(key)
  if (entry?._tag !== "Loaded") return [0, state]
  const users = entry.users + by
  return [users, put(state, key, state.closing && users === 0 ? undefined : { ...entry, users })]
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
}

const makeRegistry = Effect.fnUntraced(function* (registrations: ReadonlyArray<Registration>) {
  const known = new Map(registrations.map((registration) => [dllKey(registration.dllFileName), registration]))
  const state = yield* Ref.make<State>({ entries: new Map(), closing: false })
  const recorder = yield* CallLog.CallLog
  const process = { session: null, within: null }

  const free = (dll: string) =>
    Effect.sync(() => CallLog.note(recorder, process, { call: "FreeLibrary", from: "MAPI", to: "provider", dll }))

  // The load goes on without those who wait for it; whoever comes meanwhile waits too; a failure is forgotten.
  const loading = (
    key: string,
    { dllFileName, load }: Registration,
    ready: Deferred.Deferred<ProviderModule, LoadFailed>
  ) =>
    CallLog.call(
      { call: "LoadLibrary", from: "MAPI", to: "provider", dll: dllFileName, step: 2 },
      Effect.catchDefect(load, (cause) => Effect.fail(failed(dllFileName, "threw", `loading threw: ${told(cause)}`)))
    ).pipe(
      Effect.provideService(CallLog.CallLog, recorder),
      Effect.provideService(CallLog.Frame, process),
      Effect.exit,
      Effect.flatMap((exit) => {
        const entry = Exit.isSuccess(exit) ? ({ _tag: "Loaded", module: exit.value, users: 0 } as const) : undefined
        const settle = Ref.modify(state, (now): readonly [boolean, State] =>
          now.closing ? [entry !== undefined, put(now, key, undefined)] : [false, put(now, key, entry)]
        )
        return settle.pipe(
          Effect.tap((tooLate) => (tooLate ? free(dllFileName) : Effect.void)),
          Effect.andThen(Deferred.done(ready, exit))
        )
      }),
      Effect.forkDetach({ startImmediately: true, uninterruptible: true })
    )

  const obtain = Effect.fnUntraced(function* (key: string, registration: Registration) {
    const ready = Deferred.makeUnsafe<ProviderModule, LoadFailed>()
    const entry = yield* Ref.modify(state, (now): readonly [Entry | undefined, State] => {
      const found = now.entries.get(key)
      return found === undefined ? [undefined, put(now, key, { _tag: "Loading", ready })] : [found, now]
    })
    if (entry?._tag === "Loaded") return entry.module
    if (entry === undefined) yield* loading(key, registration, ready)
    return yield* Deferred.await(entry?.ready ?? ready)
  })

  const release = (key: string, dll: string) =>
    Effect.gen(function* () {
      const users = yield* Ref.modify(state, (now) => used(now, key, -1))
      const { closing } = yield* Ref.get(state)
      if (closing && users === 0) yield* free(dll)
    })

  yield* Effect.addFinalizer(() =>
    Effect.gen(function* () {
      const idle = yield* Ref.modify(state, (now): readonly [ReadonlyArray<string>, State] => {
        const keys = Array.from(now.entries.keys())
        const unused = keys.filter((key) => isUnused(now.entries.get(key)))
        const closing: State = { ...now, closing: true }
        return [unused, unused.reduce((left, key) => put(left, key, undefined), closing)]
      })
      yield* Effect.forEach(idle, (key) => free(known.get(key)?.dllFileName ?? key), { discard: true })
    })
  )

  return ProviderRegistry.of({
    knows: (dllFileName) => known.has(dllKey(dllFileName)),
    load: Effect.fn("ProviderRegistry.load")(function* (dllFileName: string) {
      const key = dllKey(dllFileName)
      const registration = known.get(key)
      if (registration === undefined) {
        return yield* failed(dllFileName, "missing", "no provider is registered under this name")
      }
      const take = Effect.tap(obtain(key, registration), () => Ref.modify(state, (now) => used(now, key, 1)))
      return yield* Effect.acquireRelease(take, () => release(key, registration.dllFileName), { interruptible: false })
    })
  })
})

const isUnused = (entry: Entry | undefined): boolean => entry?._tag === "Loaded" && entry.users === 0
