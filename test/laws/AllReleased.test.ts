import { assert, describe, it } from "@effect/vitest"
import { AllReleased } from "../../src/laws/AllReleased.ts"
import * as Example from "../../src/laws/Example.ts"
import { outcome } from "./judged.ts"
import { lacking } from "./lacking.ts"

const store = "IMsgStore#1"
const counting = (name: string, count: number, total: number): Example.Call => ({
  call: name,
  object: store,
  refs: Example.counted(store, "client", count, total)
})
const made = counting("new IMsgStore", 1, 1)
const addRef = counting("IMsgStore::AddRef", 2, 2)
const release = (left: number) => counting("IMsgStore::Release", left, left)
const logoff: Example.Call = { call: "IMAPISession::Logoff", object: "IMAPISession#1" }
const said = (...calls: ReadonlyArray<Example.Call>) => outcome(AllReleased, Example.log(...calls))

describe("AllReleased", () => {
  it("holds where every reference is given back, if only after the session", () => {
    assert.strictEqual(said(made, addRef, release(1), logoff, release(0)), "holds of 1")
  })

  it("is broken by the last event that left references", () => {
    assert.strictEqual(
      said(made, addRef, release(1), logoff),
      `AllReleased of ${store}, at 5 IMsgStore::Release call: expected a Release for each reference on ${store}; in the end it has 1`
    )
  })

  it("is not judged of a log that is cut off, or of an object that it does not count", () => {
    assert.strictEqual(said(made), "not judged: the log ends before its session does")
    const other = { call: "IMSLogon::Logoff", object: "IMSLogon#1" }
    assert.strictEqual(said(made, release(0), other, logoff), "not judged: the log has no counts of IMSLogon#1")
  })

  it("looks at the object's own counts", () => {
    const handed = { ...made, refs: [...(made.refs ?? []), ...Example.counted("IMSLogon#1", "MAPI", 0, 0)] }
    assert.include(said(handed, logoff), `AllReleased of ${store}, at 1 new IMsgStore call`)
  })

  it.each(["counts", "IMsgStore::Release", "IMAPISupport::Release"])(
    "is not judged where the log cannot show %s",
    (need) => {
      assert.strictEqual(lacking(AllReleased, need), `not judged: the log has no ${need}`)
    }
  )
})
