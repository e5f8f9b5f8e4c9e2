/** What an entry id says, as plain data; and how its flag words are read. */
import * as Flags from "../../Flags.ts"

/** The flags of abFlags[0], and the one of abFlags[1]. */
export const AbFlags: Flags.Word<
  "MAPI_SHORTTERM" | "MAPI_NOTRECIP" | "MAPI_THISSESSION" | "MAPI_NOW" | "MAPI_NOTRESERVED" | "MAPI_COMPOUND"
> = {
  word: "abFlags",
  bits: {
    MAPI_SHORTTERM: 0x80,
    MAPI_NOTRECIP: 0x40,
    MAPI_THISSESSION: 0x20,
    MAPI_NOW: 0x10,
    MAPI_NOTRESERVED: 0x08,
    MAPI_COMPOUND: 0x8000
  }
}
export type AbFlag = Flags.Of<typeof AbFlags>

/** What kind of Exchange store it is, and how to log on to it. */
export const OpenStore: Flags.Word<"OPENSTORE_PUBLIC" | "OPENSTORE_HOME_LOGON" | "OPENSTORE_TAKE_OWNERSHIP"> = {
  word: "WrappedType",
  bits: { OPENSTORE_PUBLIC: 0x2, OPENSTORE_HOME_LOGON: 0x4, OPENSTORE_TAKE_OWNERSHIP: 0x8 }
}
export type OpenStore = Flags.Of<typeof OpenStore>

/** The four flag bytes of an id. `bytes` are what is encoded; the rest is their reading. */
export interface IdFlags {
  readonly bytes: Uint8Array
  readonly names: ReadonlyArray<AbFlag>
  /** Good beyond this session and this workstation: the first byte is zero. */
  readonly longTerm: boolean
}

/** The names of the bits that have one; `Flags.decode` would refuse the others. */
const known = <Name extends string>(word: Flags.Word<Name>, bits: number): ReadonlyArray<Name> =>
  Flags.names(word).filter((name) => (bits & word.bits[name]) !== 0)

export const flagsOf = (bytes: Uint8Array): IdFlags => {
  const [first = 0, second = 0] = bytes
  return { bytes, names: known(AbFlags, first | (second << 8)), longTerm: first === 0 }
}

export const openStoreNames = (bits: number): ReadonlyArray<OpenStore> => known(OpenStore, bits)

/** What a private id says past its flags and its MAPIUID. */
export type Content = ExchangeContent | PstContent | OpaqueContent

/** An Exchange store: MS-OXCDATA 2.2.4.3. */
export interface ExchangeContent {
  readonly form: "exchange"
  /** What is encoded; bits without a name stay in it. */
  readonly wrappedType: number
  readonly wrappedTypeNames: ReadonlyArray<OpenStore>
  readonly serverShortname: string
  /** Null for a public store that has none; without OPENSTORE_PUBLIC there is always one. */
  readonly mailboxDN: string | null
  readonly tail: V2Tail | V3Tail | null
}

/** The server of an Exchange store in full. Offsets count from the tail's first byte; 0 is no string. */
export interface V2Tail {
  readonly version: "V2"
  /** As written; nothing is made of it. In practice it is not always the tail's length. */
  readonly size: number
  /** The version that the tail gives itself: 1. */
  readonly structVersion: number
  readonly offsetDN: number
  readonly offsetFQDN: number
  /** The server's DN: null where there is none, or where it does not follow the offsets. */
  readonly dn: string | null
  /** The server's domain name: null where there is none, or where it does not follow the DN. */
  readonly fqdn: string | null
  /** All else: two reserved bytes, and strings that stand elsewhere. */
  readonly reserved: Uint8Array
}

/** Only its magic is known: what follows it is kept as it is. */
export interface V3Tail {
  readonly version: "V3"
  readonly data: Uint8Array
}

/** A file of personal folders: nothing but its path. */
export interface PstContent {
  readonly form: "pst"
  readonly encoding: "8-bit" | "UTF-16"
  readonly path: string
}

/** Any other provider's: its own business. */
export interface OpaqueContent {
  readonly form: "opaque"
  readonly data: Uint8Array
}

interface Header {
  readonly flags: IdFlags
  readonly providerUid: Uint8Array
}

/** The id that clients hold: a private id, and the DLL that it is for. */
export interface WrappedStore extends Header {
  readonly kind: "wrappedStore"
  readonly dllFileName: string
  readonly wrappedFlags: IdFlags
  readonly wrappedProviderUid: Uint8Array
  readonly content: Content
}

/** The private id of an Exchange store, not wrapped. */
export interface ExchangeStore extends Header {
  readonly kind: "exchangeStore"
  readonly content: ExchangeContent
}

/** The private id of a file of personal folders, not wrapped. */
export interface PstStore extends Header {
  readonly kind: "pstStore"
  readonly content: PstContent
}

export type Decoded = WrappedStore | ExchangeStore | PstStore
