/**
 * Where what an interruption would do changes, though no cell is touched: a step ends there, so that one can come on either
 * side.
 *
 * - What has a finaliser is entered or left: before and after, an interruption does not run it.
 * - A fiber can be interrupted again within a mask: an interruption that has come meanwhile is taken there.
 * - A mask ends, and an interruption that came within it is taken there. One that comes next thing does the same, so the
 *   step ends with the mask, even where Effect would go on within the same primitive. It differs for whoever interrupts
 *   and looks at once what has come of it: where that is learnt of a fiber, the mask's end is a place of its own.
 * - A failure leaves a mask: an interruption that came within it is told beside the failure, one that comes after it in its stead.
 *
 * Source: Effect 4.1.0, internal/effect.ts and internal/core.ts. Inside the package only.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { active, ours } from "./active.ts"
import type { Machine } from "./machine.ts"
import { own, type Patches, protoOf } from "./patch.ts"
import { type FiberView, INTERRUPT, interruptibleSlot, type Process, process } from "./process.ts"

// Boundary: what stands on a fiber's stack, and what is asked of it as it comes and goes, is no part of a fiber's type.
type Asks = (this: object, fiber: FiberView) => unknown

const argsKey = "~effect/Effect/args"
const evaluateKey = "~effect/Effect/evaluate"
const leavesKey = "~effect/Effect/ensureCont"

const lastOf = (fiber: unknown): unknown => (fiber as FiberView)._stack.at(-1)

const frameOf = (frame: unknown): object => (typeof frame === "object" && frame !== null ? protoOf(frame) : {})

const maskProto = frameOf(
  Effect.runSync(Effect.uninterruptible(Effect.withFiber((fiber) => Effect.sync(() => lastOf(fiber)))))
)

const waitProto = (() => {
  const fiber = Effect.runFork(Effect.callback(() => Effect.void))
  const proto = frameOf(lastOf(fiber))
  fiber.interruptUnsafe()
  return proto
})()

const onExitProto = protoOf(Effect.onExit(Effect.never, () => Effect.void))

export const failureProto = protoOf(Exit.fail(0))

const undoesNothing = Symbol("effect-mapi/explore/undoesNothing")

/**
 * A wait for what, once there, stays, has nothing to undo. Where it was there already Effect leaves no frame, and gets one
 * here: when such a wait began makes no difference then.
 */
export const waitsFor = (fiber: FiberView, isOver: boolean): void => {
  if (isOver) fiber._stack.push(Object.create(waitProto, { [argsKey]: { value: () => Effect.void } }))
  const frame = lastOf(fiber)
  if (typeof frame === "object" && frame !== null) Reflect.set(frame, undoesNothing, true)
}

/** Whether Effect leaves it for itself: whatever its finaliser does touches a cell, or is not seen. */
export const isOwn = (frame: unknown): boolean =>
  typeof frame === "object" &&
  frame !== null &&
  protoOf(frame) === onExitProto &&
  Reflect.get(frame, "effect") === undefined

/** Whether it counts that it has left a mask, though it was not interrupted within. */
const countsMasks = (machine: Machine, it: Process): boolean => machine.names.ordered.has(it.cells + INTERRUPT)

/** Where a chain of continuations stops that Effect would run within one primitive. A new one each time: it is written on. */
const stop = () => (value: unknown) => Exit.succeed(value)

/** Runs it with the machine told of what a fiber's stack is asked. */
const during = <A>(what: "failing" | "leaving", run: () => A): A => {
  const machine = active
  if (machine === null) return run()
  const before = machine[what]
  machine[what] = true
  try {
    return run()
  } finally {
    machine[what] = before
  }
}

export const maskPatches = (patches: Patches, fiberProto: object): void => {
  const around = (proto: object, key: string, run: (asks: Asks, frame: object, fiber: FiberView) => unknown): void => {
    const asks: Asks = Reflect.get(proto, key)
    patches.replace(proto, key, {
      value(this: object, fiber: FiberView): unknown {
        return run(asks, this, fiber)
      },
      writable: true
    })
  }
  const leave: Parameters<typeof around>[2] = (asks, frame, fiber) => during("leaving", () => asks.call(frame, fiber))
  around(maskProto, leavesKey, (asks, frame, fiber) => {
    const machine = active
    const could = fiber.interruptible
    const taken = leave(asks, frame, fiber)
    const it = ours(machine, fiber)
    if (taken !== undefined || could || it === undefined || machine === null) return taken
    const ends = machine.breaks && !machine.failing && (machine.masked || countsMasks(machine, it))
    return ends ? stop() : taken
  })
  around(onExitProto, leavesKey, (asks, frame, fiber) =>
    isOwn(frame) ? asks.call(frame, fiber) : leave(asks, frame, fiber)
  )
  around(waitProto, leavesKey, (asks, frame, fiber) => {
    const isSeen = active?.failing === true || Reflect.get(frame, undoesNothing) !== true
    return isSeen ? leave(asks, frame, fiber) : asks.call(frame, fiber)
  })
  around(failureProto, evaluateKey, (asks, frame, fiber) => during("failing", () => asks.call(frame, fiber)))
  around(onExitProto, evaluateKey, (asks, frame, fiber) => {
    if (active !== null && fiber.interruptible) active.touched = 1
    return asks.call(frame, fiber)
  })
  patches.replace(fiberProto, "interruptible", {
    get(this: FiberView) {
      return this[interruptibleSlot]
    },
    set(this: FiberView, interruptible: boolean) {
      const machine = active
      const could = this[interruptibleSlot]
      const it = could === undefined || could === interruptible ? undefined : ours(machine, this)
      if (machine !== null && it !== undefined) {
        const isSeen = machine.leaving ? could === true || machine.failing || countsMasks(machine, it) : interruptible
        if (isSeen) machine.touched = 1
        if (!interruptible) machine.masked = true
      }
      if (this[process] === undefined && this.cache.scheduler !== machine?.scheduler)
        own(this, "interruptible", interruptible)
      else this[interruptibleSlot] = interruptible
    }
  })
}
