import { assert, describe, it } from "@effect/vitest"
import * as Closing from "../../src/laws/Closing.ts"
import * as Example from "../../src/laws/Example.ts"
import { LastClient } from "../../src/laws/LastClient.ts"
import { outcome } from "./judged.ts"
import { lacking } from "./lacking.ts"

const { transports } = Closing
const store = "IMsgStore#1"

type Held = Readonly<Record<string, number>>
/** Who holds what of the store; a call about it says how many references one of them has then. */
const total = (held: Held) => Object.values(held).reduce((sum, n) => sum + n, 0)
const about = (call: string, from: string, held: Held, ...inside: ReadonlyArray<Example.Call>): Example.Call => ({
  call: `IMsgStore::${call}`,
  object: store,
  from,
  refs: Example.counted(store, from, held[from] ?? 0, total(held)),
  inside
})
const release = (from: string, left: Held = {}, ...inside: ReadonlyArray<Example.Call>) =>
  about("Release", from, left, ...inside)
const addRef = (from: string, held: Held) => about("AddRef", from, held)
const logon: Example.Call = {
  ...Closing.logon,
  inside: [
    { call: "new IMSLogon", object: "IMSLogon#1", refs: Example.counted("IMSLogon#1", "MAPI", 1, 1) },
    { call: "new IMsgStore", object: store, refs: Example.counted(store, "MAPI", 1, 1) }
  ]
}
const handOver = (to: string, held: Held): Example.Call => ({
  call: "hand over reference",
  object: store,
  refs: [
    ...Example.counted(store, "MAPI", held.MAPI ?? 0, total(held)),
    ...Example.counted(store, to, held[to] ?? 0, total(held))
  ]
})
const opened = [logon, handOver("client", { client: 1 })]
const spooled = [...opened, addRef("spooler", { client: 1, spooler: 1 })]
/** Another client opens the store, too. */
const repeat = (held: Held): ReadonlyArray<Example.Call> => [
  {
    ...Closing.logon,
    passed: ["IMAPISupport#2"],
    inside: [{ ...addRef("MAPI", { ...held, MAPI: 1 }), from: "provider" }],
    returned: [store]
  },
  handOver("other", { ...held, other: 1 })
]
const end = (...inside: ReadonlyArray<Example.Call>): Example.Call => ({
  call: "IMAPISession::Logoff",
  object: "IMAPISession#1",
  inside
})
const said = (...calls: ReadonlyArray<Example.Call>) => outcome(LastClient, Example.log(...calls))
const broken = (at: number) =>
  `LastClient of clients of ${store}, at ${at} IMsgStore::Release return: ` +
  "expected StoreLogoffTransports to have been called before this returns: the last client has gone"

describe("LastClient", () => {
  it.each([
    ["inside the last Release", [...opened, release("client", {}, transports)]],
    ["before it", [...opened, transports, release("client")]],
    ["whatever the spooler holds", [...spooled, release("client", { spooler: 1 }, transports)]],
    [
      "whatever the provider does",
      [...opened, addRef("provider", { client: 1, provider: 1 }), release("client", { provider: 1 }, transports)]
    ],
    [
      "by the last of two clients",
      [...opened, ...repeat({ client: 1 }), release("client", { other: 1 }), release("other", {}, transports)]
    ],
    [
      "by the last of two references",
      [...opened, addRef("client", { client: 2 }), release("client", { client: 1 }), release("client", {}, transports)]
    ],
    [
      "MAPI, about to hand its reference over, is a client",
      [...opened, repeat({ client: 1 })[0] ?? logon, release("client", { MAPI: 1 }), release("MAPI")]
    ],
    [
      "a client that comes back in time keeps it open",
      [
        ...spooled,
        release("client", { spooler: 1 }, ...repeat({ spooler: 1 })),
        release("other", { spooler: 1 }, transports)
      ]
    ],
    [
      "what comes back later finds them off",
      [...spooled, release("client", { spooler: 1 }, transports), release("spooler")]
    ],
    ["an open that is undone has had no client", [logon, release("MAPI")]],
    [
      "nor has the store of a Logon that fails",
      [{ ...logon, result: "MAPI_E_NO_ACCESS", returned: [] }, release("MAPI")]
    ],
    ["the spooler is none", [...spooled, release("spooler", { client: 1 })]],
    ["a session that ends closes the store", [...opened, end(transports), release("client")]],
    ["in its own order", [...opened, end(release("client"), transports)]],
    ["whoever is on his way out", [...opened, release("client", {}, end(transports))]]
  ])("%s", (_, calls) => {
    assert.strictEqual(said(...calls), "holds of 1")
  })

  it.each([
    ["none", [...opened, release("client")], 10],
    ["none in time", [...opened, release("client"), transports], 10],
    [
      "one for what the spooler has left",
      [...spooled, release("client", { spooler: 1 }), release("spooler", {}, transports)],
      12
    ],
    [
      "one for what the provider has left",
      [
        ...opened,
        addRef("provider", { client: 1, provider: 1 }),
        release("client", { provider: 1 }),
        release("provider", {}, transports)
      ],
      12
    ],
    ["another store's", [...opened, release("client", {}, { ...transports, object: "IMAPISupport#2" })], 12],
    [
      "none for a client that has come back",
      [
        ...spooled,
        release("client", { spooler: 1 }, ...repeat({ spooler: 1 })),
        release("other", { spooler: 1 }),
        transports
      ],
      20
    ],
    ["none before the session ends", [...opened, release("client"), end(transports)], 10]
  ])("is broken by %s", (_, calls, at) => {
    assert.strictEqual(said(...calls), broken(at))
  })

  it("each store of a logon has clients of its own, and the transports are of both", () => {
    const outer = "IMsgStore#2"
    const others = (call: Example.Call): Example.Call => ({
      ...call,
      object: outer,
      refs: (call.refs ?? []).map((change) => ({ ...change, object: outer }))
    })
    const inside = [...(logon.inside ?? []), ...(logon.inside ?? []).slice(1).map(others)]
    const wrapped = [{ ...logon, inside, returned: ["IMSLogon#1", outer] }, others(handOver("client", { client: 1 }))]
    const close = (...inner: ReadonlyArray<Example.Call>) => ({ ...others(release("client")), inside: inner })
    assert.strictEqual(said(...wrapped, close(release("MAPI", {}, transports))), "holds of 2")
    assert.strictEqual(said(...wrapped, close(), release("MAPI", {}, transports)), broken(12).replace(store, outer))
  })

  it("is not judged where a Logon does not say its support object, or of no store", () => {
    const { passed: _, ...untold } = logon
    const calls = [untold, handOver("client", { client: 1 }), release("client", {}, transports)]
    assert.strictEqual(said(...calls), "not judged: a Logon does not say which support object it was given")
    const release2 = { ...release("client"), object: "IMAPIFolder#1", refs: [] }
    assert.strictEqual(
      said({ ...release2, refs: Example.counted("IMAPIFolder#1", "client", 0, 0) }),
      "not judged: the log has nothing that it is about"
    )
  })

  it.each(["IMsgStore::Release", "IMAPISupport::StoreLogoffTransports"])(
    "is not judged where the log cannot show %s",
    (need) => {
      assert.strictEqual(lacking(LastClient, need), `not judged: the log has no ${need}`)
    }
  )

  it("is not judged without counts", () => {
    assert.strictEqual(lacking(LastClient, "counts"), "not judged: the log has no counts")
  })
})
