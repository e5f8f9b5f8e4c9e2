/**
 * What an exhibit of the museum is, how it is played, and how it is found.
 *
 * An exhibit is one program in two versions: as this library does it, and with one defect built in as a small variation of
 * a provider, a layer or a sequence. The explorer runs both under all laws. Nothing here knows any particular defect.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as Witnesses from "../../src/cli/atlas/witnesses.ts"
import * as Explore from "../../src/explore.ts"
import {
  type CallLog,
  type Flags,
  InMemory,
  type LoadSequence,
  MapiSession,
  type MsgStore,
  ProviderRegistry,
  Spooler,
  type StoreProvider,
  SupportObject
} from "../../src/index.ts"
import * as Rehearsal from "../../src/Rehearsal.ts"

/** What each client met. */
export type Outcomes = ReadonlyArray<Exit.Exit<unknown, unknown>>
export type Program = Effect.Effect<Rehearsal.Judged<Outcomes, never>, never, Explore.Explore>
export type Execution = Explore.Execution<Rehearsal.Judged<Outcomes, never>, never>

export type Version = "sound" | "defective"

/** A defect, rebuilt. */
export interface Exhibit {
  readonly title: string
  /** Nobody is known to have shipped it. */
  readonly constructed?: true
  /** What it is. */
  readonly what: string
  /** What rule it breaks, and what is known of it. */
  readonly where: string
  /** A public source that has it. */
  readonly seen?: string
  readonly program: (version: Version) => Program
  /** The law that catches it; or what does, where no law can: a deadlock, an error that nobody declares. */
  readonly law: string
  /** What else its smallest counterexample breaks. */
  readonly also?: ReadonlyArray<string>
  /** The smallest counterexample has as many faults and interruptions, and at most as many context switches. */
  readonly size: Omit<Explore.Size, "length">
  /** The smallest counterexample, in words. */
  readonly told: string
  /** The calls of it that matter. */
  readonly shows: ReadonlyArray<string>
  readonly within?: Explore.Within
  /** Executions of the defective version; 50 where it is not said. The sound one is searched to its end. */
  readonly budget?: number
}

/** The size of a counterexample without faults and interruptions: how many steps a call takes is free to change. */
export const switches = (count: number): Exhibit["size"] => ({ faults: 0, interruptions: 0, switches: count })

// --- playing --------------------------------------------------------------------------------------------------------

/** Who opens stores. */
export interface Stage {
  readonly session: MapiSession.IMAPISession
  readonly open: (
    flags?: ReadonlyArray<Flags.Open>,
    store?: string
  ) => Effect.Effect<MsgStore.MsgStore, LoadSequence.OpenMsgStoreError, Scope.Scope>
}

type Services = ProviderRegistry.ProviderRegistry | SupportObject.SupportObject | Spooler.Spooler

/** What differs from a well-behaved provider under a session of our own. */
export interface Setting {
  readonly stores?: ReadonlyArray<InMemory.StoreSpec>
  readonly script?: InMemory.Script
  /** Stands around the provider's DLL. */
  readonly module?: (module: StoreProvider.ProviderModule) => StoreProvider.ProviderModule
  readonly registry?: (
    registry: Layer.Layer<ProviderRegistry.ProviderRegistry>
  ) => Layer.Layer<ProviderRegistry.ProviderRegistry>
  readonly supports?: Layer.Layer<SupportObject.SupportObject>
  /** Is there a spooler? None where it is not said: its fiber would only be one more to interleave. */
  readonly mail?: boolean
  readonly session?: Layer.Layer<MapiSession.MapiSession, never, Services>
}

const noSpooler = Layer.succeed(Spooler.Spooler, {
  give: () => Effect.void,
  letGo: () => Effect.succeed(false)
})

