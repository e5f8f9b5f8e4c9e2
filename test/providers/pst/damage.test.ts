/** Files that are not what they should be: always a typed error or an answer, always an end, never a reference left. */
import * as nodeFs from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Pst from "../../../src/providers/Pst.ts"
import { oftenEnough } from "../../../src/providers/pst/guard.ts"
import { reseal, type Spot, seeded, spotsRead } from "./mutate.ts"
import { bytesOf, describeSamples, fileOf, inMemory, play, readTree, type Told, told } from "./stage.ts"

const all = [
  "hiraoka-alpha-beta-gamma-delta",
  "outlook-pst-rs-Empty",
  "pstsdk-sample1",
  "pstsdk-test_ansi",
  "pstsdk-test_unicode"
]

const spotsOf = (sound: Uint8Array) => spotsRead(sound, (file) => outcome(inMemory(file)))

/** What becomes of a file: "opened", or the error. */
const outcome = (pst: Pst.Pst, path = "a.pst"): Effect.Effect<"opened" | Told> =>
  Effect.map(Effect.result(play(pst, readTree(pst, path, "test"))), (result) =>
    Result.isSuccess(result) ? "opened" : told(result.failure)
  )

const ofBytes = (bytes: Uint8Array) => outcome(inMemory(fileOf(bytes)))

const corrupt = (detail: string, subject = "a.pst"): Told => ({
  _tag: "ProviderFailed",
  scode: "MAPI_E_CORRUPT_STORE",
  subject,
  detail,
  step: 4
})

const text = (value: string): Uint8Array => new TextEncoder().encode(value)

describe("a path that leads to no such file", () => {
  const onDisk = Effect.acquireRelease(
    Effect.sync(() => {
      const folder = nodeFs.mkdtempSync(join(tmpdir(), "mail-"))
      nodeFs.writeFileSync(join(folder, "empty.pst"), "")
      nodeFs.writeFileSync(join(folder, "text.pst"), "Dear diary, ".repeat(200))
      nodeFs.writeFileSync(join(folder, "closed.pst"), "!BDN")
      nodeFs.chmodSync(join(folder, "closed.pst"), 0)
      return folder
    }),
    (folder) => Effect.sync(() => nodeFs.rmSync(folder, { recursive: true }))
  )
  const notFound = (subject: string, detail: string): Told => ({
    _tag: "NotFound",
    scode: "MAPI_E_NOT_FOUND",
    subject,
    detail,
    step: 4
  })

  it.effect("missing, a folder, empty, a text: each says so, and names it", () =>
    Effect.gen(function* () {
      const folder = yield* onDisk
      const pst = Pst.make()
      const at = (name: string) => outcome(pst, join(folder, name))
      const missing = join(folder, "missing.pst")
      assert.deepStrictEqual(yield* outcome(pst, missing), notFound(missing, "there is no such file"))
      const beyond = join(folder, "text.pst", "a.pst")
      assert.deepStrictEqual(yield* outcome(pst, beyond), notFound(beyond, "there is no such file"))
      assert.deepStrictEqual(yield* outcome(pst, folder), notFound(folder, "it is a folder"))
      assert.deepStrictEqual(yield* outcome(pst, "/dev/null"), notFound("/dev/null", "it is no plain file"))
      const noPst = "it does not begin as a .pst file does"
      assert.deepStrictEqual(yield* at("empty.pst"), corrupt(noPst, join(folder, "empty.pst")))
      assert.deepStrictEqual(yield* at("text.pst"), corrupt(noPst, join(folder, "text.pst")))
    })
  )

  const root = process.getuid?.() === 0
  it.effect.skipIf(root)("not to be read (skipped for root, who may read everything)", () =>
    Effect.gen(function* () {
      const closed = join(yield* onDisk, "closed.pst")
      assert.deepInclude(yield* outcome(Pst.make(), closed), { _tag: "NoAccess", subject: closed })
    })
  )

  const refusals: ReadonlyArray<readonly [string, unknown, string, string]> = [
    ["EACCES", { code: "EACCES" }, "NoAccess", "it may not be read"],
    ["EPERM", { code: "EPERM" }, "NoAccess", "it may not be read"],
    ["ENOENT", { code: "ENOENT" }, "NotFound", "there is no such file"],
    ["EIO", new Error("EIO: i/o error"), "ProviderFailed", "it cannot be read: EIO: i/o error"],
    ["an object", Object.create(null), "ProviderFailed", "it cannot be read: no error, but an object"],
    ["nothing", undefined, "ProviderFailed", "it cannot be read: undefined"]
  ]
  it.effect.each(refusals)("a read that rejects with %s", ([, cause, _tag, detail]) =>
    Effect.gen(function* () {
      const pst = inMemory({ size: 4096, read: () => Promise.reject(cause) })
      assert.deepInclude(yield* outcome(pst), { _tag, detail, subject: "a.pst", step: 4 })
    })
  )

  it.effect("a format that is not read is no damage", () =>
    Effect.gen(function* () {
      const header = new Uint8Array(2048)
      header.set(text("!BDN"))
      header[10] = 36
      const refused = { _tag: "ProviderFailed", scode: "MAPI_E_NO_SUPPORT", subject: "a.pst", step: 4 }
      assert.deepInclude(yield* ofBytes(header), { ...refused, detail: "it is written in format version 36" })
      header[10] = 23
      header[0x201] = 2
      assert.deepInclude(yield* ofBytes(header), { ...refused, detail: "its blocks are encoded by method 2" })
    })
  )
})

