/** The wrapping of ids that others made; what they wrap is read in EntryIdForms.test.ts. */
import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as EntryId from "../src/EntryId.ts"
import { samplesAbsent as absent, sampleFiles as files, parts, readSample as read, told } from "./support/entryIds.ts"

describe.skipIf(absent)(`ids that others made${absent ? " (skipped: ../shared/data is not here)" : ""}`, () => {
  it.each(files)("%s is read as MFCMAPI reads it", (file) => {
    const id = EntryId.fromHex(read(file))
    const reading = read(file.replace(".in.", ".expected."))
    const name = /DLLFileName = (.*?)\r?\n/.exec(reading)?.[1]
    if (name === undefined) {
      assert.strictEqual(told(id), "4: expected muidStoreWrap, found 96")
      return
    }
    const { dllFileName, privateId } = Result.getOrThrow(Result.flatMap(id, EntryId.unwrap))
    assert.strictEqual(dllFileName, name)
    assert.deepStrictEqual(EntryId.wrap(dllFileName, privateId), id)
  })

  it("five wrapped stores of two providers, and one folder", () => {
    const names = files.map((file) => parts(Result.flatMap(EntryId.fromHex(read(file)), EntryId.unwrap))[0])
    assert.deepStrictEqual(names, [
      "EMSMDB.DLL",
      "EMSMDB.DLL",
      "EMSMDB.DLL",
      "mspst.dll",
      "EMSMDB.DLL",
      "entry id: at offset 4, expected muidStoreWrap, found 96. Pass the wrapped entry id of a message store."
    ])
  })

  it("the private id of the .pst is what MFCMAPI leaves unparsed", () => {
    const [, left] = /lpb: ([0-9A-F]+)/.exec(read("mfcmapi-ENTRYID-5.expected.dat")) ?? []
    const [, privateId] = parts(Result.flatMap(EntryId.fromHex(read("mfcmapi-ENTRYID-5.in.dat")), EntryId.unwrap))
    assert.strictEqual(privateId, left?.toLowerCase())
  })
})
