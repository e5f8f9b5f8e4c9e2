/**
 * Where a fiber that could not be interrupted can be again: an interruption that has come meanwhile is taken there, before
 * anything else of the fiber's. That is seen, though no cell is touched: what comes next is a step of its own.
 *
 * The end of a mask is no such place: what comes after it cannot tell an interruption before it from one within.
 * Source: Effect 4.1.0, internal/effect.ts. Inside the package only.
 */
import * as Effect from "effect/Effect"
import { active, ours } from "./active.ts"
import { own, type Patches, protoOf } from "./patch.ts"
import { type FiberView, interruptibleSlot, process } from "./process.ts"

// Boundary: what a mask leaves on the stack, and asks when it ends, is no part of a fiber's type.
type Ends = (this: object, fiber: unknown) => unknown

const endsKey = "~effect/Effect/ensureCont"

const frameProto: object = (() => {
  const look = Effect.withFiber((fiber) => Effect.sync(() => (fiber as unknown as FiberView)._stack.at(-1)))
  const frame = Effect.runSync(Effect.uninterruptible(look))
  return typeof frame === "object" && frame !== null ? protoOf(frame) : {}
})()

export const maskPatches = (patches: Patches, fiberProto: object): void => {
  let ending = false
  const ends: Ends = Reflect.get(frameProto, endsKey)
  patches.replace(frameProto, endsKey, {
    value(this: object, fiber: unknown) {
      ending = true
      try {
        return ends.call(this, fiber)
      } finally {
        ending = false
      }
    },
    writable: true
  })
  patches.replace(fiberProto, "interruptible", {
    get(this: FiberView) {
      return this[interruptibleSlot]
    },
    set(this: FiberView, interruptible: boolean) {
      const machine = active
      const isRestored = interruptible && !ending && this[interruptibleSlot] === false
      if (machine !== null && isRestored && ours(machine, this) !== undefined) machine.touched = 1
      if (this[process] === undefined && this.cache.scheduler !== machine?.scheduler)
        own(this, "interruptible", interruptible)
      else this[interruptibleSlot] = interruptible
    }
  })
}