describeSamples("a file cut short", () => {
  it.effect.each(all)("%s", (name) =>
    Effect.gen(function* () {
      const sound = bytesOf(name)
      const head = yield* Effect.forEach([0, 3, 4, 512, 1023, 1024], (length) => ofBytes(sound.slice(0, length)))
      assert.deepStrictEqual(
        head.map((end) => (end === "opened" ? end : end.detail.replace(/, and has something at byte \d+$/, ", …"))),
        [
          "it does not begin as a .pst file does",
          "it does not begin as a .pst file does",
          "it ends at byte 4, within its header",
          "it ends at byte 512, within its header",
          "it ends at byte 1023, within its header",
          "it ends at byte 1024, …"
        ]
      )
      for (let part = 1; part < 16; part++) {
        const length = Math.floor((sound.length * part) / 16)
        const end = yield* ofBytes(sound.slice(0, length))
        if (end === "opened") continue // what is cut off is free space
        assert.deepStrictEqual([end.scode, end.subject], ["MAPI_E_CORRUPT_STORE", "a.pst"])
        assert.match(end.detail, new RegExp(`^it ends at byte ${length}, and has something at byte \\d+$`))
      }
    })
  )
})

const flipped = (sound: Uint8Array, spot: Spot, next: (below: number) => number): Uint8Array => {
  const bytes = sound.slice()
  const at = spot.position + next(spot.length)
  bytes[at] = (bytes[at] ?? 0) ^ (1 + next(255))
  return bytes
}

const tally = (ends: ReadonlyArray<"opened" | Told>): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const end of ends) {
    const key = end === "opened" ? end : end.scode
    counts[key] = (counts[key] ?? 0) + 1
  }
  return counts
}

describeSamples("a file with a byte that is wrong", () => {
  it.effect("is damaged wherever the byte is needed: 300 places", () =>
    Effect.gen(function* () {
      const sound = bytesOf("pstsdk-sample1")
      const spots = yield* spotsOf(sound)
      const next = seeded(1)
      const ends = yield* Effect.replicateEffect(
        Effect.suspend(() => {
          const spot = spots[next(spots.length)]
          return spot === undefined ? Effect.succeed("opened" as const) : ofBytes(flipped(sound, spot, next))
        }),
        300
      )
      assert.deepStrictEqual(tally(ends), { MAPI_E_CORRUPT_STORE: 300 })
    })
  )

  it.effect.each([
    ["pstsdk-sample1", { opened: 250, MAPI_E_CORRUPT_STORE: 50 }],
    ["pstsdk-test_ansi", { opened: 236, MAPI_E_CORRUPT_STORE: 64 }]
  ] as const)("and a checksum that is right still ends: 300 places in %s", ([name, expected]) =>
    Effect.gen(function* () {
      const sound = bytesOf(name)
      const spots = yield* spotsOf(sound)
      const next = seeded(2)
      const ends = yield* Effect.replicateEffect(
        Effect.suspend(() => {
          const spot = spots[next(spots.length)]
          if (spot === undefined) return Effect.succeed("opened" as const)
          const bytes = flipped(sound, spot, next)
          reseal(bytes, spot)
          return ofBytes(bytes)
        }),
        300
      )
      assert.deepStrictEqual(tally(ends), expected)
    })
  )
})

