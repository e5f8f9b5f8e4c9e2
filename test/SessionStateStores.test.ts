/** A session's stores: pairs that come in any order, and what is given out of a store once. */
import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as EntryId from "../src/EntryId.ts"
import * as Profile from "../src/Profile.ts"
import * as SessionState from "../src/SessionState.ts"
import { makeTicket } from "../src/Spooler.ts"
import type { IMSLogon, IMsgStore } from "../src/StoreProvider.ts"
import type { Support } from "../src/SupportObject.ts"
import { applied, ended, play, thing } from "./support/state.ts"

const { initial } = SessionState
type State = SessionState.Plain

const idOf = (name: string) => {
  const privateId = EntryId.makePrivate(Uint8Array.of(...new Uint8Array(20), ...new TextEncoder().encode(name)))
  const wrapped = Result.flatMap(privateId, (id) => EntryId.wrap("A.DLL", id))
  return { entryId: Result.getOrThrow(wrapped), privateId: Result.getOrThrow(privateId) }
}
const profile = Effect.runSync(Profile.make())
const store = thing<IMsgStore>("IMsgStore#1")
const blob = Redacted.make(Uint8Array.of(1))

/** What a Logon of this store answered: a new logon, or a repeat with the existing logon or none. */
const answered = (kind: "new" | "existing" | "null", name: string): SessionState.Answered => {
  const ids = idOf(name)
  return {
    ...ids,
    dll: "A",
    section: Effect.runSync(profile.addSection("A", ids.privateId, {})),
    support: thing<Support>(`support of ${name}`),
    kept: kind === "new",
    answer: {
      logon: kind === "null" ? null : logon,
      store,
      spoolSecurity: kind === "new" ? blob : null,
      warning: null
    }
  }
}
const logon = thing<IMSLogon>("IMSLogon#1")
const first = answered("new", "first")
const entryOf = ({ dll, entryId, privateId, section, support }: SessionState.Answered): SessionState.OpenStore => ({
  dll,
  entryId,
  privateId,
  section,
  support,
  store,
  logon,
  spoolSecurity: blob,
  ticket: null,
  isLetGo: false,
  wanted: null,
  loggedOff: false
})
const open = applied(SessionState.adopt(first), initial)[1]

describe("adopting a pair", () => {
  const lease = new Map([["A", 1]])

  it("a new logon is a new store, and has a lease of its own", () => {
    const [outcome, state] = applied(SessionState.adopt(first), initial)
    assert.deepStrictEqual(outcome, { entry: entryOf(first), isNew: true, ended: false })
    assert.deepStrictEqual(state, { ...initial, leases: lease, stores: [entryOf(first)] })
  })

  it.each(["existing", "null"] as const)("a repeat (logon %s) finds it as it is", (kind) => {
    const [outcome, state] = applied(SessionState.adopt(answered(kind, "again")), open)
    assert.deepStrictEqual([outcome, state], [{ entry: entryOf(first), isNew: false, ended: false }, open])
  })

  it("a repeat changes nothing, and so meets nobody's change", () => {
    assert.deepStrictEqual(SessionState.adopt(answered("existing", "again"))(open)[1], {})
    const { state } = play(open, SessionState.takeSpoolSecurity(store))
    assert.deepStrictEqual(SessionState.takeSpoolSecurity(store)(state), [null, {}])
  })

  it.each([
    ["without a logon", null],
    ["with another logon", thing<IMSLogon>("IMSLogon#2")]
  ])("a provider that keeps the support object of a repeat, %s, makes no new logon of it", (_, logon) => {
    const again = answered("new", "again")
    const kept = { ...again, answer: { ...again.answer, logon } }
    const [outcome, state] = applied(SessionState.adopt(kept), open)
    assert.deepStrictEqual([outcome, state], [{ entry: entryOf(first), isNew: false, ended: false }, open])
    const [alone] = applied(SessionState.adopt({ ...kept, answer: { ...kept.answer, logon: null } }), initial)
    assert.deepStrictEqual([alone.isNew, alone.entry.support], [false, null])
  })

  it("a repeat that comes first is completed by the new logon: by its ids and its section, too", () => {
    const early = applied(SessionState.adopt(answered("null", "early")), initial)
    assert.deepStrictEqual([early[0].isNew, early[0].entry.logon, early[0].entry.support], [false, null, null])
    const [outcome, state] = applied(SessionState.adopt(first), early[1])
    assert.deepStrictEqual([outcome, state], [{ entry: entryOf(first), isNew: true, ended: false }, open])
  })

  it("after the end a new logon is adopted, to be closed; a repeat of nothing is not", () => {
    const over = ended(initial)
    assert.deepStrictEqual(applied(SessionState.adopt(first), over), [
      { entry: entryOf(first), isNew: true, ended: true },
      { ...over, leases: lease, stores: [entryOf(first)] }
    ])
    const [late, state] = applied(SessionState.adopt(answered("null", "late")), over)
    assert.deepStrictEqual([late.isNew, late.ended, state], [false, true, over])
  })

  const Kinds = Schema.Array(Schema.Literals(["existing", "null"])).check(Schema.isMaxLength(5))
  const At = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 5 }))
  it.prop("in any order gives the same state", [Kinds, At], ([kinds, at]) => {
    const repeats = kinds.map((kind, n) => answered(kind, `repeat ${n}`))
    const order = repeats.toSpliced(at, 0, first)
    const { outcomes, state } = play(initial, ...order.map(SessionState.adopt))
    assert.deepStrictEqual(state, open)
    const news = outcomes.filter((outcome) => Schema.is(Schema.Struct({ isNew: Schema.Literal(true) }))(outcome))
    assert.strictEqual(news.length, 1)
  })
})

