/** Random small programs, each of its plan: what the explorer is checked on beyond the programs somebody thought of. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberSet from "effect/FiberSet"
import * as Latch from "effect/Latch"
import * as MutableRef from "effect/MutableRef"
import * as Queue from "effect/Queue"
import * as Ref from "effect/Ref"
import * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import * as Bag from "../../src/explore/Bag.ts"
import * as Explore from "../../src/explore/service.ts"
import type { Op, Plan } from "./plans.ts"

interface World {
  /** Is each instruction that has come to its end told? */
  readonly tells: boolean
  readonly refs: ReadonlyArray<Ref.Ref<number>>
  readonly deferreds: ReadonlyArray<Deferred.Deferred<number>>
  readonly queues: ReadonlyArray<Queue.Queue<number>>
  readonly latches: ReadonlyArray<Latch.Latch>
  /** For code that is no effect, and runs within the primitive before it. */
  readonly plain: MutableRef.MutableRef<number>
  readonly parked: MutableRef.MutableRef<ReadonlyArray<() => void>>
  readonly gate: Semaphore.Semaphore
  readonly scope: Scope.Closeable
  readonly fibers: Ref.Ref<ReadonlyArray<Fiber.Fiber<unknown, unknown>>>
  readonly bag: Bag.Bag
}

const two = <A>(make: Effect.Effect<A>) => Effect.all([make, make])

const at = <A>(list: ReadonlyArray<A>, n: number): A => {
  const it = list[n]
  if (it === undefined) throw new Error(`no cell ${n}`)
  return it
}

const runAll = (world: World, ops: ReadonlyArray<Op>): Effect.Effect<number, string, Explore.Explore> =>
  Effect.gen(function* () {
    let sum = 0
    for (const it of ops) {
      const n = yield* runOne(world, it)
      if (world.tells) yield* Explore.tell(`${it.op} ${n}`)
      sum = sum * 3 + n
    }
    return sum
  })

