import { assert, describe, it } from "@effect/vitest"
import * as Inf from "../../src/diagram/Inf.ts"
import * as MapiSvcInf from "../../src/MapiSvcInf.ts"

const shown = (...lines: ReadonlyArray<string>) =>
  Inf.describe(MapiSvcInf.parse(lines.join("\n"), { file: "demo.inf" }))

describe("a MAPISVC.INF as text", () => {
  it("services, their providers, and where each lives; then what is wrong", () => {
    assert.deepStrictEqual(
      shown(
        ...["[Services]", "DEMO=Demo Service", "BARE=Bare", "[Default Services]", "DEMO=Demo Service"],
        ...["[Help File Mappings]", "DEMO=demo.hlp"],
        ...["[DEMO]", "Providers=DEMO Store, DEMO AB", "PR_SERVICE_DLL_NAME=DEMO.DLL", "PR_SERVICE_ENTRY_NAME=Entry"],
        ...["PR_RESOURCE_FLAGS=SERVICE_SINGLE_COPY", "[BARE]", "Providers=DEMO AB"],
        ...["[DEMO Store]", "PR_RESOURCE_TYPE=MAPI_STORE_PROVIDER", "PR_RESOURCE_FLAGS=STATUS_NO_DEFAULT_STORE"],
        ...["[DEMO AB]", "PR_PROVIDER_DLL_NAME=AB.DLL", "PR_RESOURCE_TYPE=MAPI_AB_PROVIDER"],
        ...["[Loose]", "PR_PROVIDER_DISPLAY=Loose"]
      ),
      [
        "DEMO: Demo Service (default)",
        "  DLL DEMO.DLL, loaded as DEMO32.DLL; entry Entry",
        "  SERVICE_SINGLE_COPY",
        "  help demo.hlp",
        "  provider DEMO Store: MAPI_STORE_PROVIDER",
        "    DLL DEMO.DLL, its service's, loaded as DEMO32.DLL",
        "    STATUS_NO_DEFAULT_STORE",
        "  provider DEMO AB: MAPI_AB_PROVIDER (no store)",
        "    DLL AB.DLL, loaded as AB32.DLL",
        "BARE: Bare",
        "  no DLL",
        "of no service:",
        "  provider Loose: of no known type (no store)",
        "    no DLL",
        "stores are served by DEMO.DLL",
        'demo.inf:15: warning: provider "DEMO Store" names no DLL: that of service "DEMO", "DEMO.DLL", is taken',
        "  Add PR_PROVIDER_DLL_NAME, which MAPI requires of a provider.",
        'demo.inf:21: warning: no service lists provider "Loose"',
        "  List it, or delete it.",
        'demo.inf:21: error: provider "Loose" names no DLL, nor does its service',
        "  Add PR_PROVIDER_DLL_NAME.",
        'demo.inf:21: error: provider "Loose" has no type',
        "  Add PR_RESOURCE_TYPE=MAPI_STORE_PROVIDER, or what it is."
      ]
    )
  })

  it("nothing is said, too", () => {
    assert.deepStrictEqual(shown(), [
      "no stores are served",
      "demo.inf:1: error: there is no section [Services]",
      "  Add it, with a line NAME=display name for each."
    ])
  })

  it("a terminal shows every line as it is: no control character, no change of direction, no value of a property", () => {
    const lines = shown(
      "[Services]",
      "\u001b[31mA=x\u2028\u202ey",
      "[\u001b[31mA]",
      "Providers=\u0007B",
      "6600001E=hidden"
    )
    assert.deepStrictEqual(lines, [
      " [31mA: x y",
      "  no DLL",
      "no stores are served",
      'demo.inf:4: error: there is no section "\\u0007B"',
      "  Add the section, or drop its name here."
    ])
  })
})
