/** Defects that nobody is known to have shipped. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"
import * as Scope from "effect/Scope"
import * as Explore from "../../src/explore.ts"
import { MapiError, MapiSession, ProviderRegistry, type StoreProvider } from "../../src/index.ts"
import { type Exhibit, inTurn, type Setting } from "./museum.ts"

// --- transports logged off twice ------------------------------------------------------------------------------------

/** A support object whose StoreLogoffTransports the provider calls twice: at StoreLogoff's word, and at the last Release. */
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
const claiming = (version: "sound" | "defective") =>
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

const tooNew = Effect.fail(new MapiError.VersionMismatch({ subject: "MEMORY.DLL", detail: "it needs a newer MAPI" }))

/** A client that may be interrupted at any moment. */
const interrupted = <A, E>(explorer: Explore.Explore["Service"], client: Effect.Effect<A, E, Scope.Scope>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(Effect.scoped(client))
    yield* Effect.provideService(Explore.interruptAnywhere(fiber), Explore.Explore, explorer)
    return yield* Fiber.await(fiber)
  })

const nothing = { faults: 0, interruptions: 0, switches: 0 }

export const constructed: ReadonlyArray<Exhibit> = [
  {
    title: "Transports logged off twice",
    constructed: true,
    what: "",
    where: "",
    program: (version) => inTurn(Effect.succeed(version === "sound" ? {} : loggingOffTwice), ({ open }) => [open()]),
    law: "TransportsOnce",
    size: nothing,
    budget: 50,
    sound: "Verified",
    shows: []
  },
  {
    title: "A claimed load whose claimant is interrupted before it starts",
    constructed: true,
    what: "",
    where: "",
    program: (version) =>
      inTurn(
        Effect.succeed({ session: claiming(version), script: { MSProviderInit: () => tooNew } }),
        ({ open }, explorer) => [interrupted(explorer, open()), open()]
      ),
    law: "deadlock",
    within: { interruptions: 1 },
    size: nothing,
    budget: 100,
    sound: "Verified",
    shows: []
  }
]
