/** Files that others made: all that they say, and all that there is to complain of. */
import { existsSync, readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import * as MapiSvcInf from "../src/MapiSvcInf.ts"
import { complaints, said } from "./support/inf.ts"

const samples = new URL("../../shared/data/inf/", import.meta.url)
const absent = !existsSync(samples)
describe.skipIf(absent)(`files of others${absent ? " (skipped: ../shared/data is not here)" : ""}`, () => {
  const read = (file: string) => MapiSvcInf.parse(readFileSync(new URL(file, samples)), { file })

  it("Kopano's: a DLL that only the service names, and a name that only Kopano knows", () => {
    const inf = read("kopano-core__kopano.inf")
    const display = "PR_PROVIDER_DISPLAY=Kopano Message Store"
    assert.deepStrictEqual(said(inf), {
      services: [
        {
          name: "ZARAFA6",
          displayName: "Kopano Server",
          isDefault: false,
          helpFile: null,
          dllFileName: "zarafa6client.dll",
          entryName: "MSGServiceEntry",
          flags: ["SERVICE_SINGLE_COPY", "SERVICE_PRIMARY_IDENTITY"],
          providers: ["ZARAFA6_ABP", "ZARAFA6_MSMDB_private", "ZARAFA6_MSMDB_public"],
          sections: [],
          properties: ["PR_DISPLAY_NAME=Kopano Server", "PR_SERVICE_SO_NAME=libkcclient.so"]
        }
      ],
      providers: [
        {
          name: "ZARAFA6_ABP",
          dllFileName: null,
          resourceType: "MAPI_AB_PROVIDER",
          flags: [],
          properties: [
            "PR_PROVIDER_DISPLAY=Kopano Directory Service",
            "PR_DISPLAY_NAME=Kopano Directory Service",
            "PR_AB_PROVIDER_ID=<ac21a95040d3ee48b319fba753304425>"
          ]
        },
        {
          name: "ZARAFA6_MSMDB_private",
          dllFileName: null,
          resourceType: "MAPI_STORE_PROVIDER",
          flags: ["STATUS_DEFAULT_STORE", "STATUS_PRIMARY_IDENTITY", "STATUS_PRIMARY_STORE"],
          properties: [
            display,
            "PR_MDB_PROVIDER=<ca3d253c27d23c4494fe425fab958c19>",
            "PR_DISPLAY_NAME=Private Folders",
            "660A0003=<01000000>",
            "66090003=<0c000000>"
          ]
        },
        {
          name: "ZARAFA6_MSMDB_public",
          dllFileName: null,
          resourceType: "MAPI_STORE_PROVIDER",
          flags: ["STATUS_NO_DEFAULT_STORE"],
          properties: [
            display,
            "PR_MDB_PROVIDER=<094a7fd4bdd33c49b2fc3c90bbcb48d4>",
            "PR_DISPLAY_NAME=Public Folders",
            "660A0003=<03000000>",
            "66090003=<06000000>"
          ]
        }
      ],
      sections: [],
      helpFiles: []
    })
    const taken = (name: string) =>
      `provider "${name}" names no DLL: that of service "ZARAFA6", "zarafa6client.dll", is taken. ` +
      "Add PR_PROVIDER_DLL_NAME, which MAPI requires of a provider."
    assert.deepStrictEqual(complaints(inf), [
      '8 warning unknownName: "PR_SERVICE_SO_NAME" is no name that MAPI gives a property. Write its eight hex digits.',
      `15 warning serviceDll: ${taken("ZARAFA6_ABP")}`,
      `22 warning serviceDll: ${taken("ZARAFA6_MSMDB_private")}`,
      `32 warning serviceDll: ${taken("ZARAFA6_MSMDB_public")}`
    ])
    assert.deepStrictEqual(
      inf.complaints.map(({ file }) => file),
      Array(4).fill("kopano-core__kopano.inf")
    )
    assert.deepStrictEqual(MapiSvcInf.storeDlls(inf), ["zarafa6client.dll"])
  })

  it("Microsoft's: six providers of one service, and nothing to complain of", () => {
    const inf = read("ms-kb-Q294470__msems.inf")
    const install = "PR_SERVICE_INSTALL_ID={6485D26A-C2AC-11D1-AD3E-10A0C911C9C0}"
    const named = (name: string, display = name) => [`PR_DISPLAY_NAME=${name}`, `PR_PROVIDER_DISPLAY=${display}`]
    const store = "Microsoft Exchange Message Store"
    assert.deepStrictEqual(said(inf), {
      services: [
        {
          name: "MSEMS",
          displayName: "Microsoft Exchange Server",
          isDefault: true,
          helpFile: null,
          dllFileName: "emsui.dll",
          entryName: "EMSCfg",
          flags: ["SERVICE_SINGLE_COPY"],
          providers: ["EMS_DSA", "EMS_MDB_public", "EMS_MDB_private", "EMS_RXP", "EMS_MSX", "EMS_Hook"],
          sections: ["MSEMS_MSMail_Section"],
          properties: [
            "PR_DISPLAY_NAME=Microsoft Exchange Server",
            install,
            "WIZARD_ENTRY_NAME=EMSWizardEntry",
            "PR_SERVICE_SUPPORT_FILES=emsui.dll,emsabp.dll,emsmdb.dll"
          ]
        }
      ],
      providers: [
        {
          name: "EMS_MDB_public",
          dllFileName: "EMSMDB.DLL",
          resourceType: "MAPI_STORE_PROVIDER",
          flags: ["STATUS_NO_DEFAULT_STORE"],
          properties: [
            install,
            "66090003=<06000000>",
            "660A0003=<03000000>",
            "34140102=<78b2fa70aff711cd9bc800aa002fc45a>",
            ...named("Public Folders", store)
          ]
        },
        {
          name: "EMS_MDB_private",
          dllFileName: "EMSMDB.DLL",
          resourceType: "MAPI_STORE_PROVIDER",
          flags: ["STATUS_DEFAULT_STORE", "STATUS_PRIMARY_IDENTITY", "STATUS_PRIMARY_STORE"],
          properties: [
            install,
            "66090003=<0c000000>",
            "660A0003=<01000000>",
            "34140102=<5494a1c0297f101ba58708002b2a2517>",
            ...named("Private Folders", store)
          ]
        },
        {
          name: "EMS_DSA",
          dllFileName: "EMSABP.DLL",
          resourceType: "MAPI_AB_PROVIDER",
          flags: [],
          properties: [...named("Microsoft Exchange Directory Service"), install]
        },
        {
          name: "EMS_RXP",
          dllFileName: "EMSUI.DLL",
          resourceType: "MAPI_TRANSPORT_PROVIDER",
          flags: [],
          properties: [
            ...named("Microsoft Exchange Remote Transport"),
            install,
            "66090003=<40000000>",
            "660A0003=<0a000000>"
          ]
        },
        {
          name: "EMS_MSX",
          dllFileName: "EMSMDB.DLL",
          resourceType: "MAPI_TRANSPORT_PROVIDER",
          flags: [],
          properties: [...named("Microsoft Exchange Transport"), install, "66090003=<00000000>"]
        },
        {
          name: "EMS_Hook",
          dllFileName: "EMSMDB.DLL",
          resourceType: "MAPI_HOOK_PROVIDER",
          flags: ["HOOK_INBOUND"],
          properties: [...named("MS Exchange Hook"), install]
        }
      ],
      sections: [
        {
          name: "MSEMS_MSMail_Section",
          properties: [
            "UID=13DBB0C8AA05101A9BB000AA002FC45A",
            "66000003=<01050000>",
            "66010003=<04000000>",
            "66050003=<03000000>",
            "66040003=<02000000>"
          ]
        }
      ],
      helpFiles: []
    })
    assert.deepStrictEqual(complaints(inf), [])
    assert.deepStrictEqual(MapiSvcInf.storeDlls(inf), ["EMSMDB.DLL"])
  })

  it.each(["kopano-core__kopano.inf", "ms-kb-Q294470__msems.inf"])(
    "%s, written and read again, says the same",
    (file) => {
      const inf = read(file)
      const text = MapiSvcInf.format(inf)
      assert.deepStrictEqual(said(MapiSvcInf.parse(text)), said(inf))
      assert.strictEqual(MapiSvcInf.format(MapiSvcInf.parse(text)), text)
    }
  )
})
