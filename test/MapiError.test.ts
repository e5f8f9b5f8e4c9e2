import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import * as MapiError from "../src/MapiError.ts"
import * as Scode from "../src/Scode.ts"

const about = { subject: "DEMO.DLL", detail: "it is scripted" }

/** One of each, with the name of its SCODE and the advice that it gives unless told otherwise. */
const errors = [
  [
    new MapiError.LoadFailed({ ...about, reason: "threw" }),
    "MAPI_E_CALL_FAILED",
    "Check the module that this DLL name is registered with, then open again."
  ],
  [new MapiError.VersionMismatch(about), "MAPI_E_VERSION", "Use a provider that speaks this library's version."],
  [
    new MapiError.InvalidEntryId({ ...about, offset: 4, expected: "muidStoreWrap", found: "39" }),
    "MAPI_E_INVALID_ENTRYID",
    "Pass the wrapped entry id of a message store."
  ],
  [new MapiError.UnknownEntryId(about), "MAPI_E_UNKNOWN_ENTRYID", "Register a provider for that DLL, then open again."],
  [
    new MapiError.InvalidObject(about),
    "MAPI_E_INVALID_OBJECT",
    "Open the store again, in a session that is still logged on."
  ],
  [
    new MapiError.ProviderDisabled(about),
    "MAPI_E_CALL_FAILED",
    "Mend what made that Logon fail, then log on to a new session."
  ],
  [
    new MapiError.OverRelease(about),
    "MAPI_E_INVALID_OBJECT",
    "Release each reference once: pair every AddRef with one Release."
  ],
  [
    new MapiError.FailOneProvider(about),
    "MAPI_E_FAILONEPROVIDER",
    "Ask for the password and open the store again in the same session."
  ],
  [new MapiError.LogonFailed(about), "MAPI_E_LOGON_FAILED", "Mend the cause, then log on to a new session."],
  [
    new MapiError.Unconfigured(about),
    "MAPI_E_UNCONFIGURED",
    "Configure the message service in the profile, then log on to a new session."
  ],
  [new MapiError.UserCancel(about), "MAPI_E_USER_CANCEL", "Log on to a new session to be asked again."],
  [new MapiError.UnknownCpid(about), "MAPI_E_UNKNOWN_CPID", "Log on with a code page that the store knows."],
  [new MapiError.UnknownLcid(about), "MAPI_E_UNKNOWN_LCID", "Log on with a locale that the store knows."],
  [new MapiError.NoAccess(about), "MAPI_E_NO_ACCESS", "Check the permissions, or ask for less access."],
  [new MapiError.NotFound(about), "MAPI_E_NOT_FOUND", "Check that what the id names still exists."],
  [
    new MapiError.InterfaceNotSupported(about),
    "MAPI_E_INTERFACE_NOT_SUPPORTED",
    "Ask for an interface that the object offers."
  ],
  [new MapiError.UnknownFlags(about), "MAPI_E_UNKNOWN_FLAGS", "Leave that flag out."],
  [new MapiError.InvalidParameter(about), "MAPI_E_INVALID_PARAMETER", "Correct the argument and call again."],
  [
    new MapiError.ProviderFailed(about),
    "MAPI_E_CALL_FAILED",
    "Look at what the provider reported; other providers and open stores are unharmed."
  ]
] as const
const rows = errors.map(([error, scode, advice]) => [error._tag, error, scode, advice] as const)

const providers = [
  "FailOneProvider",
  "LogonFailed",
  "Unconfigured",
  "UserCancel",
  "UnknownCpid",
  "UnknownLcid",
  "NoAccess",
  "NotFound",
  "InterfaceNotSupported",
  "UnknownFlags",
  "InvalidParameter",
  "ProviderFailed"
]
const objects = ["InvalidObject", "NoAccess", "NotFound", "InvalidParameter", "UnknownFlags", "ProviderFailed"]