describeSamples("a file made to keep its reader busy", () => {
  it.effect("an index page that contains itself is read no oftener than enough", () =>
    Effect.gen(function* () {
      const bytes = bytesOf("pstsdk-sample1")
      const view = new DataView(bytes.buffer)
      // The header's reference to the root of the block index: id and place; in the page, each entry is key, id, place.
      const [id, place] = [view.getBigUint64(0xe8, true), view.getBigUint64(0xf0, true)]
      const position = Number(place)
      view.setBigUint64(position + 8, id, true)
      view.setBigUint64(position + 16, place, true)
      reseal(bytes, { position, length: 496, end: position + 512, page: true })
      let read = 0
      const file = fileOf(bytes)
      const counting = (position: number, length: number) => {
        read += length
        return file.read(position, length)
      }
      assert.deepStrictEqual(
        yield* outcome(inMemory({ ...file, read: counting })),
        corrupt("its index runs in a circle")
      )
      assert.isAtMost(read, 1024 + oftenEnough * 576) // the header, and the page with what a block's trailer would take
    })
  )

  /** A heap of two items in plain text, in the place of the first one that is opened; its root item is for the test. */
  const withHeap = (root: ReadonlyArray<number>, change: (heap: DataView) => void = () => {}) =>
    Effect.gen(function* () {
      const bytes = bytesOf("pstsdk-sample1")
      const spot = (yield* spotsOf(bytes)).find(({ page }) => !page)
      if (spot === undefined) return assert.fail("no block was read")
      bytes[0x201] = 0 // data blocks are as they are
      const heap = bytes.subarray(spot.position, spot.position + spot.length)
      heap.fill(0)
      const view = new DataView(heap.buffer, heap.byteOffset, heap.length)
      heap.set([0x40, 0, 0xec, 0xbc, 0x20]) // the map is at 0x40, the root is item 1
      heap.set(root, 0x10)
      heap.set([0x40, 0, 0, 0, 0x40], 0x30) // item 2: an entry whose target is item 2
      view.setUint16(0x40, 2, true)
      for (const [item, end] of [0x10, 0x30, 0x40].entries()) view.setUint16(0x44 + 2 * item, end, true)
      change(view)
      reseal(bytes, spot)
      const end = yield* ofBytes(bytes)
      return end === "opened" ? end : end.detail.replace(/, at byte \d+$/, "")
    })

  it.effect("entries without length, and levels without end, are found before the parser follows them", () =>
    Effect.gen(function* () {
      const noRoot = "a list of properties has no proper root"
      const item2 = [0x40, 0, 0, 0]
      assert.strictEqual(yield* withHeap([0xb5, 0, 0, 0, ...item2]), noRoot)
      assert.strictEqual(yield* withHeap([0xb5, 2, 6, 255, ...item2]), noRoot)
      assert.strictEqual(yield* withHeap([0xb5, 2, 6, 2, ...item2]), noRoot)
      // With sizes and levels in bounds, it is for the parser to say what it misses.
      assert.match(yield* withHeap([0xb5, 2, 6, 1, ...item2]), /^its parser says: /)
      assert.match(yield* withHeap([0xb5, 2, 6, 0, ...item2]), /^its parser says: /)
    })
  )

  it.effect("so are items that overlap, a map that leaves its block, and a root elsewhere", () =>
    Effect.gen(function* () {
      const root = [0xb5, 2, 6, 0, 0, 0, 0, 0]
      const overlap = "the items of a heap overlap"
      const elsewhere = "a heap has no root"
      assert.strictEqual(yield* withHeap(root, (heap) => heap.setUint16(0x46, 0x08, true)), overlap)
      assert.strictEqual(yield* withHeap(root, (heap) => heap.setUint16(0x48, 0x200, true)), overlap)
      const leaves = "the map of a heap leaves its block"
      assert.strictEqual(yield* withHeap(root, (heap) => heap.setUint16(0x40, 0xffff, true)), leaves)
      assert.strictEqual(yield* withHeap(root, (heap) => heap.setUint16(0, 0xfff0, true)), leaves)
      assert.strictEqual(yield* withHeap(root, (heap) => heap.setUint32(4, 0x00010020, true)), elsewhere)
      assert.strictEqual(yield* withHeap(root, (heap) => heap.setUint32(4, 0x21, true)), elsewhere)
      assert.strictEqual(yield* withHeap(root, (heap) => heap.setUint32(4, 0x60, true)), elsewhere)
      const other = "a heap is no heap of properties"
      assert.strictEqual(yield* withHeap(root, (heap) => heap.setUint8(3, 0x7c)), other)
    })
  )
})
