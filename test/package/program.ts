/**
 * What a user of the package writes: opens a store in memory and tells what it saw. Bundled for a browser by one test, and
 * run from the installed package by the package's check; plain JavaScript, so that the oldest Node can take it as it is.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { CallLog, InMemory, MapiSession, ProviderRegistry } from "effect-mapi"

const memory = InMemory.make({ stores: [{ name: "Inbox", folders: [{ name: "Letters" }, { name: "Bills" }] }] })
const { events, recorder } = CallLog.makeRecorder()

const session = MapiSession.MapiSession.layer.pipe(
  Layer.provide(ProviderRegistry.ProviderRegistry.layer([memory.registration])),
  Layer.provide(Layer.succeed(CallLog.CallLog, recorder))
)

const look = Effect.gen(function* () {
  const entryId = yield* Effect.fromResult(memory.entryId("Inbox"))
  const store = yield* MapiSession.openMsgStore({ entryId })
  const root = yield* store.openRootFolder
  const folders = yield* root.getHierarchyTable
  yield* MapiSession.MapiSession.use(({ spoolerIdle }) => spoolerIdle)
  return { store: yield* store.getProps(["PR_DISPLAY_NAME"]), folders: folders.map((row) => row.PR_DISPLAY_NAME) }
})

/** What opening the store showed, the steps that it went through, and what is still held at the end. */
export const seen = Effect.gen(function* () {
  const found = yield* Effect.scoped(look).pipe(Effect.provide(session))
  const log = yield* events
  const steps = [...new Set(log.flatMap(({ step }) => (step === null ? [] : [step])))].sort()
  const held = CallLog.ledger(log).filter(({ total }) => total > 0).length
  return JSON.stringify({ ...found, steps, held })
})

/** The same, for a runtime. */
export const run = () => Effect.runPromise(seen)
