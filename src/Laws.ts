/**
 * What must hold of every call log, and how to judge by it: a session that runs, or a log that somebody else recorded.
 *
 * The laws are those of the page and of the reference around it, one a file, each with its sentence. They know nothing of
 * how this library is made: a log in the schema of `CallLog` is all they see. Judging never changes what is judged.
 */
import type * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import * as CallLog from "./CallLog.ts"
import { aside } from "./internal/aside.ts"
import { AllReleased } from "./laws/AllReleased.ts"
import { BothObjects } from "./laws/BothObjects.ts"
import { ConfiguredOnce } from "./laws/ConfiguredOnce.ts"
import { Counts } from "./laws/Counts.ts"
import { DeadObjects } from "./laws/DeadObjects.ts"
import { Disabled } from "./laws/Disabled.ts"
import { FailOneProvider } from "./laws/FailOneProvider.ts"
import { FreeLibraryLast } from "./laws/FreeLibraryLast.ts"
import { Gate } from "./laws/Gate.ts"
import { InitFlags } from "./laws/InitFlags.ts"
import * as Judge from "./laws/Judge.ts"
import { LastClient } from "./laws/LastClient.ts"
import type { Law } from "./laws/Law.ts"
import { LoadsBalanced } from "./laws/LoadsBalanced.ts"
import { LogoffFirst } from "./laws/LogoffFirst.ts"
import { LogonBetween } from "./laws/LogonBetween.ts"
import { NetAddRef } from "./laws/NetAddRef.ts"
import { NoShutdownUnlessReady } from "./laws/NoShutdownUnlessReady.ts"
import { OneInit } from "./laws/OneInit.ts"
import { OneLogon } from "./laws/OneLogon.ts"
import { OwnProvider } from "./laws/OwnProvider.ts"
import { PageOrder } from "./laws/PageOrder.ts"
import { PrivateIds } from "./laws/PrivateIds.ts"
import { RepeatOpen } from "./laws/RepeatOpen.ts"
import { SamePair } from "./laws/SamePair.ts"
import { ShutdownAlone } from "./laws/ShutdownAlone.ts"
import { ShutdownLast } from "./laws/ShutdownLast.ts"
import { ShutdownOnce } from "./laws/ShutdownOnce.ts"
import { SpoolerBeforeClient } from "./laws/SpoolerBeforeClient.ts"
import { StepNumbers } from "./laws/StepNumbers.ts"
import { StoreFromSuccess } from "./laws/StoreFromSuccess.ts"
import { StoreWithinSession } from "./laws/StoreWithinSession.ts"
import { SuccessIsTold } from "./laws/SuccessIsTold.ts"
import { Teardown } from "./laws/Teardown.ts"
import { TicketEnds } from "./laws/TicketEnds.ts"
import * as Trace from "./laws/Trace.ts"
import { TransportsOnce } from "./laws/TransportsOnce.ts"
import { UnwrappedId } from "./laws/UnwrappedId.ts"
import { WrappedIds } from "./laws/WrappedIds.ts"

export type { Broken, Options, Verdict } from "./laws/Judge.ts"
export type { Law } from "./laws/Law.ts"
export type { Item, Judged, Misfit } from "./laws/Trace.ts"

/** Every law, in the order of the page. */
export const all: ReadonlyArray<Law> = [
  StepNumbers,
  PageOrder,
  WrappedIds,
  LoadsBalanced,
  OneInit,
  InitFlags,
  OwnProvider,
  NoShutdownUnlessReady,
  UnwrappedId,
  PrivateIds,
  LogonBetween,
  OneLogon,
  ConfiguredOnce,
  FailOneProvider,
  Disabled,
  BothObjects,
  NetAddRef,
  RepeatOpen,
  StoreFromSuccess,
  SuccessIsTold,
  Gate,
  SpoolerBeforeClient,
  TicketEnds,
  SamePair,
  Counts,
  AllReleased,
  DeadObjects,
  LastClient,
  TransportsOnce,
  Teardown,
  LogoffFirst,
  StoreWithinSession,
  ShutdownLast,
  ShutdownAlone,
  ShutdownOnce,
  FreeLibraryLast
]

/** Judges a log of any size, in one pass: what is said of each law, in the order of `all`. */
export const judge = <E, R>(
  events: Stream.Stream<CallLog.Event, E, R>,
  options?: Judge.Options
): Effect.Effect<ReadonlyArray<Judge.Verdict>, E, R> =>
  Effect.suspend(() => {
    const { end, see, verdicts } = Judge.make(all, options)
    return Effect.map(
      Stream.runForEach(events, (event) => Effect.sync(() => see(event))),
      () => {
        end()
        return verdicts()
      }
    )
  })

/**
 * The same of a trace in JSON Lines, as its bytes come, in the memory of one line and of what is open at once. Lines that
 * are no events are counted, told of to `heard` like the others, and fail nothing.
 */
export const judgeTrace = <E, R>(
  bytes: Stream.Stream<Uint8Array, E, R>,
  heard?: (item: Trace.Item) => void
): Effect.Effect<Trace.Judged, E, R> => Trace.judge(all, bytes, heard)

/**
 * Judges whatever is built on it while it runs: provide it below `MapiSession`'s layer, and above a recorder's, if there is
 * one. Each broken law comes to `onBroken` once for each subject, soon after the event that breaks it and in a fiber of
 * its own; what is owed and was not paid, when the layer closes. A session runs as it would unjudged, whatever
 * `onBroken` does: what that throws is dropped.
 *
 * @example
 * ```ts
 * import * as Console from "effect/Console"
 * import * as Layer from "effect/Layer"
 * import { Laws, MapiSession, type ProviderRegistry } from "effect-mapi"
 *
 * const judged = Laws.layerJudge(({ event, expected, law }) =>
 *   Console.warn(`${law.name}: ${event.call}, expected ${expected}`)
 * )
 * const session: Layer.Layer<MapiSession.MapiSession, never, ProviderRegistry.ProviderRegistry> =
 *   Layer.provide(MapiSession.MapiSession.layer, judged)
 * ```
 */
export const layerJudge = <R = never>(
  onBroken: (broken: Judge.Broken) => Effect.Effect<void, never, R>
): Layer.Layer<never, never, R> =>
  Layer.effectContext(
    Effect.gen(function* () {
      const judge = Judge.make(all, { sees: ["*"] })
      const reports = yield* Queue.unbounded<Judge.Broken, Cause.Done>()
      const report = (broken: ReadonlyArray<Judge.Broken>) => Queue.offerAllUnsafe(reports, broken)
      const telling = Stream.fromQueue(reports).pipe(
        Stream.runForEach((broken) => aside(() => onBroken(broken))),
        Effect.forkDetach({ startImmediately: true })
      )
      const teller = yield* telling
      yield* Effect.addFinalizer(() =>
        Effect.sync(() => report(judge.end())).pipe(
          Effect.andThen(Queue.end(reports)),
          Effect.andThen(Fiber.await(teller))
        )
      )
      const recorder = CallLog.overheard(yield* CallLog.CallLog, (event) => report(judge.see(event)))
      return Context.make(CallLog.CallLog, recorder)
    })
  )
