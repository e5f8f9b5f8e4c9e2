/**
 * Store entry ids: the wrapped form that clients hold, and the private form that providers made.
 *
 * ```text
 *  0  4  flags          zero
 *  4 16  muidStoreWrap  {10BBA138-E505-1A10-A1BB-08002B2A56C2}
 * 20  1  version        zero
 * 21  1  flag           zero
 * 22  n  DLL name       single-byte characters and a NUL, then zeros up to the next multiple of 4
 *  P  …  private id     4 flag bytes, 16 bytes of the provider's MAPIUID, the provider's own bytes
 * ```
 *
 * Pure, total on any bytes, and never reads past its input. It never compares two ids: that is the provider's business,
 * in CompareStoreIDs. Source: section 9 of the protocol reference.
 */
import * as Hex from "effect/encoding/Hex"
import * as Result from "effect/Result"
import { InvalidEntryId } from "./MapiError.ts"

declare const Made: unique symbol // not exported: only this module makes the types that carry it

/** A wrapped store entry id. Vouches for its header only; `unwrap` reads the rest. */
export interface Wrapped {
  readonly [Made]: "EntryId.Wrapped"
  readonly bytes: Uint8Array
}

/** A provider's own id for a store: the only form of id that a provider is ever given. */
export interface Private {
  readonly [Made]: "EntryId.Private"
  readonly bytes: Uint8Array
}

/** What a wrapped id says. */
export interface Unwrapped {
  readonly dllFileName: string
  readonly privateId: Private
}

/** The MAPIUID in bytes 4 to 19 of every wrapped store entry id. */
export const muidStoreWrap: Uint8Array = Uint8Array.of(
  ...[0x38, 0xa1, 0xbb, 0x10, 0x05, 0xe5, 0x10, 0x1a],
  ...[0xa1, 0xbb, 0x08, 0x00, 0x2b, 0x2a, 0x56, 0xc2]
)

const UID = 4
const VERSION = 20
const DLL_NAME = 22
const PRIVATE_HEADER = 20

// Boundary: the marks exist in the types alone; these two are the only places that set them. Both keep a copy of their
// own, by `from`: the `slice` of a Buffer shares its memory with whoever still writes there.
const wrapped = (bytes: Uint8Array): Wrapped => ({ bytes: Uint8Array.from(bytes) }) as Wrapped
const asPrivate = (bytes: Uint8Array): Private => ({ bytes: Uint8Array.from(bytes) }) as Private

/** Lower-case hex, two digits a byte. */
export const toHex = (id: { readonly bytes: Uint8Array }): string => Hex.encode(id.bytes)

const byte = (value: number): string => value.toString(16).padStart(2, "0")

const invalid = (at: { offset: number; expected: string; found: string }): Result.Result<never, InvalidEntryId> =>
  Result.fail(
    new InvalidEntryId({
      ...at,
      subject: "entry id",
      detail: `at offset ${at.offset}, expected ${at.expected}, found ${at.found}`,
      step: 1
    })
  )

const expectBytes = (
  bytes: Uint8Array,
  offset: number,
  wanted: Uint8Array,
  what: string
): Result.Result<void, InvalidEntryId> => {
  for (let i = 0; i < wanted.length; i++) {
    const found = bytes[offset + i]
    if (found === wanted[i]) continue
    const at = { offset: offset + i, expected: what, found: found === undefined ? "the end" : byte(found) }
    return invalid(at)
  }
  return Result.void
}

const zeros = (count: number): Uint8Array => new Uint8Array(count)

/** A provider's id, from bytes of its own making: 4 flag bytes, its MAPIUID, then whatever it likes. */
export const makePrivate = (bytes: Uint8Array): Result.Result<Private, InvalidEntryId> => privateAt(bytes, 0)

const privateAt = (bytes: Uint8Array, start: number): Result.Result<Private, InvalidEntryId> =>
  bytes.length - start < PRIVATE_HEADER
    ? invalid({ offset: bytes.length, expected: "4 flag bytes and a 16-byte MAPIUID", found: "the end" })
    : Result.succeed(asPrivate(bytes.subarray(start)))

