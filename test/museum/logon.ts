/** Defects of what a Logon or a SpoolerLogon answers, and of what the session makes of it. */
import * as Effect from "effect/Effect"
import * as MutableRef from "effect/MutableRef"
import * as Redacted from "effect/Redacted"
import * as Ref from "effect/Ref"
import { type InMemory, LoadSequence, MapiError, RefCounted, type StoreProvider } from "../../src/index.ts"
import * as Internal from "../../src/internal/session.ts"
import * as ByHand from "./byHand.ts"
import { type Exhibit, inTurn, switches, type Version } from "./museum.ts"

type Logon = NonNullable<InMemory.Script["logon"]>

const itself: Logon = (_, answer) => answer
const locked = [{ name: "Inbox", password: Redacted.make("secret") }]

// --- wrappers -------------------------------------------------------------------------------------------------------

const dead = Effect.fail(new MapiError.InvalidObject({ subject: "the wrapper", detail: "it wraps nothing" }))
const born = { owner: "provider", holder: "MAPI", step: 5 } as const

/** A wrapper of nothing. */
const emptyWrapper = Effect.gen(function* () {
  const logon = yield* RefCounted.make({ ...born, kind: "IMSLogon" })
  const store = yield* RefCounted.make({ ...born, kind: "IMsgStore" })
  return {
    logon: { ...logon, openEntry: () => dead, logoff: Effect.void },
    store: { ...store, getProps: () => dead, openEntry: () => dead, storeLogoff: () => dead },
    spoolSecurity: null,
    warning: null
  }
})

/** Clients get a store that wraps the real one, with counts of its own; so does the spooler, from a sound wrapper. */
const wrapping = (version: Version) =>
  Effect.map(Ref.make<StoreProvider.IMsgStore | null>(null), (wrapper): InMemory.Script => {
    const wrap = Effect.fnUntraced(function* (inner: StoreProvider.IMsgStore) {
      const held = MutableRef.make(true)
      const isClient = (holder: RefCounted.Holder) => holder !== "spooler"
      const refs = yield* RefCounted.make({
        ...born,
        kind: "IMsgStore",
        keeps: isClient,
        afterRelease: (left) =>
          left.keeping() || !MutableRef.getAndSet(held, false) ? Effect.void : RefCounted.letGo(inner, "MAPI")
      })
      const store: StoreProvider.IMsgStore = { ...inner, ...refs }
      yield* Ref.set(wrapper, store)
      return store
    })
    return {
      logon: (_, answer) =>
        Effect.flatMap(answer, (given) => Effect.map(wrap(given.store), (store) => ({ ...given, store }))),
      spoolerLogon: (_, answer) =>
        version === "defective"
          ? answer
          : Effect.gen(function* () {
              const { logon, store } = yield* answer
              const outer = yield* Ref.get(wrapper)
              if (outer === null) return { logon, store }
              yield* Effect.ignore(outer.addRef("spooler", "provider"))
              yield* RefCounted.letGo(store, "spooler")
              return { logon, store: outer }
            })
    }
  })

// --- what the session makes of a failure ----------------------------------------------------------------------------

/** Whatever has failed, the provider is asked again. */
const forgiving: ByHand.Open = (pointer, request) =>
  Effect.tapError(LoadSequence.openMsgStore(pointer, request), () =>
    Internal.transit(pointer.session, () => [undefined, { disabled: new Set() }])
  )

const hard: Logon = () => Effect.fail(new MapiError.LogonFailed({ subject: "Inbox", detail: "the file is damaged" }))

