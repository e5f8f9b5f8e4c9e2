import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import { FailOneProvider, InvalidObject, type MapiError, ProviderDisabled, ProviderError } from "../src/MapiError.ts"
import * as SessionState from "../src/SessionState.ts"
import type { IMSProvider, ProviderModule } from "../src/StoreProvider.ts"
import { applied, ended, play, thing } from "./support/state.ts"

const { initial } = SessionState
type State = SessionState.Plain

const waiting = (): SessionState.Claim => Deferred.makeUnsafe()
const ready = (dll: string): SessionState.Ready => ({
  dll,
  dllFileName: `${dll}.DLL`,
  module: thing<ProviderModule>(dll),
  provider: thing<IMSProvider>(dll),
  scope: Scope.makeUnsafe()
})

const opened = (dll: string): State =>
  play(initial, SessionState.claimProvider(dll, waiting()), SessionState.providerReady(ready(dll))).state

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
