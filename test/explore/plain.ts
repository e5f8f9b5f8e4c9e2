/**
 * Effect as it is, run by hand: its own fibers, its own scheduler, nothing of the explorer but the service that a program
 * may ask. Time is virtual, the runtime's queue is a list, and whatever is open is decided by whoever calls.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as Scheduler from "effect/Scheduler"
import { Explore } from "../../src/explore/service.ts"
import { outcome } from "./oracle.ts"

/** Which of so many; what comes first is what usually happens. */
type Decide = (count: number) => number

const run = <A, E>(program: Effect.Effect<A, E, Explore>, decide: Decide): Exit.Exit<A, E> | undefined => {
  const queue: Array<() => void> = []
  let timers: Array<{ readonly at: number; readonly fire: () => void }> = []
  const quiet: Array<() => void> = []
  const interrupted: Array<Fiber.Fiber<unknown, unknown>> = []
  let now = 0
  const millis = () => now
  const nanos = () => BigInt(now) * 1_000_000n
  const clock: Clock.Clock = {
    currentTimeMillisUnsafe: millis,
    currentTimeMillis: Effect.sync(millis),
    currentTimeNanosUnsafe: nanos,
    currentTimeNanos: Effect.sync(nanos),
    monotonicTimeNanosUnsafe: nanos,
    monotonicTimeNanos: Effect.sync(nanos),
    sleep: (duration) =>
      Effect.callback<void>((resume) => {
        const timer = { at: now + Duration.toMillis(duration), fire: () => resume(Effect.void) }
        timers.push(timer)
        return Effect.sync(() => {
          timers = timers.filter((it) => it !== timer)
        })
      })
  }
  const context = Context.empty().pipe(
    Context.add(Clock.Clock, clock),
    Context.add(
      Scheduler.Scheduler,
      new Scheduler.MixedScheduler("async", (f) => {
        queue.push(f)
        return () => {}
      })
    ),
    Context.add(Explore, {
      choose: (_, options) => decide(options.length),
      interruptLater: (fiber) => void interrupted.push(fiber),
      whenQuiet: (resume) => void quiet.push(resume),
      recorder: { record: () => {}, tell: () => {}, name: (kind) => kind }
    })
  )
  const fiber = Effect.runForkWith(context)(program)
  for (;;) {
    const first = Math.min(...timers.map(({ at }) => at))
    const due = timers.filter(({ at }) => at === first)
    const open = [
      ...queue.slice(0, 1).map((f) => () => {
        queue.shift()
        f()
      }),
      ...due.map((timer) => () => {
        timers = timers.filter((it) => it !== timer)
        now = timer.at
        timer.fire()
      }),
      ...interrupted.map((it) => () => {
        interrupted.splice(interrupted.indexOf(it), 1)
        it.interruptUnsafe()
      }),
      // Or it is not interrupted at all, which differs from too late only where it waits for ever.
      ...(queue.length > 0 || due.length > 0 ? [] : interrupted).map((it) => () => {
        interrupted.splice(interrupted.indexOf(it), 1)
      })
    ]
    if (open.length === 0 && quiet.length === 0) return fiber.pollUnsafe()
    if (open.length === 0) {
      for (const resume of quiet.splice(0)) resume()
      continue
    }
    open[open.length === 1 ? 0 : decide(open.length)]?.()
  }
}

/** How the program ends where nothing out of the usual happens. */
export const usualOutcome = (program: Effect.Effect<unknown, unknown, Explore>): string =>
  outcome(run(program, () => 0))

/** Every way in which it may end; undefined where there are more than `limit` runs. */
export const everyOutcome = (
  program: Effect.Effect<unknown, unknown, Explore>,
  limit: number
): ReadonlySet<string> | undefined => {
  const found = new Set<string>()
  const decisions: Array<{ at: number; readonly count: number }> = []
  for (let runs = 0; runs < limit; runs++) {
    let next = 0
    const exit = run(program, (count) => {
      const at = next++
      const made = decisions[at] ?? { at: 0, count }
      decisions[at] = made
      return made.at
    })
    found.add(outcome(exit))
    while (decisions.length > 0) {
      const last = decisions[decisions.length - 1]
      if (last !== undefined && ++last.at < last.count) break
      decisions.pop()
    }
    if (decisions.length === 0) return found
  }
  return undefined
}
