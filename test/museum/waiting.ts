/** Defects of locks, slots and tables: who waits for ever, and who should have waited. */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Ref from "effect/Ref"
import * as Semaphore from "effect/Semaphore"
import { MapiError, ProviderKit, type StoreProvider } from "../../src/index.ts"
import { atOnce, type Exhibit, inTurn, type Setting, switches, type Version } from "./museum.ts"

// --- slots and locks ------------------------------------------------------------------------------------------------

/** One Logon at a time; a failure keeps the slot. */
const slot = (version: Version): Effect.Effect<Setting> =>
  Effect.map(Semaphore.make(1), (free) => ({
    stores: [{ name: "Inbox", password: Redacted.make("secret") }, { name: "Archive" }],
    script: {
      logon: (_, answer) =>
        version === "sound"
          ? free.withPermit(answer)
          : Effect.tap(Effect.andThen(Semaphore.take(free, 1), answer), () => Semaphore.release(free, 1))
    }
  }))

/** Two locks, and work that takes its time under the first: each store's own, or the same one for both. */
const twoLocks = (version: Version): Effect.Effect<Setting> =>
  Effect.gen(function* () {
    const [one, other] = [yield* Semaphore.make(1), yield* Semaphore.make(1)]
    return {
      stores: [{ name: "Inbox" }, { name: "Archive" }],
      script: {
        logon: ({ entryId }, answer) => {
          const isArchive = entryId.bytes.at(-1) === "e".charCodeAt(0)
          const [first, second] = isArchive && version === "defective" ? [other, one] : [one, other]
          const inside = Effect.andThen(Effect.sleep("1 second"), second.withPermit(answer))
          return first.withPermit(inside)
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
      openEntry: () => Effect.fail(new MapiError.NotFound({ subject: "Inbox", detail: "it is empty" }))
    })
}

/** A provider of one store, which keeps it in a table of its own: looked up and filled in under a lock, or without. */
const tabled = (version: Version): Effect.Effect<Setting> =>
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
                version === "sound" ? lock.withPermit(logon(provider, request)) : logon(provider, request)
            }
          }))
      })
    }
  })

export const waiting: ReadonlyArray<Exhibit> = [
  {
    title: "Logon slot not freed when logon fails",
    what: "A provider lets one Logon in at a time. The one that fails does not leave.",
    where:
      "A Logon looks for a duplicate before anything else, on any thread; that it waits for another is R2, inferred.",
    program: (version) => inTurn(slot(version), ({ open }) => [open(), open(["MDB_NO_MAIL"], "Archive")]),
    law: "deadlock",
    size: switches(30),
    told: "The first client's Logon misses its password and answers MAPI_E_FAILONEPROVIDER, after which the client may try again; the next open waits for the slot, for ever.",
    shows: ["IMSProvider::Logon"]
  },
  {
    title: "Deadlock of two concurrent opens",
    what: "A Logon locks its own store, does its work, and then locks the provider's other one.",
    where: "Any object may be called on any thread, and no lock may be held across such a call: R9.",
    program: (version) => atOnce(twoLocks(version), ({ open }) => [open(), open(["MDB_NO_MAIL"], "Archive")]),
    law: "deadlock",
    size: switches(30),
    told: "Two clients open one store each: each Logon has its own lock, and waits for the other's.",
    shows: ["IMSProvider::Logon"],
    budget: 20
  },
  {
    title: "Unlocked store table",
    what: "A Logon looks for its store in the provider's table, finds nothing, opens the store, and enters it. Two at once both find nothing.",
    where: "The provider object has a list of its open stores, which a Logon searches for a duplicate, on any thread.",
    seen: "Kopano Core, `mapi4linux/src/mapix.cpp`, `M4LMAPISession::OpenEntry`: it looks for the store in the session's map, opens it where there is none, and enters it, under no lock.",
    program: (version) => atOnce(tabled(version), ({ open }) => [open(), open()]),
    law: "RepeatOpen",
    size: switches(110),
    told: "Two clients open one store: the second Logon reads the table while the first is still opening, and the store is open twice, by two IMsgStore objects.",
    shows: ["IMSProvider::Logon", "new IMsgStore"],
    budget: 20
  }
]