describe("an open store", () => {
  const clear: SessionState.Gate = { flags: ["MDB_WRITE"], logonFlags: [] }
  const [one, other] = [makeTicket("Ticket#1"), makeTicket("Ticket#2")]
  const leased = { leases: open.leases }

  it("is told to the spooler once", () => {
    const { outcomes, state } = play(
      open,
      SessionState.takeGate(store, one, clear),
      SessionState.takeGate(store, other, clear)
    )
    const entry = { ...entryOf(first), ticket: one, wanted: clear }
    assert.deepStrictEqual([outcomes, state.stores], [[entry, null], [entry]])
  })

  it("not through a gate that either flag shuts, unless an earlier open wants it told", () => {
    const shut = [
      { flags: ["MDB_NO_MAIL"], logonFlags: [] },
      { flags: [], logonFlags: ["MAPI_NO_MAIL"] }
    ]
    for (const gate of shut)
      assert.deepStrictEqual(applied(SessionState.takeGate(store, one, gate), open), [null, open])
    const early = applied(SessionState.adopt(answered("null", "early")), initial)[1]
    const { outcomes, state } = play(
      early,
      SessionState.takeGate(store, one, clear),
      SessionState.adopt(first),
      ...shut.map((gate) => SessionState.takeGate(store, other, gate))
    )
    const entry = { ...entryOf(first), ticket: other, wanted: clear }
    assert.deepStrictEqual([outcomes[0], outcomes[2], outcomes[3]], [null, entry, null])
    assert.deepStrictEqual(state.stores, [entry])
  })

  it("not of a session that has ended, and not if it is not open", () => {
    assert.deepStrictEqual(applied(SessionState.takeGate(store, one, clear), ended(open)), [null, ended(open)])
    assert.deepStrictEqual(applied(SessionState.takeGate(store, one, clear), initial), [null, initial])
  })

  it("gives its blob to one who frees it", () => {
    const { outcomes, state } = play(open, SessionState.takeSpoolSecurity(store), SessionState.takeSpoolSecurity(store))
    assert.deepStrictEqual([outcomes, state.stores], [[blob, null], [{ ...entryOf(first), spoolSecurity: null }]])
    assert.deepStrictEqual(applied(SessionState.takeSpoolSecurity(store), initial), [null, initial])
  })

  it("is logged off by one, then forgotten", () => {
    const isIt = SessionState.ofSupport(first.support)
    const { outcomes, state } = play(
      open,
      SessionState.beginLogoff(isIt),
      SessionState.beginLogoff(isIt),
      SessionState.forget(store),
      SessionState.forget(store),
      SessionState.beginLogoff(isIt)
    )
    const off = play(open, SessionState.beginLogoff(isIt)).state.stores
    assert.deepStrictEqual(off, [{ ...entryOf(first), loggedOff: true }])
    assert.deepStrictEqual(
      [outcomes, state],
      [[entryOf(first), null, undefined, undefined, null], { ...initial, ...leased }]
    )
  })

  it("is let go of once, and not before there is a ticket", () => {
    const isIt = SessionState.ofSupport(first.support)
    const { outcomes, state } = play(
      open,
      SessionState.letGo(isIt),
      SessionState.takeGate(store, one, clear),
      SessionState.letGo(isIt),
      SessionState.letGo(isIt)
    )
    const told = { ...entryOf(first), ticket: one, wanted: clear }
    assert.deepStrictEqual([outcomes, state.stores], [[null, told, told, null], [{ ...told, isLetGo: true }]])
    assert.deepStrictEqual(applied(SessionState.letGo(isIt), initial), [null, initial])
  })

  it("that only repeats know of has no logon to end: that comes too late, and is closed like any other", () => {
    const early = applied(SessionState.adopt(answered("null", "early")), initial)[1]
    const [entry, none] = applied(SessionState.beginLogoff(SessionState.ofStore(store)), ended(early))
    assert.deepStrictEqual([entry?.logon, none.stores], [null, []])
    const [late, state] = applied(SessionState.adopt(first), none)
    assert.deepStrictEqual([late.isNew, late.entry.loggedOff], [true, false])
    assert.deepStrictEqual(applied(SessionState.beginLogoff(SessionState.ofStore(store)), state)[0], entryOf(first))
  })

  it("is what the end has to close", () => {
    const [work, state] = applied(SessionState.end, open)
    assert.deepStrictEqual([work?.stores, state.stores], [open.stores, open.stores])
  })

  const Move = Arbitrary.schema(Schema.Literals(["adopt", "again", "gate", "blob", "logoff", "forget", "end"]))
  it.prop("while it is known, each of these is given out once at most", [Arbitrary.array(Move)], ([moves]) => {
    const given = new Set<string>()
    let state = initial
    const once = <A>(what: string, [outcome, next]: readonly [A | null, State]) => {
      state = next
      if (outcome === null) return
      assert.isFalse(given.has(what), what)
      given.add(what)
    }
    const on = (move: string) => {
      switch (move) {
        case "gate":
          return once(move, applied(SessionState.takeGate(store, makeTicket("Ticket"), clear), state))
        case "blob":
          return once(move, applied(SessionState.takeSpoolSecurity(store), state))
        case "logoff":
          return once(move, applied(SessionState.beginLogoff(SessionState.ofSupport(first.support)), state))
        case "forget":
          state = applied(SessionState.forget(store), state)[1]
          return
        case "end":
          return once(move, applied(SessionState.end, state))
        default:
          state = applied(SessionState.adopt(move === "adopt" ? first : answered("null", "again")), state)[1]
      }
    }
    for (const move of moves) {
      on(move)
      assert.isAtMost(state.stores.length, 1)
      if (state.stores.length === 0) for (const what of ["gate", "blob", "logoff"]) given.delete(what)
    }
  })
})
