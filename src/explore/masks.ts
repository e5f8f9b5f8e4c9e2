/**
 * Where what an interruption would do changes, though no cell is touched: there a step ends, so that one can come on either
 * side. That is
 *
 * - within what has a finaliser, and past it: before and after, an interruption does not run that finaliser;
 * - where a fiber that could not be interrupted can be again: one that has come meanwhile is taken there, before anything else.
 *
 * The end of a mask alone is no such place: what comes after it cannot tell an interruption before it from one within.
 * Source: Effect 4.1.0, internal/effect.ts. Inside the package only.
 */
import * as Effect from "effect/Effect"
import { active, ours } from "./active.ts"
import { own, type Patches, protoOf } from "./patch.ts"
import { type FiberView, interruptibleSlot, process } from "./process.ts"

// Boundary: what stands on a fiber's stack, and what is asked of it when it leaves, is no part of a fiber's type.
type Leaves = (this: object, fiber: FiberView) => unknown

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

/** What is asked of it when it leaves the stack, and whether that is seen. */
const frames: ReadonlyArray<readonly [proto: object, isSeen: (frame: object) => boolean]> = [
  [maskProto, () => true],
  // Effect's own has no effect of its own: whatever its finaliser does touches a cell, or is not seen.
  [onExitProto, (frame) => Reflect.get(frame, "effect") !== undefined],
  // Who has waited for what, once there, stays, has nothing to undo; where that was there already, there is no frame.
  [waitProto, () => active?.hasWaited !== true]
]

export const maskPatches = (patches: Patches, fiberProto: object): void => {
  let leaving = false
  for (const [proto, isSeen] of frames) {
    const leaves: Leaves = Reflect.get(proto, leavesKey)
    patches.replace(proto, leavesKey, {
      value(this: object, fiber: FiberView): unknown {
        leaving = isSeen(this)
        try {
          return leaves.call(this, fiber)
        } finally {
          leaving = false
        }
      },
      writable: true
    })
  }
  const onExitEvaluate: Leaves = Reflect.get(onExitProto, evaluateKey)
  patches.replace(onExitProto, evaluateKey, {
    value(this: object, fiber: FiberView): unknown {
      if (active !== null && fiber.interruptible) active.touched = 1
      return onExitEvaluate.call(this, fiber)
    },
    writable: true
  })
  patches.replace(fiberProto, "interruptible", {
    get(this: FiberView) {
      return this[interruptibleSlot]
    },
    set(this: FiberView, interruptible: boolean) {
      const machine = active
      if (machine !== null && ours(machine, this) !== undefined) {
        const could = this[interruptibleSlot]
        if (could === true && !interruptible && leaving) machine.left = true
        if (could === false && interruptible && (!leaving || machine.left)) {
          machine.left = false
          machine.touched = 1
        }
      }
      if (this[process] === undefined && this.cache.scheduler !== machine?.scheduler)
        own(this, "interruptible", interruptible)
      else this[interruptibleSlot] = interruptible
    }
  })
}
