import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Hex from "effect/encoding/Hex"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { EntryId } from "../../../src/index.ts"
import * as Pst from "../../../src/providers/Pst.ts"
import { crc32 } from "../../../src/providers/pst/crc32.ts"
import * as PathId from "../../../src/providers/pst/pathId.ts"
import { describeSamples, entryIdText, play, told } from "./stage.ts"

const header = "000000004e495441f9bfb80100aa0037d96e000000"

const encoded = (path: string) => Result.map(PathId.encode(path), EntryId.toHex)
const decoded = (bytes: Uint8Array) => Result.flatMap(EntryId.makePrivate(bytes), PathId.decode)
const bytesOf = (hex: string) => Result.getOrThrow(Hex.decode(hex))

describe("the private id of a .pst file", () => {
  it("has 8-bit characters for a printable ASCII path, and UTF-16 for any other", () => {
    assert.deepStrictEqual(encoded("C:\\a.pst"), Result.succeed(`${header}433a5c612e70737400`))
    assert.deepStrictEqual(encoded("é.pst"), Result.succeed(`${header}00e9002e0070007300740000${"00"}`))
    assert.deepStrictEqual(encoded("a\tb"), Result.succeed(`${header}006100090062000000`))
  })

  it("gives a path back whichever form it has", () => {
    assert.deepStrictEqual(decoded(bytesOf(`${header}612e70737400`)), Result.succeed("a.pst"))
    assert.deepStrictEqual(decoded(bytesOf(`${header}0061002e0070007300740000${"00"}`)), Result.succeed("a.pst"))
    assert.deepStrictEqual(decoded(bytesOf(`${header}e92e70737400`)), Result.succeed("é.pst"))
    const long = "x".repeat(500_000)
    assert.deepStrictEqual(Result.flatMap(PathId.encode(long), PathId.decode), Result.succeed(long))
  })

  it.prop("gives back any path that it was made of", [Schema.String], ([path]) => {
    const back = Result.flatMap(PathId.encode(path), PathId.decode)
    if (path === "" || path.includes("\0")) assert.isTrue(Result.isFailure(back))
    else assert.deepStrictEqual(back, Result.succeed(path))
  })

  const refused: ReadonlyArray<readonly [what: string, hex: string, offset: number, expected: string, found: string]> =
    [
      ["flags", header.replace("00", "80"), 0, "zero flags, the PST UID and a zero", "80"],
      ["another provider's id", header.replace("4e49", "4e4a"), 5, "zero flags, the PST UID and a zero", "4a"],
      ["nothing after the UID", header.slice(0, -2), 20, "zero flags, the PST UID and a zero", "the end"],
      ["the reserved byte", `${header.slice(0, -2)}01612e00`, 20, "zero flags, the PST UID and a zero", "01"],
      ["no path", header, 21, "a NUL after the path", "the end"],
      ["8-bit without NUL", `${header}612e70`, 24, "a NUL after the path", "the end"],
      ["8-bit with more after it", `${header}610062`, 23, "the end after the path", "62"],
      ["no UTF-16 path", `${header}00`, 22, "a NUL after the path", "the end"],
      ["an empty UTF-16 path", `${header}000000`, 22, "a path", "a NUL"],
      ["half a character", `${header}00610000`, 25, "two bytes a character", "the end"],
      ["UTF-16 without NUL", `${header}0061002e00`, 26, "a NUL after the path", "the end"],
      ["UTF-16 with more after it", `${header}00610000006200`, 26, "the end after the path", "62"]
    ]
  it.each(refused)("is refused for %s", (_, hex, offset, expected, found) => {
    const answer = Result.getFailure(decoded(bytesOf(hex)))
    if (answer._tag === "None") return assert.fail("it was taken for an id")
    assert.deepInclude({ ...answer.value }, { _tag: "InvalidEntryId", offset, expected, found })
  })

  it("is made of no path that is empty or has a NUL in it", () => {
    for (const path of ["", "a\0b"]) {
      const answer = Result.getFailure(Pst.make().entryId(path))
      assert.strictEqual(answer._tag === "Some" ? answer.value.expected : "", "a path without NUL")
    }
  })

  it("is a path or an error, whatever the bytes: 20000 of them", () => {
    const sound = bytesOf(`${header}0061002e0070007300740000${"00"}`)
    let state = 3
    const next = (below: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return Math.floor((state / 2 ** 32) * below)
    }
    for (let i = 0; i < 20_000; i++) {
      const bytes = sound.slice(0, 20 + next(sound.length - 19))
      for (let n = next(3); n > 0; n--) bytes[next(bytes.length)] = next(256)
      const path = decoded(bytes)
      assert.isTrue(Result.isSuccess(path) || path.failure.offset <= bytes.length)
    }
  })
})

describe("a private id that is no path", () => {
  it.effect("is refused at logon, by name and place", () =>
    Effect.gen(function* () {
      const pst = Pst.make()
      const foreign = yield* Effect.fromResult(EntryId.makePrivate(bytesOf(header.replace("4e49", "4e4a"))))
      const entryId = yield* Effect.fromResult(EntryId.wrap(Pst.dllFileName, foreign))
      const { value } = yield* play(pst, (session) => Effect.flip(session.openMsgStore({ entryId })))
      assert.deepStrictEqual(told(value), {
        _tag: "ProviderFailed",
        scode: "MAPI_E_INVALID_ENTRYID",
        subject: "mspst.dll",
        detail: "at offset 5 of the private id, expected zero flags, the PST UID and a zero, found 4a",
        step: 4
      })
    })
  )
})

describeSamples("an entry id that a real Outlook made", () => {
  const path = "C:\\OfflineStores\\Offline - 2004-2005.pst"

  it.effect("names a path, and is answered with NotFound where there is no such file", () =>
    Effect.gen(function* () {
      const entryId = yield* Effect.fromResult(EntryId.fromHex(entryIdText("mfcmapi-ENTRYID-5")))
      const { dllFileName, privateId } = yield* Effect.fromResult(EntryId.unwrap(entryId))
      assert.strictEqual(dllFileName, Pst.dllFileName)
      assert.deepStrictEqual(Pst.pathOf(privateId), Result.succeed(path))
      const pst = Pst.make()
      const { value } = yield* play(pst, (session) => Effect.flip(session.openMsgStore({ entryId })))
      assert.deepInclude(told(value), { _tag: "NotFound", subject: path, detail: "there is no such file" })
    })
  )
})

describe("the checksum", () => {
  it("is Outlook's, not zip's", () => {
    assert.strictEqual(crc32(new Uint8Array()), 0)
    assert.strictEqual(crc32(new TextEncoder().encode("test")), 4181434640)
    assert.strictEqual(crc32(new TextEncoder().encode("123456789")), 0x2dfd2d88)
  })
})
