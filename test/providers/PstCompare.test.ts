/** Which entry ids are one store: by the file that they lead to, or by their text where paths lead nowhere. */
import * as nodeFs from "node:fs"
import { tmpdir } from "node:os"
import { join, relative } from "node:path"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Hex from "effect/encoding/Hex"
import { EntryId } from "../../src/index.ts"
import * as Pst from "../../src/providers/Pst.ts"
import { bytesOf, describeSamples, fileOf, idOf, inMemory, pathOf, play } from "./pst/stage.ts"

const empty = "outlook-pst-rs-Empty"

describeSamples("which ids are one store", () => {
  it.effect("two ways to one file are; a copy, with the record key of its original, is not", () =>
    Effect.gen(function* () {
      const folder = yield* Effect.acquireRelease(
        Effect.sync(() => nodeFs.mkdtempSync(join(tmpdir(), "mail-"))),
        (made) => Effect.sync(() => nodeFs.rmSync(made, { recursive: true }))
      )
      const original = join(folder, "Über.pst")
      nodeFs.copyFileSync(pathOf(empty), original)
      nodeFs.copyFileSync(pathOf(empty), join(folder, "copy.pst"))
      nodeFs.symlinkSync(original, join(folder, "link.pst"))
      const pst = Pst.make()
      const { value } = yield* play(pst, (session) =>
        Effect.forEach(
          [
            original,
            relative(process.cwd(), original),
            join(folder, "link.pst"),
            `${folder}/./Über.pst`,
            join(folder, "copy.pst")
          ],
          (path) => session.openMsgStore({ entryId: idOf(pst, path) })
        )
      )
      const [first, , , , last] = value
      assert.deepStrictEqual(
        value.map((store) => store.id),
        [first?.id, first?.id, first?.id, first?.id, last?.id]
      )
      assert.notStrictEqual(first?.id, last?.id)
    })
  )

  it.effect("an id in 8-bit characters and one in UTF-16 are, if the path is one", () =>
    Effect.gen(function* () {
      const pst = inMemory(fileOf(bytesOf(empty)))
      const header = "000000004e495441f9bfb80100aa0037d96e000000"
      const { value } = yield* play(pst, (session) =>
        Effect.forEach([`${header}6100`, `${header}0061000000`], (hex) =>
          Effect.fromResult(Hex.decode(hex)).pipe(
            Effect.flatMap((bytes) => Effect.fromResult(EntryId.makePrivate(bytes))),
            Effect.flatMap((id) => Effect.fromResult(EntryId.wrap(Pst.dllFileName, id))),
            Effect.flatMap((entryId) => session.openMsgStore({ entryId }))
          )
        )
      )
      assert.strictEqual(value[0]?.id, value[1]?.id)
    })
  )

  it.effect("where paths lead nowhere, their text decides", () =>
    Effect.gen(function* () {
      const files = { open: () => Effect.succeed(fileOf(bytesOf(empty))) }
      const pst = Pst.make({ ...files, realPath: () => Effect.die("no such thing here") })
      const { value } = yield* play(pst, (session) =>
        Effect.forEach(["a.pst", "A.pst", "a.pst"], (path) => session.openMsgStore({ entryId: idOf(pst, path) }))
      )
      const [first, second, third] = value.map((store) => store.id)
      assert.strictEqual(first, third)
      assert.notStrictEqual(first, second)
    })
  )
})
