/**
 * Asks the explorer every question about the protocol, and writes `docs/explored.md`. Run by hand:
 *
 *     npm run explored                a minute for each set-up, and the page is written
 *     npm run nightly                 without a limit, nothing is written; after ten thousand random programs
 *
 * `--time SECONDS` is for each set-up, 0 without a limit; `--only NAME` asks that one, and leaves the rows of the others as
 * they are. Exits with 1 if anything is falsified.
 */
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { parseArgs } from "node:util"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { watched } from "../../src/cli/explore.ts"
import * as Findings from "../../src/cli/findings.ts"
import * as Setups from "../../src/cli/setups.ts"
import { plain } from "../../src/diagram/Table.ts"

const { only, time, write } = parseArgs({
  options: {
    time: { type: "string", default: "60" },
    only: { type: "string", default: "" },
    write: { type: "boolean", default: false }
  }
}).values

let isFalsified = false

/** Of a cast that has it without a bound, any; of one that has it not at all, none. */
const bound = (n: number | undefined, id: string, what: string) => n ?? (id.includes(what) ? "any" : "–")

const ask = async ({ always, id, name, program, within }: Setups.Question): Promise<string> => {
  const began = performance.now()
  const seconds = always ? 0 : Number(time) // what belongs to the test run is searched to its end
  const result = await Effect.runPromise(Effect.result(watched(program, within, seconds)))
  const took = `${((performance.now() - began) / 1000).toFixed(1)} s`
  const cells = [
    name,
    `\`${id}\``,
    bound(within.faults, id, "-faults"),
    bound(within.interruptions, id, "-interrupts"),
    always ? "test run" : "nightly"
  ]
  const row = (...found: ReadonlyArray<string>) => `| ${[...cells, ...found].join(" | ")} |`
  if (Result.isFailure(result)) {
    isFalsified = true
    return row("", "", took, `${result.failure._tag}: ${result.failure.message}`)
  }
  const verdict = result.success
  const counts = [`${verdict.executions}`, `${verdict.pruned}`, took]
  if (verdict._tag === "Inconclusive") {
    return row(...counts, `Inconclusive: covered ${Findings.percent(verdict.covered)}`)
  }
  if (verdict._tag === "Verified") return row(...counts, "Verified")
  isFalsified = true
  const { counterexample } = verdict
  console.error(Findings.sayTold(Findings.tell(counterexample, Findings.reasonOf(counterexample), id), plain))
  return row(...counts, `Falsified: ${counterexample.reason}`)
}

const heading = `| Set-up | Program | Faults | Interruptions | Runs | Executions | Pruned | Time | Verdict |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |`

const path = join(import.meta.dirname, "..", "..", "docs", "explored.md")

const asked = new Map<string, string>()
for (const question of [...Setups.ofProtocol, ...Setups.ofAtlas]) {
  if (only !== "" && question.name !== only) continue
  const row = await ask(question)
  console.log(row)
  asked.set(question.name, row)
}

