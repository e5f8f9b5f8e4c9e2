import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Schema from "effect/Schema"
import * as Scode from "../src/Scode.ts"

/** Section 11 of the protocol reference, written down again by hand. */
const section11: Record<string, string> = {
  S_OK: "0x00000000",
  MAPI_E_CALL_FAILED: "0x80004005",
  MAPI_E_INTERFACE_NOT_SUPPORTED: "0x80004002",
  MAPI_E_NO_ACCESS: "0x80070005",
  MAPI_E_NOT_ENOUGH_MEMORY: "0x8007000E",
  MAPI_E_INVALID_PARAMETER: "0x80070057",
  MAPI_E_NO_SUPPORT: "0x80040102",
  MAPI_E_BAD_CHARWIDTH: "0x80040103",
  MAPI_E_UNKNOWN_FLAGS: "0x80040106",
  MAPI_E_INVALID_ENTRYID: "0x80040107",
  MAPI_E_INVALID_OBJECT: "0x80040108",
  MAPI_E_BUSY: "0x8004010B",
  MAPI_E_NOT_ENOUGH_RESOURCES: "0x8004010E",
  MAPI_E_NOT_FOUND: "0x8004010F",
  MAPI_E_VERSION: "0x80040110",
  MAPI_E_LOGON_FAILED: "0x80040111",
  MAPI_E_SESSION_LIMIT: "0x80040112",
  MAPI_E_USER_CANCEL: "0x80040113",
  MAPI_E_UNABLE_TO_ABORT: "0x80040114",
  MAPI_E_NETWORK_ERROR: "0x80040115",
  MAPI_E_TOO_COMPLEX: "0x80040117",
  MAPI_E_EXTENDED_ERROR: "0x80040119",
  MAPI_E_UNCONFIGURED: "0x8004011C",
  MAPI_E_FAILONEPROVIDER: "0x8004011D",
  MAPI_E_UNKNOWN_CPID: "0x8004011E",
  MAPI_E_UNKNOWN_LCID: "0x8004011F",
  MAPI_E_PASSWORD_CHANGE_REQUIRED: "0x80040120",
  MAPI_E_PASSWORD_EXPIRED: "0x80040121",
  MAPI_E_INVALID_WORKSTATION_ACCOUNT: "0x80040122",
  MAPI_E_INVALID_ACCESS_TIME: "0x80040123",
  MAPI_E_ACCOUNT_DISABLED: "0x80040124",
  MAPI_E_END_OF_SESSION: "0x80040200",
  MAPI_E_UNKNOWN_ENTRYID: "0x80040201",
  MAPI_W_NO_SERVICE: "0x00040203",
  MAPI_W_ERRORS_RETURNED: "0x00040380",
  MAPI_E_TIMEOUT: "0x80040401",
  MAPI_E_CORRUPT_STORE: "0x80040600",
  MAPI_E_NOT_IN_QUEUE: "0x80040601",
  MAPI_E_NOT_INITIALIZED: "0x80040605",
  MAPI_W_PARTIAL_COMPLETION: "0x00040680"
}

// Boundary: `Object.keys` forgets that the keys are the names.
const names = Object.keys(Scode.values) as ReadonlyArray<Scode.Name>
const AName = Schema.Literals(names)

/** Any 32 bits, read with a sign and without one. */
const Word = Schema.Int.check(Schema.isUint32())
const AnyReading = Schema.Union([Word, Schema.Int.check(Schema.isInt32())])

