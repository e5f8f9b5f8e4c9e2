/** The protocol under every schedule, as far as a test run has time for; `npm run nightly` has the rest. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Witnesses from "../../src/cli/atlas/witnesses.ts"
import * as Setups from "../../src/cli/setups.ts"
import * as Explore from "../../src/explore.ts"
import * as Rehearsal from "../../src/Rehearsal.ts"
import { isNode } from "../runtimes/node.ts"
import { always, holdIn, isLongest, page } from "./lawful.ts"

holdIn(always.filter((question) => !isLongest(question)))

describe.runIf(isNode)("an open whose Logon never returns", () => {
  it.live("is told of its session's end, whenever that comes", () =>
    Effect.gen(function* () {
      const program = Rehearsal.opening({ mail: false, ending: true, script: { logon: () => Effect.never } })
      // Who waits for ever is a deadlock; what that provider never gives back is its own affair.
      const verdict = yield* Explore.check(program, { always: { onlyDeclared: Witnesses.onlyDeclared } })
      assert.strictEqual(verdict._tag, "Verified")
      assert.isAbove(verdict.executions, 10)
    })
  )
})

describe("docs/explored.md", () => {
  it("has every set-up and every program of the atlas, in their order, and says which are of the test run", () => {
    const rows = page
      .flatMap((line) => [...line.matchAll(/^\| .+? \| `([\w-]+)` \| \S+ \| \S+ \| (test run|nightly) \|/g)])
      .map(([, id, runs]) => [id, runs])
    assert.deepStrictEqual(
      rows,
      [...Setups.ofProtocol, ...Setups.ofAtlas].map(({ always, id }) => [id, always ? "test run" : "nightly"])
    )
  })

  it("what belongs to the test run is verified", () => {
    const rows = page.filter((line) => line.includes("| test run |"))
    assert.deepStrictEqual(
      rows.filter((row) => !row.endsWith("| Verified |")),
      []
    )
  })
})
