/**
 * Store entry ids: the wrapped form that clients hold, and the private form that providers made.
 *
 * `fromBytes`, `unwrap` and `wrap` are what the protocol needs of an id; `decode` and `encode` know all that can be known of
 * one, as plain data.
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
import { concat, narrow } from "./internal/entryId/cursor.ts"
import { type Decoded, flagsOf } from "./internal/entryId/decoded.ts"
import * as Foreign from "./internal/entryId/foreign.ts"
import * as HexText from "./internal/entryId/hexText.ts"
import * as Json from "./internal/entryId/json.ts"
import * as PrivateId from "./internal/entryId/privateId.ts"
import { byteText, foundAt, type Place, refuse } from "./internal/entryId/refusal.ts"
import * as Tree from "./internal/entryId/tree.ts"
import * as Uid from "./internal/entryId/uid.ts"
import { at, type InvalidEntryId } from "./MapiError.ts"

export type {
  AbFlag,
  Content,
  Decoded,
  ExchangeContent,
  ExchangeStore,
  IdFlags,
  OpaqueContent,
  OpenStore,
  PstContent,
  PstStore,
  V2Tail,
  V3Tail,
  WrappedStore
} from "./internal/entryId/decoded.ts"
export type { ContentJson, DecodedJson, IdFlagsJson, TailJson } from "./internal/entryId/json.ts"
export { muidStorePrivate, muidStorePublic, muidStoreWrap, pstUid } from "./internal/entryId/uid.ts"

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

const invalid = (place: Place): Result.Result<never, InvalidEntryId> => refuse(place, { step: 1 })

const expectBytes = (
  bytes: Uint8Array,
  offset: number,
  wanted: Uint8Array,
  what: string
): Result.Result<void, InvalidEntryId> => {
  for (let i = 0; i < wanted.length; i++) {
    if (bytes[offset + i] === wanted[i]) continue
    return invalid({ offset: offset + i, expected: what, found: foundAt(bytes, offset + i) })
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
  bytes.set(Uid.muidStoreWrap, UID)
  bytes.set(new TextEncoder().encode(dllFileName), DLL_NAME)
  bytes.set(privateId.bytes, start)
  return Result.succeed(wrapped(bytes))
}

const privateOffset = (nameLength: number): number => (DLL_NAME + nameLength + 1 + 3) & ~3

/** Takes bytes for a wrapped store entry id if their header says so. */
export const fromBytes = (bytes: Uint8Array): Result.Result<Wrapped, InvalidEntryId> =>
  expectBytes(bytes, 0, zeros(UID), "four zero flag bytes").pipe(
    Result.flatMap(() => expectBytes(bytes, UID, Uid.muidStoreWrap, "muidStoreWrap")),
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
    return invalid({ offset, expected: "a DLL name of printable characters", found: byteText(bytes[offset] ?? 0) })
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

// --- all of an id, as plain data ------------------------------------------------------------------------------------

/**
 * All that the bytes of a store's entry id say: a wrapped one, or the bare private id of an Exchange store or of a file of
 * personal folders.
 *
 * The private part of a wrapped id is read by its MAPIUID, whatever its DLL; that of a provider without a form here is kept
 * as bytes. Everything else is `InvalidEntryId`, with an offset in `bytes`: an id that is broken, one that is wrapped twice,
 * and one of something that is no store, which is named as far as it can be told (an Exchange folder, a recipient). Never
 * throws, and takes time in proportion to `bytes`, with which its answer shares no memory.
 */
export const decode = (bytes: Uint8Array): Result.Result<Decoded, InvalidEntryId> => {
  const isWrapped = Uid.isUid(bytes.subarray(UID, VERSION), Uid.muidStoreWrap)
  return isWrapped ? Result.mapError(decodeWrapped(bytes), (error) => at(error, null)) : decodeBare(bytes)
}

const decodeWrapped = (bytes: Uint8Array): Result.Result<Decoded, InvalidEntryId> =>
  Result.gen(function* () {
    if (Foreign.isNewsgroupFolder(bytes)) {
      return yield* foreign(VERSION, "version and flag, both zero", "0c00, in the id of a newsgroup folder")
    }
    const { dllFileName, privateId } = yield* Result.flatMap(fromBytes(bytes), unwrap)
    const start = bytes.length - privateId.bytes.length
    const { content, flags, uid } = yield* PrivateId.read({ bytes, at: start })
    if (Uid.isUid(uid, Uid.muidStoreWrap)) {
      const found = "muidStoreWrap: it is wrapped twice"
      return yield* refuse({ offset: start + UID, expected: "the MAPIUID of a private id", found })
    }
    return {
      kind: "wrappedStore",
      flags: flagsOf(zeros(UID)),
      providerUid: Uint8Array.from(Uid.muidStoreWrap),
      dllFileName,
      wrappedFlags: flags,
      wrappedProviderUid: uid,
      content
    }
  })

const decodeBare = (bytes: Uint8Array): Result.Result<Decoded, InvalidEntryId> =>
  Result.gen(function* () {
    const { content, flags, uid: providerUid } = yield* PrivateId.read({ bytes, at: 0 })
    if (content.form === "exchange") return { kind: "exchangeStore", flags, providerUid, content }
    if (content.form === "pst") return { kind: "pstStore", flags, providerUid, content }
    return yield* foreign(UID, "muidStoreWrap, or the MAPIUID of an Exchange or a .pst store", Foreign.told(bytes))
  })

const foreign = (offset: number, expected: string, found: string): Result.Result<never, InvalidEntryId> =>
  refuse(
    { offset, expected, found },
    { advice: "Pass the entry id of a message store: the PR_STORE_ENTRYID of what is in it." }
  )

/**
 * `decode`, of hex text as people paste it: digits of either case, with any white space, line breaks and dashes among them.
 *
 * Anything else, `0x` and labels such as `cb: 104 lpb:` included, is `InvalidEntryId`: its `offset` is then the position of
 * the first stray character in `text`, counted from 0, and its `detail` says `at character`. Where the digits are sound but
 * the id is not, `offset` counts bytes, as in `decode`.
 *
 * @example
 * ```ts
 * import * as Result from "effect/Result"
 * import { EntryId } from "effect-mapi"
 *
 * const id = EntryId.decodeHex(`
 *   00000000 38A1BB10-05E5-101A-A1BB-08002B2A56C2 0000 6D737073742E646C6C00
 *   00000000 4E495441-F9BF-B801-00AA-0037D96E0000 00 433A5C612E70737400
 * `)
 * const store = Result.getOrThrow(id)
 * store.kind // => "wrappedStore"
 * store.content // => { form: "pst", encoding: "8-bit", path: "C:\\a.pst" }
 * EntryId.toJson(store).dllFileName // => "mspst.dll"
 * EntryId.decode(EntryId.encode(store)) // => id
 * ```
 */
export const decodeHex = (text: string): Result.Result<Decoded, InvalidEntryId> =>
  Result.flatMap(HexText.decode(text), decode)

/**
 * The bytes again: those that were decoded, each as it was. Never fails; of a value put together by hand that no bytes decode
 * to, such as a path with a NUL in it, it makes bytes that say something else.
 */
export const encode = (decoded: Decoded): Uint8Array => {
  const { content, flags, kind, providerUid } = decoded
  if (kind !== "wrappedStore") return PrivateId.write({ flags, uid: providerUid, content })
  const name = narrow(decoded.dllFileName)
  return concat([
    ...[flags.bytes, providerUid, zeros(DLL_NAME - VERSION), name],
    zeros(privateOffset(decoded.dllFileName.length) - DLL_NAME - name.length),
    PrivateId.write({ flags: decoded.wrappedFlags, uid: decoded.wrappedProviderUid, content })
  ])
}

/** A line of a small tree each, for people. Characters that do not print are told by their numbers. */
export const tree: (decoded: Decoded) => ReadonlyArray<string> = Tree.tree

/** Plain data for programs: bytes as hex, MAPIUIDs as text, the content's fields beside the header's. */
export const toJson: (decoded: Decoded) => Json.DecodedJson = Json.toJson

/** A MAPIUID as text: `{10BBA138-E505-1A10-A1BB-08002B2A56C2}` for `muidStoreWrap`, the bytes of its words turned round. */
export const formatUid: (uid: Uint8Array) => string = Uid.format

/** A MAPIUID from its text, in either case. Where it is none, `offset` is the position in the text. */
export const parseUid: (text: string) => Result.Result<Uint8Array, InvalidEntryId> = Uid.parse

/** The name of a MAPIUID that this library knows, such as `g_muidStorePrivate`; else null. */
export const nameOfUid: (uid: Uint8Array) => string | null = Uid.nameOf
