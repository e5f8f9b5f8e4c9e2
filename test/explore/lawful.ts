/** Set-ups of the protocol, each searched to its end by a test of its own: with the counts of docs/explored.md. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { watched } from "../../src/cli/explore.ts"
import * as Setups from "../../src/cli/setups.ts"
import { isNode } from "../runtimes/node.ts"

/** Those that a test run has time for. */
export const always = Setups.ofProtocol.filter(({ always }) => always)

/** Both of two clients at once, whatever fails and whoever is interrupted: it takes as long as all others together. */
export const isLongest = ({ id }: Setups.Question): boolean => id === "c2-s1-faults-interrupts"

/** The lines of docs/explored.md. */
export const page = readFileSync(join(import.meta.dirname, "..", "..", "docs", "explored.md"), "utf8").split("\n")

/** What the page says of this set-up: executions, and runs that were pruned. */
export const counted = (name: string): readonly [executions: number, pruned: number] => {
  const cells = page.map((line) => line.split("|").map((cell) => cell.trim())).find((cells) => cells[1] === name) ?? []
  return [Number(cells[6]), Number(cells[7])]
}

export const holdIn = (questions: ReadonlyArray<Setups.Question>): void => {
  describe.runIf(isNode)("all laws hold in every execution", () => {
    it.live.each(questions.map((question) => [question.name, question] as const))(
      "%s",
      ([name, { program, within }]) =>
        Effect.gen(function* () {
          const verdict = yield* watched(program, within, 0, null)
          const why = verdict._tag === "Falsified" ? [verdict.counterexample.reason, verdict.counterexample.token] : []
          assert.deepStrictEqual([verdict._tag, ...why], ["Verified"])
          assert.deepStrictEqual([verdict.executions, verdict.pruned], counted(name))
        }),
      600_000
    )
  })
}
