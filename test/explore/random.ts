/**
 * The oracles on many random programs: `npm run explore:random -- 10000 --seed 0 --limit 355`.
 *
 * Each program comes from its number alone, so a failure is seen again by asking for one program from its seed. A search
 * of more than `limit` executions is skipped; each of the two brute forces runs at most four times as many schedules, and
 * each other order of the search and Effect's own scheduler as many as the search: 15 times the limit in all,
 * with an order of each trace, but for a search that learns something and begins again.
 */
import { parseArgs } from "node:util"
import { program } from "./generated.ts"
import { judge } from "./oracle.ts"
import { boundsOf, plan } from "./plans.ts"

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: "string", default: "0" }, limit: { type: "string", default: "355" } }
})

const whole = (name: string, text: string): number => {
  const n = Number(text)
  if (Number.isSafeInteger(n) && n >= 0) return n
  console.error(`${name} must be a whole number, not ${text}: npm run explore:random -- 10000 --seed 0 --limit 355`)
  process.exit(2)
}

const programs = whole("the number of programs", positionals[0] ?? "1000")
const first = whole("--seed", values.seed)
const limit = whole("--limit", values.limit)

const terminal = process.stderr.isTTY
const began = performance.now()
let schedules = 0
let skipped = 0
let found = 0
const failing: Array<number> = []

const counts = (done: number) =>
  `${done} programs from seed ${first}, ${schedules} schedules, ${found} differences found, ` +
  `${skipped} skipped (over ${limit} executions, ${limit * 4} schedules by brute force), ${failing.length} failures`

const progress = (done: number) => {
  if (terminal) process.stderr.write(`\r\u001b[K${counts(done)}`)
  else if (done % 250 === 0) console.log(`${Math.round((performance.now() - began) / 1000)} s: ${counts(done)}`)
}

for (let n = 0; n < programs; n++) {
  const seed = first + n
  const judged = judge(program(plan(seed)), limit, limit, boundsOf(seed))
  schedules += judged.schedules
  if (judged.skipped) skipped++
  if (judged.wrong.length > 0) {
    failing.push(seed)
    found += judged.wrong.length
    if (terminal) process.stderr.write("\r\u001b[K")
    for (const what of judged.wrong.slice(0, 3)) console.log(`seed ${seed}: ${what.slice(0, 400)}`)
    console.log(`seed ${seed}: see it again by npm run explore:random -- 1 --seed ${seed} --limit ${limit}`)
  }
  progress(n + 1)
}
if (terminal) process.stderr.write("\r\u001b[K")
const seeds = failing.length === 0 ? "" : `: seeds ${failing.join(", ")}`
console.log(`${counts(programs)}${seeds}`)
process.exitCode = failing.length === 0 ? 0 : 1