const runOne = (world: World, it: Op): Effect.Effect<number, string, Explore.Explore> => {
  switch (it.op) {
    case "get":
      return Ref.get(at(world.refs, it.on))
    case "add":
      return Effect.flatMap(Ref.get(at(world.refs, it.on)), (n) => Effect.as(Ref.set(at(world.refs, it.on), n + 1), n))
    case "double":
      return Ref.updateAndGet(at(world.refs, it.on), (n) => n * 2 + 1)
    case "await":
      return Deferred.await(at(world.deferreds, it.on))
    case "succeed":
      return Effect.map(Deferred.succeed(at(world.deferreds, it.on), it.on + 1), Number)
    case "offer":
      return Effect.map(Queue.offer(at(world.queues, it.on), 1), Number)
    case "take":
      return Queue.take(at(world.queues, it.on))
    case "open":
      return Effect.map(at(world.latches, it.on).open, Number)
    case "latch":
      return Effect.as(at(world.latches, it.on).await, 1)
    case "finalize":
      return Effect.as(
        Scope.addFinalizer(
          world.scope,
          Ref.update(at(world.refs, it.on), (n) => n * 3 + it.on)
        ),
        0
      )
    case "nothing":
      return Effect.succeed(it.on)
    case "park":
      return Effect.callback<number>((resume) => {
        MutableRef.update(world.parked, (all) => [...all, () => resume(Effect.succeed(it.on))])
        return Ref.update(at(world.refs, it.on), (n) => n + 17)
      })
    case "wake":
      return Effect.sync(() => {
        for (const resume of MutableRef.getAndSet(world.parked, [])) resume()
        return 0
      })
    case "chain":
      return Effect.sync(() => MutableRef.get(world.plain)).pipe(
        Effect.map((n) => n + it.on),
        Effect.map((n) => MutableRef.setAndGet(world.plain, n * 2 + 1))
      )
    case "hand over":
      return Effect.map(Deferred.succeed(at(world.deferreds, it.on), it.on + 1), () => MutableRef.get(world.plain))
    case "hurry":
      return Effect.gen(function* () {
        yield* Effect.void
        const isFirst = Deferred.doneUnsafe(at(world.deferreds, it.on), Effect.succeed(it.on + 5))
        return Ref.getUnsafe(at(world.refs, it.on)) * 2 + Number(isFirst)
      })
    case "look":
      return Effect.map(Queue.take(at(world.queues, it.on)), (n) => Ref.getUnsafe(at(world.refs, it.on)) * 2 + n)
    case "interruptAll":
      return Effect.flatMap(Ref.get(world.fibers), (fibers) => Effect.as(Fiber.interruptAll(fibers), fibers.length))
    case "any":
      return Effect.flatMap(Explore.fault("any", 0, [1, 2]), (n) =>
        n === 2 ? Effect.succeed(it.on) : Ref.updateAndGet(at(world.refs, n), (was) => was * 2 + it.on)
      )
    case "interrupt now":
      return Effect.map(Ref.get(world.fibers), ([first]) => {
        first?.interruptUnsafe()
        return Number(first?.pollUnsafe() !== undefined)
      })
    case "run now":
      return Effect.flatMap(Effect.context<never>(), (context) =>
        Effect.map(Ref.get(world.fibers), ([first]) => {
          if (first === undefined) return 0
          const other = Effect.runForkWith(context)(it.on === 0 ? Fiber.interrupt(first) : Fiber.await(first))
          return 1 + Number(other.pollUnsafe() !== undefined)
        })
      )
    case "start":
      return Effect.map(Effect.forkChild(runAll(world, it.body), { startImmediately: true }), () =>
        Ref.getUnsafe(at(world.refs, it.on))
      )
    case "undo":
      return Effect.onInterrupt(runAll(world, it.body), () => Deferred.succeed(at(world.deferreds, it.on), it.on + 7))
    case "gather":
      return Effect.scoped(
        Effect.gen(function* () {
          const set = yield* FiberSet.make<number, string>()
          yield* FiberSet.run(set, runAll(world, it.body), { startImmediately: it.on === 0 })
          const [first] = yield* Ref.get(world.fibers)
          const watched = yield* FiberSet.size(set)
          if (first !== undefined) yield* Fiber.await(first)
          return watched * 3 + (yield* FiberSet.size(set))
        })
      )
    case "mapped":
      return Effect.map(runAll(world, it.body), () => MutableRef.updateAndGet(world.plain, (n) => n * 3 + it.on))
    case "put":
      return Effect.as(
        Effect.sync(() => world.bag.put(`${it.on}`)),
        0
      )
    case "take out":
      return Effect.sync(() => Number(world.bag.take(`${it.on}`)))
    case "rename":
      return Effect.sync(() => Number(world.bag.rename(`${it.on}`, `${(it.on + 1) % 3}`)))
    case "some":
      return Effect.sync(() => Number(world.bag.some((sort) => it.on === 0 || sort === "1" || sort === "other")))
    case "all things":
      return Effect.sync(() => Array.from(world.bag.all()).reduce((sum, [key, n]) => sum + n * (Number(key) + 3), 0))
    case "quiet":
      return Effect.as(Explore.quiescence, 0)
    case "choose":
      return Explore.choose("which", [1, 2])
    case "yield":
      return Effect.as(Effect.yieldNow, 0)
    case "sleep":
      return Effect.as(Effect.sleep((it.on + 1) * 10), 0)
    case "fail":
      return Effect.fail("failed")
    case "awaitAll":
      return Effect.flatMap(Ref.get(world.fibers), (fibers) =>
        Effect.map(Fiber.awaitAll(fibers), ({ length }) => length)
      )
    case "interrupt":
      return Effect.flatMap(Ref.get(world.fibers), (fibers) => {
        const fiber = fibers[it.on]
        return fiber === undefined ? Effect.succeed(0) : Effect.as(Fiber.interrupt(fiber), 1)
      })
    case "permit":
      return world.gate.withPermit(runAll(world, it.body))
    case "mask":
      return Effect.uninterruptible(runAll(world, it.body))
    case "interruptible":
      return Effect.interruptible(runAll(world, it.body))
    case "restore":
      return Effect.uninterruptibleMask((restore) =>
        Effect.onExit(restore(runAll(world, it.body)), (exit) =>
          Ref.update(at(world.refs, it.on), (n) => n * 2 + Number(Exit.isSuccess(exit)))
        )
      )
    case "checkpoint":
      return Effect.uninterruptibleMask((restore) =>
        Effect.flatMap(runAll(world, it.body), (sum) =>
          Effect.onInterrupt(restore(Effect.succeed(sum)), () => Ref.update(at(world.refs, it.on), (n) => n + 11))
        )
      )
    case "on interrupt":
      return Effect.onInterrupt(runAll(world, it.body), () => Ref.update(at(world.refs, it.on), (n) => n + 13))
    case "ensure":
      return Effect.ensuring(
        runAll(world, it.body),
        Ref.update(at(world.refs, it.on), (n) => n + 7)
      )
    case "scoped":
      return Effect.scoped(
        Effect.andThen(
          Effect.addFinalizer(() => Ref.update(at(world.refs, it.on), (n) => n + 5)),
          runAll(world, it.body)
        )
      )
    case "timeout":
      return Effect.map(Effect.timeoutOption(runAll(world, it.body), 15), (option) =>
        option._tag === "Some" ? option.value : -1
      )
    case "forkIn":
      return Effect.as(Effect.forkIn(runAll(world, it.body), world.scope), 0)
    case "forkChild":
      return Effect.as(Effect.forkChild(runAll(world, it.body)), 0)
    case "three":
      return Effect.map(
        Effect.forEach([0, 1, 2], (n) => (n < 2 ? runAll(world, it.body) : Ref.get(at(world.refs, it.on))), {
          concurrency: 2
        }),
        (all) => all.reduce((sum, n) => sum * 5 + n)
      )
    case "race":
      return Effect.raceFirst(runAll(world, it.left), runAll(world, it.right))
    case "raceAll":
      return Effect.race(runAll(world, it.left), runAll(world, it.right))
    case "either":
      return Effect.flatMap(Explore.fault("either", "left", ["right"]), (side) => runAll(world, it[side]))
    case "all":
      return Effect.map(
        Effect.all([runAll(world, it.left), runAll(world, it.right)], { concurrency: "unbounded" }),
        ([left, right]) => left * 5 + right
      )
  }
}

