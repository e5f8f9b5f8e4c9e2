/** Entry ids as generated, and as no one ever meant them. */
import { Buffer } from "node:buffer"
import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as EntryId from "../src/EntryId.ts"
import { flagsOf, openStoreNames } from "../src/internal/entryId/decoded.ts"
import { InvalidEntryId } from "../src/MapiError.ts"
import * as PathId from "../src/providers/pst/pathId.ts"
import { ascii, bytesOf, forms, header, hexOf, pst, readSample, sampleFiles, utf16 } from "./support/entryIds.ts"

// --- generated ------------------------------------------------------------------------------------------------------

const intBetween = (minimum: number, maximum: number) =>
  Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum, maximum })))
const bytesBetween = (minLength: number, maxLength: number) =>
  Arbitrary.map(Arbitrary.array(intBetween(0, 255), { minLength, maxLength }), (values) => Uint8Array.from(values))
/** Any units but NUL, lone surrogates included. */
const text = (highest: number, minLength = 0) =>
  Arbitrary.map(Arbitrary.array(intBetween(1, highest), { minLength, maxLength: 12 }), (units) =>
    String.fromCharCode(...units)
  )
const oneOf = <A>(first: Arbitrary.Arbitrary<A>, ...others: ReadonlyArray<Arbitrary.Arbitrary<A>>) =>
  Arbitrary.flatMap(intBetween(0, others.length), (n) => others[n - 1] ?? first)
const orNull = <A>(some: Arbitrary.Arbitrary<A>): Arbitrary.Arbitrary<A | null> =>
  oneOf<A | null>(Arbitrary.Constant(null), some)

const Flags = Arbitrary.map(bytesBetween(4, 4), flagsOf)

const V2 = Arbitrary.map(
  Arbitrary.all([intBetween(0, 0xffffffff), orNull(text(255)), orNull(text(0xffff)), bytesBetween(0, 8)]),
  ([size, dn, fqdn, reserved]): EntryId.V2Tail => {
    const offsetFQDN = fqdn === null ? 0 : dn === null ? 20 : 21 + dn.length
    return { version: "V2", size, structVersion: 1, offsetDN: dn === null ? 0 : 20, offsetFQDN, dn, fqdn, reserved }
  }
)
const V2Elsewhere = Arbitrary.map(
  Arbitrary.all([intBetween(21, 0xffffffff), intBetween(21, 0xffffffff), bytesBetween(0, 40)]),
  ([offsetDN, offsetFQDN, reserved]): EntryId.V2Tail => ({
    ...{ version: "V2", size: 0, structVersion: 1, offsetDN, offsetFQDN, dn: null, fqdn: null, reserved }
  })
)
const V3 = Arbitrary.map(bytesBetween(0, 40), (data): EntryId.V3Tail => ({ version: "V3", data }))
const Tail = oneOf<EntryId.ExchangeContent["tail"]>(Arbitrary.Constant(null), V2, V2Elsewhere, V3)

const Exchange = Arbitrary.map(
  Arbitrary.all([intBetween(0, 0xffffffff), text(255), orNull(text(255)), Tail]),
  ([type, serverShortname, mailboxDN, tail]): EntryId.ExchangeContent => {
    const wrappedType = (mailboxDN === null ? type | 2 : type) >>> 0
    const wrappedTypeNames = openStoreNames(wrappedType)
    return { form: "exchange", wrappedType, wrappedTypeNames, serverShortname, mailboxDN, tail }
  }
)
const Pst = oneOf<EntryId.PstContent>(
  Arbitrary.map(text(255, 1), (path) => ({ form: "pst", encoding: "8-bit", path })),
  Arbitrary.map(text(0xffff, 1), (path) => ({ form: "pst", encoding: "UTF-16", path }))
)
const Opaque = Arbitrary.map(bytesBetween(0, 40), (data): EntryId.OpaqueContent => ({ form: "opaque", data }))

const ExchangeUid = oneOf(Arbitrary.Constant(EntryId.muidStorePrivate), Arbitrary.Constant(EntryId.muidStorePublic))
const AnyUid = Arbitrary.map(bytesBetween(15, 15), (rest) => Uint8Array.of(0xff, ...rest)) // none that is known

const PrivatePart = oneOf<readonly [Uint8Array, EntryId.Content]>(
  Arbitrary.all([ExchangeUid, Exchange]),
  Arbitrary.all([Arbitrary.Constant(EntryId.pstUid), Pst]),
  Arbitrary.all([AnyUid, Opaque])
)
const DllName = Arbitrary.schema(Schema.String.check(Schema.isPattern(/^[ -~]{1,40}$/)))

