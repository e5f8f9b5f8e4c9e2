import { assert, describe, it } from "@effect/vitest"
import * as Example from "../../src/laws/Example.ts"
import { SamePair } from "../../src/laws/SamePair.ts"
import { outcome } from "./judged.ts"

type Calls = ReadonlyArray<Example.Call>
type Given = Partial<Example.Call>

const pair = (number: number) => [`IMSLogon#${number}`, `IMsgStore#${number}`]
const logon = (number = 1, given: Given = {}): Example.Call => ({
  call: "IMSProvider::Logon",
  object: "IMSProvider#1",
  passed: [`IMAPISupport#${number}`],
  returned: pair(number),
  ...given
})
const give = (number = 1): Example.Call => ({
  call: "give entry id",
  object: `Ticket#${number}`,
  passed: [`IMsgStore#${number}`]
})
const spoolerLogon = (returned: ReadonlyArray<string>, given: Given = {}): Example.Call => ({
  call: "IMSProvider::SpoolerLogon",
  object: "IMSProvider#1",
  passed: ["IMAPISupport#9", "Ticket#1"],
  returned,
  ...given
})
const withoutTicket = { passed: ["IMAPISupport#9"] }
const elsewhere = { object: "IMSProvider#2" }
const release = (refs: Example.Call["refs"] = []): Example.Call => ({
  call: "IMsgStore::Release",
  object: "IMsgStore#1",
  refs
})
const said = (...calls: Calls) => outcome(SamePair, Example.log(...calls))

describe("SamePair", () => {
  const holds: ReadonlyArray<readonly [string, Calls]> = [
    ["the pair of step 5", [logon(), give(), spoolerLogon(pair(1))]],
    ["without a ticket, too", [logon(), spoolerLogon(pair(1), withoutTicket)]],
    ["after a repeat", [logon(), logon(2, { returned: ["IMsgStore#1"] }), give(), spoolerLogon(pair(1))]],
    ["a SpoolerLogon that fails", [logon(), give(), spoolerLogon([], { result: "MAPI_E_NOT_FOUND" })]],
    ["a pair of its own, from an IMSProvider of its own", [logon(), give(), spoolerLogon(pair(2), elsewhere)]]
  ]
  it.each(holds)("has nothing against %s", (_, calls) => {
    assert.match(said(...calls), /^holds/)
  })

  const wanted = "expected IMSLogon#1 and IMsgStore#1, as Logon returned them in step 5"
  const broken: ReadonlyArray<readonly [string, Calls, string]> = [
    ["another pair", [logon(), give(), spoolerLogon(pair(2))], "6"],
    ["another IMSLogon", [logon(), give(), spoolerLogon(["IMSLogon#2", "IMsgStore#1"])], "6"],
    ["another IMsgStore", [logon(), give(), spoolerLogon(["IMSLogon#1", "IMsgStore#2"])], "6"],
    ["no IMSLogon", [logon(), give(), spoolerLogon(["IMsgStore#1"])], "6"],
    ["a mixed pair, without a ticket", [logon(), spoolerLogon(["IMSLogon#2", "IMsgStore#1"], withoutTicket)], "4"],
    [
      "another IMSLogon, after a repeat without one",
      [logon(), logon(2, { returned: ["IMsgStore#1"] }), give(), spoolerLogon(["IMSLogon#2", "IMsgStore#1"])],
      "8"
    ],
    [
      "another pair, though a client has let go and one is left",
      [logon(), give(), release(Example.counted("IMsgStore#1", "client", 0, 1)), spoolerLogon(pair(2))],
      "8"
    ]
  ]
  it.each(broken)("is broken by %s", (_, calls, at) => {
    assert.strictEqual(said(...calls), `SamePair of logon 1, at ${at} IMSProvider::SpoolerLogon return: ${wanted}`)
  })

  it("blames the store whose ticket it is, and not the one whose pair was returned", () => {
    const mixed = ["IMsgStore#2", "IMSLogon#1"]
    const events = Example.log(logon(2), give(2), logon(), give(), spoolerLogon(mixed))
    assert.strictEqual(
      outcome(SamePair, events),
      `SamePair of logon 3, at 10 IMSProvider::SpoolerLogon return: ${wanted}`
    )
  })

  const closed = "a store had closed when its SpoolerLogon returned"
  const nobody = "the log does not say which IMSProvider a Logon or SpoolerLogon was asked of"
  const dead = release(Example.counted("IMsgStore#1", "client", 0, 0))
  const transportsOff: Example.Call = { call: "IMAPISupport::StoreLogoffTransports", object: "IMAPISupport#1" }
  const [answer, late] = [spoolerLogon(pair(2)), spoolerLogon(pair(1), withoutTicket)]
  const unjudged: ReadonlyArray<readonly [string, Calls, string]> = [
    ["the store was gone", [logon(), give(), { ...answer, inside: [dead] }], closed],
    ["or may have been", [logon(), give(), { ...answer, inside: [release()] }], closed],
    [
      "a client is letting go of it, while the spooler holds it",
      [logon(), give(), { ...release(Example.counted("IMsgStore#1", "client", 0, 1)), inside: [answer] }],
      closed
    ],
    ["its transports were logged off", [logon(), give(), { ...answer, inside: [transportsOff] }], closed],
    ["the log does not say whom Logon was asked of", [logon(1, { object: null }), give(), answer], nobody],
    ["or SpoolerLogon", [logon(), give(), spoolerLogon(pair(2), { object: null })], nobody],
    [
      "no Logon has returned yet",
      [logon(1, { inside: [{ call: "new IMsgStore", object: "IMsgStore#1" }, late] })],
      "a SpoolerLogon comes without the Logon of its store"
    ]
  ]
  it.each(unjudged)("is not judged where %s", (_, calls, why) => {
    assert.strictEqual(said(...calls), `not judged: ${why}`)
  })
})
