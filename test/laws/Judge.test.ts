import { assert, describe, it } from "@effect/vitest"
import * as Example from "../../src/laws/Example.ts"
import * as Judge from "../../src/laws/Judge.ts"
import * as Law from "../../src/laws/Law.ts"
import { outcome, verdictsOn } from "./judged.ts"

/** A law about one kind of subject, which tells what it was told. */
const spy = (of: Law.Kind, options: Partial<Law.Automaton<number>> = {}) => {
  const told: Array<string> = []
  const half = ({ call, phase }: Parameters<Law.Watch["use"]>[1]) => `${call.replace(/.*::/, "")} ${phase}`
  const law = Law.make<number>(
    { name: "Spy", sentence: "", source: "", good: [], bad: [] },
    {
      of,
      needs: [],
      initial: 0,
      change: (n, event, subject) => {
        told.push(`${subject} changes: ${half(event)}`)
        return n + 1
      },
      use: (_, event, subject) => void told.push(`${subject} uses: ${half(event)}`),
      late: (event, subject) => void told.push(`${subject} late: ${half(event)}`),
      end: (n, how, subject) => void told.push(`${subject} ends ${how} after ${n}`),
      ...options
    }
  )
  return { law, told }
}

const store = "IMsgStore#1"
const getProps: Example.Call = { call: "IMsgStore::GetProps", object: store }
const release: Example.Call = {
  call: "IMsgStore::Release",
  object: store,
  refs: Example.counted(store, "client", 0, 0)
}
const logoff: Example.Call = { call: "IMAPISession::Logoff", object: "IMAPISession#1" }

const toldOf = (of: Law.Kind, ...calls: ReadonlyArray<Example.Call>) => {
  const { law, told } = spy(of)
  verdictsOn(Example.log(...calls), [law])
  return told
}

describe("a law is told of its subject alone", () => {
  it("what changes it, what uses it, its end, and what comes too late", () => {
    assert.deepStrictEqual(toldOf("object", getProps, release, getProps), [
      "IMsgStore#1 uses: GetProps call",
      "IMsgStore#1 uses: GetProps return",
      "IMsgStore#1 changes: Release call",
      "IMsgStore#1 changes: Release return",
      "IMsgStore#1 ends over after 2",
      "IMsgStore#1 late: GetProps call",
      "IMsgStore#1 late: GetProps return"
    ])
  })

  it("what comes too late comes too late by whatever name it was made", () => {
    const object = "IMsgStore#main.3.2:1"
    const refs = Example.counted(object, "client", 0, 0)
    const told = toldOf("object", { ...release, object, refs }, { ...getProps, object })
    assert.deepStrictEqual(told.slice(-2), [`${object} late: GetProps call`, `${object} late: GetProps return`])
  })

  it("a change to its session is one to it, and what a cut log leaves open ends cut", () => {
    assert.deepStrictEqual(toldOf("object", getProps, logoff), [
      "IMsgStore#1 uses: GetProps call",
      "IMsgStore#1 uses: GetProps return",
      "IMsgStore#1 changes: Logoff call",
      "IMsgStore#1 changes: Logoff return",
      "IMsgStore#1 ends ended after 2"
    ])
    assert.deepStrictEqual(toldOf("object", getProps).at(-1), "IMsgStore#1 ends cut after 0")
  })

  it("a change to a provider object is one to its logons, and to no others", () => {
    const logon = (n: number): Example.Call => ({
      call: "IMSProvider::Logon",
      object: `IMSProvider#${n}`,
      passed: [`IMAPISupport#${n}`],
      returned: [`IMSLogon#${n}`, `IMsgStore#${n}`]
    })
    const shutdown: Example.Call = { call: "IMSProvider::Shutdown", object: "IMSProvider#1" }
    assert.deepStrictEqual(toldOf("logon", logon(1), logon(2), shutdown).slice(4), [
      "logon 1 changes: Shutdown call",
      "logon 1 changes: Shutdown return",
      "logon 1 ends cut after 4",
      "logon 2 ends cut after 2"
    ])
  })

  it("a logon: its halves, its support object, what it makes, its ticket, and nothing of its neighbours", () => {
    const calls: ReadonlyArray<Example.Call> = [
      {
        call: "IMSProvider::Logon",
        object: "IMSProvider#1",
        passed: ["IMAPISupport#1"],
        inside: [{ call: "new IMsgStore", object: store }],
        returned: [store]
      },
      { call: "give entry id", object: "Ticket#1", passed: [store] },
      { call: "IMSProvider::SpoolerLogon", object: "IMSProvider#1", passed: ["IMAPISupport#2", "Ticket#1"] },
      { call: "IMAPISupport::Release", object: "IMAPISupport#1" },
      { call: "IMsgStore::GetProps", object: store },
      { call: "IMAPIFolder::GetProps", object: "IMAPIFolder#1" }
    ]
    const first = toldOf("logon", ...calls).filter((line) => line.startsWith("logon 1 "))
    assert.deepStrictEqual(
      first.map((line) => line.slice(8)),
      [
        "changes: Logon call",
        "changes: new IMsgStore call",
        "changes: new IMsgStore return",
        "changes: Logon return",
        "changes: give entry id call",
        "changes: give entry id return",
        "changes: SpoolerLogon call",
        "changes: SpoolerLogon return",
        "changes: Release call",
        "changes: Release return",
        "uses: GetProps call",
        "uses: GetProps return",
        "ends cut after 10"
      ]
    )
  })

  it("a call: its halves, and those of the calls directly within it; it is over once they have returned", () => {
    const inner: Example.Call = { call: "IMSProvider::Logon", inside: [getProps] }
    assert.deepStrictEqual(toldOf("OpenMsgStore", { call: "IMAPISession::OpenMsgStore", inside: [inner] }, getProps), [
      "call 1 changes: OpenMsgStore call",
      "call 1 changes: Logon call",
      "call 1 changes: Logon return",
      "call 1 changes: OpenMsgStore return",
      "call 1 ends over after 4"
    ])
  })
})

