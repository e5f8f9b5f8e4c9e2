/** The declared errors are exact: each comes up where it is declared, and the search of no program ends with another. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Atlas from "../../src/cli/atlas/atlas.ts"
import type { Heard } from "../../src/cli/atlas/playing.ts"
import { type Name, programs } from "../../src/cli/atlas/programs.ts"
import { tokens } from "../../src/cli/atlas/tokens.ts"
import * as Witnesses from "../../src/cli/atlas/witnesses.ts"
import * as Words from "../../src/cli/atlas/words.ts"
import * as Explore from "../../src/explore.ts"
import { MapiError } from "../../src/index.ts"
import * as Rehearsal from "../../src/Rehearsal.ts"

const names = (Object.keys(programs) as ReadonlyArray<Name>).map((name) => [name] as const)

/** The search is the same program under every runtime: one of them runs it. */
const once = process.versions.bun === undefined && process.versions.deno === undefined

describe("every error at every step", () => {
  it.effect.each(Witnesses.all.map((met) => [Witnesses.nameOf(met), met] as const))(
    "%s: its token replays it",
    ([name, met]) =>
      Effect.gen(function* () {
        const replay = yield* Explore.replay(programs[met.program], tokens[name] ?? "")
        assert.isFalse(replay.changed)
        const error = Witnesses.errorIn(replay.exit, met)
        assert.deepStrictEqual([error?._tag, error?.step], [met.tag, met.step])
        if (replay.exit === undefined) return assert.fail("the program never ended")
        assert.deepStrictEqual(Exit.isSuccess(replay.exit) ? replay.exit.value.broken() : "the program failed", [])
      })
  )

  it("there is no token that no error is declared for", () => {
    assert.deepStrictEqual(Object.keys(tokens).toSorted(), Witnesses.all.map(Witnesses.nameOf).toSorted())
  })
})

const declared = new Set(Witnesses.all.map(Witnesses.nameOf))
const clients = new Set<string>(Object.keys(Witnesses.openMsgStore))

const isError = (reason: Cause.Reason<unknown>): boolean =>
  Cause.isFailReason(reason) && MapiError.isMapiError(reason.error)

/** Everything that an execution ended with is an error, and declared for its step. */
const isDeclared = ({ exit }: Explore.Execution<Rehearsal.Judged<Heard, never>, never>): true | string => {
  const heard = Witnesses.heardOf(exit)
  if (heard === undefined) return "the program itself failed"
  const stray = [...heard.opens, ...heard.spooler].find(
    (each) => Exit.isFailure(each) && each.cause.reasons.some((reason) => !isError(reason))
  )
  if (stray !== undefined) return `something that is no error: ${String(stray)}`
  const other = Witnesses.errorsIn(exit).find(
    ({ _tag: tag, step }) => step === null || !declared.has(Witnesses.nameOf({ tag, step }))
  )
  if (other !== undefined) return `${other._tag} at step ${other.step}, which nothing declares`
  const late = Witnesses.errorsOf(heard.opens).find((error) => !clients.has(error._tag) || (error.step ?? 0) > 7)
  return late === undefined || `${late._tag} at step ${late.step}, which reached a client`
}

describe.runIf(once)("the whole search of a program", () => {
  it.live.each(names)(
    "%s: ends with declared errors alone, and with each of its own at least once; all laws hold",
    ([name]) =>
      Effect.gen(function* () {
        const mets = Witnesses.all.filter(({ program }) => program === name)
        const verdict = yield* Explore.check(programs[name], {
          always: { "it comes to its end": Rehearsal.completes, "only what is declared": isDeclared },
          everyOrder: { "all laws hold": Rehearsal.laws },
          sometimes: Object.fromEntries(
            mets.map((met) => [
              Witnesses.nameOf(met),
              ({ exit }: Explore.Execution<Rehearsal.Judged<Heard, never>, never>) =>
                Witnesses.errorIn(exit, met) !== undefined
            ])
          ),
          within: { faults: 1 }
        })
        const why = verdict._tag === "Falsified" ? [verdict.counterexample.law, verdict.counterexample.reason] : []
        assert.deepStrictEqual([verdict._tag, ...why], ["Verified"])
      }),
    120_000
  )
})

describe("docs/error-atlas.md", () => {
  it.effect("is what the tokens show now: npm run atlas writes it", () =>
    Effect.gen(function* () {
      const { entries, stale } = yield* Atlas.make()
      assert.deepStrictEqual(stale, [])
      const page = readFileSync(join(import.meta.dirname, "..", "..", "docs", "error-atlas.md"), "utf8")
      assert.strictEqual(page, Words.markdown(entries))
    })
  )

  it.effect("an open that fails leaves other stores and other providers as they were, unless the session ends", () =>
    Effect.gen(function* () {
      const { entries } = yield* Atlas.make()
      const kept = entries.filter(({ error }) => error !== "InvalidObject")
      assert.deepStrictEqual(
        kept.filter(({ after }) => after.session !== "S_OK" || (after.openStores ?? "S_OK") !== "S_OK"),
        []
      )
      const disabling = kept
        .filter(({ after }) => after.provider === "ProviderDisabled")
        .map(({ error, step }) => `${error} ${step}`)
      assert.deepStrictEqual(disabling.toSorted(), [
        "InvalidParameter 4",
        "LogonFailed 4",
        "NoAccess 4",
        "NotFound 4",
        "ProviderDisabled 1",
        "ProviderDisabled 4",
        "ProviderDisabled 8",
        "ProviderFailed 4",
        "Unconfigured 4",
        "UnknownCpid 4",
        "UnknownLcid 4",
        "UserCancel 4"
      ])
    })
  )
})
