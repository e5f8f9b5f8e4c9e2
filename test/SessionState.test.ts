import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as EntryId from "../src/EntryId.ts"
import { FailOneProvider, InvalidObject, type MapiError, ProviderDisabled, ProviderError } from "../src/MapiError.ts"
import * as Profile from "../src/Profile.ts"
import * as SessionState from "../src/SessionState.ts"
import { makeTicket } from "../src/Spooler.ts"
import type { IMSLogon, IMSProvider, IMsgStore, ProviderModule } from "../src/StoreProvider.ts"
import type { Support } from "../src/SupportObject.ts"
import { applied } from "./support/state.ts"

const { initial } = SessionState
type State = SessionState.Plain

// Boundary: transitions keep objects and compare them, and never call them; a name is all that they need here.
const thing = <A>(id: string): A => ({ id }) as A

const waiting = (): SessionState.Claim => Deferred.makeUnsafe()
const ready = (dll: string): SessionState.Ready => ({
  dll,
  dllFileName: `${dll}.DLL`,
  module: thing<ProviderModule>(dll),
  provider: thing<IMSProvider>(dll),
  scope: Scope.makeUnsafe()
})

/** Plays transitions one after another: their outcomes, and the last state. */
const play = (state: State, ...moves: ReadonlyArray<SessionState.Transition<unknown>>) => {
  const outcomes: Array<unknown> = []
  let now = state
  for (const move of moves) {
    const [outcome, next] = applied(move, now)
    outcomes.push(outcome)
    now = next
  }
  return { outcomes, state: now }
}

const opened = (dll: string): State =>
  play(initial, SessionState.claimProvider(dll, waiting()), SessionState.providerReady(ready(dll))).state
const ended = (state: State): State => applied(SessionState.end, state)[1]

describe("a provider of the session", () => {
  it("is claimed by the first who asks; others wait as he does, ready or not", () => {
    const [first, second, provider] = [waiting(), waiting(), ready("A")]
    const { outcomes, state } = play(
      initial,
      SessionState.claimProvider("A", first),
      SessionState.claimProvider("A", second),
      SessionState.providerReady(provider),
      SessionState.claimProvider("A", second),
      SessionState.claimProvider("B", second)
    )
    assert.deepStrictEqual(outcomes, ["claimed", first, true, first, "claimed"])
    assert.deepStrictEqual(state, {
      ...initial,
      claims: new Map([
        ["A", first],
        ["B", second]
      ]),
      providers: new Map([["A", provider]])
    })
  })

  it("that could not be loaded is as if nobody had tried", () => {
    const [, claimed] = applied(SessionState.claimProvider("A", waiting()), initial)
    assert.deepStrictEqual(applied(SessionState.providerAbsent("A"), claimed)[1], initial)
  })

  it("that is ready too late is for whoever loaded it to shut down", () => {
    const [, claimed] = applied(SessionState.claimProvider("A", waiting()), initial)
    const provider = ready("A")
    const [inTime, late] = applied(SessionState.providerReady(provider), ended(claimed))
    assert.deepStrictEqual([inTime, late.providers], [false, new Map([["A", provider]])])
    assert.deepStrictEqual(applied(SessionState.claimProvider("A", waiting()), late), ["ended", late])
    assert.deepStrictEqual(applied(SessionState.beginShutdown("A"), late), [true, { ...initial, ended: true }])
  })

  it("may be asked unless the session has ended, or a Logon failed for good", () => {
    const open = opened("A")
    const off = applied(SessionState.disable("A"), open)[1]
    const all = [open, off, ended(open), ended(off)]
    assert.deepStrictEqual(
      all.map((state) => [SessionState.standing(state, "A"), SessionState.standing(state, "B")]),
      [
        ["usable", "usable"],
        ["disabled", "usable"],
        ["ended", "ended"],
        ["ended", "ended"]
      ]
    )
    assert.deepStrictEqual(
      all.map((state) => applied(SessionState.enter("A"), state)[0]),
      ["usable", "disabled", "ended", "ended"]
    )
    assert.deepStrictEqual(applied(SessionState.enter("A"), off), ["disabled", off])
  })

  it("is disabled by every answer but these five", () => {
    const about = { subject: "A.DLL", detail: "scripted" }
    const harmless = ["FailOneProvider", "InterfaceNotSupported", "UnknownFlags"]
    const told = ProviderError.members.map((Class) => {
      const error: MapiError = new Class(about)
      return [error._tag, SessionState.disables(error as ProviderError)]
    })
    assert.deepStrictEqual(
      told,
      ProviderError.members.map(({ identifier }) => [identifier, !harmless.includes(identifier)])
    )
    assert.isFalse(SessionState.disables(new ProviderDisabled(about)))
    assert.isFalse(SessionState.disables(new InvalidObject(about)))
    assert.isFalse(SessionState.disables(new FailOneProvider(about)))
  })
})

