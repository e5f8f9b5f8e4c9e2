/** A decoded id for programs: plain data that JSON can carry, bytes as lower-case hex, MAPIUIDs as their text. */
import * as Hex from "effect/encoding/Hex"
import type { AbFlag, Content, Decoded, IdFlags, OpenStore, PstContent } from "./decoded.ts"
import { magics } from "./exchange.ts"
import { format, nameOf } from "./uid.ts"

export interface IdFlagsJson {
  readonly bytes: string
  readonly names: ReadonlyArray<AbFlag>
  readonly longTerm: boolean
}

export type TailJson =
  | {
      readonly version: "V2"
      readonly magic: number
      readonly size: number
      readonly structVersion: number
      readonly offsetDN: number
      readonly offsetFQDN: number
      readonly dn: string | null
      readonly fqdn: string | null
      readonly reserved: string
    }
  | { readonly version: "V3"; readonly magic: number; readonly data: string }

export type ContentJson =
  | {
      readonly form: "exchange"
      readonly wrappedType: number
      readonly wrappedTypeNames: ReadonlyArray<OpenStore>
      readonly serverShortname: string
      readonly mailboxDN: string | null
      readonly tail: TailJson | null
    }
  | PstContent
  | { readonly form: "opaque"; readonly data: string }

export type DecodedJson = {
  readonly kind: Decoded["kind"]
  /** Null unless wrapped. */
  readonly dllFileName: string | null
  readonly flags: IdFlagsJson
  readonly providerUid: string
  readonly providerName: string | null
  /** Null unless wrapped. */
  readonly wrappedFlags: IdFlagsJson | null
  /** Null unless wrapped. */
  readonly wrappedProviderUid: string | null
  readonly wrappedProviderName: string | null
} & ContentJson

const flags = ({ bytes, longTerm, names }: IdFlags): IdFlagsJson => ({ bytes: Hex.encode(bytes), names, longTerm })

const contentJson = (content: Content): ContentJson => {
  switch (content.form) {
    case "pst":
      return content
    case "opaque":
      return { form: "opaque", data: Hex.encode(content.data) }
    case "exchange":
      return { ...content, tail: content.tail === null ? null : tailJson(content.tail) }
  }
}

const tailJson = (tail: NonNullable<Extract<Content, { readonly form: "exchange" }>["tail"]>): TailJson =>
  tail.version === "V3"
    ? { version: "V3", magic: magics.V3, data: Hex.encode(tail.data) }
    : {
        version: "V2",
        magic: magics.V2,
        size: tail.size,
        structVersion: tail.structVersion,
        offsetDN: tail.offsetDN,
        offsetFQDN: tail.offsetFQDN,
        dn: tail.dn,
        fqdn: tail.fqdn,
        reserved: Hex.encode(tail.reserved)
      }

export const toJson = (decoded: Decoded): DecodedJson => {
  const wrapped = decoded.kind === "wrappedStore" ? decoded : null
  return {
    kind: decoded.kind,
    dllFileName: wrapped === null ? null : wrapped.dllFileName,
    flags: flags(decoded.flags),
    providerUid: format(decoded.providerUid),
    providerName: nameOf(decoded.providerUid),
    wrappedFlags: wrapped === null ? null : flags(wrapped.wrappedFlags),
    wrappedProviderUid: wrapped === null ? null : format(wrapped.wrappedProviderUid),
    wrappedProviderName: wrapped === null ? null : nameOf(wrapped.wrappedProviderUid),
    ...contentJson(decoded.content)
  }
}