const Wrapped = Arbitrary.map(
  Arbitrary.all([DllName, Flags, PrivatePart]),
  ([dllFileName, wrappedFlags, [wrappedProviderUid, content]]): EntryId.Decoded => {
    const flags = flagsOf(new Uint8Array(4))
    const providerUid = EntryId.muidStoreWrap
    return { kind: "wrappedStore", flags, providerUid, dllFileName, wrappedFlags, wrappedProviderUid, content }
  }
)
const BareExchange = Arbitrary.map(
  Arbitrary.all([Flags, ExchangeUid, Exchange]),
  ([flags, providerUid, content]): EntryId.Decoded => ({ kind: "exchangeStore", flags, providerUid, content })
)
const BarePst = Arbitrary.map(
  Arbitrary.all([Flags, Pst]),
  ([flags, content]): EntryId.Decoded => ({ kind: "pstStore", flags, providerUid: EntryId.pstUid, content })
)

describe("generated ids", () => {
  const options = { arbitrary: { runs: 300 } }
  const isItself = (id: EntryId.Decoded) => {
    const bytes = EntryId.encode(id)
    assert.deepStrictEqual(EntryId.decode(bytes), Result.succeed(id))
    assert.deepStrictEqual(EntryId.decodeHex(hexOf(bytes)), Result.succeed(id))
    assert.deepStrictEqual(JSON.parse(JSON.stringify(EntryId.toJson(id))), EntryId.toJson(id))
  }

  it.prop("wrapped, of every content: decode ∘ encode is the identity", [Wrapped], ([id]) => isItself(id), options)
  it.prop("bare Exchange: decode ∘ encode is the identity", [BareExchange], ([id]) => isItself(id), options)
  it.prop("bare .pst: decode ∘ encode is the identity", [BarePst], ([id]) => isItself(id), options)

  it.prop("a wrapped id is what wrapping its private part gives", [Wrapped], ([id]) => {
    if (id.kind !== "wrappedStore") return assert.fail("it was generated as wrapped")
    const bytes = EntryId.encode(id)
    const { dllFileName, privateId } = Result.getOrThrow(Result.flatMap(EntryId.fromBytes(bytes), EntryId.unwrap))
    assert.strictEqual(dllFileName, id.dllFileName)
    assert.deepStrictEqual(Result.getOrThrow(EntryId.wrap(dllFileName, privateId)).bytes, bytes)
  })
})

// --- as no one ever meant them --------------------------------------------------------------------------------------

/** Inputs to each decoder: as many as this variable of the environment says, for a long run. */
const runs = Number(process.env.EFFECT_MAPI_FUZZ ?? 20_000)

