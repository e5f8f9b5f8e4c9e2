/**
 * Finds tokens that make a program end in a wanted way: the fewest departures from the default execution, tried one by one.
 *
 * It looks for witnesses and proves nothing: an error that it does not find may still come up. Searching whole programs is
 * `check`'s business.
 */
import * as Effect from "effect/Effect"
import * as Explore from "../../explore.ts"
import { tokenOf } from "../../explore/counterexample.ts"

/** More options than any choice of these programs has. */
const mostOptions = 16
/** Of the second departure, which comes soon after the first. */
const mostSwitches = 3
const near = 12

type Tried = ReadonlyArray<readonly [at: number, value: number]>

const departures = function* (length: number, depth: number): Generator<Tried> {
  yield []
  for (let at = 0; at < length; at++) for (let value = 1; value <= mostOptions; value++) yield [[at, value]]
  if (depth < 2) return
  for (let at = 0; at < length; at++) {
    for (let value = 1; value <= mostSwitches; value++) {
      for (let next = at + 1; next <= at + near; next++) {
        for (let other = 1; other <= mostSwitches; other++) {
          yield [
            [at, value],
            [next, other]
          ]
        }
      }
    }
  }
}

/** For each wanted end, by its name, a token; those that were not found are left out. */
export const find = Effect.fnUntraced(function* <A, E>(
  program: Effect.Effect<A, E, Explore.Explore>,
  wanted: ReadonlyMap<string, (replay: Explore.Replay<A, E>) => boolean>,
  depth: 1 | 2 = 1
): Effect.fn.Return<ReadonlyMap<string, string>, Explore.ExploreError | Explore.BadToken> {
  const found = new Map<string, string>()
  const { execution } = yield* Explore.replay(program, tokenOf("0", []))
  const length = execution.steps.length + mostOptions // the answers have places, too
  for (const tried of departures(length, depth)) {
    const replay = yield* Explore.replay(program, tokenOf("0", tried))
    for (const [name, is] of wanted) if (!found.has(name) && is(replay)) found.set(name, replay.execution.token)
    if (found.size === wanted.size) break
  }
  return found
})
