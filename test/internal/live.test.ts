/** A session's state in its cells, against the same state as plain data; and which uses of it the explorer tells apart. */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { install, uninstall } from "../../src/explore/patches.ts"
import * as Explore from "../../src/explore.ts"
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

type Use = (live: Live.Live) => unknown

const supportOf = (name: string) => ({ id: `support of ${name}` }) as never
const one = storeOf("one")
const two = { ...storeOf("two"), support: supportOf("two") }
const three = { ...storeOf("three"), support: supportOf("three") }
const four = storeOf("four")
const logon = supportOf("one")

const field =
  (name: keyof SessionState.State): Use =>
  ({ state }) =>
    state[name]
const sought =
  (is: SessionState.Sought): Use =>
  ({ state }) =>
    state.stores.find(is)

/** One and two are open. */
const looks = {
  ended: field("ended"),
  claims: field("claims"),
  providers: field("providers"),
  disabled: field("disabled"),
  leases: field("leases"),
  inFlight: field("inFlight"),
  all: ({ state }) => Array.from(state.stores),
  one: sought(SessionState.ofStore(one.store)),
  "one's support": sought(SessionState.ofSupport(logon)),
  two: sought(SessionState.ofStore(two.store)),
  "two's support": sought(SessionState.ofSupport(two.support)),
  three: sought(SessionState.ofStore(three.store)),
  "three's support": sought(SessionState.ofSupport(three.support))
} satisfies Record<string, Use>

const changes = {
  "the end": { ended: true },
  "a claim": { claims: new Map([["A", Deferred.makeUnsafe()]]) },
  "a provider": { providers: new Map([["A", provider]]) },
  "a provider that is disabled": { disabled: new Set(["A"]) },
  "a lease": { leases: { A: 1 } },
  "an open that waits": { comes: () => {} },
  "an open that has waited": { goes: () => {} },
  "all opens, told of the end": { goes: "all" },
  "three, which opens": { opens: three },
  "four, which opens": { opens: four },
  "one, which changes": { becomes: [one, { ...one, loggedOff: true }] },
  "one, whose logon comes": { becomes: [one, { ...one, support: logon }] },
  "one, which goes": { becomes: [one, null] },
  "two, which changes": { becomes: [two, { ...two, loggedOff: true }] },
  "two, which goes": { becomes: [two, null] }
} satisfies Record<string, SessionState.Change>

type Look = keyof typeof looks
type Changed = keyof typeof changes

const by =
  (name: Changed): Use =>
  ({ transit }) =>
    transit(() => [undefined, changes[name]])

/** Are there two orders of these, to the explorer? Whichever it runs first. */
const meet = Effect.fnUntraced(function* (left: Use, right: Use) {
  const race = (...uses: ReadonlyArray<Use>) =>
    Effect.suspend(() => {
      const live = Live.make()
      live.transit(() => [undefined, { opens: one }])
      live.transit(() => [undefined, { opens: two }])
      const all = uses.map((use) => Effect.sync(() => use(live)))
      return Effect.asVoid(Effect.all(all, { concurrency: "unbounded" }))
    })
  const verdicts = yield* Effect.all([Explore.check(race(left, right)), Explore.check(race(right, left))])
  const executions = verdicts.map(({ _tag, executions }) => (_tag === "Verified" ? executions : _tag))
  assert.include(["1,1", "2,2"], executions.join())
  return executions[0] === 2
})

// Held throughout: to patch and to put back takes longer than many a search.
beforeAll(install)
afterAll(uninstall)

describe("to the explorer", () => {
  it.effect.each<readonly [Changed, ReadonlyArray<Look>]>([
    ["the end", ["ended"]],
    ["a claim", ["claims"]],
    ["a provider", ["providers"]],
    ["a provider that is disabled", ["disabled"]],
    ["a lease", ["leases"]],
    ["an open that waits", ["inFlight"]],
    ["an open that has waited", ["inFlight"]],
    ["all opens, told of the end", ["inFlight"]],
    ["three, which opens", ["all", "three", "three's support"]],
    ["one, which changes", ["all", "one"]],
    ["one, whose logon comes", ["all", "one", "one's support"]],
    ["one, which goes", ["all", "one"]],
    ["two, which changes", ["all", "two", "two's support"]],
    ["two, which goes", ["all", "two", "two's support"]]
  ])("%s has to do with who looks for %j, and with no other look", ([change, met]) =>
    Effect.gen(function* () {
      const names = Object.keys(looks) as ReadonlyArray<Look> // no others: it is made above
      const found = yield* Effect.filter(names, (look) => meet(by(change), looks[look]))
      assert.deepStrictEqual(found, met)
    })
  )

  it.effect.each<readonly [Changed, Changed, boolean]>([
    ["the end", "a claim", false],
    ["a claim", "a claim", true],
    ["a lease", "a lease", false],
    ["an open that waits", "an open that waits", false],
    ["an open that waits", "an open that has waited", false],
    ["an open that waits", "all opens, told of the end", true],
    ["three, which opens", "four, which opens", true],
    ["three, which opens", "two, which goes", false],
    ["one, which changes", "one, which goes", true],
    ["one, which changes", "two, which changes", false],
    ["one, which goes", "two, which goes", false]
  ])("%s, and %s: who is first can be told: %s", ([left, right, told]) =>
    Effect.gen(function* () {
      assert.strictEqual(yield* meet(by(left), by(right)), told)
    })
  )
})
