/**
 * A session to play small programs on, for the explorer to search: what the programs of the error atlas have in common.
 *
 * Session, sequences and spooler are the real ones; the providers are those in memory, told how to answer. The spooler is
 * busy until the program lets it begin, so that a program says by itself what happens before steps 8 and 9 and what after.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import type * as EntryId from "../../EntryId.ts"
import type * as Explore from "../../explore.ts"
import type { OpenMsgStoreError, OpenRequest } from "../../LoadSequence.ts"
import type { ObjectError } from "../../MapiError.ts"
import * as MapiSession from "../../MapiSession.ts"
import * as ProviderRegistry from "../../ProviderRegistry.ts"
import * as InMemory from "../../providers/InMemory.ts"
import * as Rehearsal from "../../Rehearsal.ts"
import { type LetGo, Spooler } from "../../Spooler.ts"
import type { MsgStore } from "../../StoreHandle.ts"
import { SupportObject } from "../../SupportObject.ts"

/** What the opens and the spooler's steps of one execution came to, each in its order. */
export interface Heard {
  readonly opens: ReadonlyArray<Exit.Exit<void, OpenMsgStoreError>>
  /** Of steps 8 and 9: a spooler is given effects that may fail with anything. */
  readonly spooler: ReadonlyArray<Exit.Exit<void, unknown>>
  /** Calls of stores that were open before. */
  readonly used: ReadonlyArray<Exit.Exit<void, ObjectError>>
}

/** A program that the explorer searches, judged by all laws. */
export type Program = Effect.Effect<Rehearsal.Judged<Heard, never>, never, Explore.Explore>

/** Stores of the provider that is told how to answer, and one of a provider that behaves. */
export type Store = "Inbox" | "Archive" | "Other"

/** The DLL of the provider that is told how to answer. */
export const dllFileName = "MEMORY.DLL"

/** That of the provider that behaves. */
export const otherDll = "OTHER.DLL"

/** What a program plays with. */
export interface Stage {
  readonly choose: Rehearsal.Choose
  readonly session: MapiSession.IMAPISession
  /** What asks for a store without telling the spooler. */
  readonly quietly: (store: Store) => OpenRequest
  /** Opens, hears how it ended, and answers the store where there is one. */
  readonly open: (request: OpenRequest) => Effect.Effect<MsgStore | null, never, Scope.Scope>
  /** Opens, and lets go. */
  readonly visit: (request: OpenRequest) => Effect.Effect<void>
  /** A store that was open before still answers, or does not. */
  readonly use: (store: MsgStore) => Effect.Effect<void>
  /** Waits until the spooler has taken an entry id up. */
  readonly spoolerTakes: Effect.Effect<void>
  /** Lets it begin, and waits until it is through. */
  readonly spoolerBegins: Effect.Effect<void>
}

/** What a provider's script is made of. */
export interface Prompter {
  /** A choice the first time that this call is made; as usual from then on. */
  readonly choose: Rehearsal.Choose
  /** Ends the session, from within a call. */
  readonly ending: Effect.Effect<void>
  /** Opens a store from within a call, and lets go. */
  readonly visiting: (store: Store) => Effect.Effect<void>
}

/** How the provider, and the load of its DLL, are told to answer. */
export interface Setting {
  readonly script?: (prompter: Prompter) => InMemory.Script
  readonly load?: (usual: Load, prompter: Prompter) => Load
}
type Load = ProviderRegistry.Registration["load"]

/** The spooler, busy until it may begin; what its steps come to is heard. */
const spoolerWith = (
  before: Effect.Effect<void>,
  hear: <E>(exit: Exit.Exit<LetGo, E>) => Effect.Effect<void>
): Layer.Layer<Spooler> =>
  Layer.provide(
    Layer.effect(
      Spooler,
      Effect.map(Spooler, ({ give, ...others }) =>
        Spooler.of({
          ...others,
          give: (ticket, steps) => give(ticket, Effect.andThen(before, Effect.onExit(steps, hear)))
        })
      )
    ),
    Spooler.layer
  )

