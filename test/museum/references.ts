/** Defects of reference counting: a count too many, a count too few, and two that wait for each other. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"
import * as Scope from "effect/Scope"
import { type InMemory, MapiError, RefCounted, SupportObject, UnloadSequence } from "../../src/index.ts"
import * as Internal from "../../src/internal/session.ts"
import * as ByHand from "./byHand.ts"
import * as Dressed from "./dressed.ts"
import { type Execution, type Exhibit, eventsOf, inTurn, type Setting } from "./museum.ts"

type Logon = NonNullable<InMemory.Script["logon"]>

const scripted = (version: "sound" | "defective", sound: Logon, defective: Logon): Effect.Effect<Setting> =>
  Effect.succeed({ script: { logon: version === "sound" ? sound : defective } })

const itself: Logon = (_, answer) => answer
const failed = Effect.fail(new MapiError.LogonFailed({ subject: "Inbox", detail: "the file is damaged" }))

// --- the session and its stores -------------------------------------------------------------------------------------

/** The session's end, which knows of no store any more. */
const endWithoutStores = (session: Internal.Session, client: string) =>
  Effect.suspend(() => {
    Internal.transit(session, (state) => [undefined, { ...state, stores: [] }])
    return UnloadSequence.endSession(session, client)
  })

/** A session that lives as long as a store of it does. */
const countedByStores = Effect.gen(function* () {
  const closed = yield* Deferred.make<void>()
  const supports = Layer.effect(
    SupportObject.SupportObject,
    Effect.map(SupportObject.SupportObject, ({ make }) => ({
      make: (hooks: SupportObject.Hooks) =>
        make({ ...hooks, lastRelease: Effect.andThen(hooks.lastRelease, Deferred.succeed(closed, undefined)) })
    }))
  ).pipe(Layer.provide(SupportObject.SupportObject.layer))
  const end: ByHand.Sequences["end"] = (session, client) =>
    Effect.andThen(Deferred.await(closed), UnloadSequence.endSession(session, client))
  return { supports, session: ByHand.layer({ end }) }
})

const keptBySession: Logon = (_, answer) =>
  Effect.tap(answer, ({ store }) => Effect.ignore(store.addRef("MAPI", "MAPI")))

// --- children -------------------------------------------------------------------------------------------------------

type Unlist = Parameters<typeof Dressed.listing>[0]

/** Taking off and finding out whether one has are one step. */
const claimed: Unlist = (list, child) =>
  Effect.flatMap(
    Ref.modify(list, (all) => [all.includes(child), all.filter((other) => other !== child)]),
    (mine) => (mine ? RefCounted.letGo(child, "provider") : Effect.void)
  )

/** Looking, releasing and taking off, one after the other. */
const unclaimed: Unlist = (list, child) =>
  Effect.gen(function* () {
    if (!(yield* Ref.get(list)).includes(child)) return
    yield* RefCounted.letGo(child, "provider")
    yield* Ref.update(list, (all) => all.filter((other) => other !== child))
  })

const pinned = Dressed.knowing({
  opened: (_, store) => Effect.ignore(store.addRef("provider")),
  released: (_, store) => RefCounted.letGo(store, "provider"),
  closing: Effect.void
})

const isClient = (holder: string) => !["MAPI", "provider", "spooler"].includes(holder)

/** No law says when a store closes; R7 does: with its last client, whatever else is held. */
const closesWithLastClient = (execution: Execution): true | string => {
  for (const events of eventsOf(execution, /^logon /)) {
    const clients = new Map<string, number>()
    let last: number | null = null
    let closed = false
    for (const { call, callId, phase, refs } of events) {
      for (const { count, holder, object } of refs) {
        if (object.startsWith("IMsgStore#") && isClient(holder)) clients.set(`${object} ${holder}`, count)
      }
      const left = Array.from(clients.values()).some((count) => count > 0)
      if (call === "IMAPISupport::StoreLogoffTransports") closed = true
      if (call === "IMsgStore::Release" && phase === "call" && clients.size > 0 && !left) last ??= callId
      if (callId === last && phase === "return" && !closed)
        return "the last client has released its store, which is open"
    }
  }
  return true
}

