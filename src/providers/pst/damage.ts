/**
 * What a file says against itself: the checks that stand between its bytes and the parser, which trusts every one of them.
 *
 * A page or block is *sealed* by a checksum and by a signature of the place where it belongs. A heap (the lists of
 * properties and rows are written in heaps) has a header and a map of its items; the parser follows both without looking,
 * and some of them would keep it busy for ever without another read. Pure and total. Nothing here repairs anything.
 *
 * Source: [MS-PST] 2.2.2.6 to 2.2.2.8, 2.3.1 to 2.3.4, 5.1, 5.3, 5.5; held against Outlook's own files.
 */
import * as Hex from "effect/encoding/Hex"
import * as Result from "effect/Result"
import { crc32 } from "./crc32.ts"

/** How the pages and blocks of a file are written. */
export interface Format {
  /** 64-bit offsets and UTF-16 text, since Outlook 2003; before that 32-bit and 8-bit. */
  readonly unicode: boolean
  /** "Compressible encryption": each byte of a data block replaced by another. No secret is involved. */
  readonly encoded: boolean
}

export const headerLength = 1024
export const pageLength = 512

/** What the header, the first 1024 bytes, says of the rest; or what speaks against reading it. */
export const formatOf = (
  header: Uint8Array
): Result.Result<Format, { readonly supported: boolean; readonly detail: string }> => {
  const no = (supported: boolean, detail: string) => Result.fail({ supported, detail })
  if (String.fromCharCode(...header.subarray(0, 4)) !== "!BDN") return no(true, "it does not begin as a .pst file does")
  if (header.length < headerLength) return no(true, `it ends at byte ${header.length}, within its header`)
  const version = header[10]
  if (version !== 14 && version !== 23) return no(false, `it is written in format version ${version}`)
  const unicode = version === 23
  const encoding = header[unicode ? 0x201 : 0x1cd] ?? 0
  return encoding > 1
    ? no(false, `its blocks are encoded by method ${encoding}`)
    : Result.succeed({ unicode, encoded: encoding === 1 })
}

// --- seals ----------------------------------------------------------------------------------------------------------

const trailerOf = ({ unicode }: Format) => (unicode ? { size: 16, crc: 4, bid: 8 } : { size: 12, crc: 8, bid: 4 })

/** What a block of so many bytes takes in the file: data, padding and trailer are a multiple of 64. */
export const blockSpan = (format: Format, length: number): number => (length + trailerOf(format).size + 63) & ~63

/** The low half of the place, mixed with the low half of the block's id. */
const signature = (position: number, bid: number): number => {
  const mixed = (position ^ bid) >>> 0
  return ((mixed >>> 16) ^ mixed) & 0xffff
}

/** The id in the trailer that ends at `end`, if data and place are as the trailer says. */
const sealOf = (format: Format, bytes: Uint8Array, position: number, length: number, end: number) => {
  const { bid, crc, size } = trailerOf(format)
  if (bytes.length < end) return undefined
  const trailer = new DataView(bytes.buffer, bytes.byteOffset + end - size, size)
  const id = trailer.getUint32(bid, true)
  return trailer.getUint16(2, true) === signature(position, id) &&
    trailer.getUint32(crc, true) === crc32(bytes.subarray(0, length))
    ? { id, size: trailer.getUint16(0, true) }
    : undefined
}

/** Is what was read at `position` a page, whole and in its place? */
export const isPage = (format: Format, bytes: Uint8Array, position: number): boolean =>
  sealOf(format, bytes, position, pageLength - trailerOf(format).size, pageLength) !== undefined

/** What a block is to its node: data, a list of more blocks, or the index of the nodes inside the node. */
export type Block = "data" | "list" | "index"

/** What kind of block was read at `position`; undefined if it is not whole, or not in its place. */
export const blockAt = (format: Format, bytes: Uint8Array, position: number, length: number): Block | undefined => {
  const seal = sealOf(format, bytes, position, length, blockSpan(format, length))
  if (seal === undefined || seal.size !== length) return undefined
  if ((seal.id & 2) === 0) return "data"
  const [kind, , low = 0, high = 0] = bytes
  const room = length >> 2 // no entry is shorter
  if (low + 256 * high > room) return undefined
  return kind === 1 ? "list" : kind === 2 ? "index" : undefined
}

// --- heaps ----------------------------------------------------------------------------------------------------------

const substitutes = Result.getOrThrow(
  Hex.decode(
    "47f1b4e60b6a7248854e9eebe2f89453e0bba002e85a09abdbe3bac67cc310dd39059630f53760828cc9134a6b1df3fb8f26" +
      "97ca911701c4322d6e3195ffd923d1005e79dc443b1a28c5615720903d83b943be67d2464276c06d5b7eb20f16293ca90354" +
      "0dda5ddff6b7c762cd8d06d3695c86d614f7a56675acb1e94521700c879f74a4224c6fbf1f56aa2eb3783350b0a392bccf19" +
      "1ca763cb1e4d3e4b1b9b4fe7f0eead3ab55904ea40552551e57a893868527bfc27aed7bdfa07f4cc8e5fef359c842b15d577" +
      "3449b6120a7f7188fd9d18417d93d8582ccefe24afdeb836c8a180a69998a82f0e816573e4c2a28ad4e111d0088b2af2ed9a" +
      "643fc16cf9ec"
  )
)

const decoded = ({ encoded }: Format, data: Uint8Array): Uint8Array =>
  encoded ? data.map((byte) => substitutes[byte] ?? 0) : data

/** What a heap is for: a list of properties, or a table. */
export type Heap = "properties" | "table"

/** What is wrong with a data block as a block of a heap; with the heap's purpose, as its first one. */
export const heapDamage = (format: Format, data: Uint8Array, first?: Heap): string | undefined => {
  const bytes = decoded(format, data)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const word = (at: number): number => (at + 2 <= bytes.length ? view.getUint16(at, true) : 0)
  const map = word(0)
  const items = word(map)
  if (map + 4 + 2 * (items + 1) > bytes.length) return "the map of a heap leaves its block"
  const ends = Array.from({ length: items + 1 }, (_, item) => word(map + 4 + 2 * item))
  if (ends.some((end, item) => end > map || end < (ends[item - 1] ?? 0))) return "the items of a heap overlap"
  if (first === undefined) return undefined
  if (bytes[2] !== 0xec || bytes[3] !== (first === "table" ? 0x7c : 0xbc))
    return `a heap is no heap of ${nameOf[first]}`
  // The root is an item of this block, whose number is in bits 5 to 15 of its id.
  const item = word(4) >> 5
  if (word(6) !== 0 || (word(4) & 31) !== 0 || item === 0 || item > items) return "a heap has no root"
  return rootDamage(bytes.subarray(ends[item - 1], ends[item]), first)
}

const nameOf: Record<Heap, string> = { properties: "properties", table: "a table" }

/** With entries of no length, or more levels than 65536 properties need, the parser would never end. */
const rootDamage = (root: Uint8Array, heap: Heap): string | undefined => {
  const [kind, keySize, dataSize, levels = 255] = root
  if (heap === "properties") {
    const good = kind === 0xb5 && keySize === 2 && dataSize === 6 && levels <= 1
    return good ? undefined : "a list of properties has no proper root"
  }
  const rowSize = (root[8] ?? 0) + 256 * (root[9] ?? 0)
  return kind === 0x7c && rowSize >= 8 ? undefined : "a table has no proper root" // a row begins with two numbers of 4 bytes
}
