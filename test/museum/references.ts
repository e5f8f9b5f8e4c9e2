/** Defects of reference counting: a count too many, a count too few, and two that wait for each other. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"
import * as Scope from "effect/Scope"
import { type InMemory, MapiError, RefCounted, SupportObject, UnloadSequence } from "../../src/index.ts"
import type * as Internal from "../../src/internal/session.ts"
import * as ByHand from "./byHand.ts"
import * as Children from "./children.ts"
import { type Exhibit, inTurn, type Setting, switches, type Version } from "./museum.ts"

type Logon = NonNullable<InMemory.Script["logon"]>

const scripted = (version: Version, sound: Logon, defective: Logon): Effect.Effect<Setting> =>
  Effect.succeed({ script: { logon: version === "sound" ? sound : defective } })

const itself: Logon = (_, answer) => answer
const failed = Effect.fail(new MapiError.LogonFailed({ subject: "Inbox", detail: "the file is damaged" }))

// --- the session and its stores -------------------------------------------------------------------------------------

/** The session's end, which knows of no store any more. */
const endWithoutStores = (session: Internal.Session, client: string) =>
  Effect.suspend(() => {
    for (const open of session.live.state.stores) session.live.transit(() => [undefined, { becomes: [open, null] }])
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

type Unlist = Parameters<typeof Children.listing>[0]

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

const pinned = Children.keeping({
  opened: (_, store) => Effect.ignore(store.addRef("provider")),
  released: (_, store) => RefCounted.letGo(store, "provider"),
  closing: Effect.void
})

export const references: ReadonlyArray<Exhibit> = [
  {
    title: "Extra AddRef on a cached store",
    what: "A Logon that finds its store open hands out the existing IMsgStore, and counts it twice: once for the client, and once for nobody.",
    where: "A repeat open changes only the store's count, and by one.",
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
    size: switches(80),
    told: "One client opens the same store twice, and releases it twice: a reference is left, so the store closes by force when its session ends, and never dies.",
    shows: ["IMSProvider::Logon", "IMsgStore::AddRef", "IMsgStore::Release", "IMSLogon::Logoff", "IMAPISession::Logoff"]
  },
  {
    title: "Support object leaked when Logon fails",
    what: "Logon counts its support object first, and returns its failure without a Release.",
    where:
      "AddRef is the first task of a Logon by one page, and follows the creation of the pair by another; in either case a failure leaves no references behind.",
    seen: "The wrapped PST sample of Outlook's MAPI reference, `logging-on-to-a-wrapped-pst-store-provider`: Logon makes a support object of its own around MAPI's, and where the Logon that it wraps fails, nothing releases it.",
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
    size: switches(40),
    told: "One open, whose Logon fails.",
    shows: ["IMSProvider::Logon", "new IMAPISupport", "IMAPISupport::AddRef", "IMAPISupport::Release"]
  },
  {
    title: "Support object released twice on an error path",
    what: "Logon releases its support object where it fails, and once more on its way out.",
    where:
      "The Platform SDK's sample store, by inference: AddRef comes late there, so that one error path releases the support object once too often. To MAPI that is a use after free.",
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
    size: switches(40),
    told: "One open, whose Logon fails: the second Release takes a reference that the provider does not have.",
    shows: ["IMSProvider::Logon", "new IMAPISupport", "IMAPISupport::AddRef", "IMAPISupport::Release"]
  },
  {
    title: "The session freed while a store lives",
    what: "A session ends, and has forgotten a store that a client still holds.",
    where:
      "Logoff closes each open store of each provider; what a client still holds is invalid from then on, and safe to release.",
    seen: "Kopano Core, `mapi4linux/src/m4l.mapispi.h`, `M4LMAPISupport`: the support object, which lives as long as its store, keeps a plain pointer to the session and counts no reference on it.",
    program: (version) =>
      inTurn(
        Effect.succeed({ session: ByHand.layer(version === "sound" ? {} : { end: endWithoutStores }) }),
        ({ open, session }) => [Effect.andThen(open(), session.logoff)]
      ),
    law: "StoreWithinSession",
    also: ["AllReleased", "LoadsBalanced", "LogoffFirst", "ShutdownOnce"],
    size: switches(50),
    told: "A client opens a store and logs the session off: nobody calls IMSLogon::Logoff any more, neither the session nor the last Release of the support object, and nobody releases the logon, the provider or the DLL.",
    shows: ["IMAPISession::OpenMsgStore", "IMAPISession::Logoff", "IMsgStore::Release", "IMSLogon::Logoff"]
  },
  {
    title: "The cycle session ↔ store",
    what: "A session lives as long as a store of it does, and keeps a reference on each of its stores.",
    where:
      "MAPI keeps no IMsgStore of its own; cycles are broken on purpose, at Logoff, as the one of logon and status object is.",
    program: (version) =>
      inTurn(
        Effect.map(countedByStores, (setting) => ({
          ...setting,
          script: { logon: version === "sound" ? itself : keptBySession }
        })),
        ({ open }) => [open()]
      ),
    law: "deadlock",
    size: switches(40),
    told: "A client opens a store and releases it. The store waits for the session's reference, and the session for the store: the program never ends.",
    shows: ["IMAPISession::OpenMsgStore", "IMsgStore::AddRef", "IMsgStore::Release"]
  },
  {
    title: "Child released in a race with its parent",
    what: "A store has a list of its open children and a reference on each. Whoever goes first, store or child, looks whether the child is on the list, gives that reference up, and then takes the child off.",
    where: "Objects are called on any thread; a store and its children are a cycle that somebody has to break.",
    program: (version) =>
      inTurn(
        Effect.map(Children.listing(version === "sound" ? claimed : unclaimed), (script) => ({ script })),
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
    size: switches(80),
    told: "A client closes a store and a folder in it at once: both find the folder on the list before either has taken it off, and the provider's one reference is released twice.",
    shows: ["IMAPIFolder::AddRef", "IMAPIFolder::Release"],
    budget: 40
  },
  {
    title: "Leaked children that pin the store",
    what: "Every folder counts a reference on its store. A folder that its client forgets keeps the store open.",
    where:
      "The Platform SDK's sample store keeps a store whose count is 0 until its last child goes, or until Logoff; by the pages, the Release of the store invalidates them. R7.",
    program: (version) =>
      inTurn(Effect.succeed(version === "sound" ? {} : { script: pinned }), ({ open, session }) => [
        Effect.gen(function* () {
          const leaked = yield* Scope.Scope
          yield* Effect.scoped(Effect.flatMap(open(), (store) => Scope.provide(store.openRootFolder, leaked)))
          yield* session.logoff
        })
      ]),
    law: "LastClient",
    size: switches(80),
    told: "A client releases its store and keeps the root folder: the transports stay on, and the store open, until the session ends.",
    shows: [
      "IMsgStore::OpenEntry",
      "IMsgStore::AddRef",
      "IMsgStore::Release",
      "IMAPISession::Logoff",
      "IMAPISupport::StoreLogoffTransports",
      "IMAPIFolder::Release"
    ]
  }
]