describe(`random and mutated inputs, ${runs} to each decoder`, () => {
  let state = 20_040_711
  const next = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  const pick = <A>(from: ReadonlyArray<A>, otherwise: A): A => from[next(from.length)] ?? otherwise
  const randomBytes = (below: number) => Uint8Array.from({ length: next(below) }, () => next(256))

  const joined = (...parts: ReadonlyArray<Uint8Array>) => new Uint8Array(Buffer.concat(parts))

  const nothing = new Uint8Array()
  const seeds = [
    ...forms.map(([, hex]) => bytesOf(hex)),
    ...sampleFiles.map((file) => bytesOf(readSample(file))),
    ...forms.map(([, hex]) => bytesOf(`${header.wrap}${header.demo}${hex.replace(header.wrap + header.demo, "")}`))
  ]
  /** Words that a decoder may stumble over: none, one, the ends of a range, the first offset of a tail. */
  const words = [0, 1, 20, 24, 0x7fffffff, 0x80000000, 0xffffffff]

  const mutate = (bytes: Uint8Array): Uint8Array => {
    const at = next(bytes.length + 1)
    switch (next(7)) {
      case 0:
        return bytes.map((value, n) => (n === at ? value ^ (1 << next(8)) : value))
      case 1:
        return bytes.map((value, n) => (n === at ? next(256) : value))
      case 2:
        return bytes.slice(0, at)
      case 3:
        return joined(bytes.subarray(0, at), randomBytes(12), bytes.subarray(at))
      case 4:
        return joined(bytes.subarray(0, at), bytes.subarray(at + next(8)))
      case 5:
        return joined(bytes.subarray(0, at), pick(seeds, nothing).subarray(next(40)))
      default: {
        const changed = bytes.slice()
        if (at + 4 <= changed.length) new DataView(changed.buffer).setUint32(at, pick(words, 0), true)
        return changed
      }
    }
  }
  const input = (): Uint8Array => {
    if (next(10) === 0) return randomBytes(120)
    let bytes = pick(seeds, nothing)
    for (let n = next(4) === 0 ? next(3) : 0; n >= 0; n--) bytes = mutate(bytes)
    return bytes
  }
  const noise = ["\n", " ", "-", "\t", "cb: ", "0x", "g", "é", "😀", "\0", "{", ":"]
  const textInput = (): string => {
    const digits = hexOf(input())
    const at = next(digits.length + 1)
    return next(3) === 0 ? digits : `${digits.slice(0, at)}${pick(noise, "")}${digits.slice(at)}`
  }
  const uidInput = (): string => {
    const text = EntryId.formatUid(pick(seeds, nothing).subarray(next(40)))
    const at = next(text.length + 1)
    return next(4) === 0 ? text : `${text.slice(0, at)}${pick(noise, "")}${text.slice(at + next(2))}`
  }

  const counts = new Map<string, number>()
  const count = (what: string) => counts.set(what, (counts.get(what) ?? 0) + 1)
  const refused = (error: unknown, length: number) => {
    if (!(error instanceof InvalidEntryId)) return assert.fail(`it failed with ${String(error)}`)
    if (error.offset < 0 || error.offset > length) return assert.fail(`${error.offset} of ${length}: ${error.message}`)
  }
  const same = (one: Uint8Array, other: Uint8Array) => {
    if (Buffer.compare(one, other) !== 0) assert.fail(`${hexOf(one)} is not ${hexOf(other)}`)
  }
  const timeout = 20_000 + runs

  it(
    "decode: an id that encodes as it was, or a refusal inside its bytes, wherever these stand",
    () => {
      counts.clear()
      for (let n = 0; n < runs; n++) {
        const bytes = input()
        const around = new Uint8Array(bytes.length + 8).fill(next(256))
        around.set(bytes, 3)
        const id = EntryId.decode(around.subarray(3, 3 + bytes.length))
        if (Result.isFailure(id)) {
          count("refused")
          refused(id.failure, bytes.length)
        } else {
          count(`${id.success.kind}, ${id.success.content.form}`)
          same(EntryId.encode(id.success), bytes)
          EntryId.tree(id.success)
          JSON.stringify(EntryId.toJson(id.success))
        }
      }
      const reached = ["refused", "exchangeStore, exchange", "pstStore, pst"]
      const wrapped = ["exchange", "opaque", "pst"].map((form) => `wrappedStore, ${form}`)
      assert.deepStrictEqual([...counts.keys()].sort(), [...reached, ...wrapped].sort())
      for (const [what, times] of counts) assert.isAbove(times, runs / 500, what)
    },
    timeout
  )

  it(
    "decodeHex: the same, of text",
    () => {
      counts.clear()
      for (let n = 0; n < runs; n++) {
        const text = textInput()
        const id = EntryId.decodeHex(text)
        count(id._tag)
        if (Result.isFailure(id)) refused(id.failure, text.length)
        else same(EntryId.encode(id.success), bytesOf(text.replace(/[\s-]/g, "")))
      }
      assert.deepStrictEqual([...counts.keys()].sort(), ["Failure", "Success"])
    },
    timeout
  )

  it(
    "fromBytes and unwrap: parts that wrap to the same bytes, or a refusal inside them",
    () => {
      counts.clear()
      for (let n = 0; n < runs; n++) {
        const bytes = input()
        const parts = Result.flatMap(EntryId.fromBytes(bytes), EntryId.unwrap)
        count(parts._tag)
        if (Result.isFailure(parts)) refused(parts.failure, bytes.length)
        else {
          const { dllFileName, privateId } = parts.success
          same(Result.getOrThrow(EntryId.wrap(dllFileName, privateId)).bytes, bytes)
        }
      }
      assert.deepStrictEqual([...counts.keys()].sort(), ["Failure", "Success"])
    },
    timeout
  )

  it(
    "parseUid: a MAPIUID of that text, or a refusal inside it",
    () => {
      counts.clear()
      for (let n = 0; n < runs; n++) {
        const text = uidInput()
        const uid = EntryId.parseUid(text)
        count(uid._tag)
        if (Result.isFailure(uid)) refused(uid.failure, text.length)
        else assert.strictEqual(EntryId.formatUid(uid.success), text.toUpperCase())
      }
      assert.deepStrictEqual([...counts.keys()].sort(), ["Failure", "Success"])
    },
    timeout
  )

  it(
    "the .pst provider's own: a path that encodes to that id or to its UTF-16 twin, or a refusal inside it",
    () => {
      counts.clear()
      const paths = [`${pst}${ascii("C:\\a.pst")}`, `${pst}00${utf16("C:\\語")}`].map(bytesOf)
      for (let n = 0; n < runs; n++) {
        const bytes = next(4) === 0 ? input() : mutate(pick(paths, nothing))
        const path = Result.flatMap(EntryId.makePrivate(bytes), PathId.decode)
        count(path._tag)
        if (Result.isFailure(path)) refused(path.failure, bytes.length)
        else assert.deepStrictEqual(Result.flatMap(PathId.encode(path.success), PathId.decode), path)
      }
      assert.deepStrictEqual([...counts.keys()].sort(), ["Failure", "Success"])
    },
    timeout
  )
})
