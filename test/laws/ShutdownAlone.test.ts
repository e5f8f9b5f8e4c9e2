import { assert, describe, it } from "@effect/vitest"
import * as Closing from "../../src/laws/Closing.ts"
import * as Example from "../../src/laws/Example.ts"
import { ShutdownAlone } from "../../src/laws/ShutdownAlone.ts"
import { outcome } from "./judged.ts"
import { lacking } from "./lacking.ts"

const { logon, logonRelease, shutdown } = Closing
const release = (object: string, count: number, ...inside: ReadonlyArray<Example.Call>): Example.Call => ({
  call: `${object.split("#")[0]}::Release`,
  object,
  refs: Example.counted(object, "client", count, count),
  inside
})
const refused: Example.Call = { ...logon, inside: [], result: "MAPI_E_NO_ACCESS", returned: [] }
const said = (...calls: ReadonlyArray<Example.Call>) => outcome(ShutdownAlone, Example.log(...calls))
const broken = (logon: number, at: number, expected: string) =>
  `ShutdownAlone of inside ${logon}, at ${at} IMSProvider::Shutdown call: expected ${expected}`
const inside = "every Logon, and every Release of a store or logon, to have returned before Shutdown"

describe("ShutdownAlone", () => {
  it.each([
    ["after a Logon and the Releases have returned", [logon, release("IMsgStore#1", 0), logonRelease, shutdown]],
    ["after a Logon that failed", [refused, shutdown]],
    ["another provider is another's", [{ ...refused, inside: [{ ...shutdown, object: "IMSProvider#2" }] }]],
    [
      "a session's Logoff is not inside the provider",
      [refused, { call: "IMAPISession::Logoff", object: "IMAPISession#1", inside: [shutdown] }]
    ]
  ])("%s", (_, calls) => {
    assert.include(said(...calls), "holds of ")
  })

  it.each([
    ["a Logon that is inside", [{ ...refused, inside: [shutdown] }, logon, logonRelease], 1, 2, inside],
    [
      "a SpoolerLogon that is inside",
      [logon, logonRelease, { ...refused, call: "IMSProvider::SpoolerLogon", inside: [shutdown] }],
      6,
      12,
      inside
    ],
    ["a Release of a store", [logon, logonRelease, release("IMsgStore#1", 0, shutdown)], 6, 12, inside],
    ["or of a logon", [logon, release("IMSLogon#1", 0, shutdown)], 5, 10, inside]
  ])("is broken by %s", (_, calls, at, seq, expected) => {
    assert.strictEqual(said(...calls), broken(at, seq, expected))
  })

  it.each(["IMSProvider::Logon", "IMSProvider::Shutdown"])("is not judged where the log cannot show %s", (need) => {
    assert.strictEqual(lacking(ShutdownAlone, need), `not judged: the log has no ${need}`)
  })
})