const played = (
  {
    mail = false,
    module = (it) => it,
    registry = (it) => it,
    script = {},
    session,
    stores = [{ name: "Inbox" }],
    ...rest
  }: Setting,
  body: (stage: Stage) => Effect.Effect<Outcomes, never, Scope.Scope>
) => {
  const memory = InMemory.make({ stores, script })
  const registration = ProviderRegistry.inMemory("MEMORY.DLL", module(memory.module))
  const services = Layer.mergeAll(
    registry(ProviderRegistry.ProviderRegistry.layer([registration])),
    rest.supports ?? SupportObject.SupportObject.layer,
    mail ? Spooler.Spooler.layer : noSpooler
  )
  const run = Effect.gen(function* () {
    const session = yield* MapiSession.MapiSession
    const open: Stage["open"] = (flags = mail ? [] : ["MDB_NO_MAIL"], store = "Inbox") =>
      session.openMsgStore({ entryId: Result.getOrThrow(memory.entryId(store)), flags })
    return yield* Effect.scoped(body({ session, open }))
  })
  return Effect.provide(run, Layer.provide(session ?? MapiSession.MapiSession.layerNoDeps, services))
}

/** The explorer is for clients that ask it for more than to be watched. */
type Clients = (
  stage: Stage,
  explorer: Explore.Explore["Service"]
) => ReadonlyArray<Effect.Effect<unknown, unknown, Scope.Scope>>

type SettingOf = Effect.Effect<Setting, never, Explore.Explore>

const playing = (
  setting: SettingOf,
  body: (stage: Stage, explorer: Explore.Explore["Service"]) => Effect.Effect<Outcomes, never, Scope.Scope>
): Program =>
  Rehearsal.judged(
    Effect.gen(function* () {
      const explorer = yield* Explore.Explore
      return yield* played(yield* setting, (stage) => body(stage, explorer))
    })
  )

/** Clients of one session, all at once; what they open closes when all are done. What a setting shares it makes itself. */
export const atOnce = (setting: SettingOf, clients: Clients): Program =>
  playing(setting, (stage, explorer) =>
    Effect.gen(function* () {
      const fibers = yield* Effect.forEach(clients(stage, explorer), (client) => Effect.forkChild(client))
      return yield* Effect.forEach(fibers, (fiber) => Fiber.await(fiber))
    })
  )

/** One client after the other, in one fiber. */
export const inTurn = (setting: SettingOf, clients: Clients): Program =>
  playing(setting, (stage, explorer) =>
    Effect.forEach(clients(stage, explorer), (client) => Effect.exit(Effect.scoped(client)))
  )

// --- finding --------------------------------------------------------------------------------------------------------

const declared = "only declared errors come out"

/** Checks one version of an exhibit. */
export const check = ({ budget = 50, program, within = {} }: Exhibit, version: Version) =>
  Explore.check(program(version), {
    always: { "it comes to its end": Rehearsal.completes, [declared]: Witnesses.onlyDeclared },
    everyOrder: { laws: Rehearsal.laws },
    within,
    budget: version === "sound" ? {} : { executions: budget }
  })

/** What is found of the defective version, and how it replays. */
export const find = Effect.fn("Museum.find")(function* (exhibit: Exhibit) {
  const verdict = yield* check(exhibit, "defective")
  if (verdict._tag !== "Falsified") return { _tag: "NotFound", verdict } as const
  const { counterexample, executions, failing } = verdict
  const { changed, exit } = yield* Explore.replay(exhibit.program("defective"), counterexample.token)
  const broken = exit !== undefined && Exit.isSuccess(exit) ? lawsOf(exit.value) : []
  const { law, reason, size } = counterexample
  return {
    _tag: "Found",
    /** Each law that the counterexample breaks, replayed; or the check or the deadlock that is found in its stead. */
    broken: law === "laws" ? broken : [law, ...broken],
    changed,
    reason,
    size: { faults: size.faults, interruptions: size.interruptions, switches: size.switches },
    choices: counterexample.choices,
    executions,
    failing,
    // Boundary: nothing but the call log is recorded in a museum.
    events: counterexample.events.map(({ value }, at): CallLog.Event => ({ ...(value as CallLog.Event), seq: at + 1 }))
  } as const
})
export type Found = Extract<Effect.Success<ReturnType<typeof find>>, { readonly _tag: "Found" }>

/** The names of the laws that a judged program broke. */
const lawsOf = ({ broken }: Rehearsal.Judged<unknown, unknown>): ReadonlyArray<string> =>
  Array.from(new Set(broken().map((told) => told.slice(0, told.indexOf(" of ")))))