describe("the errors", () => {
  it("are all there", () => {
    const tags = (members: ReadonlyArray<{ readonly identifier: string }>) =>
      members.map(({ identifier }) => identifier)
    assert.deepStrictEqual(
      tags(MapiError.MapiError.members),
      rows.map(([tag]) => tag)
    )
    assert.deepStrictEqual(tags(MapiError.ProviderError.members), providers)
    assert.deepStrictEqual(tags(MapiError.ObjectError.members), objects)
  })

  it.each(rows)("%s: SCODE, place and words", (_, error, scode, advice) => {
    assert.strictEqual(Scode.nameOf(error.scode), scode)
    assert.isTrue(Scode.isFailure(error.scode))
    assert.strictEqual(error.step, null)
    assert.strictEqual(error.message, `DEMO.DLL: it is scripted. ${advice}`)
    assert.strictEqual(String(error), `${error._tag}: DEMO.DLL: it is scripted. ${advice}`)
    assert.instanceOf(error, Error)
  })

  it.each(rows)("%s survives a trace file: its schema encodes and decodes it", (_, error) => {
    const Codec = Schema.fromJsonString(MapiError.MapiError)
    const text = Schema.encodeSync(Codec)(MapiError.at(error, 4))
    const back = Schema.decodeUnknownSync(Codec)(text)
    assert.strictEqual(back.constructor, error.constructor)
    assert.deepStrictEqual({ ...back }, { ...error, step: 4 })
    assert.deepStrictEqual(JSON.parse(text), { ...error, step: 4 })
  })

  it.each(rows)("%s placed at a step keeps its class, its fields and, where nothing is said, its words", (_, error) => {
    const placed = MapiError.at(error, 4)
    assert.strictEqual(placed.constructor, error.constructor)
    assert.deepStrictEqual({ ...placed }, { ...error, step: 4 })
    assert.strictEqual(error.step, null)
    const retold = MapiError.at(placed, null, { subject: "Inbox", detail: "it is locked", advice: "Ask." })
    assert.deepStrictEqual({ ...retold }, { ...error, subject: "Inbox", detail: "it is locked", advice: "Ask." })
    assert.strictEqual(retold.message, "Inbox: it is locked. Ask.")
  })

  it.each(rows)("%s is what a provider, an object, or nobody but MAPI may answer", (tag, error) => {
    assert.strictEqual(MapiError.isProviderError(error), providers.includes(tag))
    assert.strictEqual(MapiError.isObjectError(error), objects.includes(tag))
    assert.isTrue(MapiError.isMapiError(error))
  })

  it("what merely looks like one is none", () => {
    const lookalike = { ...new MapiError.FailOneProvider(about) }
    for (const value of [lookalike, new Error("FailOneProvider"), "FailOneProvider", null, undefined]) {
      assert.isFalse(MapiError.isProviderError(value))
      assert.isFalse(MapiError.isMapiError(value))
    }
  })

  it("are equal by value", () => {
    assert.deepStrictEqual(new MapiError.NotFound(about), new MapiError.NotFound(about))
    assert.notDeepEqual(new MapiError.NotFound(about), new MapiError.NotFound({ ...about, subject: "Inbox" }))
  })
})

describe("ProviderFailed, the open end of the set", () => {
  const make = (scode: number) => MapiError.ProviderFailed.makeEffect({ ...about, scode })

  it.each([
    ["a code with a name", Scode.values.MAPI_E_CORRUPT_STORE],
    ["a code without one", 0x80041234]
  ])("carries %s", (_, scode) => {
    assert.strictEqual(new MapiError.ProviderFailed({ ...about, scode }).scode, scode)
  })

  it.effect("a success, a warning, and what is no unsigned word are no failures", () =>
    Effect.gen(function* () {
      for (const scode of [0, Scode.values.MAPI_W_ERRORS_RETURNED, -2147467259, 2 ** 32, 0.5]) {
        assert.isTrue(Exit.isFailure(yield* Effect.exit(make(scode))), String(scode))
      }
    })
  )

  const Failure = Schema.Int.check(Schema.isBetween({ minimum: 0x80000000, maximum: 0xffffffff }))
  it.prop("any word with bit 31 set", [Failure], ([scode]) => {
    const error = new MapiError.ProviderFailed({ ...about, scode })
    assert.isTrue(MapiError.isProviderError(error))
    assert.strictEqual(MapiError.at(error, 8).scode, scode)
  })
})
