import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Result from "effect/Result"
import { InMemory, MapiError, MsgStore, ProviderRegistry, type StoreProvider } from "../src/index.ts"
import { callsOf, makeGate, play } from "./support/scene.ts"

const quiet = { session: { flags: ["MAPI_NO_MAIL"] } } as const

class Inbox extends MsgStore.Key<Inbox>()("Inbox") {}

/** The in-memory provider, with its stores changed. */
const withStores = (change: (store: StoreProvider.IMsgStore) => Partial<StoreProvider.IMsgStore>) => {
  const memory = InMemory.make({ dllFileName: "CHANGED.DLL", stores: [{ name: "Inbox" }] })
  const { MSProviderInit } = memory.module
  const registration = ProviderRegistry.inMemory("CHANGED.DLL", {
    MSProviderInit: (request) =>
      Effect.map(MSProviderInit(request), ({ provider, version }) => {
        const logon: StoreProvider.IMSProvider["logon"] = (asked) =>
          Effect.map(provider.logon(asked), (answer) => ({
            ...answer,
            store: { ...answer.store, ...change(answer.store) }
          }))
        return { version, provider: { ...provider, logon } }
      })
  })
  return { registrations: [registration], entryId: Result.getOrThrow(memory.entryId("Inbox")) }
}

describe("a handle", () => {
  it.effect("is dead after its own scope, though another client still holds the store", () =>
    Effect.gen(function* () {
      const { events } = yield* play(quiet, ({ open }) =>
        Effect.gen(function* () {
          yield* open("Inbox")
          const stale = yield* Effect.scoped(open("Inbox"))
          assert.strictEqual((yield* Effect.flip(stale.getProps(["PR_SUBJECT"])))._tag, "InvalidObject")
        })
      )
      assert.strictEqual(callsOf(events, "IMsgStore::GetProps").length, 0)
    })
  )

  it.effect("is dead after its session's end, though the provider's Logoff has done nothing", () =>
    Effect.gen(function* () {
      const script: InMemory.Script = { logoff: () => Effect.void }
      const { events } = yield* play({ ...quiet, script, breaks: ["StoreWithinSession"] }, ({ open, session }) =>
        Effect.gen(function* () {
          const stale = yield* open("Inbox")
          yield* session.logoff
          assert.strictEqual((yield* Effect.flip(stale.getProps(["PR_SUBJECT"])))._tag, "InvalidObject")
        })
      )
      assert.strictEqual(callsOf(events, "IMsgStore::GetProps").length, 0)
    })
  )

  it.effect("whose client is interrupted inside OpenEntry: what still comes is released", () =>
    Effect.gen(function* () {
      const gate = yield* makeGate
      const { entryId, registrations } = withStores((store) => ({
        openEntry: (id, holder) => Effect.tap(store.openEntry(id, holder), () => gate.pass)
      }))
      const { events } = yield* play({ ...quiet, registrations }, ({ session }) =>
        Effect.gen(function* () {
          const store = yield* session.openMsgStore({ entryId })
          const client = yield* Effect.forkChild(store.openRootFolder)
          yield* gate.reached
          yield* Fiber.interrupt(client)
          yield* gate.open
          yield* Effect.forEach([1, 2, 3, 4, 5], () => Effect.yieldNow)
        })
      )
      assert.strictEqual(callsOf(events, "IMAPIFolder::Release").length, 1)
    })
  )

  const odd: ReadonlyArray<readonly [string, Partial<StoreProvider.IMsgStore>]> = [
    ["GetProps answers nothing", { getProps: () => Effect.succeed(undefined as never) }],
    [
      "GetProps throws",
      {
        getProps: () => {
          throw new Error("bad day")
        }
      }
    ],
    ["isValid dies", { isValid: Effect.die("bad day") }]
  ]
  it.effect.each(odd)("of a store whose %s has a typed error for it", ([, change]) =>
    Effect.gen(function* () {
      const { entryId, registrations } = withStores(() => change)
      yield* play({ ...quiet, registrations }, ({ session }) =>
        Effect.gen(function* () {
          const store = yield* session.openMsgStore({ entryId })
          const error = yield* Effect.flip(store.getProps(["PR_DISPLAY_NAME"]))
          assert.isTrue(MapiError.isObjectError(error))
        })
      )
    })
  )

  it.effect("of an outer region is none of an inner region of the same key, though its store is open", () =>
    play(quiet, ({ id }) => {
      const opening = MsgStore.opening(Inbox, { entryId: id("Inbox") })
      const inner = (outer: MsgStore.MsgStore<Inbox>) => opening(Effect.flip(outer.getProps(["PR_SUBJECT"])))
      return Effect.flatMap(Inbox, inner).pipe(
        opening,
        Effect.map((error) => assert.strictEqual(error._tag, "InvalidObject"))
      )
    })
  )
})