/** A program: a session, what its client does, and what is heard of it. */
export const playing = (
  { load, script }: Setting,
  play: (stage: Stage) => Effect.Effect<void, never, Scope.Scope | Explore.Explore>
): Program =>
  Rehearsal.judged(
    Effect.gen(function* () {
      const choose = yield* Rehearsal.choosing
      const opens = yield* Ref.make<Heard["opens"]>([])
      const spooler = yield* Ref.make<Heard["spooler"]>([])
      const used = yield* Ref.make<Heard["used"]>([])
      const made = yield* Deferred.make<MapiSession.IMAPISession>()
      const taken = yield* Deferred.make<void>()
      const begins = yield* Deferred.make<void>()
      const through = yield* Deferred.make<void>()

      const other = InMemory.make({ dllFileName: otherDll, stores: [{ name: "Other" }] })
      const quietly = (store: Store): OpenRequest => ({
        entryId: entryIdOf(store === "Other" ? other : memory, store),
        flags: ["MDB_NO_MAIL"]
      })
      const chosen = yield* Ref.make<ReadonlySet<string>>(new Set())
      const prompter: Prompter = {
        choose: (call, usual, faults) =>
          Effect.flatMap(
            Ref.modify(chosen, (calls) => [calls.has(call), new Set(calls).add(call)]),
            (before) => (before ? usual : choose(call, usual, faults))
          ),
        ending: Effect.flatMap(Deferred.await(made), ({ logoff }) => logoff),
        visiting: (store) =>
          Effect.flatMap(Deferred.await(made), ({ openMsgStore }) =>
            Effect.ignore(Effect.scoped(openMsgStore(quietly(store))))
          )
      }
      const memory = InMemory.make({
        dllFileName,
        stores: [{ name: "Inbox" }, { name: "Archive" }],
        ...(script === undefined ? {} : { script: script(prompter) })
      })
      const { registration } = memory
      const loads = load === undefined ? registration : { ...registration, load: load(registration.load, prompter) }

      const hear = <E>(exit: Exit.Exit<LetGo, E>) =>
        Effect.andThen(
          Ref.update(spooler, (all) => [...all, Exit.asVoid(exit)]),
          Deferred.succeed(through, undefined)
        )
      const before = Effect.andThen(Deferred.succeed(taken, undefined), Deferred.await(begins))
      const stage = Layer.mergeAll(
        ProviderRegistry.ProviderRegistry.layer([loads, other.registration]),
        SupportObject.layer,
        spoolerWith(before, hear)
      )
      const run = Effect.gen(function* () {
        const session = yield* MapiSession.make()
        yield* Deferred.succeed(made, session)
        const open: Stage["open"] = (request) =>
          session.openMsgStore(request).pipe(
            Effect.onExit((exit) => Ref.update(opens, (all) => [...all, Exit.asVoid(exit)])),
            Effect.orElseSucceed(() => null)
          )
        yield* play({
          choose,
          session,
          quietly,
          open,
          visit: (request) => Effect.scoped(Effect.asVoid(open(request))),
          use: (store) =>
            Effect.flatMap(Effect.exit(store.getProps(["PR_DISPLAY_NAME"])), (exit) =>
              Ref.update(used, (all) => [...all, Exit.asVoid(exit)])
            ),
          spoolerTakes: Deferred.await(taken),
          spoolerBegins: Deferred.succeed(begins, undefined).pipe(
            Effect.andThen(Deferred.await(through)),
            Effect.andThen(session.spoolerIdle)
          )
        })
      })
      yield* Effect.provide(Effect.scoped(run), stage)
      return { opens: yield* Ref.get(opens), spooler: yield* Ref.get(spooler), used: yield* Ref.get(used) }
    })
  )

const entryIdOf = (memory: InMemory.InMemory, store: Store): EntryId.Wrapped => Result.getOrThrow(memory.entryId(store))
