/** Runs a program one primitive at a time, so that a test can interrupt it at every point that there is. */
import { assert } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import type * as Scheduler from "effect/Scheduler"

/** A scheduler that yields before every primitive, and runs nothing by itself. */
const makeStepper = () => {
  const tasks: Array<() => void> = []
  const dispatcher: Scheduler.SchedulerDispatcher = {
    scheduleTask: (task) => void tasks.push(task),
    flush: () => {}
  }
  const scheduler: Scheduler.Scheduler = {
    executionMode: "async",
    shouldYield: (fiber) => fiber.currentOpCount > 2, // two: waking up, and one more
    makeDispatcher: () => dispatcher
  }
  return { scheduler, step: () => tasks.shift() }
}

/**
 * Runs the program until nothing is left to do, and disturbs it before step `at`. Answers its exit, undefined where it
 * still waits for something that will not come; and whether it was still running at that step.
 */
const runTo = <A, E>(program: Effect.Effect<A, E>, at: number, disturb: (fiber: Fiber.Fiber<A, E>) => void) => {
  const { scheduler, step } = makeStepper()
  const fiber = Effect.runFork(program, { scheduler })
  let steps = 0
  let inTime = false
  for (let task = step(); task !== undefined; task = step()) {
    if (steps === at) {
      inTime = fiber.pollUnsafe() === undefined
      disturb(fiber)
    }
    steps++
    assert.isBelow(steps, 100_000, "the program does not come to an end")
    task()
  }
  return { exit: fiber.pollUnsafe(), inTime }
}

/** Runs a fresh program once for each of its steps, interrupting it there; `check` sees each run once nothing is left of it. */
export const interruptedAtEachStep = <A, E>(
  make: () => { readonly program: Effect.Effect<A, E>; readonly check: (exit: Exit.Exit<A, E> | undefined) => void }
): number => {
  for (let at = 0; ; at++) {
    const { check, program } = make()
    const { exit, inTime } = runTo(program, at, (fiber) => fiber.interruptUnsafe())
    check(exit)
    if (!inTime) return at
  }
}

/**
 * The same, but what happens is for the program to say: it is given something to wait for. Once for every `stride` steps,
 * or with STRIDE=1 in the environment for each of them.
 */
export const happeningAtSteps = <A, E>(
  stride: number,
  make: (moment: Effect.Effect<void>) => {
    readonly program: Effect.Effect<A, E>
    readonly check: (exit: Exit.Exit<A, E> | undefined) => void
  }
): number => {
  for (let at = 0; ; at += Number(process.env.STRIDE ?? stride)) {
    const moment = Deferred.makeUnsafe<void>()
    const { check, program } = make(Deferred.await(moment))
    const { exit, inTime } = runTo(program, at, () => Deferred.doneUnsafe(moment, Exit.void))
    check(exit)
    if (!inTime) return at
  }
}
