/** What judging costs: the same opens and closes without a log, recorded, and judged as they run, side by side. */
import { performance } from "node:perf_hooks"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { CallLog, InMemory, Laws, MapiSession, ProviderRegistry } from "../../src/index.ts"

const memory = InMemory.make({ stores: [{ name: "Inbox" }] })
const registry = ProviderRegistry.ProviderRegistry.layer([memory.registration])
const stages = {
  silent: Layer.provide(MapiSession.MapiSession.layer, registry),
  recorded: MapiSession.MapiSession.layer.pipe(Layer.provide(registry), Layer.provide(CallLog.layerRecording)),
  judged: MapiSession.MapiSession.layer.pipe(Layer.provide(registry), Layer.provide(Laws.layerJudge(() => Effect.void)))
}

const opens = 300
const program = Effect.gen(function* () {
  const entryId = yield* Effect.fromResult(memory.entryId("Inbox"))
  const visit = Effect.scoped(
    Effect.flatMap(MapiSession.openMsgStore({ entryId }), (store) => store.getProps(["PR_DISPLAY_NAME"]))
  )
  yield* Effect.repeat(visit, { times: opens - 1 })
})

const median = (values: ReadonlyArray<number>) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

const times: Record<string, Array<number>> = {}
for (let round = 0; round < 15; round++) {
  for (const [name, stage] of Object.entries(stages)) {
    const from = performance.now()
    await Effect.runPromise(Effect.provide(program, stage))
    times[name] = [...(times[name] ?? []), performance.now() - from]
  }
}
const silent = median(times.silent ?? [])
for (const [name, all] of Object.entries(times)) {
  console.log(
    `${name.padEnd(9)} ${(median(all) / opens).toFixed(3)} ms an open, ${(median(all) / silent).toFixed(2)} × silent`
  )
}
