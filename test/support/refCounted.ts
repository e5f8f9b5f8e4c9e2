/** One counted object, and the log of what is played with it. */
import * as Effect from "effect/Effect"
import * as CallLog from "../../src/CallLog.ts"
import * as RefCounted from "../../src/RefCounted.ts"

export const plain = { kind: "IMsgStore", owner: "provider", holder: "MAPI" }

/** Makes an object, lets a program play with it, and answers what it came to, with the log. */
export const played = <A, E>(
  options: Partial<RefCounted.Options>,
  play: (object: RefCounted.RefCounted) => Effect.Effect<A, E>
) =>
  Effect.gen(function* () {
    const { events, recorder } = CallLog.makeRecorder()
    const program = Effect.gen(function* () {
      const object = yield* RefCounted.make({ ...plain, ...options })
      return { exit: yield* Effect.exit(play(object)), holders: yield* object.holders }
    })
    const outcome = yield* Effect.provideService(program, CallLog.CallLog, recorder)
    return { ...outcome, events: yield* events }
  })
