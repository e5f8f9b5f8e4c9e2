/** A pair as its provider has it: no session stands around it. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Result from "effect/Result"
import { CallLog, EntryId, MapiError, Profile, ProviderKit, StoreProvider, SupportObject } from "../../src/index.ts"
import { callsOf, makeGate } from "../support/scene.ts"

const uid = new Uint8Array(16)
const privateId = Result.getOrThrow(EntryId.makePrivate(new Uint8Array(24)))

/** A store of a provider of the kit, and a Logon to it, with a support object of its own. */
const logonTo = Effect.fnUntraced(function* (content: Pick<ProviderKit.BackendStore, "openEntry">) {
  const module = ProviderKit.make({
    dllFileName: "KIT.DLL",
    providerDisplay: "Kit",
    mdbProvider: uid,
    compareStoreIds: () => Effect.succeed(true),
    open: () => Effect.succeed({ displayName: "Kit", recordKey: uid, uid, granted: [], ...content })
  })
  const { provider } = yield* module.MSProviderInit({ mapiVersion: StoreProvider.currentSpiVersion, flags: [] })
  const section = yield* Effect.flatMap(Profile.make(), (profile) => profile.addSection("KIT.DLL", privateId, {}))
  const supports = yield* SupportObject.SupportObject
  const about = { ui: null, profileName: "test", entryId: privateId, flags: [], iid: "IID_IMsgStore" } as const
  // @effect-diagnostics-next-line returnEffectInGen:off -- each Logon is one of its own
  return Effect.gen(function* () {
    const support = yield* supports.make({
      dllFileName: "KIT.DLL",
      section,
      temporary: true,
      storeLogoffTransports: () => Effect.succeed(["LOGOFF_COMPLETE"]),
      lastRelease: Effect.void
    })
    const { logon, store } = yield* provider.logon({ ...about, support })
    yield* support.drop
    return { store, logoff: Effect.suspend(() => logon?.logoff ?? Effect.void) }
  })
}, Effect.provide(SupportObject.SupportObject.layer))

const message = (more: Partial<ProviderKit.BackendMessage>): ProviderKit.BackendMessage => ({
  _tag: "Message",
  props: Effect.succeed({ PR_SUBJECT: "Hello" }),
  ...more
})

/** A store of this one message, and the message, open. */
const opened = Effect.fnUntraced(function* (more: Partial<ProviderKit.BackendMessage>) {
  const pair = yield* yield* logonTo({ openEntry: () => Effect.succeed(message(more)) })
  return { ...pair, message: yield* pair.store.openEntry(null, "client") }
})

describe("a message", () => {
  it.effect("has its body read where either of its properties is asked for, and only there", () =>
    Effect.gen(function* () {
      let reads = 0
      const body = Effect.sync(() => {
        reads++
        return { PR_BODY: "Hello", PR_NATIVE_BODY_INFO: 1 }
      })
      const { message } = yield* opened({ body })
      assert.deepStrictEqual(yield* message.getProps(["PR_SUBJECT"]), { PR_SUBJECT: "Hello" })
      assert.strictEqual(reads, 0)
      assert.deepStrictEqual(yield* message.getProps(["PR_BODY"]), { PR_BODY: "Hello" })
      assert.deepStrictEqual(yield* message.getProps(["PR_NATIVE_BODY_INFO"]), { PR_NATIVE_BODY_INFO: 1 })
      assert.strictEqual(reads, 2)
    })
  )

  it.effect("fails as its backend does; but as InvalidObject, where its store is torn down meanwhile", () =>
    Effect.gen(function* () {
      const gate = yield* makeGate
      const gone = Effect.fail(new MapiError.NotFound({ subject: "Kit", detail: "it has been moved" }))
      const there = yield* opened({ props: gone })
      assert.strictEqual((yield* Effect.flip(there.message.getProps(["PR_SUBJECT"])))._tag, "NotFound")
      const { logoff, message } = yield* opened({ props: Effect.andThen(gate.pass, gone) })
      const asking = yield* Effect.forkChild(Effect.flip(message.getProps(["PR_SUBJECT"])))
      yield* gate.reached
      yield* logoff
      yield* gate.open
      assert.strictEqual((yield* Fiber.join(asking))._tag, "InvalidObject")
    })
  )

  it.effect("is made invalid with its store while anybody holds it, and not once it is gone", () =>
    Effect.gen(function* () {
      const { events, recorder } = CallLog.makeRecorder()
      const made = Effect.gen(function* () {
        const { logoff, message, store } = yield* opened({})
        const other = yield* store.openEntry(null, "client")
        yield* message.addRef("another client")
        yield* message.release("client")
        yield* other.release("client")
        yield* logoff
        return [message.id, store.id]
      })
      const ids = yield* Effect.provideService(made, CallLog.CallLog, recorder)
      const invalid = callsOf(yield* events, "IMAPISupport::MakeInvalid").flatMap(({ passed }) => passed)
      assert.deepStrictEqual(invalid.toSorted(), ids.toSorted())
    })
  )
})

describe("a store that Logoff has torn down", () => {
  it.effect("is not handed out again, though its clients still hold it: a Logon opens it anew", () =>
    Effect.gen(function* () {
      const logon = yield* logonTo({ openEntry: () => Effect.never })
      const first = yield* logon
      assert.strictEqual((yield* logon).store, first.store)
      yield* first.logoff
      assert.notStrictEqual((yield* logon).store, first.store)
    })
  )
})