describe("leases", () => {
  const leases = ({ leases }: State) => Object.fromEntries(leases)

  it("count what is inside a provider; the last one out, after the end, shuts it down", () => {
    const open = play(opened("A"), SessionState.enter("A"), SessionState.enter("A")).state
    assert.deepStrictEqual(leases(open), { A: 2 })
    const [work, last] = applied(SessionState.end, open)
    assert.deepStrictEqual([work?.providers, leases(last)], [["A"], { A: 3 }])
    const { outcomes, state } = play(last, SessionState.leave("A"), SessionState.leave("A"), SessionState.leave("A"))
    assert.deepStrictEqual(outcomes, [null, null, open.providers.get("A")])
    assert.deepStrictEqual(leases(state), {})
    const shut = play(state, SessionState.beginShutdown("A"), SessionState.beginShutdown("A"), SessionState.leave("A"))
    assert.deepStrictEqual([shut.outcomes, shut.state.providers.size], [[true, false, null], 0])
  })

  it("a Release that comes in before Shutdown begins is waited for, and its end is the time", () => {
    const { providers } = opened("A")
    const open = play(opened("A"), SessionState.end, SessionState.leave("A")).state
    const moves = play(
      open,
      SessionState.hold("A"),
      SessionState.beginShutdown("A"),
      SessionState.leave("A"),
      SessionState.beginShutdown("A"),
      SessionState.hold("A"), // it comes too late for a provider, and holds up nobody
      SessionState.leave("A")
    )
    assert.deepStrictEqual(moves.outcomes, [undefined, false, providers.get("A"), true, undefined, null])
    assert.deepStrictEqual(leases(moves.state), {})
  })

  it("before the end the last one out leaves the provider where it is", () => {
    const open = opened("A")
    assert.deepStrictEqual(play(open, SessionState.enter("A"), SessionState.leave("A")), {
      outcomes: ["usable", null],
      state: open
    })
  })

  const Dll = Schema.Literals(["A", "B"])
  const Move = Schema.Union([
    Schema.TaggedStruct("load", { dll: Dll }),
    Schema.TaggedStruct("loaded", { dll: Dll }),
    Schema.TaggedStruct("enter", { dll: Dll }),
    Schema.TaggedStruct("hold", { dll: Dll }),
    Schema.TaggedStruct("leave", { dll: Dll }),
    Schema.TaggedStruct("shut", {}),
    Schema.TaggedStruct("disable", { dll: Dll }),
    Schema.TaggedStruct("end", {})
  ])

  it.prop("are never negative, and each provider is shut down by exactly one", [Schema.Array(Move)], ([moves]) => {
    let state = initial
    const inside: Array<string> = []
    const made: Array<SessionState.Ready> = []
    const shut: Array<SessionState.Ready> = []
    const due: Array<SessionState.Ready> = []
    const leave = (dll: string) => {
      const [last, next] = applied(SessionState.leave(dll), state)
      if (last !== null) due.push(last)
      state = next
    }
    const shutOne = () => {
      const last = due.shift()
      if (last === undefined) return
      const [begun, next] = applied(SessionState.beginShutdown(last.dll), state)
      assert.isTrue(!begun || !inside.includes(last.dll))
      if (begun) shut.push(last)
      state = next
    }
    const end = () => {
      const [work, next] = applied(SessionState.end, state)
      state = next
      for (const dll of work?.providers ?? []) inside.push(dll)
    }
    const loading = new Set<string>()
    for (const move of moves) {
      if (move._tag === "load") {
        const [outcome, next] = applied(SessionState.claimProvider(move.dll, waiting()), state)
        if (outcome === "claimed") loading.add(move.dll)
        state = next
      }
      if (move._tag === "loaded" && loading.delete(move.dll)) {
        const provider = ready(move.dll)
        const [inTime, next] = applied(SessionState.providerReady(provider), state)
        made.push(provider)
        if (!inTime) due.push(provider)
        state = next
      }
      if (move._tag === "enter") {
        const [standing, next] = applied(SessionState.enter(move.dll), state)
        if (standing === "usable") inside.push(move.dll)
        state = next
      }
      if (move._tag === "hold") {
        inside.push(move.dll)
        state = applied(SessionState.hold(move.dll), state)[1]
      }
      if (move._tag === "shut") shutOne()
      const lease = move._tag === "leave" ? inside.indexOf(move.dll) : -1
      if (move._tag === "leave" && lease >= 0) {
        inside.splice(lease, 1)
        leave(move.dll)
      }
      if (move._tag === "disable") state = applied(SessionState.disable(move.dll), state)[1]
      if (move._tag === "end") end()
      assert.deepStrictEqual(Object.fromEntries(state.leases), tally(inside))
      assert.isTrue(shut.length === 0 || state.ended)
    }
    end()
    while (inside.length > 0) leave(inside.pop() ?? "")
    while (due.length > 0) shutOne()
    assert.strictEqual(shut.length, made.length)
    assert.isTrue(made.every((provider) => shut.includes(provider)))
    assert.deepStrictEqual(Object.fromEntries(state.leases), {})
  })

  const tally = (words: ReadonlyArray<string>): Record<string, number> => {
    const count = (word: string) => words.filter((other) => other === word).length
    return Object.fromEntries(words.map((word) => [word, count(word)]))
  }
})

describe("opens in flight", () => {
  it("wait, and are told of the end; afterwards nobody waits", () => {
    const [one, other] = [() => {}, () => {}]
    const { state } = play(initial, SessionState.wait(one), SessionState.wait(other))
    assert.deepStrictEqual(applied(SessionState.waited(one), state)[1].inFlight, new Set([other]))
    const [work, last] = applied(SessionState.end, state)
    assert.deepStrictEqual([work?.inFlight, last.inFlight], [new Set([one, other]), new Set()])
    assert.deepStrictEqual(applied(SessionState.wait(one), last), [undefined, last])
  })

  it("the end answers once", () => {
    const loading = waiting()
    const [, claimed] = applied(SessionState.claimProvider("B", loading), opened("A"))
    const [work, last] = applied(SessionState.end, claimed)
    assert.deepStrictEqual(work, {
      stores: [],
      providers: ["A"],
      loading: [loading],
      inFlight: new Set<SessionState.Tell>()
    })
    assert.deepStrictEqual(applied(SessionState.end, last), [null, last])
  })
})

// --- stores ---------------------------------------------------------------------------------------------------------

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
