/** R14: the blob that a new logon leaves for the spooler, which client and spooler may both come to free. */
import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { it } from "../../src/explore/vitest.ts"
import * as Explore from "../../src/explore.ts"
import * as Rehearsal from "../../src/Rehearsal.ts"

const spoolSecurity = Redacted.make(Uint8Array.of(7))

/** One client, whose store comes with a blob. */
const withBlob = (cast: Rehearsal.Cast) =>
  Rehearsal.opening({
    ...cast,
    script: {
      logon: (_, answer) => Effect.map(answer, (given) => (given.logon === null ? given : { ...given, spoolSecurity }))
    }
  })

/** A store that was never opened left none to free. */
const freedSoFar = (times: number, wasOpened: boolean): Explore.Position => ({
  key: `${times} ${wasOpened}`,
  change: () => freedSoFar(times + 1, wasOpened),
  use: () => true,
  end: () => times === (wasOpened ? 1 : 0) || `the blob is freed ${times} times`
})

const once: Explore.LogLaw = {
  sequences: (told) => {
    const log = Rehearsal.logOf(told)
    const wasOpened = log.some(
      ({ call, phase, result }) => call === "IMSProvider::Logon" && phase === "return" && result === "S_OK"
    )
    const frees = log.flatMap(({ call, phase }, at) => (call === "MAPIFreeBuffer" && phase === "call" ? [at] : []))
    const parts = frees.map((at) => ({ at, mode: "changes", role: "the blob" }) as const)
    return [{ subject: "the blob", parts, start: () => [freedSoFar(0, wasOpened)] }]
  },
  same: Rehearsal.laws.same
}

describe("the spooler's blob is freed once", () => {
  it.explore("whether the spooler comes to it first or the client", withBlob({}), {
    always: { completes: Rehearsal.completes },
    everyOrder: { once, laws: Rehearsal.laws }
  })

  it.effect("and where there is none, nobody meets over it: client and spooler have four orders", () =>
    Effect.gen(function* () {
      // Withdrawn; let go of before there is a pair, and after; and the store is gone before the spooler comes.
      const verdict = yield* Explore.check(Rehearsal.opening({}), { everyOrder: { laws: Rehearsal.laws } })
      assert.deepStrictEqual([verdict._tag, verdict.executions], ["Verified", 4])
    })
  )

  it.explore("by whoever is there, where one call of the provider fails", withBlob({ faults: true }), {
    everyOrder: { once, laws: Rehearsal.laws },
    within: { faults: 1 }
  })
})
