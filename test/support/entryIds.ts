/** Entry ids to test with: those that others made, and one of every form. */
import { Buffer } from "node:buffer"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import * as Result from "effect/Result"
import * as EntryId from "../../src/EntryId.ts"
import type { InvalidEntryId } from "../../src/MapiError.ts"

export const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replace(/\s/g, ""), "hex"))
export const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex")
export const ascii = (text: string): string => Buffer.from(`${text}\0`, "latin1").toString("hex")
export const utf16 = (text: string): string => Buffer.from(`${text}\0`, "utf16le").toString("hex")

/** Whether bytes or a text were taken; if not, where and why. */
export const told = (result: Result.Result<unknown, InvalidEntryId>) =>
  Result.match(result, {
    onSuccess: () => "taken",
    onFailure: ({ expected, found, offset }) => `${offset}: expected ${expected}, found ${found}`
  })

/** The DLL name and the private id of a wrapped id, or the error. */
export const parts = (result: Result.Result<EntryId.Unwrapped, InvalidEntryId>) =>
  Result.match(result, {
    onSuccess: ({ dllFileName, privateId }) => [dllFileName, EntryId.toHex(privateId)],
    onFailure: ({ message }) => [message]
  })

const samples = new URL("../../../shared/data/entryids/", import.meta.url)
export const samplesAbsent = !existsSync(samples)
export const sampleFiles: ReadonlyArray<string> = samplesAbsent
  ? []
  : readdirSync(samples)
      .filter((file) => file.endsWith(".in.dat"))
      .sort()
export const readSample = (file: string): string => readFileSync(new URL(file, samples), "latin1")

export const header = { wrap: `00000000${hexOf(EntryId.muidStoreWrap)}0000`, demo: `${ascii("DEMO.DLL")}00` }
export const mailbox = `00000000${hexOf(EntryId.muidStorePrivate)}`
export const publicStore = `00000000${hexOf(EntryId.muidStorePublic)}`
export const pst = `00000000${hexOf(EntryId.pstUid)}00`
export const v2 = (offsetDN: number, offsetFQDN: number) =>
  hexOf(Uint8Array.of(...[0xd8, 0x35, 0x21, 0xf3, 9, 0, 0, 0, 1, 0, 0, 0, offsetDN, 0, 0, 0, offsetFQDN, 0, 0, 0]))
export const v3 = "e94632f4"

export const forms: ReadonlyArray<readonly [what: string, hex: string]> = [
  ["a wrapped id of a provider without a form", `${header.wrap}${header.demo}${"a8800102"}${"5a".repeat(16)}cafe`],
  ["a wrapped id with a private id of no data", `${header.wrap}${header.demo}00000000${"5a".repeat(16)}`],
  ["a wrapped Exchange id of another DLL", `${header.wrap}${header.demo}${mailbox}0c000000${ascii("S")}${ascii("/o")}`],
  ["a bare mailbox", `${mailbox}0c000000${ascii("SERVER")}${ascii("/o=é/cn=x")}`],
  ["a bare mailbox, short-term", `ff000000${mailbox.slice(8)}0c000000${ascii("SERVER")}${ascii("/o=x")}`],
  ["bits of WrappedType without a name", `${mailbox}f1ffffff${ascii("SERVER")}${ascii("/o=x")}`],
  ["empty names", `${mailbox}0c0000000000`],
  ["a public store without a DN", `${publicStore}06000000${ascii("SERVER")}`],
  ["a public store with a DN", `${publicStore}06000000${ascii("SERVER")}${ascii("/o=x")}`],
  ["a public store with an empty DN and a tail", `${publicStore}06000000${ascii("S")}00${v2(0, 0)}`],
  ["a public store without a DN, with a V2 tail", `${publicStore}06000000${ascii("S")}${v2(20, 0)}${ascii("/o")}0000`],
  ["a public store without a DN, with a V3 tail", `${publicStore}06000000${ascii("S")}${v3}0102`],
  ["a V2 tail of nothing but its header", `${mailbox}0c000000${ascii("S")}${ascii("/o")}${v2(0, 0)}`],
  [
    "a V2 tail with an FQDN alone",
    `${mailbox}0c000000${ascii("S")}${ascii("/o")}${v2(0, 20)}${utf16("é.example")}0000`
  ],
  [
    "a V2 tail with both",
    `${mailbox}0c000000${ascii("S")}${ascii("/o")}${v2(20, 24)}${ascii("/dn")}${utf16("a.b")}0000`
  ],
  [
    "a V2 tail with its strings elsewhere",
    `${mailbox}0c000000${ascii("S")}${ascii("/o")}${v2(30, 22)}0000${utf16("a.b")}${ascii("/dn")}`
  ],
  ["a V3 tail", `${mailbox}0c000000${ascii("S")}${ascii("/o")}${v3}2a00000002000000100000006100`],
  ["a V3 tail of nothing but its magic", `${mailbox}0c000000${ascii("S")}${ascii("/o")}${v3}`],
  ["a bare .pst, 8-bit", `${pst}${ascii("C:\\é.pst")}`],
  ["a bare .pst, UTF-16", `${pst}00${utf16("C:\\語\ud800.pst")}`],
  ["a bare .pst, short-term", `f8${pst.slice(2)}${ascii("a")}`]
]
