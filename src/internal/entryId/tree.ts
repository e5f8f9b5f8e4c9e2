/** A decoded id for people: a small tree of lines. */
import * as Hex from "effect/encoding/Hex"
import type { Content, Decoded, ExchangeContent, IdFlags, OpaqueContent, PstContent } from "./decoded.ts"
import { magics } from "./exchange.ts"
import { format, nameOf } from "./uid.ts"

interface Node {
  readonly line: string
  readonly below: ReadonlyArray<Node>
}

const node = (line: string, below: ReadonlyArray<Node> = []): Node => ({ line, below })

const render = ({ below, line }: Node): ReadonlyArray<string> => [
  line,
  ...below.flatMap((child, n) => {
    const [first = "", ...others] = render(child)
    const isLast = n === below.length - 1
    return [`${isLast ? "└─" : "├─"} ${first}`, ...others.map((other) => `${isLast ? "  " : "│ "} ${other}`)]
  })
]

/** Text of others on a terminal: what does not print is told by its number. */
const text = (value: string | null): string =>
  value === null ? "none" : value.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (c) => `\\u{${c.codePointAt(0)?.toString(16)}}`)

const shown = 32

const bytes = (value: Uint8Array): string => {
  const more = value.length > shown ? "…" : ""
  return `${Hex.encode(value.subarray(0, shown))}${more} (${value.length} bytes)`
}

const word = (value: number): string => `0x${value.toString(16).toUpperCase().padStart(8, "0")}`

const joined = (names: ReadonlyArray<string>): string => (names.length === 0 ? "" : ` ${names.join(" | ")}`)

const flags = (name: string, value: IdFlags): Node => {
  const term = value.longTerm ? "long-term" : "short-term"
  return node(`${name}: ${Hex.encode(value.bytes)}${joined(value.names)}, ${term}`)
}

const uid = (name: string, value: Uint8Array): Node =>
  node(`${name}: ${format(value)} ${nameOf(value) ?? ""}`.trimEnd())

const exchange = ({ mailboxDN, serverShortname, tail, wrappedType, wrappedTypeNames }: ExchangeContent) => [
  node(`WrappedType: ${word(wrappedType)}${joined(wrappedTypeNames)}`),
  node(`ServerShortname: ${text(serverShortname)}`),
  node(`MailboxDN: ${text(mailboxDN)}`),
  ...(tail === null ? [] : [tailNode(tail)])
]

const tailNode = (tail: NonNullable<ExchangeContent["tail"]>): Node => {
  if (tail.version === "V3") {
    return node("V3 tail", [node(`Magic: ${word(magics.V3)}`), node(`not decoded: ${bytes(tail.data)}`)])
  }
  return node("V2 tail", [
    node(`Magic: ${word(magics.V2)}`),
    node(`Size: ${tail.size}`),
    node(`Version: ${tail.structVersion}`),
    node(`OffsetDN: ${word(tail.offsetDN)}`),
    node(`OffsetFQDN: ${word(tail.offsetFQDN)}`),
    node(`DN: ${text(tail.dn)}`),
    node(`FQDN: ${text(tail.fqdn)}`),
    node(`reserved: ${bytes(tail.reserved)}`)
  ])
}

const pst = ({ encoding, path }: PstContent) => [node(`path: ${text(path)}`), node(`characters: ${encoding}`)]

const opaque = ({ data }: OpaqueContent) => [node(`data: ${bytes(data)}`)]

const contentNodes = (content: Content): ReadonlyArray<Node> => {
  if (content.form === "exchange") return exchange(content)
  return content.form === "pst" ? pst(content) : opaque(content)
}

const titles = {
  exchange: "private id of an Exchange store",
  pst: "private id of a file of personal folders",
  opaque: "private id, its provider's own"
}

export const tree = (decoded: Decoded): ReadonlyArray<string> => {
  const { content, kind } = decoded
  const header = [flags("flags", decoded.flags), uid("ProviderUID", decoded.providerUid)]
  if (kind !== "wrappedStore") return render(node(titles[content.form], [...header, ...contentNodes(content)]))
  const wrapped = node(titles[content.form], [
    flags("WrappedFlags", decoded.wrappedFlags),
    uid("WrappedProviderUID", decoded.wrappedProviderUid),
    ...contentNodes(content)
  ])
  return render(node("wrapped store entry id", [...header, node(`DLLFileName: ${text(decoded.dllFileName)}`), wrapped]))
}
