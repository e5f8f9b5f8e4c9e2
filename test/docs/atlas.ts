/**
 * Writes the error atlas: finds a token for each error at each step, and tells what its execution shows. Run by hand, when a
 * program of the protocol has changed: `npm run atlas`.
 */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Atlas from "../../src/cli/atlas/atlas.ts"
import { programs } from "../../src/cli/atlas/programs.ts"
import * as Witnesses from "../../src/cli/atlas/witnesses.ts"
import * as Words from "../../src/cli/atlas/words.ts"
import { find } from "./find.ts"

const top = join(import.meta.dirname, "..", "..")

/** As far as a search goes for tokens; what is rarer is found by holding fibers up. */
const mostExecutions = 500

const found = await Effect.runPromise(
  Effect.forEach(Object.entries(programs), ([name, program]) => {
    const mets = Witnesses.all.filter((met) => met.program === name)
    const wanted = new Map(
      mets.map((met) => [Witnesses.nameOf(met), (exit: Witnesses.Ended) => Witnesses.errorIn(exit, met) !== undefined])
    )
    return find(program, wanted, mostExecutions)
  })
)
const tokens = new Map(found.flatMap((each) => [...each]))
const lines = Witnesses.all.flatMap((met) => {
  const name = Witnesses.nameOf(met)
  const token = tokens.get(name)
  return token === undefined ? [] : [`  ${JSON.stringify(name)}:\n    ${JSON.stringify(token)}`]
})
writeFileSync(
  join(top, "src", "cli", "atlas", "tokens.ts"),
  `/** Written by \`npm run atlas\`: a token for each error at each step. */
export const tokens: Readonly<Record<string, string>> = {\n${lines.join(",\n")}\n}\n`
)

const { entries, stale } = await Effect.runPromise(Atlas.make(Object.fromEntries(tokens)))
writeFileSync(join(top, "docs", "error-atlas.md"), `${Words.markdown(entries)}\n`)
for (const { name, why } of stale) console.error(`${name}: ${why}`)
process.exitCode = stale.length === 0 ? 0 : 1