const nothing = { faults: 0, interruptions: 0, switches: 0 }

export const references: ReadonlyArray<Exhibit> = [
  {
    title: "Extra AddRef on a cached store",
    what: "",
    where: "x",
    program: (version) =>
      inTurn(
        scripted(version, itself, (_, answer) =>
          Effect.tap(answer, ({ logon, store }) =>
            logon === null ? Effect.ignore(store.addRef("MAPI", "provider")) : Effect.void
          )
        ),
        ({ open }) => [Effect.andThen(open(), open())]
      ),
    law: "AllReleased",
    size: nothing,
    budget: 50,
    sound: "Verified",
    shows: []
  },
  {
    title: "Support object leaked when Logon fails",
    what: "",
    where: "x",
    program: (version) =>
      inTurn(
        scripted(
          version,
          () => failed,
          ({ support }) => Effect.andThen(Effect.ignore(support.addRef), failed)
        ),
        ({ open }) => [open()]
      ),
    law: "NetAddRef",
    also: ["AllReleased"],
    size: nothing,
    budget: 50,
    sound: "Verified",
    shows: []
  },
  {
    title: "Support object released twice on an error path",
    what: "",
    where: "x",
    program: (version) =>
      inTurn(
        scripted(
          version,
          ({ support }) => Effect.andThen(Effect.ignore(Effect.andThen(support.addRef, support.release)), failed),
          ({ support }) =>
            Effect.andThen(
              Effect.ignore(Effect.andThen(support.addRef, Effect.andThen(support.release, support.release))),
              failed
            )
        ),
        ({ open }) => [open()]
      ),
    law: "Counts",
    also: ["NetAddRef"],
    size: nothing,
    budget: 50,
    sound: "Verified",
    shows: []
  },
  {
    title: "The session freed while a store lives",
    what: "",
    where: "x",
    program: (version) =>
      inTurn(
        Effect.succeed({ session: ByHand.layer(version === "sound" ? {} : { end: endWithoutStores }) }),
        ({ open, session }) => [Effect.andThen(open(), session.logoff)]
      ),
    law: "StoreWithinSession",
    size: nothing,
    budget: 50,
    sound: "Verified",
    shows: []
  },
  {
    title: "The cycle session ↔ store",
    what: "",
    where: "x",
    program: (version) =>
      inTurn(
        Effect.map(countedByStores, (setting) => ({
          ...setting,
          script: { logon: version === "sound" ? itself : keptBySession }
        })),
        ({ open }) => [open()]
      ),
    law: "deadlock",
    size: nothing,
    budget: 50,
    sound: "Verified",
    shows: []
  },
  {
    title: "Child released in a race with its parent",
    what: "",
    where: "x",
    program: (version) =>
      inTurn(
        Effect.map(Dressed.listing(version === "sound" ? claimed : unclaimed), (script) => ({ script })),
        ({ open }) => [
          Effect.gen(function* () {
            const [parent, child] = [yield* Scope.make(), yield* Scope.make()]
            const store = yield* Scope.provide(open(), parent)
            yield* Scope.provide(store.openRootFolder, child)
            const close = [Scope.close(child, Exit.void), Scope.close(parent, Exit.void)]
            yield* Effect.all(close, { concurrency: 2 })
          })
        ]
      ),
    law: "Counts",
    size: nothing,
    budget: 40,
    sound: "Verified",
    shows: []
  },
  {
    title: "Leaked children that pin the store",
    what: "",
    where: "x",
    program: (version) =>
      inTurn(Effect.succeed(version === "sound" ? {} : { script: pinned }), ({ open, session }) => [
        Effect.gen(function* () {
          const leaked = yield* Scope.Scope
          yield* Effect.scoped(Effect.flatMap(open(), (store) => Scope.provide(store.openRootFolder, leaked)))
          yield* session.logoff
        })
      ]),
    law: "a store closes with its last client",
    always: { "a store closes with its last client": closesWithLastClient },
    size: nothing,
    budget: 50,
    sound: "Verified",
    shows: []
  }
]
