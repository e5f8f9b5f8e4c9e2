import { assert, describe, it } from "@effect/vitest"
import * as Example from "../../src/laws/Example.ts"
import { OwnProvider } from "../../src/laws/OwnProvider.ts"
import { outcome } from "./judged.ts"

const provider = "IMSProvider#1"
const made: Example.Call = {
  call: "new IMSProvider",
  object: provider,
  refs: Example.counted(provider, "MAPI", 1, 1),
  returned: [provider]
}
const init = (object: string, given: Partial<Example.Call> = {}): Example.Call => ({
  call: "MSProviderInit",
  dll: "DEMO.DLL",
  returned: [object],
  ...given
})
const session = "IMAPISession#2"
const shutdown: Example.Call = { call: "IMSProvider::Shutdown", object: provider }
const release: Example.Call = {
  call: "IMSProvider::Release",
  object: provider,
  refs: Example.counted(provider, "MAPI", 0, 0)
}
const said = (...calls: ReadonlyArray<Example.Call>) => outcome(OwnProvider, Example.log(...calls))
const broken = (at: number) =>
  `OwnProvider of ${provider}, at ${at} MSProviderInit return: expected an IMSProvider of its own: ${provider} is what an earlier MSProviderInit returned`

describe("OwnProvider", () => {
  it("is broken by a session that uses another's", () => {
    const init: Example.Call = { call: "MSProviderInit", dll: "DEMO.DLL", returned: ["IMSProvider#1"] }
    const logon: Example.Call = { call: "IMSProvider::Logon", object: "IMSProvider#1" }
    const foreign = { ...logon, session: "IMAPISession#2" }
    assert.strictEqual(outcome(OwnProvider, Example.log(init, logon)), "holds of 1")
    assert.strictEqual(
      outcome(OwnProvider, Example.log(init, foreign)),
      "OwnProvider of IMSProvider#1, at 3 IMSProvider::Logon call: expected an IMSProvider of this session's own: IMSProvider#1 is another session's"
    )
  })

  it("each session has one, each DLL, and each load after a close", () => {
    const first = [init(provider, { inside: [made] }), shutdown, release]
    assert.strictEqual(
      said(...first, init("IMSProvider#2", { session }), init("IMSProvider#3", { dll: "OTHER.DLL" })),
      "holds of 3"
    )
  })

  it("one of a version too low is made, and returned by nobody", () => {
    assert.strictEqual(
      said(init(provider, { inside: [made, release], returned: [], result: "MAPI_E_VERSION" })),
      "holds of 1"
    )
  })

  it("is broken by the same one for another session, another DLL, or the same again", () => {
    assert.strictEqual(said(init(provider), init(provider, { session })), broken(4))
    assert.strictEqual(said(init(provider), init(provider, { dll: "OTHER.DLL" })), broken(4))
    assert.strictEqual(said(init(provider), shutdown, init(provider)), broken(6))
  })

  it("and by one that is dead", () => {
    assert.strictEqual(said(init(provider, { inside: [made] }), shutdown, release, init(provider)), broken(10))
  })

  it("other calls may hand it out again, or be made of it when it is dead", () => {
    const query: Example.Call = { call: "IMSProvider::QueryInterface", object: provider, returned: [provider] }
    assert.strictEqual(said(init(provider, { inside: [made] }), query, shutdown, release, query), "holds of 1")
  })

  it("a count that an MSProviderInit changes is not what it returns", () => {
    const events = Example.log(init(provider), init("IMSProvider#2", { session }))
    const refs = Example.counted(provider, "MAPI", 1, 1)
    const counting = events.map((event) => (event.seq === 4 ? { ...event, refs } : event))
    assert.strictEqual(outcome(OwnProvider, counting), "holds of 2")
  })

  it("is not judged where MSProviderInit does not say what it returned", () => {
    const why = "not judged: no MSProviderInit says that it returned an IMSProvider which is shut down"
    assert.strictEqual(said(init(provider, { returned: [], inside: [made] }), shutdown), why)
  })

  it("needs MSProviderInit", () => {
    assert.strictEqual(outcome(OwnProvider, Example.log(made), []), "not judged: the log has no MSProviderInit")
  })
})
