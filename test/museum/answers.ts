/** Defects of what a Logon answers, and of what the session makes of it. */
import * as Effect from "effect/Effect"
import * as MutableRef from "effect/MutableRef"
import * as Redacted from "effect/Redacted"
import * as Ref from "effect/Ref"
import * as Semaphore from "effect/Semaphore"
import { type InMemory, MapiError, ProviderKit, RefCounted, type StoreProvider } from "../../src/index.ts"
import * as Internal from "../../src/internal/session.ts"
import * as LoadSequence from "../../src/LoadSequence.ts"
import * as ByHand from "./byHand.ts"
import { atOnce, type Exhibit, inTurn, type Setting } from "./museum.ts"

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
const wrapping = (version: "sound" | "defective") =>
  Effect.map(Ref.make<StoreProvider.IMsgStore | null>(null), (wrapper): InMemory.Script => {
    const wrap = Effect.fnUntraced(function* (inner: StoreProvider.IMsgStore) {
      const held = MutableRef.make(true)
      const hasClient = (left: RefCounted.Holders) => Array.from(left.keys()).some((by) => by !== "spooler")
      const refs = yield* RefCounted.make({
        ...born,
        kind: "IMsgStore",
        past: (left) => !hasClient(left),
        afterRelease: (left) =>
          Effect.suspend(() =>
            hasClient(left) || !MutableRef.getAndSet(held, false) ? Effect.void : RefCounted.letGo(inner, "MAPI")
          )
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
    Effect.sync(() => Internal.transit(pointer.session, (state) => [undefined, { ...state, disabled: new Set() }]))
  )

/** Whatever has failed, the provider is not asked again. */
const unforgiving: ByHand.Open = (pointer, request) =>
  Effect.tapError(LoadSequence.openMsgStore(pointer, request), () =>
    Effect.sync(() =>
      Internal.transit(pointer.session, (state) => [undefined, { ...state, disabled: new Set(state.providers.keys()) }])
    )
  )

// --- slots and locks ------------------------------------------------------------------------------------------------

/** One Logon at a time; a failure keeps the slot. */
const slot = (version: "sound" | "defective"): Effect.Effect<Setting> =>
  Effect.map(Semaphore.make(1), (free) => ({
    stores: [...locked, { name: "Archive" }],
    script: {
      logon: (_, answer) =>
        version === "sound"
          ? Semaphore.withPermits(free, 1)(answer)
          : Effect.tap(Effect.andThen(Semaphore.take(free, 1), answer), () => Semaphore.release(free, 1))
    }
  }))

/** Two locks; each store takes its own first, or both take the same one first. */
const twoLocks = (version: "sound" | "defective"): Effect.Effect<Setting> =>
  Effect.gen(function* () {
    const [one, other] = [yield* Semaphore.make(1), yield* Semaphore.make(1)]
    return {
      stores: [{ name: "Inbox" }, { name: "Archive" }],
      script: {
        logon: ({ entryId }, answer) => {
          const isArchive = entryId.bytes.at(-1) === "e".charCodeAt(0)
          const [first, second] = isArchive && version === "defective" ? [other, one] : [one, other]
          return Semaphore.withPermits(
            first,
            1
          )(Effect.andThen(Effect.sleep("1 second"), Semaphore.withPermits(second, 1)(answer)))
        }
      }
    }
  })

// --- a store table --------------------------------------------------------------------------------------------------

const backend: ProviderKit.Backend = {
  dllFileName: "MEMORY.DLL",
  providerDisplay: "A provider with a table of its own",
  mdbProvider: new Uint8Array(16),
  compareStoreIds: () => Effect.succeed(false), // the kit opens whatever it is asked for
  open: () =>
    Effect.as(Effect.sleep("1 second"), {
      displayName: "Inbox",
      recordKey: new Uint8Array(4),
      uid: new Uint8Array(16),
      granted: [],
      openEntry: () => dead
    })
}

/** A provider of one store, which keeps it in a table of its own: looked up and filled in under a lock, or without. */
const tabled = (version: "sound" | "defective"): Effect.Effect<Setting> =>
  Effect.gen(function* () {
    const table = yield* Ref.make<StoreProvider.IMsgStore | null>(null)
    const lock = yield* Semaphore.make(1)
    const kit = ProviderKit.make(backend)
    const logon = (provider: StoreProvider.IMSProvider, request: StoreProvider.LogonRequest) =>
      Effect.gen(function* () {
        const open = yield* Ref.get(table)
        if (open !== null && (yield* Effect.isSuccess(open.addRef("MAPI", "provider")))) {
          return { logon: null, store: open, spoolSecurity: null, warning: null }
        }
        const answer = yield* provider.logon(request)
        yield* Ref.set(table, answer.store)
        return answer
      })
    return {
      module: () => ({
        MSProviderInit: (init) =>
          Effect.map(kit.MSProviderInit(init), ({ provider, version: spi }) => ({
            version: spi,
            provider: {
              ...provider,
              compareStoreIds: () => Effect.succeed(true),
              logon: (request) =>
                version === "sound"
                  ? Semaphore.withPermits(lock, 1)(logon(provider, request))
                  : logon(provider, request)
            }
          }))
      })
    }
  })

const hard: Logon = () => Effect.fail(new MapiError.LogonFailed({ subject: "Inbox", detail: "the file is damaged" }))
const nothing = { faults: 0, interruptions: 0, switches: 0 }

export const answers: ReadonlyArray<Exhibit> = [
  {
    title: "Wrapper returned although Logon failed",
    what: "",
    where: "",
    program: (version) =>
      inTurn(
        Effect.succeed({
          stores: locked,
          script: { logon: version === "sound" ? itself : (_, answer) => Effect.catch(answer, () => emptyWrapper) }
        }),
        ({ open }) => [open()]
      ),
    law: "NetAddRef",
    size: nothing,
    budget: 50,
    sound: "Verified",
    shows: []
  },
  {
    title: "SpoolerLogon answering with an unwrapped store",
    what: "",
    where: "",
    program: (version) =>
      inTurn(
        Effect.map(wrapping(version), (script) => ({ mail: true, script })),
        ({ open, session }) => [Effect.andThen(open(), session.spoolerIdle)]
      ),
    law: "SamePair",
    size: nothing,
    budget: 30,
    sound: "Verified",
    shows: []
  },
  {
    title: "The spooler never told",
    what: "",
    where: "",
    program: (version) =>
      inTurn(
        Effect.succeed({
          mail: true,
          session: ByHand.layer(version === "sound" ? {} : { open: ByHand.composed({ tell: () => Effect.void }) })
        }),
        ({ open }) => [open()]
      ),
    law: "Gate",
    size: nothing,
    budget: 30,
    sound: "Verified",
    shows: []
  },
  {
    title: "Nothing disabled after a hard failure",
    what: "",
    where: "",
    program: (version) =>
      inTurn(
        Effect.succeed({
          script: { logon: hard },
          session: ByHand.layer(version === "sound" ? {} : { open: forgiving })
        }),
        ({ open }) => [open(), open()]
      ),
    law: "Disabled",
    size: nothing,
    budget: 30,
    sound: "Verified",
    shows: []
  },
  {
    title: "Everything disabled after FailOneProvider",
    constructed: true,
    what: "",
    where: "",
    program: (version) =>
      inTurn(
        Effect.succeed({ stores: locked, session: ByHand.layer(version === "sound" ? {} : { open: unforgiving }) }),
        ({ open }) => [open(), open()]
      ),
    law: "FailOneProvider",
    size: nothing,
    budget: 30,
    sound: "Verified",
    shows: []
  },
  {
    title: "Logon slot not freed when logon fails",
    what: "",
    where: "",
    program: (version) => inTurn(slot(version), ({ open }) => [open(), open(["MDB_NO_MAIL"], "Archive")]),
    law: "deadlock",
    size: nothing,
    budget: 30,
    sound: "Verified",
    shows: []
  },
  {
    title: "Deadlock of two concurrent opens",
    what: "",
    where: "",
    program: (version) => atOnce(twoLocks(version), ({ open }) => [open(), open(["MDB_NO_MAIL"], "Archive")]),
    law: "deadlock",
    size: nothing,
    budget: 20,
    sound: "Verified",
    shows: []
  },
  {
    title: "Unlocked store table",
    what: "",
    where: "",
    program: (version) => atOnce(tabled(version), ({ open }) => [open(), open()]),
    law: "RepeatOpen",
    size: nothing,
    budget: 20,
    sound: "Verified",
    shows: []
  }
]