const told = (exit: Exit.Exit<unknown, unknown>): unknown => (Exit.isSuccess(exit) ? exit.value : "failure")

/** The program of a plan: its outcome is all that a fiber saw, and what the cells hold at the end. */
const sortOf = (key: string): string => (key === "2" ? "other" : "same")

export const program = ({ fibers, main, sorted = false }: Plan, tells = false) =>
  Effect.gen(function* () {
    const world: World = {
      tells,
      refs: yield* two(Ref.make(0)),
      deferreds: yield* two(Deferred.make<number>()),
      queues: yield* two(Queue.bounded<number>(1)),
      latches: yield* two(Latch.make()),
      plain: yield* Effect.sync(() => MutableRef.make(0)),
      parked: yield* Effect.sync(() => MutableRef.make<ReadonlyArray<() => void>>([])),
      gate: yield* Semaphore.make(1),
      scope: yield* Scope.make(),
      fibers: yield* Ref.make<ReadonlyArray<Fiber.Fiber<unknown, unknown>>>([]),
      bag: yield* Effect.sync(() => (sorted ? Bag.make("things", sortOf) : Bag.make("things")))
    }
    yield* Effect.sync(() => world.bag.put("0"))
    const awaited: Array<Fiber.Fiber<unknown, unknown>> = []
    for (const { body, interrupted, left = false, masked = false, now, twice = false } of fibers) {
      const fork = left ? Effect.forkDetach : Effect.forkChild
      const fiber = yield* fork(runAll(world, body), { startImmediately: now, uninterruptible: masked })
      yield* Ref.update(world.fibers, (all) => [...all, fiber])
      if (!left) awaited.push(fiber)
      if (interrupted) yield* Explore.interruptAnywhere(fiber)
      if (interrupted && twice) yield* Explore.interruptAnywhere(fiber)
    }
    const mine = yield* Effect.exit(runAll(world, main))
    const exits: Array<unknown> = []
    for (const fiber of awaited) exits.push(told(yield* Fiber.await(fiber)))
    yield* Scope.close(world.scope, Exit.void)
    const [first, second] = [yield* Ref.get(at(world.refs, 0)), yield* Ref.get(at(world.refs, 1))]
    return [told(mine), exits, first, second, MutableRef.get(world.plain)]
  })
