/**
 * What the private id of an Exchange store says past its header: MS-OXCDATA 2.2.4.3, and what came after it.
 *
 * ```text
 *  0  4  WrappedType      0x0C for a mailbox, 0x06 for a public store
 *  4  …  ServerShortname  8-bit characters and a NUL
 *  …  …  MailboxDN        8-bit characters and a NUL; a public store may have none
 *  …  …  tail             none, or 0xF32135D8 and a V2 tail, or 0xF43246E9 and a V3 tail
 *
 * V2 tail:
 *  0  4  magic            0xF32135D8
 *  4  4  size
 *  8  4  version          1
 * 12  4  offset of the DN, 0 for none
 * 16  4  offset of the FQDN, 0 for none
 * 20  …  DN              8-bit characters and a NUL
 *  …  …  FQDN            UTF-16LE characters and a NUL
 *  …  2  reserved        zero
 * ```
 *
 * Sources: section 9.3 of the protocol reference; MFCMAPI's EntryIdStruct for the tails. Of a V3 tail the reference knows
 * the magic alone.
 */
import * as Result from "effect/Result"
import type { InvalidEntryId } from "../../MapiError.ts"
import {
  type Cursor,
  concat,
  isAtEnd,
  narrow,
  peekWord,
  takeNarrow,
  takeRest,
  takeWide,
  takeWord,
  wide,
  word
} from "./cursor.ts"
import { type ExchangeContent, OpenStore, openStoreNames, type V2Tail, type V3Tail } from "./decoded.ts"
import { foundAt, refuse } from "./refusal.ts"

/** The first word of a tail. */
export const magics = { V2: 0xf32135d8, V3: 0xf43246e9 } as const

type Tail = V2Tail | V3Tail

export const read = (from: Cursor): Result.Result<ExchangeContent, InvalidEntryId> =>
  Result.gen(function* () {
    const wrappedType = yield* takeWord(from, "4 bytes of WrappedType")
    const serverShortname = yield* takeNarrow(from, "the server's short name")
    const isPublic = (wrappedType & OpenStore.bits.OPENSTORE_PUBLIC) !== 0
    const hasDN = !(isPublic && (isAtEnd(from) || versionAt(from) !== undefined))
    const mailboxDN = hasDN ? yield* takeNarrow(from, "the mailbox DN") : null
    const tail = isAtEnd(from) ? null : yield* readTail(from)
    const wrappedTypeNames = openStoreNames(wrappedType)
    return { form: "exchange", wrappedType, wrappedTypeNames, serverShortname, mailboxDN, tail }
  })

const versionAt = (from: Cursor): Tail["version"] | undefined => {
  const magic = peekWord(from)
  if (magic === magics.V2) return "V2"
  return magic === magics.V3 ? "V3" : undefined
}

const readTail = (from: Cursor): Result.Result<Tail, InvalidEntryId> => {
  const { at, bytes } = from
  const version = versionAt(from)
  if (version === undefined) {
    return refuse({ offset: at, expected: "the end, or the magic of a V2 or V3 tail", found: foundAt(bytes, at) })
  }
  from.at += 4
  return version === "V2" ? readV2(from, at) : Result.succeed({ version, data: takeRest(from) })
}

/** Strings are read where writers put them: one after the other behind the header. Elsewhere they are kept as bytes. */
const readV2 = (from: Cursor, start: number): Result.Result<V2Tail, InvalidEntryId> =>
  Result.gen(function* () {
    const size = yield* takeWord(from, "4 bytes of a V2 tail's size")
    const structVersion = yield* takeWord(from, "4 bytes of a V2 tail's version")
    const offsetDN = yield* takeWord(from, "4 bytes of a V2 tail's offset of the DN")
    const offsetFQDN = yield* takeWord(from, "4 bytes of a V2 tail's offset of the FQDN")
    const dn = start + offsetDN === from.at ? yield* takeNarrow(from, "the server's DN") : null
    const fqdn = start + offsetFQDN === from.at ? yield* takeWide(from, "the server's FQDN") : null
    return { version: "V2", size, structVersion, offsetDN, offsetFQDN, dn, fqdn, reserved: takeRest(from) }
  })

export const write = ({ mailboxDN, serverShortname, tail, wrappedType }: ExchangeContent): Uint8Array =>
  concat([
    word(wrappedType),
    narrow(serverShortname),
    ...(mailboxDN === null ? [] : [narrow(mailboxDN)]),
    ...(tail === null ? [] : writeTail(tail))
  ])

const writeTail = (tail: Tail): ReadonlyArray<Uint8Array> => {
  if (tail.version === "V3") return [word(magics.V3), tail.data]
  const { dn, fqdn, offsetDN, offsetFQDN, reserved, size, structVersion } = tail
  return [
    ...[magics.V2, size, structVersion, offsetDN, offsetFQDN].map(word),
    ...(dn === null ? [] : [narrow(dn)]),
    ...(fqdn === null ? [] : [wide(fqdn)]),
    reserved
  ]
}
