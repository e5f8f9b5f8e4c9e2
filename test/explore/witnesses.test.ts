/** The declared errors are exact: each comes up where it is declared, and the search of no program ends with another. */
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Atlas from "../../src/cli/atlas/atlas.ts"
import type { Heard } from "../../src/cli/atlas/playing.ts"
import { type Name, programs } from "../../src/cli/atlas/programs.ts"
import { tokens } from "../../src/cli/atlas/tokens.ts"
import * as Witnesses from "../../src/cli/atlas/witnesses.ts"
import { asked } from "../../src/cli/explore.ts"
import * as Setups from "../../src/cli/setups.ts"
import * as Explore from "../../src/explore.ts"
import { MapiError } from "../../src/index.ts"
import type * as Rehearsal from "../../src/Rehearsal.ts"
import { isNode } from "../runtimes/node.ts"
import { counted } from "./lawful.ts"

const names = (Object.keys(programs) as ReadonlyArray<Name>).map((name) => [name] as const)

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

describe("what a search may end with", () => {
  const about = { subject: "MEMORY.DLL", detail: "made up" }
  const answer = Exit.fail(new MapiError.LogonFailed({ ...about, step: 4 }))
  const inSpooler = Exit.fail(new MapiError.LogonFailed({ ...about, step: 8 }))
  const elsewhere = Exit.fail(new MapiError.LogonFailed({ ...about, step: 1 }))
  const outside = Exit.fail(new MapiError.InvalidObject(about))
  const both = Exit.failCause(
    Cause.combine(Cause.fail(new MapiError.LogonFailed({ ...about, step: 4 })), Cause.die("x"))
  )
  const heard = { opens: [], spooler: [], used: [] }

  it.each<[what: string, ending: Witnesses.Ending, found: true | RegExp]>([
    ["a client's success, declared error and interruption", [Exit.succeed("Inbox"), answer, Exit.interrupt(1)], true],
    ["an error of the spooler, in the spooler", { ...heard, spooler: [inSpooler] }, true],
    ["an error of the spooler that a client meets", [inSpooler], /^LogonFailed at step 8, which reached a client$/],
    ["an error at another step than its own", [elsewhere], /^LogonFailed at step 1, which nothing declares$/],
    ["an error at no step", [outside], /^InvalidObject at step null, which nothing declares$/],
    ["a defect", [Exit.die("thrown through")], /^something that is no error: .*thrown through/],
    ["a defect beside a declared error", [both], /^something that is no error: /],
    [
      "an interruption where nobody interrupts",
      { ...heard, opens: [Exit.interrupt(1)] },
      /^something that is no error: /
    ]
  ])("%s", (_, ending, found) => {
    const said = Witnesses.onlyDeclared({
      exit: Exit.succeed({ exit: Exit.succeed(ending), broken: () => [] }),
      bySubject: new Map()
    })
    if (found === true) assert.isTrue(said)
    else assert.match(String(said), found)
  })
})

describe.runIf(isNode)("the whole search of a program", () => {
  it.live.each(names)(
    "%s: ends with declared errors alone, and with each of its own at least once; all laws hold",
    ([name]) =>
      Effect.gen(function* () {
        const mets = Witnesses.all.filter(({ program }) => program === name)
        const verdict = yield* Explore.check(programs[name], {
          ...asked,
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
        const about = Setups.ofAtlas.find(({ id }) => id === name)?.name ?? ""
        assert.deepStrictEqual([verdict.executions, verdict.pruned], counted(about))
      }),
    120_000
  )
})

describe("the error atlas", () => {
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