describe("a verdict", () => {
  const broken = (event: Parameters<Law.Watch["use"]>[1]) => Law.breach(event, "no such call")

  it("is the first breach by the order of the log, and how many subjects there are", () => {
    const { law } = spy("object", { change: (_, event) => broken(event), use: (_, event) => broken(event) })
    const other = { ...getProps, object: "IMsgStore#2" }
    const [verdict] = verdictsOn(Example.log(other, getProps, release), [law])
    assert.strictEqual(verdict?._tag, "Broken")
    if (verdict?._tag === "Broken") {
      assert.deepStrictEqual([verdict.first.subject, verdict.first.event.seq, verdict.subjects], ["IMsgStore#2", 1, 2])
    }
  })

  it("comes as it happens, once for each subject", () => {
    const { law } = spy("object", { use: (_, event) => broken(event) })
    const judge = Judge.make([law])
    const seen = Example.log(getProps, getProps, release).map((event) => judge.see(event).length)
    assert.deepStrictEqual(seen, [1, 0, 0, 0, 0, 0])
    assert.deepStrictEqual(judge.end(), [])
  })

  it("of what comes too late is one for each subject", () => {
    const { law } = spy("object", { late: (event) => broken(event) })
    const judge = Judge.make([law])
    const seen = Example.log(release, getProps, getProps).map((event) => judge.see(event).length)
    assert.deepStrictEqual(seen, [0, 0, 1, 0, 0, 0])
  })

  it("of what is owed at the end is a breach at the event that owes it", () => {
    const events = Example.log(getProps)
    const [event] = events
    if (event === undefined) return
    const { law } = spy("object", { end: (_, how) => Law.owed(how, event, "a Release") })
    const close = Example.log(getProps, logoff)
    assert.strictEqual(outcome(law, close), "Spy of IMsgStore#1, at 1 IMsgStore::GetProps call: expected a Release")
    assert.strictEqual(outcome(law, events), "not judged: the log ends before its session does")
  })

  it("is none where the log has nothing that the law is about, or does not show what it needs", () => {
    assert.strictEqual(
      outcome(spy("ticket").law, Example.log(getProps)),
      "not judged: the log has nothing that it is about"
    )
    const needs = { ...spy("object").law, needs: ["MSProviderInit"] }
    assert.strictEqual(
      outcome(needs, Example.log(getProps), ["IMsgStore::*"]),
      "not judged: the log has no MSProviderInit"
    )
    assert.strictEqual(outcome(needs, Example.log(getProps)), "holds of 1")
  })
})

describe("depth", () => {
  it("is no matter: forty thousand calls within each other, of which the outermost returns first", () => {
    const judge = Judge.make([spy("call").law], { sees: ["*"] })
    const half = { session: "IMAPISession#1", from: "a", to: "b", call: "x", object: null, returned: [], refs: [] }
    const told = (callId: number, phase: "call" | "return") =>
      judge.see({ ...half, seq: 1, callId, within: callId === 1 ? null : callId - 1, step: null, phase })
    for (let n = 1; n <= 40_000; n++) told(n, "call")
    for (let n = 1; n <= 40_000; n++) assert.deepStrictEqual(told(n, "return"), [])
    assert.deepStrictEqual(judge.end(), [])
  })
})

describe("memory", () => {
  it("is that of what lives: a thousand stores opened and closed leave nothing behind", () => {
    const { law, told } = spy("object")
    const judge = Judge.make([law], { sees: ["*"] })
    for (let n = 1; n <= 1000; n++) {
      const object = `IMsgStore#${n}`
      const refs = Example.counted(object, "client", 0, 0)
      for (const event of Example.log({ ...getProps, object }, { ...release, object, refs })) judge.see(event)
    }
    assert.strictEqual(told.filter((line) => line.includes(" ends over ")).length, 1000)
    assert.deepStrictEqual(judge.end(), [])
    assert.strictEqual(told.filter((line) => line.includes(" ends ")).length, 1000)
  })

  it("a log without counts does not tell what dies: a session takes its own with it", () => {
    const told = toldOf("object", getProps, logoff, { ...getProps, object: "IMsgStore#2", session: "IMAPISession#2" })
    assert.include(told.slice(0, -3), "IMsgStore#1 ends ended after 2")
  })
})
