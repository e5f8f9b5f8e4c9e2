import { assert, describe, it } from "@effect/vitest"
import * as Closing from "../../src/laws/Closing.ts"
import * as Example from "../../src/laws/Example.ts"
import { LogoffFirst } from "../../src/laws/LogoffFirst.ts"
import { outcome } from "./judged.ts"
import { lacking } from "./lacking.ts"

const { logoff, logon, logonRelease } = Closing
const sessionEnd: Example.Call = { call: "IMAPISession::Logoff", object: "IMAPISession#1" }
const left = (from: string, count: number, total: number): Example.Call => ({
  ...logonRelease,
  from,
  refs: Example.counted("IMSLogon#1", from, count, total)
})
const notWhole: Example.Call = {
  ...logon,
  inside: [...(logon.inside ?? []), logonRelease],
  result: "MAPI_E_CALL_FAILED"
}
const otherPair: Example.Call = { ...logon, call: "IMSProvider::SpoolerLogon" }
const repeat: Example.Call = { ...logon, passed: ["IMAPISupport#2"], inside: [] }
const said = (...calls: ReadonlyArray<Example.Call>) => outcome(LogoffFirst, Example.log(...calls))
const broken = (at: string, expected: string) => `LogoffFirst of logon 1, at ${at}: expected ${expected}`
const first = "IMSLogon::Logoff of IMSLogon#1 to have returned before MAPI's last Release of it"

describe("LogoffFirst", () => {
  it.each([
    ["Logoff, then Release", [logon, logoff, logonRelease, sessionEnd]],
    ["a Logoff that fails is one all the same", [logon, { ...logoff, result: "MAPI_E_CALL_FAILED" }, logonRelease]],
    ["the spooler releases when it likes", [logon, left("spooler", 0, 1), logoff, logonRelease]],
    ["and MAPI one of two, which a repeat gave it", [logon, left("MAPI", 1, 1), logoff, logonRelease]],
    ["what an answer that is not whole brings is just released", [notWhole, sessionEnd]],
    ["so is a logon that a SpoolerLogon makes", [otherPair, left("spooler", 0, 0), sessionEnd]]
  ])("%s", (_, calls) => {
    assert.strictEqual(said(...calls), "holds of 1")
  })

  it("a repeat that returns the logon of another Logon has none to log off", () => {
    assert.strictEqual(said(logon, repeat, logoff, logonRelease, sessionEnd), "holds of 2")
  })

  it.each([
    ["a Release without it", [logon, logonRelease], "9 IMSLogon::Release call", first],
    ["a Release before it", [logon, logonRelease, logoff], "9 IMSLogon::Release call", first],
    ["a Release inside it", [logon, { ...logoff, inside: [logonRelease] }], "10 IMSLogon::Release call", first],
    [
      "MAPI's last Release, while the spooler has its own",
      [logon, left("MAPI", 0, 1)],
      "9 IMSLogon::Release call",
      first
    ],
    [
      "two",
      [logon, logoff, logoff],
      "11 IMSLogon::Logoff call",
      "IMSLogon::Logoff once for IMSLogon#1; it has been called already"
    ],
    ["none", [logon, sessionEnd], "8 IMSProvider::Logon return", "IMSLogon::Logoff of IMSLogon#1 in the end"]
  ])("is broken by %s", (_, calls, at, expected) => {
    assert.strictEqual(said(...calls), broken(at, expected))
  })

  it("is not judged of a log that is cut off", () => {
    assert.strictEqual(said(logon), "not judged: the log ends before its session does")
  })

  it.each(["IMSProvider::Logon", "new IMSLogon", "IMSLogon::Logoff", "IMSLogon::Release", "counts"])(
    "is not judged where the log cannot show %s",
    (need) => {
      assert.strictEqual(lacking(LogoffFirst, need), `not judged: the log has no ${need}`)
    }
  )
})
