import { assert, describe, it } from "@effect/vitest"
import * as Example from "../../src/laws/Example.ts"
import { TicketEnds } from "../../src/laws/TicketEnds.ts"
import { outcome } from "./judged.ts"

type Calls = ReadonlyArray<Example.Call>
type Given = Partial<Example.Call>

const give = (given: Given = {}): Example.Call => ({
  call: "give entry id",
  object: "Ticket#1",
  passed: ["IMsgStore#1"],
  entryId: Example.id.wrapped,
  ...given
})
const spoolerLogon = (given: Given = {}): Example.Call => ({
  call: "IMSProvider::SpoolerLogon",
  object: "IMSProvider#1",
  passed: ["IMAPISupport#1", "Ticket#1"],
  flags: ["MDB_NO_DIALOG"],
  entryId: Example.id.unwrapped,
  ...given
})
const withdraw: Example.Call = { call: "withdraw entry id", object: "Ticket#1" }
const logoff: Example.Call = { call: "IMAPISession::Logoff", object: "IMAPISession#1" }
const without = (name: "entryId" | "flags" | "passed", call: Example.Call): Example.Call => {
  const { [name]: _, ...rest } = call
  return rest
}
const said = (...calls: Calls) => outcome(TicketEnds, Example.log(...calls))

describe("TicketEnds", () => {
  it("takes hex as it comes, in either case", () => {
    const shout = TicketEnds.good.map((event) =>
      event.entryId === undefined ? event : { ...event, entryId: event.entryId.toUpperCase() }
    )
    assert.match(outcome(TicketEnds, shout), /^holds of /)
  })

  const holds: ReadonlyArray<readonly [string, Calls]> = [
    ["a ticket ends in SpoolerLogon", [give(), spoolerLogon(), logoff]],
    ["in one that fails, too", [give(), spoolerLogon({ result: "MAPI_E_LOGON_FAILED" }), logoff]],
    ["in one that begins before the giving is over", [give({ inside: [spoolerLogon()] }), logoff]],
    ["or withdrawn", [give(), withdraw, logoff]],
    ["in the end of its session", [give(), { ...logoff, inside: [withdraw] }]]
  ]
  it.each(holds)("%s", (_, calls) => {
    assert.strictEqual(said(...calls), "holds of 1")
  })

  const other = Example.id.unwrapped.replace(/..$/, "ff")
  const used = "nothing more of Ticket#1: the spooler has used it already"
  const over = "nothing more of Ticket#1: it has ended"
  const broken: ReadonlyArray<readonly [string, Calls, string]> = [
    [
      "a SpoolerLogon for what was not given (8 after 6)",
      [spoolerLogon(), give()],
      "1 IMSProvider::SpoolerLogon call: expected Ticket#1 to be given to the spooler (6) before"
    ],
    [
      "a withdrawal of what was not given",
      [withdraw, give()],
      "1 withdraw entry id call: expected Ticket#1 to be given to the spooler (6) before"
    ],
    [
      "a ticket given twice",
      [give(), give(), withdraw],
      "3 give entry id call: expected a ticket of its own: Ticket#1 was given before"
    ],
    [
      "one used twice at once",
      [give(), spoolerLogon({ inside: [spoolerLogon()] })],
      `4 IMSProvider::SpoolerLogon call: expected ${used}`
    ],
    [
      "one withdrawn while it is used",
      [give(), spoolerLogon({ inside: [withdraw] })],
      `4 withdraw entry id call: expected ${used}`
    ],
    [
      "one used while it is withdrawn",
      [give(), { ...withdraw, inside: [spoolerLogon()] }],
      `4 IMSProvider::SpoolerLogon call: expected ${used}`
    ],
    ["one given after its end", [give(), withdraw, give()], `5 give entry id call: expected ${over}`],
    [
      "one used after its end",
      [give(), withdraw, spoolerLogon()],
      `5 IMSProvider::SpoolerLogon call: expected ${over}`
    ],
    ["one withdrawn after its end", [give(), spoolerLogon(), withdraw], `5 withdraw entry id call: expected ${over}`],
    [
      "a SpoolerLogon with another id",
      [give(), spoolerLogon({ entryId: other })],
      `3 IMSProvider::SpoolerLogon call: expected the private id that is inside the one which the spooler was given: ${Example.id.unwrapped}`
    ],
    [
      "a SpoolerLogon that may show a dialog",
      [give(), spoolerLogon({ flags: [] })],
      "3 IMSProvider::SpoolerLogon call: expected MDB_NO_DIALOG, among its flags"
    ],
    [
      "a ticket that does not end",
      [give(), logoff],
      "1 give entry id call: expected Ticket#1 to end, in SpoolerLogon or withdrawn"
    ]
  ]
  it.each(broken)("is broken by %s", (_, calls, expected) => {
    assert.strictEqual(said(...calls), `TicketEnds of Ticket#1, at ${expected}`)
  })

  const unknownId = "the log does not say which entry id the spooler got"
  const unjudged: ReadonlyArray<readonly [string, Calls, string]> = [
    ["does not say which id was given", [without("entryId", give()), spoolerLogon()], unknownId],
    ["says one that is none", [give({ entryId: Example.id.unwrapped }), spoolerLogon()], unknownId],
    ["does not say which id SpoolerLogon got", [give(), without("entryId", spoolerLogon())], unknownId],
    [
      "does not say how it was called",
      [give(), without("flags", spoolerLogon())],
      "a SpoolerLogon does not say its flags"
    ],
    [
      "does not say what calls were given",
      [without("passed", give()), without("passed", spoolerLogon()), logoff],
      "the log does not say what a call was given"
    ],
    ["ends too early", [give()], "the log ends before its session does"]
  ]
  it.each(unjudged)("is not judged where the log %s", (_, calls, why) => {
    assert.strictEqual(said(...calls), `not judged: ${why}`)
  })

  it("does not wait for a SpoolerLogon that never returns", () => {
    const events = Example.log(give(), spoolerLogon(), logoff)
    const stuck = events.filter(({ call, phase }) => call !== "IMSProvider::SpoolerLogon" || phase === "call")
    assert.strictEqual(outcome(TicketEnds, stuck), "not judged: a SpoolerLogon did not return")
    const late = [...stuck, ...events.filter((event) => !stuck.includes(event))]
    assert.strictEqual(outcome(TicketEnds, late), "not judged: a SpoolerLogon did not return")
  })
})