/** The rows of the page as it is by now, by set-up. */
const before = new Map(
  readFileSync(path, "utf8")
    .split("\n")
    .flatMap((row) => Array.from(row.matchAll(/^\| (.+?) \| `/g), ([, name]) => [name, row] as const))
)

const table = (questions: ReadonlyArray<Setups.Question>): string =>
  [heading, ...questions.map(({ name }) => asked.get(name) ?? before.get(name) ?? "")].join("\n")

const page = `# What has been explored

The protocol under every schedule that matters: real session, sequences and spooler, the provider in memory. *Verified*
is said of a search that is complete within its bounds; a search that its time stopped is *Inconclusive*, and how far it came
is an estimate. A set-up whose *runs* says test run is searched to its end by every
\`npm test\`: those that take two minutes at most, and that of two clients with one fault and one interruption, which takes
somewhat more, since it is what the protocol is about; all of them are by \`npm run nightly\`, which takes as long as it takes, and first tries the
explorer itself on ten thousand random programs. Counts are those of the explorer's
executions: orders of steps that touch nothing of each other's are one, and stand for every log that they allow.

This page is written by \`npm run explored\`, which gives a set-up of the nightly command a minute, unless
\`-- --only "three clients" --time 0\` asks for that one alone, for as long as it takes: each row says how long its
last search had. To ask by yourself: \`effect-mapi explore --clients 2 --faults 1 --time 600\`, which exits
with 0 where all is verified, 1 where a law is broken, 3 where the search was not finished and found nothing, and 4 where the
explorer cannot search: it says why. What a search can see, and what it cannot, is said in [explore.md](explore.md).

## What may go wrong

Where a set-up has faults, each of these calls of the provider in memory is a choice: as usual, or one of these failures in its
stead, before the provider has done anything. A session tells no more kinds of failure apart than these stand for
([SessionState](../src/SessionState.ts), [LoadSequence](../src/LoadSequence.ts), R4 and R9 of [rulings.md](rulings.md)).

| Step | Call | Failures | What they stand for |
| --- | --- | --- | --- |
| 2 | \`LoadLibrary\` | \`LoadFailed\` | whatever keeps a DLL from being loaded: it is forgotten, and the next open tries again |
| 3 | \`MSProviderInit\` | \`VersionMismatch\`, \`ProviderFailed\` | the one error that comes through as it is, and all others, which become \`LoadFailed\` |
| 4 | \`IMSProvider::CompareStoreIDs\` | \`ProviderFailed\` | any failure: it says nothing, and the ids are taken for two stores |
| 4 | \`IMSProvider::Logon\` | \`FailOneProvider\`, \`LogonFailed\`, \`Unconfigured\`, a throw | what disables nothing (as do \`UnknownFlags\` and \`InterfaceNotSupported\`); what disables the provider, as all others do; what a service entry might mend, and is final without one; what is no answer, and becomes \`ProviderFailed\` |
| 8 | \`IMSProvider::SpoolerLogon\` | \`ProviderFailed\` | any failure: it is recorded, disables nothing, and reaches no client |
| – | \`IMSLogon::Logoff\` | \`ProviderFailed\` | any failure: it is recorded, and the close goes on |
| – | \`IMSProvider::Shutdown\` | \`ProviderFailed\` | the same |

Every error that a Logon may answer comes up in the program \`answer\` of the error atlas, below. Never a choice here, and tested
elsewhere:

- what a service entry answers, and a Logon that succeeds with a warning: the scenarios of R4 and R10
  ([failing](../test/scenarios/failing.test.ts));
- a blob for the spooler: searched for itself, in [blob.test.ts](../test/explore/blob.test.ts);
- a repeat that hands out the existing IMSLogon (here it always answers with none), and a SpoolerLogon that answers with another
  pair: the scenarios of R2 and R3 ([opening](../test/scenarios/opening.test.ts)), and the [museum](museum.md);
- a version that is too old, in an answer that succeeds: the scenarios of R18 ([loading](../test/scenarios/loading.test.ts));
- a failure after the provider has done something, such as an AddRef: the museum;
- a call that never returns, or answers with what is no answer: the scenarios of R9
  ([misbehaving](../test/scenarios/misbehaving.test.ts)).

## Set-ups

A cast of clients opens stores at once and lets them go. A client is interrupted anywhere in its open, or with the store in
its hands. Once nobody can go on any more, their session ends: its end races
with them, and with what they no longer wait for, in the set-ups that say so. Two clients of one session are alike: whichever
first comes to load the provider is called the first. All laws judge each execution, and every order that its call log may
have; and each error that a client meets must be declared for its step.

${table(Setups.ofProtocol)}

## Programs of the error atlas

The errors that [error-atlas.md](error-atlas.md) shows are met in these. That a search ends with them alone is tested, too:
\`test/explore/witnesses.test.ts\`.

${table(Setups.ofAtlas)}
`

if (write) writeFileSync(path, page)
process.exitCode = isFalsified ? 1 : 0
