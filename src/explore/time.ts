/**
 * Virtual time and seeded randomness: timers fire at any moment, in the order of their deadlines; each process draws from a
 * sequence of its own. Inside the package only.
 */
import type * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Random from "effect/Random"
import { READ, WRITE } from "./access.ts"
import type { Machine } from "./machine.ts"
import { mix } from "./tree.ts"
import { firstDeadline } from "./turns.ts"

/** A timer; `fire` runs in a step of its own, once no earlier one is left. */
const sleepUntil = (machine: Machine, deadline: number, fire: () => void): (() => void) => {
  const it = machine.bear("timer")
  it.deadline = deadline
  it.cause = machine.stepIndex
  it.task = () => {
    machine.touch(machine.nowCell, WRITE)
    if (deadline > machine.now) machine.now = deadline
    fire()
  }
  const { timers } = machine
  // A timer that was due first no longer is: as if its step had been cancelled.
  const first = firstDeadline(machine)
  if (deadline < first) for (const timer of timers) if (timer.deadline === first) machine.cancelled.push(timer.id)
  timers.push(it)
  machine.touch(machine.nowCell, READ)
  return () => {
    machine.touch(machine.nowCell, READ)
    const at = timers.indexOf(it)
    if (at < 0) return
    timers.splice(at, 1)
    machine.cancelled.push(it.id)
  }
}

export const clockOf = (machine: Machine): Clock.Clock => {
  const millis = () => {
    machine.touch(machine.nowCell, READ)
    return machine.now
  }
  const nanos = () => BigInt(Math.round(millis() * 1000)) * 1000n
  return {
    currentTimeMillisUnsafe: millis,
    currentTimeMillis: Effect.sync(millis),
    currentTimeNanosUnsafe: nanos,
    currentTimeNanos: Effect.sync(nanos),
    monotonicTimeNanosUnsafe: nanos,
    monotonicTimeNanos: Effect.sync(nanos),
    sleep: (duration) => {
      const wait = Duration.toMillis(duration)
      if (wait <= 0) return Effect.yieldNow
      if (!Number.isFinite(wait)) return Effect.never
      return Effect.callback<void>((resume) => {
        const cancel = sleepUntil(machine, machine.now + wait, () => resume(Effect.void))
        return Effect.sync(cancel)
      })
    }
  }
}

/** Each process draws of its own, by its path: no draw of another changes it. */
export const randomOf = (machine: Machine): typeof Random.Random.Service => {
  const draw = (): number => {
    const it = machine.current
    return it === null ? 0.5 : mix(mix(machine.names.pathHash(it.id), 77), ++it.draws) / 0x1_0000_0000
  }
  return {
    nextDoubleUnsafe: draw,
    nextIntUnsafe: () => Math.floor((draw() - 0.5) * 2 * Number.MAX_SAFE_INTEGER)
  }
}
