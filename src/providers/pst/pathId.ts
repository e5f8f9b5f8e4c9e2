/**
 * The private store id of a file of personal folders: nothing but its path.
 *
 * ```text
 *  0  4  flags     zero
 *  4 16  PST UID   4E495441-F9BFB801-00AA0037-D96E0000, in this order of bytes
 * 20  1  reserved  zero
 * 21  …  path      8-bit characters and a NUL; or a NUL (no such path), then UTF-16LE characters and a NUL
 * ```
 *
 * Pure and total: any bytes are a path or an `InvalidEntryId`. It never asks whether there is such a file.
 * Source: section 9.3 of the protocol reference.
 */
import * as Result from "effect/Result"
import * as EntryId from "../../EntryId.ts"
import { InvalidEntryId } from "../../MapiError.ts"

/** The MAPIUID of these ids; Outlook's own provider answers it as PR_MDB_PROVIDER too [inferred]. */
export const pstUid: Uint8Array = Uint8Array.of(
  ...[0x4e, 0x49, 0x54, 0x41, 0xf9, 0xbf, 0xb8, 0x01],
  ...[0x00, 0xaa, 0x00, 0x37, 0xd9, 0x6e, 0x00, 0x00]
)

const PATH = 21
const header = Uint8Array.of(0, 0, 0, 0, ...pstUid, 0)

const invalid = (offset: number, expected: string, found: string): Result.Result<never, InvalidEntryId> =>
  Result.fail(
    new InvalidEntryId({
      offset,
      expected,
      found,
      subject: "entry id of a .pst file",
      detail: `at offset ${offset} of the private id, expected ${expected}, found ${found}`,
      advice: "Pass the entry id of a file of personal folders; `Pst.entryId` makes one of a path."
    })
  )

const shown = (byte: number | undefined): string =>
  byte === undefined ? "the end" : byte.toString(16).padStart(2, "0")

/** The id of the file at this path: 8-bit where the path is printable ASCII, else UTF-16. */
export const encode = (path: string): Result.Result<EntryId.Private, InvalidEntryId> => {
  if (path === "" || path.includes("\0")) return invalid(PATH, "a path without NUL", JSON.stringify(path))
  const ascii = /^[\x20-\x7e]+$/.test(path)
  const bytes = new Uint8Array(PATH + (ascii ? path.length + 1 : 2 * path.length + 3))
  bytes.set(header)
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < path.length; i++) {
    if (ascii) view.setUint8(PATH + i, path.charCodeAt(i))
    else view.setUint16(PATH + 1 + 2 * i, path.charCodeAt(i), true)
  }
  return EntryId.makePrivate(bytes)
}

/** The path in an id. Its 8-bit form names no code page: bytes past ASCII are read as ISO 8859-1 [inferred]. */
export const decode = ({ bytes }: EntryId.Private): Result.Result<string, InvalidEntryId> => {
  const stray = header.findIndex((byte, at) => bytes[at] !== byte)
  if (stray >= 0) return invalid(stray, "zero flags, the PST UID and a zero", shown(bytes[stray]))
  const narrow = bytes.subarray(PATH)
  const wide = bytes.subarray(PATH + 1)
  if (narrow[0] !== 0) return terminated(Array.from(narrow), PATH, 1)
  if (wide.length % 2 !== 0) return invalid(bytes.length, "two bytes a character", "the end")
  const view = new DataView(wide.buffer, wide.byteOffset, wide.length)
  return terminated(
    Array.from({ length: wide.length / 2 }, (_, i) => view.getUint16(2 * i, true)),
    PATH + 1,
    2
  )
}

/** Characters and one NUL at the end of them, which is the end of the id. */
const terminated = (
  units: ReadonlyArray<number>,
  start: number,
  width: number
): Result.Result<string, InvalidEntryId> => {
  const end = units.indexOf(0)
  if (end < 0) return invalid(start + width * units.length, "a NUL after the path", "the end")
  if (end === 0) return invalid(start, "a path", "a NUL")
  if (end < units.length - 1) return invalid(start + width * (end + 1), "the end after the path", shown(units[end + 1]))
  // Not spread into one call: a path may be longer than an argument list.
  return Result.succeed(Array.from(units.slice(0, end), (unit) => String.fromCharCode(unit)).join(""))
}
