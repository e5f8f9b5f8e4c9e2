/** The programs of cells.test.ts: at least one for each row of the table of docs/explore.md, but for what is refused. */
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberHandle from "effect/FiberHandle"
import * as FiberMap from "effect/FiberMap"
import * as FiberSet from "effect/FiberSet"
import * as Graph from "effect/Graph"
import * as Latch from "effect/Latch"
import * as Layer from "effect/Layer"
import * as LayerMap from "effect/LayerMap"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Metric from "effect/Metric"
import * as MutableHashSet from "effect/MutableHashSet"
import * as MutableList from "effect/MutableList"
import * as Order from "effect/Order"
import * as PubSub from "effect/PubSub"
import * as Queue from "effect/Queue"
import * as Random from "effect/Random"
import * as RcRef from "effect/RcRef"
import * as Ref from "effect/Ref"
import * as Request from "effect/Request"
import * as RequestResolver from "effect/RequestResolver"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import * as ScopedCache from "effect/ScopedCache"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"
import * as SubscriptionRef from "effect/SubscriptionRef"
import * as SynchronizedRef from "effect/SynchronizedRef"
import * as Tracer from "effect/Tracer"
import * as TxChunk from "effect/TxChunk"
import * as TxDeferred from "effect/TxDeferred"
import * as TxHashMap from "effect/TxHashMap"
import * as TxHashSet from "effect/TxHashSet"
import * as TxPriorityQueue from "effect/TxPriorityQueue"
import * as TxPubSub from "effect/TxPubSub"
import * as TxQueue from "effect/TxQueue"
import * as TxReentrantLock from "effect/TxReentrantLock"
import * as TxSemaphore from "effect/TxSemaphore"
import * as TxSubscriptionRef from "effect/TxSubscriptionRef"
import * as Explore from "../../src/explore.ts"

/** What is checked. */
export type Program = Effect.Effect<unknown, unknown, Explore.Explore>

export const both = <A, E, R, B, E2, R2>(left: Effect.Effect<A, E, R>, right: Effect.Effect<B, E2, R2>) =>
  Effect.all([left, right], { concurrency: 2 })

/** A cache of one entry, which writes down what it looks up and what it closes. */
const scopedCache = <A>(
  use: (
    cache: ScopedCache.ScopedCache<string, string>,
    log: Ref.Ref<string>
  ) => Effect.Effect<A, never, Explore.Explore>
) =>
  Effect.gen(function* () {
    const log = yield* Ref.make("")
    const say = (what: string) => Ref.update(log, (all) => all + what)
    const cache = yield* ScopedCache.make({
      capacity: 1,
      lookup: (key: string) =>
        Effect.as(
          Effect.acquireRelease(say(`+${key}`), () => say(`-${key}`)),
          key
        )
    })
    const used = yield* use(cache, log)
    return [used, yield* Ref.get(log)]
  }).pipe(Effect.scoped)

/** Uses of a cache that may get in each other's way. */
export const caching: Readonly<Record<string, Program>> = {
  "two that want the same": scopedCache((cache) => both(ScopedCache.get(cache, "a"), ScopedCache.get(cache, "a"))),
  "two that have no room for both": scopedCache((cache) =>
    both(ScopedCache.get(cache, "a"), ScopedCache.get(cache, "b"))
  ),
  "one that is interrupted": scopedCache((cache) =>
    Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(ScopedCache.get(cache, "a"))
      yield* Explore.interruptAnywhere(fiber)
      const other = yield* ScopedCache.getOption(cache, "a")
      yield* Fiber.await(fiber)
      return other
    })
  ),
  "one that asks and one that sets": scopedCache((cache) =>
    both(ScopedCache.has(cache, "a"), ScopedCache.set(cache, "a", "given"))
  ),
  "one whose entry expires": Effect.scoped(
    Effect.gen(function* () {
      const looked = yield* Ref.make(0)
      const lookup = () => Ref.updateAndGet(looked, (n) => n + 1)
      const cache = yield* ScopedCache.make({ capacity: 2, lookup, timeToLive: 10 })
      const get = ScopedCache.get(cache, "a")
      return yield* both(get, Effect.andThen(Effect.sleep(10), get))
    })
  )
}

