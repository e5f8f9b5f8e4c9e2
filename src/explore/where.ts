/**
 * Where in the user's code a fiber waits: its stack when the effect that waits was made, else at its last `yield*`.
 *
 * A function that JavaScriptCore called last has left no frame there. To look at every step costs more than the step, so an
 * execution that went wrong is run once more with this in place. Inside the package only.
 */
import * as Effect from "effect/Effect"
import { active } from "./active.ts"
import { own, Patches, protoOf } from "./patch.ts"

const callbackProto = protoOf(Effect.never)
const generatorProto = protoOf(Effect.void[Symbol.iterator]())

const stackOf = (error: Error): ReadonlyArray<string> =>
  (error.stack ?? "").split("\n").flatMap((line) => {
    const told = line.trim().replace(/^at /, "")
    return /:\d+:\d+\)?$/.test(told) ? [told] : []
  })

/** The folder of this module, as stacks write it. */
const folder = /([^\s(]*[\\/])[^\\/]+:\d+:\d+\)?$/.exec(stackOf(new Error())[0] ?? "")?.[1]

const library = /[\\/]effect[\\/](src|dist)[\\/]/

/** What of a stack is the user's: between this module and the explorer's own run loop, and not Effect's. */
const userFrames = (error: Error): ReadonlyArray<string> => {
  const frames = stackOf(error)
  if (folder === undefined) return []
  const isOwn = (frame: string) => frame.includes(folder)
  const from = frames.findIndex((frame) => !isOwn(frame))
  if (from < 0) return []
  const to = frames.findIndex((frame, at) => at > from && isOwn(frame))
  return frames
    .slice(from, to < 0 ? from : to)
    .filter((frame) => !library.test(frame))
    .slice(0, 4)
}

/** Runs it with the stacks of errors as deep as this. */
export const withStacks = <A>(frames: number, run: () => A): A => {
  const before: unknown = Reflect.get(Error, "stackTraceLimit")
  Reflect.set(Error, "stackTraceLimit", frames)
  try {
    return run()
  } finally {
    Reflect.set(Error, "stackTraceLimit", before)
  }
}

const framesHere = () => withStacks(50, () => userFrames(new Error()))

/** Runs an execution, and keeps for each of its processes where it was last seen in the user's code. */
export const traced = (run: () => void): void => {
  const patches = new Patches()
  const made = new WeakMap<object, ReadonlyArray<string>>()
  const next: (this: object, ...args: Array<unknown>) => unknown = Reflect.get(generatorProto, "next")
  const evaluateKey = "~effect/Effect/evaluate"
  const evaluate: (this: object, fiber: unknown) => unknown = Reflect.get(callbackProto, evaluateKey)
  const seen = (frames: ReadonlyArray<string> | undefined) => {
    const it = active?.current
    if (it !== null && it !== undefined && frames !== undefined && frames.length > 0) it.where = frames
  }
  patches.replace(callbackProto, "register", {
    set(this: object, value: unknown) {
      own(this, "register", value)
      made.set(this, framesHere())
    }
  })
  patches.replace(callbackProto, evaluateKey, {
    value(this: object, fiber: unknown) {
      seen(made.get(this))
      return evaluate.call(this, fiber)
    },
    writable: true
  })
  patches.replace(generatorProto, "next", {
    value(this: object, ...args: Array<unknown>) {
      seen(framesHere())
      return next.apply(this, args)
    },
    writable: true
  })
  try {
    run()
  } finally {
    patches.remove()
  }
}
