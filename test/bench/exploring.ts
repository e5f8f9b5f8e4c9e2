/**
 * How far the search comes on the protocol itself: executions, blocked runs, steps and seconds of each set-up, and with
 * `--races` the cells on which races were reversed, most first. Run by hand: `node test/bench/exploring.ts`.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import { Engine } from "../../src/explore/engine.ts"
import { install, uninstall } from "../../src/explore/patches.ts"
import type { Explore } from "../../src/explore/service.ts"
import { InMemory, MapiSession, ProviderRegistry } from "../../src/index.ts"

type Program = Effect.Effect<unknown, unknown, Explore>

/** Clients of one session that each open the same store, and let it go. */
const opening = (clients: number, spooler: boolean, waiting = false): Program =>
  Effect.suspend((): Program => {
    const memory = InMemory.make({ stores: [{ name: "Inbox" }] })
    const stage = Layer.provide(
      MapiSession.MapiSession.layer,
      ProviderRegistry.ProviderRegistry.layer([memory.registration])
    )
    const entryId = Result.getOrThrow(memory.entryId("Inbox"))
    const flags = spooler ? [] : (["MDB_NO_MAIL"] as const)
    const idle = waiting ? MapiSession.MapiSession.use((session) => session.spoolerIdle) : Effect.void
    const client = Effect.scoped(Effect.andThen(MapiSession.openMsgStore({ entryId, flags }), idle))
    const all = Array.from({ length: clients }, () => client)
    return Effect.provide(Effect.all(all, { concurrency: "unbounded" }), stage)
  })

const programs: Readonly<Record<string, Program>> = {
  "1 client, MDB_NO_MAIL": opening(1, false),
  "1 client that waits for the spooler": opening(1, true, true),
  "1 client": opening(1, true),
  "2 clients, MDB_NO_MAIL": opening(2, false),
  "2 clients": opening(2, true)
}

const [seconds = "20", only = ""] = process.argv.slice(2).filter((it) => !it.startsWith("--"))
const listing = process.argv.includes("--races")

for (const [name, program] of Object.entries(programs)) {
  if (!name.startsWith(only)) continue
  install()
  const engine = new Engine(program)
  const search = engine.search()
  const races = new Map<string, number>()
  if (listing) search.races.listing = races
  const start = process.cpuUsage()
  const spent = () => (process.cpuUsage(start).user + process.cpuUsage(start).system) / 1e6
  let executions = 0
  let blocked = 0
  let steps = 0
  let longest = 0
  let complete = false
  let trouble = ""
  do {
    const { ending } = engine.run(search)
    if (ending === "ended") executions++
    else if (ending === "blocked") blocked++
    else {
      trouble = `${ending} ${JSON.stringify(engine.machine.trouble)} ${search.diverged}`
      break
    }
    steps += engine.machine.stepIndex + 1
    longest = Math.max(longest, search.events.length)
    complete = !search.backtrack()
  } while (!complete && spent() < Number(seconds))
  const took = spent()
  uninstall()
  const rate = (n: number) => Math.round(n / took)
  const how = complete ? "complete" : `covered ${search.done().toPrecision(2)}`
  console.log(
    `${name}: ${how}, ${executions} executions (+${blocked} blocked), ${longest} steps the longest, ${took.toFixed(1)} s of CPU, ${rate(executions + blocked)} runs/s, ${rate(steps)} steps/s ${trouble}`
  )
  const most = [...races].sort((a, b) => b[1] - a[1]).slice(0, 25)
  for (const [what, count] of most) console.log(`  ${count}  ${what}`)
}
