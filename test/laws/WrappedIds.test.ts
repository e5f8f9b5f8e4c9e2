import { assert, describe, it } from "@effect/vitest"
import * as Example from "../../src/laws/Example.ts"
import { WrappedIds } from "../../src/laws/WrappedIds.ts"
import { outcome, verdictsOn } from "./judged.ts"

const { unwrapped, wrapped } = Example.id
const open = "IMAPISession::OpenMsgStore"
const said = (...calls: ReadonlyArray<Example.Call>) => outcome(WrappedIds, Example.log(...calls))
const broken = (at: string) =>
  `WrappedIds of call 1, at ${at}: expected a wrapped store entry id, with the name of its DLL`
const wrong: ReadonlyArray<readonly [string, string]> = [
  ["a private id", unwrapped],
  ["a header without a DLL", wrapped.slice(0, 44)],
  ["nothing", ""],
  ["no hex", "0g"]
]

describe("WrappedIds", () => {
  it.each([open, "give entry id", "withdraw entry id"])("%s has a wrapped id", (call) => {
    assert.strictEqual(said({ call, entryId: wrapped.toUpperCase() }), "holds of 1")
  })

  it.each(wrong)("is broken by an open that succeeds with %s", (_, entryId) => {
    assert.strictEqual(said({ call: open, entryId, result: "MAPI_W_ERRORS_RETURNED" }), broken(`2 ${open} return`))
  })

  it.each(wrong)("but a client may try %s, and fail", (_, entryId) => {
    assert.strictEqual(said({ call: open, entryId, result: "MAPI_E_INVALID_ENTRYID" }), "holds of 1")
  })

  it.each(wrong)("is broken by a spooler that is told %s", (_, entryId) => {
    assert.strictEqual(said({ call: "give entry id", entryId }), broken("1 give entry id call"))
    assert.strictEqual(said({ call: "withdraw entry id", entryId }), broken("1 withdraw entry id call"))
  })

  it("says nothing of ids that a provider gets, or a client hands to a store", () => {
    assert.strictEqual(
      said({ call: "IMSProvider::Logon", entryId: unwrapped }, { call: "IMsgStore::OpenEntry" }),
      "holds of 2"
    )
  })

  it("looks at each call for itself: one is broken, not the one around it", () => {
    const give: Example.Call = { call: "give entry id", entryId: unwrapped }
    const [verdict] = verdictsOn(Example.log({ call: open, entryId: wrapped, inside: [give] }), [WrappedIds])
    assert.deepStrictEqual(verdict?._tag === "Broken" && [verdict.first.subject, verdict.subjects], ["call 2", 1])
  })

  it.each([open, "give entry id", "withdraw entry id"])("is not judged where %s does not say its id", (call) => {
    assert.strictEqual(said({ call }), "not judged: a call does not say its entry id")
  })

  it.each([open, "give entry id"])("needs %s", (need) => {
    const sees = [open, "give entry id"].filter((call) => call !== need)
    assert.strictEqual(
      outcome(WrappedIds, Example.log({ call: "LoadLibrary" }), sees),
      `not judged: the log has no ${need}`
    )
  })
})
