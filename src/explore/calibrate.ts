/**
 * Whether this is the Effect that the explorer knows: its version, and what it finds in programs whose traces are known.
 * Inside the package only.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Queue from "effect/Queue"
import * as Ref from "effect/Ref"
import * as Semaphore from "effect/Semaphore"
import * as Version from "effect/Version"
import { Engine } from "./engine.ts"
import { UncalibratedEffect } from "./errors.ts"
import { install, uninstall } from "./patches.ts"
import { type Explore, interruptAnywhere } from "./service.ts"

/** The versions of Effect that the explorer was read against and tried on. */
export const knownVersions: ReadonlyArray<string> = ["4.1.0"]

const increment = (ref: Ref.Ref<number>) => Effect.flatMap(Ref.get(ref), (n) => Ref.set(ref, n + 1))

const twice = <E>(body: Effect.Effect<void, E, Explore>, interrupted = false) =>
  Effect.gen(function* () {
    const first = yield* Effect.forkChild(body)
    if (interrupted) yield* interruptAnywhere(first)
    const second = yield* Effect.forkChild(body)
    yield* Fiber.await(first)
    yield* Fiber.await(second)
  })

/** Programs, and how many executions each has. */
export const pinned: ReadonlyArray<
  readonly [name: string, executions: number, program: Effect.Effect<unknown, never, Explore>]
> = [
  ["two fibers and a Ref", 4, Effect.flatMap(Ref.make(0), (ref) => twice(increment(ref)))],
  ["the same, one interrupted", 7, Effect.flatMap(Ref.make(0), (ref) => twice(increment(ref), true))],
  [
    "a semaphore",
    12,
    Effect.flatMap(Semaphore.make(1), (gate) =>
      Effect.flatMap(Ref.make(0), (ref) => twice(gate.withPermit(increment(ref))))
    )
  ],
  [
    "a queue",
    4,
    Effect.flatMap(Queue.bounded<number>(1), (queue) =>
      Effect.all([Queue.offer(queue, 1), Queue.take(queue)], { concurrency: 2 })
    )
  ],
  [
    "a race of a Deferred and a timer",
    18,
    Effect.flatMap(Deferred.make<number>(), (done) =>
      Effect.all([Effect.timeoutOption(Deferred.await(done), 10), Deferred.succeed(done, 1)], { concurrency: 2 })
    )
  ]
]

/** How many executions there are. */
export const count = (program: Effect.Effect<unknown, never, Explore>, engine = new Engine(program)): number => {
  const search = engine.search()
  const { names } = engine.machine
  const { learnt } = names
  let executions = 0
  do {
    const { ending } = engine.run(search)
    if (names.learnt > learnt) return count(program, engine)
    if (ending === "ended") executions++
    else if (ending !== "blocked") return -1
  } while (search.backtrack())
  return executions
}

/** What is wrong with this version of Effect, whose number is `found`; undefined where nothing is. */
export const measure = (found: string = Version.getCurrentVersion()): UncalibratedEffect | undefined => {
  const refused = (detail: string) =>
    new UncalibratedEffect({
      subject: `effect ${found}`,
      detail,
      advice: `Use a version of Effect that this explorer knows: ${knownVersions.join(", ")}.`
    })
  if (!knownVersions.includes(found)) return refused("the explorer does not know this version")
  install()
  try {
    for (const [name, executions, program] of pinned) {
      const ran = count(program)
      if (ran !== executions) return refused(`${name} should have ${executions} executions, and has ${ran}`)
    }
    return undefined
  } finally {
    uninstall()
  }
}

const calibrated = new Map<string, UncalibratedEffect | "sound">()

/** Once in a process for each version, which is this Effect's own unless a test says otherwise. */
export const calibrate = (version: string): Effect.Effect<void, UncalibratedEffect> =>
  Effect.suspend(() => {
    const known = calibrated.get(version) ?? measure(version) ?? "sound"
    calibrated.set(version, known)
    return known === "sound" ? Effect.void : Effect.fail(known)
  })