/** Each tracked cell in a race of two: what either may find. */
export const tracked: Readonly<Record<string, Program>> = {
  "Ref, MutableRef": Effect.flatMap(Ref.make(0), (ref) => both(Ref.set(ref, 1), Ref.get(ref))),
  Deferred: Effect.flatMap(Deferred.make<number>(), (it) => both(Deferred.succeed(it, 1), Deferred.isDone(it))),
  "Fiber: its end, interruption, children and observers": Effect.gen(function* () {
    const ref = yield* Ref.make(0)
    const fiber = yield* Effect.forkChild(Ref.set(ref, 1))
    yield* Fiber.interrupt(fiber)
    return yield* Ref.get(ref)
  }),
  Semaphore: Effect.flatMap(Semaphore.make(1), (gate) => {
    const tried = gate.withPermitsIfAvailable(1)(Effect.yieldNow)
    return both(
      Effect.map(tried, ({ _tag }) => _tag),
      Effect.map(tried, ({ _tag }) => _tag)
    )
  }),
  Latch: Effect.flatMap(Latch.make(), (latch) =>
    both(
      latch.open,
      Effect.sync(() => latch.isOpen())
    )
  ),
  Queue: Effect.flatMap(Queue.unbounded<number>(), (queue) => both(Queue.offer(queue, 1), Queue.size(queue))),
  Scope: Effect.gen(function* () {
    const ref = yield* Ref.make("")
    const scope = yield* Scope.make()
    const add = (name: string) =>
      Scope.addFinalizer(
        scope,
        Ref.update(ref, (all) => all + name)
      )
    yield* both(add("a"), add("b"))
    yield* Scope.close(scope, yield* Effect.exit(Effect.void))
    return yield* Ref.get(ref)
  }),
  SynchronizedRef: Effect.flatMap(SynchronizedRef.make(0), (ref) =>
    both(SynchronizedRef.set(ref, 1), SynchronizedRef.get(ref))
  ),
  SubscriptionRef: Effect.flatMap(SubscriptionRef.make(0), (ref) =>
    both(SubscriptionRef.set(ref, 1), SubscriptionRef.get(ref))
  ),
  PubSub: Effect.scoped(
    Effect.gen(function* () {
      const bus = yield* PubSub.unbounded<number>()
      const subscription = yield* PubSub.subscribe(bus)
      return yield* both(PubSub.publish(bus, 1), PubSub.remaining(subscription))
    })
  ),
  "FiberSet, FiberMap, FiberHandle": Effect.scoped(
    Effect.gen(function* () {
      const set = yield* FiberSet.make<void>()
      const map = yield* FiberMap.make<string, void>()
      const handle = yield* FiberHandle.make<void>()
      yield* FiberMap.run(map, "a", Effect.void)
      yield* FiberHandle.run(handle, Effect.void)
      return yield* both(FiberSet.run(set, Effect.never), FiberSet.size(set)).pipe(Effect.map(([, size]) => size))
    })
  ),
  "MutableHashMap, MutableHashSet": Effect.suspend(() => {
    const set = MutableHashSet.empty<string>()
    return both(
      Effect.sync(() => void MutableHashSet.add(set, "a")),
      Effect.sync(() => MutableHashSet.size(set))
    )
  }),
  "plain state with an Explore.Cell": Effect.suspend(() => {
    const cell = Explore.Cell.make("a number")
    let n = 0
    const set = Effect.sync(() => {
      cell.writes()
      n++
    })
    const get = Effect.sync(() => {
      cell.reads()
      return n
    })
    return both(set, get)
  }),
  "what an Explore.Bag counts": Effect.suspend(() => {
    const bag = Explore.Bag.make("references")
    const put = Effect.sync(() => bag.put("one"))
    const take = Effect.sync(() => bag.take("one"))
    return both(put, take)
  }),
  RcRef: Effect.scoped(
    Effect.gen(function* () {
      const ups = yield* Ref.make(0)
      const ref = yield* RcRef.make({ acquire: Ref.updateAndGet(ups, (n) => n + 1) })
      const use = Effect.scoped(RcRef.get(ref))
      return yield* both(use, use)
    })
  ),
  ScopedCache: scopedCache((cache, log) =>
    Effect.andThen(both(ScopedCache.get(cache, "a"), ScopedCache.invalidate(cache, "a")), Ref.get(log))
  ),
  "Layer: what is memoised": Effect.gen(function* () {
    const built = yield* Ref.make(0)
    class Built extends Context.Service<Built, number>()("effect-mapi/test/explore/cellPrograms/Built") {}
    const layer = Layer.effect(
      Built,
      Ref.updateAndGet(built, (n) => n + 1)
    )
    const memo = yield* Layer.makeMemoMap
    const scope = yield* Scope.make()
    const build = Effect.map(Layer.buildWithMemoMap(layer, memo, scope), (context) => Context.get(context, Built))
    yield* both(build, build)
    return yield* both(Ref.set(built, 5), Ref.get(built))
  }),
  "Clock: virtual time": Effect.flatMap(Ref.make(0), (ref) =>
    Effect.andThen(
      both(Effect.timeoutOption(Effect.andThen(Effect.yieldNow, Ref.set(ref, 1)), 10), Effect.sleep(5)),
      Ref.get(ref)
    )
  ),
  "Random: the explorer's own": Effect.flatMap(Ref.make(0), (ref) => {
    const drawn = Effect.flatMap(Random.nextInt, (n) => Ref.getAndSet(ref, n))
    return both(drawn, drawn)
  })
}