describe("the SCODEs", () => {
  it("are the forty of section 11, value for value", () => {
    const shown = Object.fromEntries(names.map((name) => [name, Scode.toHex(Scode.fromName(name))]))
    assert.deepStrictEqual(shown, section11)
    assert.strictEqual(names.length, 40)
  })

  it("have the names that COM gave first as aliases", () => {
    assert.deepStrictEqual(Scode.aliases, {
      E_FAIL: "MAPI_E_CALL_FAILED",
      E_NOINTERFACE: "MAPI_E_INTERFACE_NOT_SUPPORTED",
      E_ACCESSDENIED: "MAPI_E_NO_ACCESS",
      E_OUTOFMEMORY: "MAPI_E_NOT_ENOUGH_MEMORY",
      E_INVALIDARG: "MAPI_E_INVALID_PARAMETER"
    })
  })

  it("FAILONEPROVIDER as a COM caller sees it, and as the headers write it", () => {
    assert.strictEqual(Scode.signed(0x8004011d), -2147221219)
    assert.strictEqual(Scode.unsigned(-2147221219), 0x8004011d)
    assert.strictEqual(Scode.describe(-2147221219), "MAPI_E_FAILONEPROVIDER (0x8004011D)")
    assert.strictEqual(Scode.show(-2147221219), "MAPI_E_FAILONEPROVIDER")
  })

  it("a code without a name is shown by its digits", () => {
    assert.strictEqual(Scode.nameOf(0x80041234), undefined)
    assert.strictEqual(Scode.show(0x80041234), "0x80041234")
    assert.strictEqual(Scode.describe(-2147216844), "0x80041234")
    assert.strictEqual(Scode.describe(0x1f), "0x0000001F")
  })

  it("S_OK alone is neither warning nor failure; a warning is a success", () => {
    const told = (code: number) => [Scode.isSuccess(code), Scode.isWarning(code), Scode.isFailure(code)]
    assert.deepStrictEqual(told(Scode.values.S_OK), [true, false, false])
    assert.deepStrictEqual(told(Scode.values.MAPI_W_ERRORS_RETURNED), [true, true, false])
    assert.deepStrictEqual(told(Scode.values.MAPI_E_CALL_FAILED), [false, false, true])
  })

  it("say by their names what they are", () => {
    for (const name of names) {
      const code = Scode.fromName(name)
      const kind = Scode.isFailure(code) ? "MAPI_E_" : Scode.isWarning(code) ? "MAPI_W_" : "S_OK"
      assert.isTrue(name.startsWith(kind), `${name} is a ${kind}`)
    }
  })

  it.prop("a name comes back from its number, whichever way that is read", [AName], ([name]) => {
    assert.strictEqual(Scode.nameOf(Scode.fromName(name)), name)
    assert.strictEqual(Scode.nameOf(Scode.signed(Scode.fromName(name))), name)
  })

  it.prop("both readings of a word are one code, in every function", [AnyReading], ([code]) => {
    const other = code < 0 ? code + 2 ** 32 : code >= 2 ** 31 ? code - 2 ** 32 : code
    for (const f of [
      Scode.unsigned,
      Scode.signed,
      Scode.nameOf,
      Scode.isFailure,
      Scode.isSuccess,
      Scode.isWarning,
      Scode.toHex,
      Scode.show,
      Scode.describe
    ]) {
      assert.strictEqual(f(code), f(other), f.name)
    }
    assert.strictEqual(Scode.unsigned(Scode.signed(code)), Scode.unsigned(code))
    assert.isTrue(Schema.is(Scode.Scode)(Scode.unsigned(code)))
  })

  it.prop("every word is exactly one of S_OK, warning and failure, by bit 31", [Word], ([code]) => {
    const kinds = [code === 0, Scode.isWarning(code), Scode.isFailure(code)]
    assert.strictEqual(kinds.filter(Boolean).length, 1)
    assert.strictEqual(Scode.isFailure(code), code >= 2 ** 31)
    assert.strictEqual(Scode.isSuccess(code), !Scode.isFailure(code))
  })

  const words = Arbitrary.schema(Word)
  it.prop("eight digits, from which the word comes back", [words], ([code]) => {
    assert.match(Scode.toHex(code), /^0x[0-9A-F]{8}$/)
    assert.strictEqual(Number(Scode.toHex(code)), code)
  })

  it("the schema takes words without a sign only", () => {
    const is = Schema.is(Scode.Scode)
    assert.deepStrictEqual([0, 0xffffffff, -1, 0x100000000, 0.5, Number.NaN].map(is), [
      true,
      true,
      false,
      false,
      false,
      false
    ])
  })
})
