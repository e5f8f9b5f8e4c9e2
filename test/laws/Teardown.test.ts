import { assert, describe, it } from "@effect/vitest"
import * as Closing from "../../src/laws/Closing.ts"
import * as Example from "../../src/laws/Example.ts"
import { Teardown } from "../../src/laws/Teardown.ts"
import { outcome } from "./judged.ts"
import { lacking } from "./lacking.ts"

const { lastRelease, logoff, logon, logonRelease, remove } = Closing
const [uids, row] = [remove("MAPIUIDs"), remove("status row")]
const dropped: Example.Call = {
  call: "IMAPISupport::Release",
  object: "IMAPISupport#1",
  from: "MAPI",
  refs: Example.counted("IMAPISupport#1", "MAPI", 0, 1)
}
const repeats: Example.Call = { ...logonRelease, refs: Example.counted("IMSLogon#1", "MAPI", 1, 1) }
const spoolers: Example.Call = {
  ...logonRelease,
  from: "spooler",
  refs: Example.counted("IMSLogon#1", "spooler", 0, 1)
}
const sessionEnd = (...inside: ReadonlyArray<Example.Call>): Example.Call => ({
  call: "IMAPISession::Logoff",
  object: "IMAPISession#1",
  inside
})
const said = (...calls: ReadonlyArray<Example.Call>) => outcome(Teardown, Example.log(...calls))
const broken = (at: string, expected: string) => `Teardown of logon 1, at ${at}: expected ${expected}`
const inOrder = "MAPIUIDs, status row, IMSLogon::Logoff, IMSLogon::Release: each once, and in this order"
const inside = (call: string) => `${call} only inside the last Release of the support object`

describe("Teardown", () => {
  it.each([
    ["inside the last Release, in order", [logon, dropped, lastRelease(uids, row, logoff, logonRelease)]],
    ["what was not registered is not removed", [logon, lastRelease(row, logoff, logonRelease)]],
    [
      "the session calls Logoff itself",
      [logon, sessionEnd({ ...logoff, inside: [lastRelease(uids, row)] }, logonRelease)]
    ],
    ["or finds it called", [logon, sessionEnd(), lastRelease(uids, row, logoff, logonRelease)]],
    ["or ends before it is", [logon, sessionEnd(), logoff, lastRelease(uids, row), logonRelease]],
    ["the logon of a repeat is released at once", [logon, repeats, spoolers, lastRelease(logoff, logonRelease)]],
    [
      "a reference of the spooler's own goes when it likes",
      [logon, lastRelease(logoff, { ...logonRelease, refs: Example.counted("IMSLogon#1", "MAPI", 0, 1) }), spoolers]
    ],
    [
      "a SpoolerLogon has nothing to tear down",
      [{ ...logon, call: "IMSProvider::SpoolerLogon" }, logoff, logonRelease, lastRelease()]
    ]
  ])("%s", (_, calls) => {
    assert.strictEqual(said(...calls), "holds of 1")
  })

  it.each([
    ["the status row first", [logon, lastRelease(row, uids)], "12 remove MAPIUIDs call", inOrder],
    ["Logoff before the status row", [logon, lastRelease(uids, logoff, row)], "14 remove status row call", inOrder],
    ["MAPIUIDs removed twice", [logon, lastRelease(uids, uids)], "12 remove MAPIUIDs call", inOrder],
    ["Logoff twice", [logon, lastRelease(logoff, logoff)], "12 IMSLogon::Logoff call", inOrder],
    ["MAPIUIDs removed before", [logon, uids, lastRelease()], "9 remove MAPIUIDs call", inside("remove MAPIUIDs")],
    ["or after", [logon, { ...logoff, inside: [row] }], "9 IMSLogon::Logoff call", inside("IMSLogon::Logoff")],
    [
      "or inside a Release that is not the last",
      [logon, { ...dropped, inside: [row] }],
      "10 remove status row call",
      inside("remove status row")
    ],
    [
      "or inside what the last one calls",
      [logon, lastRelease({ ...logoff, inside: [row] })],
      "11 remove status row call",
      inside("remove status row")
    ],
    ["Logoff before it", [logon, logoff, lastRelease()], "9 IMSLogon::Logoff call", inside("IMSLogon::Logoff")],
    [
      "the logon released after it",
      [logon, lastRelease(logoff), logonRelease],
      "13 IMSLogon::Release call",
      inside("IMSLogon::Release")
    ]
  ])("is broken by %s", (_, calls, at, expected) => {
    assert.strictEqual(said(...calls), broken(at, expected))
  })

  it("is not judged where a Logon does not say which support object it was given", () => {
    const { passed: _, ...bare } = logon
    assert.strictEqual(said(bare), "not judged: a Logon does not say which support object it was given")
  })

  it.each([
    "remove MAPIUIDs",
    "remove status row",
    "IMSLogon::Logoff",
    "IMSLogon::Release",
    "IMAPISupport::Release",
    "counts",
    "nesting"
  ])("is not judged where the log cannot show %s", (need) => {
    const why = need === "nesting" ? "does not say within which call another was made" : `has no ${need}`
    assert.strictEqual(lacking(Teardown, need), `not judged: the log ${why}`)
  })
})
