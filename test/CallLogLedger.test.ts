import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as CallLog from "../src/CallLog.ts"
import { base } from "./support/event.ts"

describe("the ledger", () => {
  const changed = (object: string, holder: string, count: number, total: number): CallLog.Event => ({
    ...base,
    seq: 1,
    phase: "call",
    object,
    refs: [{ object, holder, count, total }]
  })

  it("is each holder's last count, objects in order of birth", () => {
    const events = [
      changed("IMSProvider#1", "MAPI", 1, 1),
      changed("IMsgStore#1", "MAPI", 1, 1),
      changed("IMSProvider#1", "MAPI", 0, 0),
      changed("IMsgStore#1", "client", 1, 2),
      changed("IMsgStore#1", "__proto__", 1, 3),
      changed("IMsgStore#1", "MAPI", 0, 2)
    ]
    assert.deepStrictEqual(CallLog.ledger(events), [
      { object: "IMSProvider#1", total: 0, holders: { MAPI: 0 } },
      { object: "IMsgStore#1", total: 2, holders: { MAPI: 0, client: 1, ["__proto__"]: 1 } }
    ])
    assert.deepStrictEqual(CallLog.ledger([]), [])
  })

  const Change = Schema.Struct({
    object: Schema.Literals(["a", "b"]),
    holder: Schema.Literals(["x", "y", "z"]),
    count: Schema.Int,
    total: Schema.Int
  })
  it.prop("knows of each holder what the last event said of it", [Schema.Array(Change)], ([changes]) => {
    const rows = CallLog.ledger(
      changes.map(({ count, holder, object, total }) => changed(object, holder, count, total))
    )
    for (const { holders, object, total } of rows) {
      assert.strictEqual(total, changes.findLast((change) => change.object === object)?.total)
      for (const [holder, count] of Object.entries(holders)) {
        const last = changes.findLast((change) => change.object === object && change.holder === holder)
        assert.strictEqual(count, last?.count)
      }
    }
    assert.deepStrictEqual(new Set(rows.map(({ object }) => object)), new Set(changes.map(({ object }) => object)))
  })
})
