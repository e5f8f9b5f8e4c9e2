import { assert, describe, it } from "@effect/vitest"
import * as Example from "../../src/laws/Example.ts"
import { FreeLibraryLast } from "../../src/laws/FreeLibraryLast.ts"
import { outcome } from "./judged.ts"
import { lacking } from "./lacking.ts"

const dll = "DEMO.DLL"
const [provider, logon, store, support] = ["IMSProvider#1", "IMSLogon#1", "IMsgStore#1", "IMAPISupport#1"]
const load: Example.Call = { call: "LoadLibrary", dll }
const free: Example.Call = { call: "FreeLibrary", dll }
const init: Example.Call = { call: "MSProviderInit", dll, returned: [provider] }
const open: Example.Call = {
  call: "IMSProvider::Logon",
  object: provider,
  passed: [support],
  returned: [logon, store]
}
const release = (object: string, ...inside: ReadonlyArray<Example.Call>): Example.Call => ({
  call: `${object.split("#")[0]}::Release`,
  object,
  refs: Example.counted(object, "client", 0, 0),
  inside
})
const invalid: Example.Call = { call: "IMAPISupport::MakeInvalid", object: support, passed: [store] }
const said = (...calls: ReadonlyArray<Example.Call>) => outcome(FreeLibraryLast, Example.log(...calls))
const early = (object: string, at: number) =>
  `FreeLibraryLast of ${object}, at ${at} FreeLibrary call: expected the last Release of ${object} to have returned before FreeLibrary`

describe("FreeLibraryLast", () => {
  it("holds where every object has been released, or was made invalid; what is MAPI's own is not asked", () => {
    assert.strictEqual(said(load, init, open, release(store), release(logon), release(provider), free), "holds of 4")
    assert.strictEqual(
      said(load, init, open, invalid, release(logon), release(provider), free, release(store)),
      "holds of 4"
    )
  })

  it("is broken by a provider, a logon or a store that has references", () => {
    assert.strictEqual(said(load, init, free, release(provider)), early(provider, 5))
    assert.strictEqual(
      said(load, init, open, release(store), release(provider), free, release(logon)),
      early(logon, 11)
    )
    assert.strictEqual(
      said(load, init, open, release(logon), release(provider), free, release(store)),
      early(store, 11)
    )
  })

  it("and by a provider object whose birth the log shows, before it tells of which DLL it is", () => {
    const made = { call: "new IMSProvider", object: provider, refs: Example.counted(provider, "MAPI", 1, 1) }
    assert.strictEqual(said(load, { ...init, inside: [made] }, free, release(provider)), early(provider, 7))
  })

  it("and by a last Release that has not returned", () => {
    assert.strictEqual(said(load, init, release(provider, free)), early(provider, 6))
  })

  it("is broken by a DLL that is loaded after it has made something", () => {
    assert.strictEqual(
      said(init, load, release(provider), free),
      `FreeLibraryLast of ${provider}, at 3 LoadLibrary call: expected LoadLibrary of DEMO.DLL before it makes ${provider}, and not again`
    )
  })

  it("is about what this DLL has made", () => {
    const other = { ...init, dll: "OTHER.DLL", returned: ["IMSProvider#2"] }
    assert.strictEqual(said(load, init, other, release(provider), free, release("IMSProvider#2")), "holds of 2")
  })

  it.each(["LoadLibrary", "FreeLibrary", "IMSProvider::Release", "IMsgStore::Release", "counts"])(
    "is not judged where the log cannot show %s",
    (need) => {
      assert.strictEqual(lacking(FreeLibraryLast, need), `not judged: the log has no ${need}`)
    }
  )
})
