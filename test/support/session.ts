/** A session put together as MapiSession does it, for who composes its sequences otherwise or looks at what it knows. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Ref from "effect/Ref"
import {
  CallLog,
  Profile,
  ProviderRegistry,
  Spooler,
  type StoreProvider,
  SupportObject,
  UnloadSequence
} from "../../src/index.ts"
import * as Live from "../../src/internal/live.ts"
import type * as Internal from "../../src/internal/session.ts"

/** What its only client holds. */
export const makePointer = Effect.gen(function* () {
  const recorder = yield* CallLog.CallLog
  const session: Internal.Session = {
    id: recorder.name("IMAPISession"),
    live: Live.make(),
    profile: yield* Profile.make(),
    registry: yield* ProviderRegistry.ProviderRegistry,
    supports: yield* SupportObject.SupportObject,
    spooler: yield* Spooler.Spooler,
    recorder,
    over: Deferred.makeUnsafe(),
    unload: UnloadSequence.handedDown(() => session)
  }
  const lastError = yield* Ref.make<StoreProvider.MapiErrorInfo | null>(null)
  const pointer: Internal.Pointer = { session, client: "client", flags: [], ui: null, lastError }
  return pointer
})