class Some extends Context.Service<Some, number>()("effect-mapi/test/explore/cellPrograms/Some") {}

const outside = Ref.makeUnsafe(0)
const metric = Metric.counter("effect-mapi/test/explore/cellPrograms")

class Ask extends Request.TaggedClass("Ask")<{ readonly id: number }, number> {}
const resolver = RequestResolver.make<Ask>((entries) =>
  Effect.sync(() => {
    for (const { completeUnsafe, request } of entries) completeUnsafe(Exit.succeed(request.id))
  })
)

export const detected: Readonly<Record<string, Program>> = {
  "plain JavaScript state": Effect.suspend(() => {
    let n = 0
    const add = Effect.gen(function* () {
      const before = n
      yield* Effect.yieldNow
      n = before + 1
    })
    return Effect.map(both(add, add), () => n)
  }),
  "cells made outside the program": Effect.andThen(
    Ref.set(outside, 0),
    Effect.andThen(
      both(
        Effect.flatMap(Ref.get(outside), (n) => Ref.set(outside, n + 1)),
        Effect.flatMap(Ref.get(outside), (n) => Ref.set(outside, n + 1))
      ),
      Ref.get(outside)
    )
  ),
  "Math.random, Date.now": Effect.sync(Math.random),
  "Stream, Channel: what runs concurrently": Stream.runCollect(Stream.merge(Stream.make(1), Stream.make(2))),
  "RequestResolver: its batches": both(
    Effect.request(new Ask({ id: 1 }), resolver),
    Effect.request(new Ask({ id: 2 }), resolver)
  ),
  MutableList: Effect.suspend(() => {
    const list = MutableList.make<number>()
    return both(
      Effect.sync(() => MutableList.append(list, 1)),
      Effect.sync(() => list.length)
    )
  }),
  Metric: Effect.andThen(Metric.update(metric, 1), Metric.value(metric)),
  "Random.withSeed": Random.withSeed(both(Random.nextInt, Random.nextInt), "seed"),
  "Schedule.toStep: a step that fibers share": Effect.flatMap(Schedule.toStep(Schedule.recurs(5)), (step) => {
    const taken = Effect.map(
      Effect.suspend(() => step(0, undefined)),
      ([recurred]) => recurred
    )
    return both(taken, taken)
  }),
  ManagedRuntime: Effect.suspend(() => {
    const runtime = ManagedRuntime.make(Layer.succeed(Some, 1))
    return Effect.asVoid(both(runtime.contextEffect, runtime.contextEffect))
  }),
  "Graph: one that is being mutated": Effect.suspend(() => {
    const graph = Graph.beginMutation(Graph.directed<string, string>())
    return both(
      Effect.sync(() => Graph.addNode(graph, "a")),
      Effect.sync(() => Graph.addNode(graph, "b"))
    )
  }),
  "Tracer: attributes, events and links of a span": Effect.withSpan(
    Effect.gen(function* () {
      const span = yield* Effect.currentSpan
      yield* both(Effect.annotateCurrentSpan("by", "one"), Effect.annotateCurrentSpan("by", "the other"))
      return span.attributes.get("by")
    }),
    "shared"
  ),
  "Tracer: what one of your own keeps": Effect.suspend(() => {
    const names: Array<string> = []
    const tracer = Tracer.make({
      span: (options) => {
        names.push(options.name)
        return new Tracer.NativeSpan(options)
      }
    })
    const spans = both(Effect.withSpan(Effect.void, "a"), Effect.withSpan(Effect.void, "b"))
    return Effect.map(Effect.withTracer(spans, tracer), () => names.join())
  })
}

