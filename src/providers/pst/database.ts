/**
 * A file of personal folders as nodes, lists of properties and tables: all that this provider asks of the parser.
 *
 * The parser (`@hiraokahypertools/pst-extractor`) reads nodes, heaps and blocks; which node is a folder, and which property
 * says what, is decided here and in `Pst.ts`. Nothing is kept but the parser's own index, and nothing is read ahead.
 * Source: [MS-PST] 2.2.2.1 (node types), 2.3.3, 2.3.4, 2.4.3, 2.4.4.
 */
import type { IPSTFile, PUNode, RawProperty } from "@hiraokahypertools/pst-extractor"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import { ProviderFailed } from "../../MapiError.ts"
import { damaged, type FileError, type PstFile } from "./file.ts"
import { make as makeGuard } from "./guard.ts"

/** What a property says: a number without its sign, text, bytes, or a point in time. Other types are not read. */
export type Value = number | string | Uint8Array | DateTime.Utc

/** What was asked for and is there, by property id. */
export type Values = ReadonlyMap<number, Value>

/** A node: a folder, a message, a table. The last five bits of its id are its type. */
export type Node = PUNode

/** The nodes that every file has, and the types of those that are looked for. */
export const nodes = { messageStore: 0x21, rootFolder: 0x122 } as const
export const types = { folder: 0x02, message: 0x04, contentsTable: 0x0e } as const

export const typeOf = ({ nodeId }: Node): number => nodeId & 0x1f

/** An open file. */
export interface Database {
  readonly node: (id: number) => Effect.Effect<Node | undefined, FileError>
  /** The nodes whose parent it is, of one type, in the order of their ids. */
  readonly children: (node: Node, type: number) => Effect.Effect<ReadonlyArray<Node>, FileError>
  readonly properties: (node: Node, ids: ReadonlyArray<number>) => Effect.Effect<Values, FileError>
  /** Which properties the node has; none of their values is read. */
  readonly propertyIds: (node: Node) => Effect.Effect<ReadonlySet<number>, FileError>
  /** The rows of the table of this type that belongs to the node. */
  readonly table: (
    node: Node,
    type: number,
    ids: ReadonlyArray<number>
  ) => Effect.Effect<ReadonlyArray<Values>, FileError>
}

/** Opens the parser on a file. */
export const open = Effect.fnUntraced(function* (path: string, file: PstFile): Effect.fn.Return<Database, FileError> {
  const { openPst } = yield* parser
  const { ask, readFile } = yield* makeGuard(path, file)
  const pst: IPSTFile = yield* ask("properties", () => openPst({ readFile, close: async () => {} }, withoutNames))

  const missing = (what: string) => Effect.fail(damaged(path, `it has no ${what}`))
  return {
    node: (id) => ask("values", () => pst.requestAccessToUserNode(id)),
    children: (node, type) =>
      ask("values", async () => {
        const children = await node.getChildren()
        // No folder contains the root: one that says so would contain itself.
        return children.filter((child) => typeOf(child) === type && child.nodeId !== nodes.rootFolder)
      }),
    properties: (node, ids) =>
      ask("properties", async () => {
        const { properties, resolveHeap } = await (await node.getSubNode()).extractAsPropertyContext()
        return valuesOf(properties, ids, resolveHeap)
      }),
    propertyIds: (node) =>
      ask("properties", async () => {
        const { properties } = await (await node.getSubNode()).extractAsPropertyContext()
        return new Set(properties.map(({ key }) => key))
      }),
    table: Effect.fnUntraced(function* (node, type, ids) {
      const owner = yield* ask("values", () => node.getSiblingNode(type))
      if (owner === undefined)
        return yield* missing(`table 0x${type.toString(16)} of node 0x${node.nodeId.toString(16)}`)
      const table = yield* ask("table", async () => (await owner.getSubNode()).extractAsTableContext())
      const rows: Array<Values> = []
      for (let row = 0; row < table.numRows; row++) {
        rows.push(yield* ask("values", async () => valuesOf(await table.getRow(row), ids, table.resolveHeap)))
      }
      return rows
    })
  }
})

/** The parser is a package of its own, and only those who open such files need it. */
const parser = Effect.tryPromise({
  try: () => import("@hiraokahypertools/pst-extractor"),
  catch: () =>
    new ProviderFailed({
      subject: "@hiraokahypertools/pst-extractor",
      detail: "the package that reads .pst files cannot be loaded",
      advice: "Install it: npm install @hiraokahypertools/pst-extractor"
    })
})

/**
 * The map of named properties stays unread: nothing here asks for one, and a length in it that is wrong would have the
 * parser allocate and fill up to four gigabytes.
 */
const withoutNames = { provideTypeConverterOf: () => async () => new ArrayBuffer(0) }

type Resolve = (heapId: number) => Promise<ArrayBuffer | undefined>

const valuesOf = async (
  properties: ReadonlyArray<RawProperty>,
  ids: ReadonlyArray<number>,
  resolve: Resolve
): Promise<Values> => {
  const values = new Map<number, Value>()
  for (const property of properties) {
    if (!ids.includes(property.key) || values.has(property.key)) continue
    const value = await valueOf(property, resolve)
    if (value !== undefined) values.set(property.key, value)
  }
  return values
}

/**
 * PT_LONG is in place; PT_STRING8, PT_UNICODE and PT_BINARY are where their four bytes point to; PT_SYSTIME is in place in a
 * row, and pointed to in a list of properties.
 */
const valueOf = async ({ type, value }: RawProperty, resolve: Resolve): Promise<Value | undefined> => {
  if (value.byteLength < 4) return undefined // a cell without a value
  const word = new DataView(value).getUint32(0, true)
  if (type === 0x0003) return word
  if (type === 0x0040 && value.byteLength === 8) return timeOf(value)
  if (type !== 0x001e && type !== 0x001f && type !== 0x0040 && type !== 0x0102) return undefined
  const found = (await resolve(word)) ?? new ArrayBuffer(0)
  if (type === 0x0040) return found.byteLength === 8 ? timeOf(found) : undefined
  const bytes = new Uint8Array(found)
  if (type === 0x0102) return bytes
  // The code page of 8-bit text is not in the file; Windows' Western one is the parser's own default. [inferred]
  return new TextDecoder(type === 0x001f ? "utf-16le" : "windows-1252").decode(bytes).replaceAll("\0", "")
}

/** FILETIME: tenths of a microsecond since 1601. Its last year is one that `DateTime` has. */
const timeOf = (filetime: ArrayBuffer): DateTime.Utc =>
  DateTime.makeUnsafe(Number(new DataView(filetime).getBigUint64(0, true) / 10_000n) - 11_644_473_600_000)