const isPrintable = (name: string): boolean => /^[\x20-\x7e]+$/.test(name)
const isPrintableByte = (value: number): boolean => value >= 0x20 && value <= 0x7e

/** The id that a client may hold: WrapStoreEntryID. The DLL name is the base name, without the "32". */
export const wrap = (dllFileName: string, privateId: Private): Result.Result<Wrapped, InvalidEntryId> => {
  if (!isPrintable(dllFileName)) {
    const found = JSON.stringify(dllFileName)
    return invalid({ offset: DLL_NAME, expected: "a DLL name of printable single-byte characters", found })
  }
  const start = privateOffset(dllFileName.length)
  const bytes = new Uint8Array(start + privateId.bytes.length)
  bytes.set(muidStoreWrap, UID)
  bytes.set(new TextEncoder().encode(dllFileName), DLL_NAME)
  bytes.set(privateId.bytes, start)
  return Result.succeed(wrapped(bytes))
}

const privateOffset = (nameLength: number): number => (DLL_NAME + nameLength + 1 + 3) & ~3

/** Takes bytes for a wrapped store entry id if their header says so. */
export const fromBytes = (bytes: Uint8Array): Result.Result<Wrapped, InvalidEntryId> =>
  expectBytes(bytes, 0, zeros(UID), "four zero flag bytes").pipe(
    Result.flatMap(() => expectBytes(bytes, UID, muidStoreWrap, "muidStoreWrap")),
    Result.flatMap(() => expectBytes(bytes, VERSION, zeros(2), "version and flag, both zero")),
    Result.map(() => wrapped(bytes))
  )

/**
 * Takes hex text for a wrapped store entry id; white space is left out.
 *
 * @example
 * ```ts
 * import * as Result from "effect/Result"
 * import { EntryId } from "effect-mapi"
 *
 * const id = EntryId.fromHex(
 *   "0000000038A1BB1005E5101AA1BB08002B2A56C2000044454D4F2E444C4C0000" +
 *     "000000000102030405060708090A0B0C0D0E0F10CAFEF00D"
 * )
 * Result.map(Result.flatMap(id, EntryId.unwrap), (parts) => parts.dllFileName) // => Result.succeed("DEMO.DLL")
 * ```
 */
export const fromHex = (hex: string): Result.Result<Wrapped, InvalidEntryId> => {
  const digits = hex.replace(/\s+/g, "")
  const stray = digits.search(/[^0-9a-f]/i)
  if (stray >= 0) return invalid({ offset: stray >> 1, expected: "hex digits", found: JSON.stringify(digits[stray]) })
  if (digits.length % 2 !== 0) {
    return invalid({ offset: digits.length >> 1, expected: "two hex digits a byte", found: "one digit" })
  }
  return Hex.decode(digits).pipe(
    Result.match({
      onSuccess: fromBytes,
      onFailure: () => invalid({ offset: 0, expected: "hex digits", found: JSON.stringify(hex) })
    })
  )
}

/** DLL name and private id of a wrapped id. [S1] */
export const unwrap = ({ bytes }: Wrapped): Result.Result<Unwrapped, InvalidEntryId> => {
  const end = bytes.indexOf(0, DLL_NAME)
  if (end < 0) return invalid({ offset: bytes.length, expected: "a NUL after the DLL name", found: "the end" })
  const offset = bytes.findIndex((value, at) => at >= DLL_NAME && !isPrintableByte(value))
  if (offset < end || end === DLL_NAME) {
    return invalid({ offset, expected: "a DLL name of printable characters", found: byte(bytes[offset] ?? 0) })
  }
  const dllFileName = new TextDecoder().decode(bytes.subarray(DLL_NAME, end))
  const start = privateOffset(dllFileName.length)
  return expectBytes(bytes, end, zeros(start - end), "zeros up to a multiple of 4").pipe(
    Result.flatMap(() => privateAt(bytes, start)),
    Result.map((privateId) => ({ dllFileName, privateId }))
  )
}

/** DLL names are compared without regard to case: this is the key that they are compared by. */
export const dllKey = (dllFileName: string): string => dllFileName.toUpperCase()
