import { assert, describe, it } from "@effect/vitest"
import * as Example from "../../src/laws/Example.ts"
import * as Standing from "../../src/laws/Standing.ts"

type Calls = ReadonlyArray<Example.Call>

const call = (name: string, result: string): Example.Call => ({ call: name, dll: "DEMO.DLL", result })
const logon = (result: string) => call("IMSProvider::Logon", result)
const configure = (result = "S_OK") => call("MSG_SERVICE_CONFIGURE", result)
const open = (...inside: Calls): Example.Call => ({ call: "IMAPISession::OpenMsgStore", inside })
const unconfigured = logon("MAPI_E_UNCONFIGURED")
const failed = { result: "MAPI_E_UNCONFIGURED", error: "Unconfigured" }

/** May the provider be called after all this? Null is in doubt. */
const usable = (...calls: Calls): boolean | null =>
  Standing.isUsable(Example.log(...calls).reduce<Standing.Standing>(Standing.after, "usable"))

describe("where a provider stands", () => {
  const cases: ReadonlyArray<readonly [string, Calls, boolean | null]> = [
    ["a success changes nothing", [logon("S_OK")], true],
    ["nor does a warning", [logon("MAPI_W_ERRORS_RETURNED")], true],
    ["nor the note", [logon("MAPI_E_FAILONEPROVIDER")], true],
    ["nor an interruption", [logon("interrupted")], true],
    ["nor flags that it does not know", [logon("MAPI_E_UNKNOWN_FLAGS")], true],
    ["nor an interface that it has not", [logon("MAPI_E_INTERFACE_NOT_SUPPORTED")], true],
    ["another failure disables", [logon("MAPI_E_LOGON_FAILED")], false],
    ["one without a name, too", [logon("0x8004FFFF")], false],
    ["for good", [logon("MAPI_E_LOGON_FAILED"), open(unconfigured, configure()), logon("S_OK")], false],
    ["the failure of a SpoolerLogon does not", [call("IMSProvider::SpoolerLogon", "MAPI_E_LOGON_FAILED")], true],
    ["nor that of MSProviderInit", [call("MSProviderInit", "MAPI_E_VERSION")], true],
    ["Unconfigured leaves it in doubt", [open(unconfigured)], null],
    ["until it is mended", [open(unconfigured, configure())], true],
    ["in its own open", [open(unconfigured), open(configure())], null],
    ["a second Unconfigured disables", [open(unconfigured, configure(), unconfigured)], false],
    ["mended or not", [open(unconfigured, unconfigured)], false],
    ["one in another open is a first", [open(unconfigured), open(unconfigured)], null],
    ["and may be where no open is known", [unconfigured, unconfigured], null],
    ["a service entry that fails disables", [open(unconfigured, configure("MAPI_E_LOGON_FAILED"))], false],
    ["Unconfigured, too", [open(unconfigured, configure("MAPI_E_UNCONFIGURED"))], false],
    ["but for the note", [open(unconfigured, configure("MAPI_E_FAILONEPROVIDER"))], true],
    ["an open that fails as Unconfigured was not mended", [{ ...open(unconfigured), ...failed }], false],
    ["one that fails as something else tells nothing", [{ ...open(), error: "FailOneProvider" }], true],
    ["one that fails otherwise may have been", [{ ...open(unconfigured), result: "interrupted" }], null]
  ]
  it.each(cases)("%s", (_, calls, expected) => {
    assert.strictEqual(usable(...calls), expected)
  })
})
