/** What a page does with a file of personal folders that it was given: opens its bytes, and tells what it saw. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { CallLog, MapiSession, ProviderRegistry } from "effect-mapi"
import * as Pst from "effect-mapi/providers/Pst"

const sessionOf = (pst: Pst.Pst, recorder: CallLog.Recorder) =>
  MapiSession.MapiSession.layer.pipe(
    Layer.provide(ProviderRegistry.ProviderRegistry.layer([pst.registration])),
    Layer.provide(Layer.succeed(CallLog.CallLog, recorder))
  )

const look = (pst: Pst.Pst) =>
  Effect.gen(function* () {
    const entryId = yield* Effect.fromResult(pst.entryId("dropped here.pst"))
    const store = yield* MapiSession.openMsgStore({ entryId })
    const root = yield* store.openRootFolder
    const folders = yield* root.getHierarchyTable
    const top = yield* store.openEntry(folders[0]?.PR_ENTRYID ?? new Uint8Array())
    const below = top._tag === "Folder" ? yield* top.getHierarchyTable : []
    const sample = yield* store.openEntry(below[1]?.PR_ENTRYID ?? new Uint8Array())
    const [row] = sample._tag === "Folder" ? yield* sample.getContentsTable : []
    const message = yield* store.openEntry(row?.PR_ENTRYID ?? new Uint8Array())
    return {
      folders: folders.map(({ PR_DISPLAY_NAME }) => PR_DISPLAY_NAME),
      message: yield* message.getProps(["PR_SUBJECT", "PR_CLIENT_SUBMIT_TIME", "PR_BODY"])
    }
  })

export const run = (bytes: Uint8Array): Promise<string> => {
  const read = async (position: number, length: number) => bytes.slice(position, position + length)
  const pst = Pst.make({ open: () => Effect.succeed({ size: bytes.length, read }) })
  const { events, recorder } = CallLog.makeRecorder()
  return Effect.runPromise(
    Effect.gen(function* () {
      const seen = yield* Effect.scoped(look(pst)).pipe(Effect.provide(sessionOf(pst, recorder)))
      const held = CallLog.ledger(yield* events).filter(({ total }) => total > 0).length
      return JSON.stringify({ ...seen, held })
    })
  )
}

/** Without an `open`, there is no way to a path here. */
export const byPath = (): Promise<string> => {
  const pst = Pst.make()
  const { recorder } = CallLog.makeRecorder()
  return Effect.runPromise(
    Effect.scoped(look(pst)).pipe(
      Effect.provide(sessionOf(pst, recorder)),
      Effect.flip,
      Effect.map(({ advice }) => advice)
    )
  )
}
