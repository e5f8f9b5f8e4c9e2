/** A session's state in its cells, against the same state as plain data. */
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Schema from "effect/Schema"
import * as Live from "../../src/internal/live.ts"
import * as SessionState from "../../src/SessionState.ts"

// Boundary: nothing here calls what a store is made of; a name tells one from another.
const storeOf = (name: string): SessionState.OpenStore =>
  ({ store: { id: name }, support: null, loggedOff: false }) as never
const provider = {} as SessionState.Ready
const tells = [() => {}, () => {}]

const Change = Schema.Struct({
  ended: Schema.optionalKey(Schema.Literal(true)),
  claims: Schema.optionalKey(Schema.Literals(["A", "B"])),
  providers: Schema.optionalKey(Schema.Literals(["A", "B"])),
  disabled: Schema.optionalKey(Schema.Literals(["A", "B"])),
  leases: Schema.optionalKey(Schema.Record(Schema.Literals(["A", "B"]), Schema.Literals([1, -1]))),
  opens: Schema.optionalKey(Schema.Literals(["one", "other"])),
  becomes: Schema.optionalKey(Schema.Tuple([Schema.Literals([0, 1, 2]), Schema.Boolean])),
  comes: Schema.optionalKey(Schema.Literals([0, 1])),
  goes: Schema.optionalKey(Schema.Literals([0, 1, "all"]))
})

const changeOf = (state: SessionState.State, it: typeof Change.Type): SessionState.Change => {
  const known = it.becomes === undefined ? undefined : Array.from(state.stores)[it.becomes[0]]
  const goes = it.goes === undefined || it.goes === "all" ? it.goes : tells[it.goes]
  const comes = it.comes === undefined ? undefined : tells[it.comes]
  return {
    ...(it.ended === undefined ? {} : { ended: it.ended }),
    ...(it.claims === undefined ? {} : { claims: new Map([[it.claims, Deferred.makeUnsafe()]]) }),
    ...(it.providers === undefined ? {} : { providers: new Map([[it.providers, provider]]) }),
    ...(it.disabled === undefined ? {} : { disabled: new Set([it.disabled]) }),
    ...(it.leases === undefined ? {} : { leases: it.leases }),
    ...(it.opens === undefined ? {} : { opens: storeOf(it.opens) }),
    ...(known === undefined
      ? {}
      : { becomes: [known, it.becomes?.[1] === true ? { ...known, loggedOff: true } : null] }),
    ...(comes === undefined ? {} : { comes }),
    ...(goes === undefined ? {} : { goes })
  }
}

const seen = (state: SessionState.State): SessionState.Plain => ({
  ended: state.ended,
  claims: state.claims,
  providers: state.providers,
  leases: new Map(state.leases),
  disabled: state.disabled,
  stores: Array.from(state.stores),
  inFlight: state.inFlight
})

describe("the state of a running session", () => {
  it.prop("is what the same changes make of plain data", [Schema.Array(Change)], ([changes]) => {
    const live = Live.make()
    let plain = SessionState.initial
    for (const it of changes) {
      const change = changeOf(plain, it)
      assert.strictEqual(
        live.transit(() => ["done", change]),
        "done"
      )
      plain = SessionState.changed(plain, change)
      assert.deepStrictEqual(seen(live.state), plain)
      for (const open of plain.stores)
        assert.strictEqual(live.state.stores.find(SessionState.ofStore(open.store)), open)
      assert.isUndefined(live.state.stores.find(SessionState.ofStore(storeOf("no such").store)))
    }
  })
})
