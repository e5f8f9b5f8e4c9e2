import { assert, describe, it } from "@effect/vitest"
import * as Example from "../../src/laws/Example.ts"
import { PrivateIds } from "../../src/laws/PrivateIds.ts"
import { outcome, verdictsOn } from "./judged.ts"

const { unwrapped, wrapped } = Example.id
const said = (...calls: ReadonlyArray<Example.Call>) => outcome(PrivateIds, Example.log(...calls))
const toProvider = ["IMSProvider::Logon", "IMSProvider::SpoolerLogon", "IMSProvider::CompareStoreIDs"]

describe("PrivateIds", () => {
  it.each(toProvider)("%s gets a private id", (call) => {
    assert.strictEqual(said({ call, entryId: unwrapped }), "holds of 1")
  })

  it.each(toProvider)("is broken by a wrapped id for %s", (call) => {
    assert.strictEqual(
      said({ call, entryId: wrapped }),
      `PrivateIds of call 1, at 1 ${call} call: expected a private id, not a wrapped one`
    )
  })

  it("is broken by an id of which only the MAPIUID is right, whatever the case of its digits", () => {
    const flagged = `01${wrapped.slice(2, 44)}`.toUpperCase()
    const call = "IMSProvider::Logon"
    assert.strictEqual(
      said({ call, entryId: flagged }),
      `PrivateIds of call 1, at 1 ${call} call: expected a private id, not a wrapped one`
    )
  })

  it("is about what MAPI and the spooler ask a provider, and nobody else", () => {
    const entryId = wrapped
    const provider: Example.Call = { call: "IMAPISupport::OpenProfileSection", entryId }
    const client: Example.Call = { call: "IMsgStore::OpenEntry", entryId }
    const open: Example.Call = { call: "IMAPISession::OpenMsgStore", entryId, inside: [{ call: "new IMAPISupport" }] }
    assert.strictEqual(said(open, provider, client, { call: "give entry id", entryId }), "holds of 5")
  })

  it.each(toProvider)("is not judged where %s does not say its id", (call) => {
    assert.strictEqual(said({ call }), "not judged: a call into a provider does not say its entry id")
  })

  it("looks at each call for itself: one is broken, not the one around it", () => {
    const call = "IMSProvider::Logon"
    const events = Example.log({ call, entryId: unwrapped, inside: [{ call, entryId: wrapped }] })
    const [verdict] = verdictsOn(events, [PrivateIds])
    assert.deepStrictEqual(verdict?._tag === "Broken" && [verdict.first.subject, verdict.subjects], ["call 2", 1])
  })

  it("an id that was told need not be told again", () => {
    const events = Example.log({ call: "IMSProvider::Logon", entryId: unwrapped })
    const once = events.map(({ entryId, ...event }) =>
      event.phase === "call" && entryId !== undefined ? { ...event, entryId } : event
    )
    assert.strictEqual(outcome(PrivateIds, once), "holds of 1")
  })

  it("needs IMSProvider::Logon", () => {
    const events = Example.log({ call: "LoadLibrary" })
    assert.strictEqual(outcome(PrivateIds, events, []), "not judged: the log has no IMSProvider::Logon")
  })
})
