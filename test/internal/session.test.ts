/** What a session still knows of an open that is over. */
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import { InMemory, LoadSequence, MapiError, ProviderRegistry, Spooler, SupportObject } from "../../src/index.ts"
import type * as Internal from "../../src/internal/session.ts"
import { makePointer } from "../support/session.ts"

/** A session, and a store of the provider to open in it. */
const stage = Effect.fnUntraced(function* (script: InMemory.Script) {
  const memory = InMemory.make({ stores: [{ name: "Inbox" }], script })
  const registry = ProviderRegistry.ProviderRegistry.layer([memory.registration])
  const parts = yield* Layer.build(Layer.mergeAll(registry, SupportObject.SupportObject.layer, Spooler.Spooler.layer))
  const pointer = yield* Effect.provideContext(makePointer, parts)
  const entryId = Result.getOrThrow(memory.entryId("Inbox"))
  return { session: pointer.session, open: Effect.scoped(LoadSequence.openMsgStore(pointer, { entryId })) }
})

/** All but the provider, which the session keeps. [R1] */
const left = ({ live: { state } }: Internal.Session) => ({
  inFlight: state.inFlight.size,
  leases: Array.from(state.leases),
  providers: state.providers.size,
  stores: Array.from(state.stores).length
})

const nothing = { inFlight: 0, leases: [], providers: 1, stores: 0 }

const settle = Effect.forEach(Array.from({ length: 100 }), () => Effect.yieldNow, { discard: true })

describe("an open that is over leaves nothing behind but its provider", () => {
  it.effect("where its store has been released, and the spooler has let go of it", () =>
    Effect.gen(function* () {
      const { open, session } = yield* stage({})
      yield* open
      yield* settle
      assert.deepStrictEqual(left(session), nothing)
    })
  )

  it.effect("where its Logon failed", () =>
    Effect.gen(function* () {
      const failing = new MapiError.FailOneProvider({ subject: "MEMORY.DLL", detail: "wrong password" })
      const { open, session } = yield* stage({ logon: () => Effect.fail(failing) })
      yield* Effect.flip(open)
      assert.deepStrictEqual(left(session), nothing)
    })
  )

  it.effect("where its client stopped waiting for its Logon, which came all the same", () =>
    Effect.gen(function* () {
      const gate = yield* Deferred.make<void>()
      const { open, session } = yield* stage({ logon: (_, answer) => Effect.andThen(Deferred.await(gate), answer) })
      const client = yield* Effect.forkChild(open, { startImmediately: true })
      yield* settle
      assert.deepStrictEqual(left(session), { ...nothing, inFlight: 1, leases: [["MEMORY.DLL", 1]] })
      yield* Fiber.interrupt(client)
      yield* Deferred.succeed(gate, undefined)
      yield* settle
      assert.deepStrictEqual(left(session), nothing)
    })
  )
})
