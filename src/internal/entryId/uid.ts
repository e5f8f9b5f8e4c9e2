/**
 * MAPIUIDs: 16 bytes, their text, and those that have a name here.
 *
 * Read as a GUID, the first three groups of the text are little-endian words: bytes 38 A1 BB 10 are `10BBA138`.
 * Pure. Sources: sections 9.2 and 9.3 of the protocol reference; MFCMAPI's guid.h for the names of the Exchange ones.
 */
import * as Result from "effect/Result"
import type { InvalidEntryId } from "../../MapiError.ts"
import { byteText, refuse } from "./refusal.ts"

/** The MAPIUID in bytes 4 to 19 of every wrapped store entry id. */
export const muidStoreWrap: Uint8Array = Uint8Array.of(
  ...[0x38, 0xa1, 0xbb, 0x10, 0x05, 0xe5, 0x10, 0x1a],
  ...[0xa1, 0xbb, 0x08, 0x00, 0x2b, 0x2a, 0x56, 0xc2]
)

/** The MAPIUID in the private id of an Exchange mailbox. */
export const muidStorePrivate: Uint8Array = Uint8Array.of(
  ...[0x1b, 0x55, 0xfa, 0x20, 0xaa, 0x66, 0x11, 0xcd],
  ...[0x9b, 0xc8, 0x00, 0xaa, 0x00, 0x2f, 0xc4, 0x5a]
)

/** The MAPIUID in the private id of an Exchange public store. */
export const muidStorePublic: Uint8Array = Uint8Array.of(
  ...[0x1c, 0x83, 0x02, 0x10, 0xaa, 0x66, 0x11, 0xcd],
  ...[0x9b, 0xc8, 0x00, 0xaa, 0x00, 0x2f, 0xc4, 0x5a]
)

/** The MAPIUID in the private id of a file of personal folders. */
export const pstUid: Uint8Array = Uint8Array.of(
  ...[0x4e, 0x49, 0x54, 0x41, 0xf9, 0xbf, 0xb8, 0x01],
  ...[0x00, 0xaa, 0x00, 0x37, 0xd9, 0x6e, 0x00, 0x00]
)

const named: ReadonlyArray<readonly [name: string, uid: Uint8Array]> = [
  ["muidStoreWrap", muidStoreWrap],
  ["g_muidStorePrivate", muidStorePrivate],
  ["g_muidStorePublic", muidStorePublic],
  ["PST", pstUid]
]

export const isUid = (uid: Uint8Array, known: Uint8Array): boolean =>
  uid.length === known.length && known.every((byte, n) => uid[n] === byte)

/** `null` for a MAPIUID without a name here. */
export const nameOf = (uid: Uint8Array): string | null => named.find(([, known]) => isUid(uid, known))?.[0] ?? null

/** The place of each byte in the text: see above. */
const order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15]

export const format = (uid: Uint8Array): string => {
  const digits = order.map((n) => byteText(uid[n] ?? 0)).join("")
  return `{${digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-").toUpperCase()}}`
}

const shape = "{hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh}"

export const parse = (text: string): Result.Result<Uint8Array, InvalidEntryId> => {
  const fits = (n: number): boolean => (shape[n] === "h" ? /[0-9a-f]/i.test(text.charAt(n)) : text[n] === shape[n])
  for (let n = 0; n < shape.length || n < text.length; n++) {
    if (!fits(n)) return strange(n, text)
  }
  const digits = text.match(/[0-9a-f]{2}/gi) ?? []
  const uid = new Uint8Array(16)
  order.forEach((at, n) => {
    uid[at] = Number.parseInt(digits[n] ?? "", 16)
  })
  return Result.succeed(uid)
}

const strange = (offset: number, text: string): Result.Result<never, InvalidEntryId> => {
  const wanted = shape[offset]
  const expected = wanted === undefined ? "the end" : wanted === "h" ? "a hex digit" : JSON.stringify(wanted)
  const found = offset < text.length ? JSON.stringify(text.charAt(offset)) : "the end"
  return refuse(
    { offset, expected, found },
    {
      subject: "MAPIUID",
      detail: `at character ${offset} of the text, expected ${expected}, found ${found}`,
      advice: "Write it as {XXXXXXXX-XXXX-XXXX-XXXX-XXXXXXXXXXXX}, in hex digits."
    }
  )
}