export const logon: ReadonlyArray<Exhibit> = [
  {
    title: "Wrapper returned although Logon failed",
    what: "A provider that wraps another one returns its own IMSLogon and IMsgStore, whatever the Logon that it wraps has answered.",
    where: "A Logon that fails has all outs zero.",
    seen: "The wrapped PST sample of Outlook's MAPI reference, `logging-on-to-a-wrapped-pst-store-provider`: after a Logon that failed, Logon still makes a wrapper, of no store, and hands it out beside the error.",
    program: (version) =>
      inTurn(
        Effect.succeed({
          stores: locked,
          script: { logon: version === "sound" ? itself : (_, answer) => Effect.catch(answer, () => emptyWrapper) }
        }),
        ({ open }) => [open()]
      ),
    law: "NetAddRef",
    also: ["LastClient", "LogoffFirst", "StoreWithinSession"],
    size: switches(50),
    told: "The wrapped Logon misses its password; the wrapper answers S_OK. Nobody has counted the support object, so MAPI never learns that the store is gone: the logon is neither logged off nor closed.",
    shows: [
      "IMSProvider::Logon",
      "new IMAPISupport",
      "new IMSLogon",
      "new IMsgStore",
      "IMAPISupport::Release",
      "IMsgStore::Release",
      "IMSLogon::Logoff"
    ]
  },
  {
    title: "SpoolerLogon answering with an unwrapped store",
    what: "Clients get a wrapper of the store. SpoolerLogon is passed on to what is wrapped, and so is its answer.",
    where:
      "Step 9: the same interfaces as in step 5. The Platform SDK's sample answers with a pair of its own where its provider object does not have the store open.",
    seen: "The wrapped PST sample of Outlook's MAPI reference, `logging-on-to-a-wrapped-pst-store-provider`: Logon wraps what it hands out; SpoolerLogon has the wrapped provider write its store straight into the answer.",
    program: (version) =>
      inTurn(
        Effect.map(wrapping(version), (script) => ({ mail: true, script })),
        ({ open, session }) => [Effect.andThen(open(), session.spoolerIdle)]
      ),
    law: "SamePair",
    size: switches(100),
    told: "One open that the spooler is told of: Logon has made two stores, and SpoolerLogon returns the inner one.",
    shows: ["IMSProvider::Logon", "new IMsgStore", "give entry id", "IMSProvider::SpoolerLogon"],
    budget: 1500
  },
  {
    title: "The spooler never told",
    what: "The open goes from Logon to the client, past step 6.",
    where:
      "Two flags decide, of the session and of the open. By report, Outlook skips SpoolerLogon from 2002 on unless Logon has returned a non-empty blob and the status row has PR_MDB_PROVIDER.",
    seen: "Kopano Core, `mapi4linux/src/mapix.cpp`, `M4LMAPISession::OpenMsgStore`: after Logon it only asks for the interface, and drops the blob that a spooler would need.",
    program: (version) =>
      inTurn(
        Effect.succeed({
          mail: true,
          session: ByHand.layer({ open: ByHand.composed(version === "sound" ? {} : { tell: () => Effect.void }) })
        }),
        ({ open }) => [open()]
      ),
    law: "Gate",
    size: switches(60),
    told: "One open with neither flag.",
    shows: ["IMAPISession::OpenMsgStore", "IMSProvider::Logon", "give entry id", "IMSProvider::SpoolerLogon"],
    budget: 1500
  },
  {
    title: "Nothing disabled after a hard failure",
    what: "A Logon fails for good. The session forgets that, and the next open calls the provider again.",
    where: "Most errors of a Logon disable the service: MAPI calls no provider of it again for the session's life.",
    seen: "Kopano Core, `mapi4linux/src/mapix.cpp`, `M4LMAPISession::OpenMsgStore`: it returns what Logon has answered, and remembers nothing of it.",
    program: (version) =>
      inTurn(
        Effect.succeed({
          script: { logon: hard },
          session: ByHand.layer(version === "sound" ? {} : { open: forgiving })
        }),
        ({ open }) => [open(), open()]
      ),
    law: "Disabled",
    size: switches(50),
    told: "Two opens, one after the other: the first Logon answers MAPI_E_LOGON_FAILED, and there is a second.",
    shows: ["IMSProvider::CompareStoreIDs", "IMSProvider::Logon"]
  }
]
