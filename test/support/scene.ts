/** A stage for scenarios: a registry, a session and a call log, and what was played on it as lines that a test can pin. */
import { assert } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import {
  CallLog,
  type EntryId,
  InMemory,
  Laws,
  type LoadSequence,
  MapiSession,
  type MsgStore,
  ProviderRegistry
} from "../../src/index.ts"

export interface Scene {
  readonly session: MapiSession.IMAPISession
  /** The wrapped id of a store of the scene's in-memory provider. */
  readonly id: (name: string) => EntryId.Wrapped
  readonly open: (
    name: string,
    request?: Partial<LoadSequence.OpenRequest>
  ) => Effect.Effect<MsgStore.MsgStore, LoadSequence.OpenMsgStoreError, Scope.Scope>
  readonly events: Effect.Effect<ReadonlyArray<CallLog.Event>>
}

export interface Setting extends Partial<InMemory.Options> {
  readonly session?: MapiSession.SessionOptions
  readonly registrations?: ReadonlyArray<ProviderRegistry.Registration>
  /** A call that never returns keeps what it was given; of what is owed in the end, nothing can be said. */
  readonly hangs?: boolean
  /** The laws that a provider of the scenario breaks: these, and no others. */
  readonly breaks?: ReadonlyArray<string>
}

export interface Played<A> {
  readonly value: A
  readonly events: ReadonlyArray<CallLog.Event>
}

/** Plays a scenario to its end, the session's and the process's included, and checks that no reference is left. */
export const play = <A, E>(
  setting: Setting,
  body: (scene: Scene) => Effect.Effect<A, E, Scope.Scope | MapiSession.MapiSession>
): Effect.Effect<Played<A>, E> =>
  Effect.gen(function* () {
    const { events, recorder } = CallLog.makeRecorder()
    const memory = InMemory.make({ stores: [{ name: "Inbox" }], ...setting })
    const registry = ProviderRegistry.ProviderRegistry.layer([memory.registration, ...(setting.registrations ?? [])])
    const broken: Array<Laws.Broken> = []
    const judged = Laws.layerJudge((one) => Effect.sync(() => void broken.push(one)))
    const stage = MapiSession.MapiSession.layerWith(setting.session).pipe(
      Layer.provide(registry),
      Layer.provide(judged),
      Layer.provide(Layer.succeed(CallLog.CallLog, recorder))
    )
    const id = (name: string) => Result.getOrThrow(memory.entryId(name))
    const played = Effect.flatMap(MapiSession.MapiSession, (session) =>
      Effect.scoped(
        body({
          session,
          events,
          id,
          open: (name, request) => session.openMsgStore({ entryId: id(name), ...request })
        })
      )
    )
    const value = yield* Effect.provide(played, stage)
    const all = yield* events
    const { breaks = [], hangs = false } = setting
    if (!hangs && !breaks.includes("AllReleased")) assert.deepStrictEqual(heldIn(all), [])
    const unforeseen = broken.filter(({ law }) => !breaks.includes(law.name))
    assert.strictEqual(unforeseen.map(breach).join("\n"), "")
    assert.deepStrictEqual(new Set(broken.map(({ law }) => law.name)), new Set(breaks))
    return { value, events: all }
  })

const breach = ({ event, expected, law, subject }: Laws.Broken): string =>
  `${law.name} of ${subject}, at ${event.seq} ${event.call} ${event.phase}: expected ${expected}`

/** A place where a provider can be made to wait: `reached` tells that it is there, `open` lets it go on. */
export const makeGate = Effect.gen(function* () {
  const inside = yield* Deferred.make<void>()
  const goOn = yield* Deferred.make<void>()
  return {
    pass: Effect.andThen(Deferred.succeed(inside, undefined), Deferred.await(goOn)),
    reached: Deferred.await(inside),
    open: Deferred.succeed(goOn, undefined)
  }
})

/** What is still held at the end of a log. */
export const heldIn = (events: ReadonlyArray<CallLog.Event>): ReadonlyArray<string> =>
  CallLog.ledger(events).flatMap(({ holders, object, total }) =>
    total === 0 ? [] : [`${object} ${JSON.stringify(holders)}`]
  )

const housekeeping = [
  /^new /,
  /^hand over reference$/,
  /^IMAPISupport::(OpenProfileSection|WrapStoreEntryID|SetProviderUID|ModifyProfile|ModifyStatusRow)$/,
  /^IMAPIFolder::/,
  /::GetProps$/
]

/** The log as lines, without MAPI's and the provider's housekeeping. */
export const plot = (events: ReadonlyArray<CallLog.Event>): ReadonlyArray<string> =>
  story(events.filter(({ call }) => !housekeeping.some((noise) => noise.test(call))))

/**
 * The log as lines: step, caller, call, object called; `>` before what happens inside, `<` for the return that ends it, one
 * line for a call that nothing happens in. A return shows what it hands out, its result unless S_OK, and the counts.
 */
export const story = (events: ReadonlyArray<CallLog.Event>): ReadonlyArray<string> => {
  const lines: Array<string> = []
  for (let at = 0; at < events.length; at++) {
    const event = events[at]
    const next = events[at + 1]
    if (event === undefined) continue
    if (event.phase === "call" && next?.callId === event.callId) {
      lines.push(line(event, "", `${counts(event)}${answer(next)}`, next.step))
      at++
    } else {
      lines.push(line(event, event.phase === "call" ? ">" : "<", `${counts(event)}${answer(event)}`))
    }
  }
  return lines
}

const line = (event: CallLog.Event, mark: string, tail: string, returnStep: number | null = event.step): string => {
  const steps = event.step === returnStep ? `${event.step ?? "·"}` : `${event.step ?? "·"}-${returnStep ?? "·"}`
  const flags = event.flags === undefined || event.flags.length === 0 ? "" : ` [${event.flags.join(" ")}]`
  const what = event.object ?? event.dll ?? ""
  return `${steps} ${event.from} ${mark}${event.call} ${what}${flags}${tail}`.trimEnd()
}

const answer = ({ phase, result, returned }: CallLog.Event): string => {
  if (phase === "call") return ""
  const out = returned.length > 0 ? ` = ${returned.join(", ")}` : ""
  return `${out}${result === "S_OK" ? "" : ` ! ${result}`}`
}

const counts = ({ refs }: CallLog.Event): string =>
  refs.map(({ count, holder, total }) => ` (${holder} ${count}, all ${total})`).join("")

/** The calls of one name. */
export const callsOf = (events: ReadonlyArray<CallLog.Event>, call: string): ReadonlyArray<CallLog.Event> =>
  events.filter((event) => event.phase === "call" && event.call === call)

/** Waits until a call of this name has been made. */
export const until = (scene: Scene, call: string): Effect.Effect<void> =>
  Effect.gen(function* () {
    while (callsOf(yield* scene.events, call).length === 0) yield* Effect.yieldNow
  })

/** How often each of these was called. */
export const tally = (events: ReadonlyArray<CallLog.Event>, ...calls: ReadonlyArray<string>): Record<string, number> =>
  Object.fromEntries(calls.map((call) => [call, callsOf(events, call).length]))

/** What each call of one name was answered, in the order of the calls. */
export const results = (events: ReadonlyArray<CallLog.Event>, call: string): ReadonlyArray<string | undefined> =>
  callsOf(events, call).map(
    ({ callId }) => events.find((event) => event.callId === callId && event.phase === "return")?.result
  )

/** The error of an exit that failed with one. */
export const errorOf = <A, E>(self: Effect.Effect<A, E, Scope.Scope>) => Effect.flip(Effect.scoped(self))
