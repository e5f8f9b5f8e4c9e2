/** Small concurrent programs whose traces and outcomes are known: what the explorer is calibrated on. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Ref from "effect/Ref"
import * as Semaphore from "effect/Semaphore"
import * as Explore from "../../src/explore/service.ts"

const increment = (ref: Ref.Ref<number>) => Effect.flatMap(Ref.get(ref), (n) => Ref.set(ref, n + 1))

const awaitAll = <A, E>(fibers: ReadonlyArray<Fiber.Fiber<A, E>>) =>
  Effect.gen(function* () {
    for (const fiber of fibers) yield* Fiber.await(fiber)
  })

/** `fibers` that read and then write one Ref, `rounds` times each. */
export const lostUpdate = (fibers: number, rounds: number) =>
  Effect.gen(function* () {
    const ref = yield* Ref.make(0)
    const forked: Array<Fiber.Fiber<void>> = []
    for (let i = 0; i < fibers; i++) {
      forked.push(
        yield* Effect.forkChild(
          Effect.gen(function* () {
            for (let r = 0; r < rounds; r++) yield* increment(ref)
          })
        )
      )
    }
    yield* awaitAll(forked)
    return yield* Ref.get(ref)
  })

/** The same, under a semaphore. */
export const semaphore = (fibers: number) =>
  Effect.gen(function* () {
    const ref = yield* Ref.make(0)
    const gate = yield* Semaphore.make(1)
    const forked: Array<Fiber.Fiber<void>> = []
    for (let i = 0; i < fibers; i++) forked.push(yield* Effect.forkChild(gate.withPermit(increment(ref))))
    yield* awaitAll(forked)
    return yield* Ref.get(ref)
  })

/** Fibers that share nothing. */
export const disjoint = (fibers: number) =>
  Effect.gen(function* () {
    const forked: Array<Fiber.Fiber<void>> = []
    for (let i = 0; i < fibers; i++) {
      const ref = yield* Ref.make(0)
      forked.push(yield* Effect.forkChild(increment(ref)))
    }
    yield* awaitAll(forked)
    return "ok"
  })

interface Loaded {
  readonly refs: number
  readonly state: "none" | "loading"
  readonly done: Deferred.Deferred<void, string> | null
}

/** Clients that share one load through a count and a Deferred. */
export const load = (clients: number, options: { fault?: boolean; interrupt?: boolean; wrong?: boolean } = {}) =>
  Effect.gen(function* () {
    const cell = yield* Ref.make<Loaded>({ refs: 0, state: "none", done: null })
    const loads = yield* Ref.make(0)
    const count = Ref.update(loads, (n) => n + 1)
    const loading: Effect.Effect<void, string, Explore.Explore> =
      options.fault === true
        ? Effect.flatMap(Explore.fault("load", "ok", ["E_FAIL"]), (answer) =>
            answer === "ok" ? count : Effect.andThen(count, Effect.fail("E_FAIL"))
          )
        : count
    const finish = (done: Deferred.Deferred<void, string>) =>
      Effect.onExit(loading, (exit) => Deferred.done(done, exit))
    const acquire = Effect.gen(function* () {
      const done = Deferred.makeUnsafe<void, string>()
      if (options.wrong === true) {
        const before = yield* Ref.get(cell)
        if (before.done === null) {
          yield* Ref.set(cell, { refs: 1, state: "loading", done })
          yield* finish(done)
        } else {
          yield* Ref.update(cell, (now) => ({ ...now, refs: now.refs + 1 }))
          yield* Deferred.await(before.done)
        }
        return
      }
      const theirs = yield* Ref.modify(cell, (now): readonly [Deferred.Deferred<void, string> | null, Loaded] =>
        now.done === null ? [null, { refs: 1, state: "loading", done }] : [now.done, { ...now, refs: now.refs + 1 }]
      )
      if (theirs === null) yield* finish(done)
      else yield* Deferred.await(theirs)
    })
    const release = Ref.update(
      cell,
      (now): Loaded => (now.refs === 1 ? { refs: 0, state: "none", done: null } : { ...now, refs: now.refs - 1 })
    )
    const client = Effect.acquireUseRelease(
      acquire,
      () => Effect.void,
      () => release
    )
    const forked: Array<Fiber.Fiber<void, string>> = []
    for (let i = 0; i < clients; i++) forked.push(yield* Effect.forkChild(client))
    if (options.interrupt === true && forked[0] !== undefined) yield* Explore.interruptAnywhere(forked[0])
    yield* awaitAll(forked)
    const { refs, state } = yield* Ref.get(cell)
    return `refs=${refs}/${state}`
  })
