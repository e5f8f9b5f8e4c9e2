/** Defects that nobody is known to have shipped. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Ref from "effect/Ref"
import * as Scope from "effect/Scope"
import * as Explore from "../../src/explore.ts"
import { LoadSequence, MapiError, MapiSession, ProviderRegistry, type StoreProvider } from "../../src/index.ts"
import * as Internal from "../../src/internal/session.ts"
import * as ByHand from "./byHand.ts"
import { type Exhibit, inTurn, type Setting, switches, type Version } from "./museum.ts"

// --- transports logged off twice ------------------------------------------------------------------------------------

/** A support object whose StoreLogoffTransports is called twice where it is called. */
const twice = (support: StoreProvider.IMAPISupport): StoreProvider.IMAPISupport => ({
  ...support,
  storeLogoffTransports: (flag) =>
    Effect.andThen(support.storeLogoffTransports(flag), support.storeLogoffTransports(flag))
})

const loggingOffTwice: Setting = {
  module: ({ MSProviderInit }) => ({
    MSProviderInit: (init) =>
      Effect.map(MSProviderInit(init), ({ provider, version }) => ({
        version,
        provider: {
          ...provider,
          logon: (request) => provider.logon({ ...request, support: twice(request.support) })
        }
      }))
  })
}

// --- a claimed load -------------------------------------------------------------------------------------------------

/** A session that loads the DLL ahead of its opens: the first claims the load and starts it, and everybody waits for it. */
const claiming = (version: Version) =>
  Layer.effect(
    MapiSession.MapiSession,
    Effect.gen(function* () {
      const session = yield* MapiSession.make()
      const registry = yield* ProviderRegistry.ProviderRegistry
      const scope = yield* Scope.Scope
      const load = yield* Ref.make<Deferred.Deferred<unknown> | null>(null)
      const claim = Effect.suspend(() => {
        const mine = Deferred.makeUnsafe<unknown>()
        return Ref.modify(load, (now) => [{ waiting: now ?? mine, isMine: now === null }, now ?? mine])
      })
      const start = (done: Deferred.Deferred<unknown>) =>
        registry.load("MEMORY.DLL").pipe(
          Scope.provide(scope),
          Effect.exit,
          Effect.flatMap((exit) => Deferred.succeed(done, exit)),
          Effect.forkDetach({ startImmediately: true, uninterruptible: true })
        )
      const claimed = Effect.tap(claim, ({ isMine, waiting }) => (isMine ? start(waiting) : Effect.void))
      const obtained = version === "sound" ? Effect.uninterruptible(claimed) : claimed
      return {
        ...session,
        openMsgStore: (request) =>
          Effect.andThen(
            Effect.flatMap(obtained, ({ waiting }) => Deferred.await(waiting)),
            session.openMsgStore(request)
          )
      }
    })
  )

/** Opens end here, once the DLL is loaded: that there are few schedules is all that it is for. */
const tooNew = Effect.fail(new MapiError.VersionMismatch({ subject: "MEMORY.DLL", detail: "it needs a newer MAPI" }))

/** A client that may be interrupted at any moment. */
const interrupted = <A, E>(explorer: Explore.Explore["Service"], client: Effect.Effect<A, E, Scope.Scope>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(Effect.scoped(client))
    yield* Effect.provideService(Explore.interruptAnywhere(fiber), Explore.Explore, explorer)
    return yield* Fiber.await(fiber)
  })

/** Whatever has failed, the provider is not asked again. */
const unforgiving: ByHand.Open = (pointer, request) =>
  Effect.tapError(LoadSequence.openMsgStore(pointer, request), () =>
    Internal.transit(pointer.session, (state) => [undefined, { disabled: new Set(state.providers.keys()) }])
  )

export const constructed: ReadonlyArray<Exhibit> = [
  {
    title: "Transports logged off twice",
    constructed: true,
    what: "A provider calls StoreLogoffTransports twice when a store closes.",
    where:
      "It must happen exactly once per store shutdown. Pages differ on when: at StoreLogoff, or at the last Release.",
    program: (version) => inTurn(Effect.succeed(version === "sound" ? {} : loggingOffTwice), ({ open }) => [open()]),
    law: "TransportsOnce",
    size: switches(60),
    told: "One open, and its close.",
    shows: ["IMsgStore::Release", "IMAPISupport::StoreLogoffTransports", "IMAPISupport::Release"]
  },
  {
    title: "Everything disabled after FailOneProvider",
    constructed: true,
    what: "A wrong password counts as a failure for good, and of every provider of the session.",
    where:
      "The page's note: MAPI_E_FAILONEPROVIDER disables nothing, so that the client can ask for the password and try again.",
    program: (version) =>
      inTurn(
        Effect.succeed({
          stores: [{ name: "Inbox", password: Redacted.make("secret") }],
          session: ByHand.layer(version === "sound" ? {} : { open: unforgiving })
        }),
        ({ open }) => [open(), open()]
      ),
    law: "FailOneProvider",
    size: switches(40),
    told: "Two opens, one after the other: the first Logon answers MAPI_E_FAILONEPROVIDER, and the second open is refused as ProviderDisabled.",
    shows: ["IMAPISession::OpenMsgStore", "IMSProvider::Logon"]
  },
  {
    title: "A claimed load whose claimant is interrupted before it starts",
    constructed: true,
    what: "Who asks first claims the load of the DLL, and then starts it; everybody else waits for it. Between the two the claimant can be interrupted.",
    where:
      "The first design of this library, never shipped. Claim and start are one uninterruptible step now, and the load goes on without its client: R12.",
    program: (version) =>
      inTurn(
        Effect.succeed({ session: claiming(version), script: { MSProviderInit: () => tooNew } }),
        ({ open }, explorer) => [interrupted(explorer, open()), open()]
      ),
    law: "deadlock",
    within: { interruptions: 1 },
    size: { faults: 0, interruptions: 1, switches: 10 },
    told: "The first client is interrupted right after its claim; the second waits for a load that nobody has started, and nobody has called anybody.",
    shows: ["LoadLibrary", "MSProviderInit", "IMAPISession::OpenMsgStore"],
    budget: 100
  }
]