/** What is only detected, in programs whose ends do not show who came first; and what an execution does not contain. */
export const unseen: Readonly<Record<string, Program>> = {
  "what is only detected, where no end depends on it": Effect.forEach(
    [
      "plain JavaScript state",
      "cells made outside the program",
      "Random.withSeed",
      "Schedule.toStep: a step that fibers share",
      "Graph: one that is being mutated",
      "Tracer: attributes, events and links of a span",
      "Tracer: what one of your own keeps",
      "MutableList"
    ],
    (name) => detected[name] ?? Effect.die(name),
    { discard: true }
  ),
  "a promise that nobody waits for": Effect.sync(() => void Promise.resolve().then(Object))
}

/** The members of families of which the table has one row. */
export const families: Readonly<Record<string, Program>> = {
  "Effect.cachedWithTTL": Effect.flatten(Effect.cachedWithTTL(Effect.yieldNow, 10)),
  "Effect.cachedInvalidateWithTTL": Effect.flatMap(
    Effect.cachedInvalidateWithTTL(Effect.succeed(1), 10),
    ([cached]) => cached
  ),
  LayerMap: Effect.scoped(LayerMap.make(() => Layer.succeed(Some, 1))),
  TxChunk: TxChunk.empty(),
  TxDeferred: TxDeferred.make(),
  TxHashMap: TxHashMap.empty(),
  TxHashSet: TxHashSet.empty(),
  TxPriorityQueue: TxPriorityQueue.empty(Order.Number),
  TxPubSub: TxPubSub.unbounded(),
  TxQueue: TxQueue.unbounded(),
  TxReentrantLock: TxReentrantLock.make(),
  TxSemaphore: TxSemaphore.make(1),
  TxSubscriptionRef: TxSubscriptionRef.make(0)
}

/** Each is kept from one execution to the next. */
export const kept: Readonly<Record<string, Effect.Effect<object>>> = {
  Ref: Ref.make(0),
  Deferred: Deferred.make<number>(),
  Semaphore: Semaphore.make(1),
  Latch: Latch.make(),
  Queue: Queue.unbounded<number>(),
  Scope: Scope.make(),
  SubscriptionRef: SubscriptionRef.make(0),
  PubSub: PubSub.unbounded<number>(),
  RcRef: Effect.flatMap(Scope.make(), (scope) => Scope.provide(RcRef.make({ acquire: Effect.succeed(1) }), scope))
}

export const uses: Readonly<Record<string, (it: never) => Effect.Effect<unknown>>> = {
  Ref: (it: Ref.Ref<number>) => Ref.set(it, 1),
  Deferred: (it: Deferred.Deferred<number>) => Deferred.succeed(it, 1),
  Semaphore: (it: Semaphore.Semaphore) => it.withPermit(Effect.void),
  Latch: (it: Latch.Latch) => it.open,
  Queue: (it: Queue.Queue<number>) => Queue.offer(it, 1),
  Scope: (it: Scope.Scope) => Scope.addFinalizer(it, Effect.void),
  SubscriptionRef: (it: SubscriptionRef.SubscriptionRef<number>) => SubscriptionRef.set(it, 1),
  PubSub: (it: PubSub.PubSub<number>) => PubSub.publish(it, 1),
  RcRef: (it: RcRef.RcRef<number>) => Effect.scoped(RcRef.get(it))
}
