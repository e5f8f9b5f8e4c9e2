import { assert, describe, it } from "@effect/vitest"
import * as Closing from "../../src/laws/Closing.ts"
import * as Example from "../../src/laws/Example.ts"
import { ShutdownLast } from "../../src/laws/ShutdownLast.ts"
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
const said = (...calls: ReadonlyArray<Example.Call>) => outcome(ShutdownLast, Example.log(...calls))
const broken = (logon: number, at: number, expected: string) =>
  `ShutdownLast of logon ${logon}, at ${at} IMSProvider::Shutdown call: expected ${expected}`
const alive = "IMSLogon#1 to have been released before Shutdown"

describe("ShutdownLast", () => {
  it.each([
    ["after the logon is released, though a client holds its store", [logon, logonRelease, shutdown]],
    ["a client's Release may come after it", [logon, logonRelease, shutdown, release("IMsgStore#1", 0)]],
    ["after a Logon that failed", [refused, logon, logonRelease, shutdown]],
    ["another provider is another's", [logon, { ...shutdown, object: "IMSProvider#2" }]]
  ])("%s", (_, calls) => {
    assert.include(said(...calls), "holds of ")
  })

  it.each([
    ["a logon that has references", [logon, shutdown], 1, 9, alive],
    [
      "the spooler's, too",
      [logon, { ...logonRelease, refs: Example.counted("IMSLogon#1", "MAPI", 0, 1) }, shutdown],
      1,
      11,
      alive
    ]
  ])("is broken by %s", (_, calls, at, seq, expected) => {
    assert.strictEqual(said(...calls), broken(at, seq, expected))
  })

  it.each(["IMSProvider::Logon", "IMSLogon::Release", "IMSProvider::Shutdown", "counts"])(
    "is not judged where the log cannot show %s",
    (need) => {
      assert.strictEqual(lacking(ShutdownLast, need), `not judged: the log has no ${need}`)
    }
  )
})
