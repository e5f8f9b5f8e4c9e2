import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as EntryId from "../src/EntryId.ts"
import { bytesOf, told } from "./support/entryIds.ts"

const Byte = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 }))

describe("MAPIUIDs", () => {
  it("are written as GUIDs, the bytes of the words turned round", () => {
    const uid = bytesOf("00112233445566778899aabbccddeeff")
    assert.strictEqual(EntryId.formatUid(uid), "{33221100-5544-7766-8899-AABBCCDDEEFF}")
    assert.strictEqual(EntryId.formatUid(EntryId.muidStoreWrap), "{10BBA138-E505-1A10-A1BB-08002B2A56C2}")
  })

  it("have names where they are known", () => {
    const names = [EntryId.muidStoreWrap, EntryId.muidStorePrivate, EntryId.muidStorePublic, EntryId.pstUid].map(
      EntryId.nameOfUid
    )
    assert.deepStrictEqual(names, ["muidStoreWrap", "g_muidStorePrivate", "g_muidStorePublic", "PST"])
    assert.strictEqual(EntryId.nameOfUid(new Uint8Array(16)), null)
    assert.strictEqual(EntryId.nameOfUid(EntryId.pstUid.subarray(0, 15)), null)
  })

  const Uid = Arbitrary.map(Arbitrary.array(Arbitrary.schema(Byte), { minLength: 16, maxLength: 16 }), (values) =>
    Uint8Array.from(values)
  )
  it.prop("are read from their text, in either case", [Uid], ([uid]) => {
    const text = EntryId.formatUid(uid)
    assert.match(text, /^\{[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}\}$/)
    assert.deepStrictEqual(EntryId.parseUid(text), Result.succeed(uid))
    assert.deepStrictEqual(EntryId.parseUid(text.toLowerCase()), Result.succeed(uid))
  })

  const good = "{10BBA138-E505-1A10-A1BB-08002B2A56C2}"
  it.each([
    ["", '0: expected "{", found the end'],
    [good.slice(1), '0: expected "{", found "1"'],
    [good.replace("10B", "10G"), '3: expected a hex digit, found "G"'],
    [good.replaceAll("-", ""), '9: expected "-", found "E"'],
    [good.slice(0, -1), '37: expected "}", found the end'],
    [`${good} `, '38: expected the end, found " "']
  ])("%j is none", (text, wanted) => {
    assert.strictEqual(told(EntryId.parseUid(text)), wanted)
  })

  it("what is none says where in the text, and how to write one", () => {
    const error = Result.getOrThrow(Result.flip(EntryId.parseUid("{x")))
    assert.strictEqual(
      error.message,
      'MAPIUID: at character 1 of the text, expected a hex digit, found "x". ' +
        "Write it as {XXXXXXXX-XXXX-XXXX-XXXX-XXXXXXXXXXXX}, in hex digits."
    )
  })
})
