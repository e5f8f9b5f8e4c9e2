import { assert, describe, it } from "@effect/vitest"
import * as MapiSvcInf from "../src/MapiSvcInf.ts"
import { complaints, said } from "./support/inf.ts"

/** Section 10.1 of the protocol reference, with the sections that it leaves out. */
const demo = [
  "[Services]                     ; section name = service name",
  "DEMO=Demo Service",
  "[Default Services]             ; subset auto-added to default profiles",
  "DEMO=Demo Service",
  "[Help File Mappings]           ; service name = help file",
  "DEMO=demo.hlp",
  "",
  "[DEMO]                         ; one per service",
  "PR_DISPLAY_NAME=Demo Service",
  "Providers=DEMO Store, DEMO AB  ; links to provider sections (at least one)",
  "Sections=DEMO Extra            ; optional private sections",
  "PR_SERVICE_DLL_NAME=DEMO.DLL",
  "PR_SERVICE_ENTRY_NAME=ServiceEntry",
  "PR_RESOURCE_FLAGS=SERVICE_SINGLE_COPY",
  "[DEMO Store]                   ; one per provider; property lines only",
  "PR_DISPLAY_NAME=Demo Store",
  "PR_PROVIDER_DISPLAY=Demo Message Store",
  "PR_PROVIDER_DLL_NAME=DEMO.DLL",
  "PR_RESOURCE_TYPE=MAPI_STORE_PROVIDER",
  "PR_RESOURCE_FLAGS=STATUS_NO_DEFAULT_STORE",
  "34140102=00112233445566778899aabbccddeeff",
  "66000003=01000000",
  "[DEMO AB]",
  "PR_PROVIDER_DLL_NAME=DEMOAB.DLL",
  "PR_RESOURCE_TYPE=MAPI_AB_PROVIDER",
  "[DEMO Extra]",
  "UID=13DBB0C8AA05101A9BB000AA002FC45A"
]

const ofDemo: ReturnType<typeof said> = {
  services: [
    {
      name: "DEMO",
      displayName: "Demo Service",
      isDefault: true,
      helpFile: "demo.hlp",
      dllFileName: "DEMO.DLL",
      entryName: "ServiceEntry",
      flags: ["SERVICE_SINGLE_COPY"],
      providers: ["DEMO Store", "DEMO AB"],
      sections: ["DEMO Extra"],
      properties: ["PR_DISPLAY_NAME=Demo Service"]
    }
  ],
  providers: [
    {
      name: "DEMO Store",
      dllFileName: "DEMO.DLL",
      resourceType: "MAPI_STORE_PROVIDER",
      flags: ["STATUS_NO_DEFAULT_STORE"],
      properties: [
        "PR_DISPLAY_NAME=Demo Store",
        "PR_PROVIDER_DISPLAY=Demo Message Store",
        "34140102=<00112233445566778899aabbccddeeff>",
        "66000003=<01000000>"
      ]
    },
    {
      name: "DEMO AB",
      dllFileName: "DEMOAB.DLL",
      resourceType: "MAPI_AB_PROVIDER",
      flags: [],
      properties: []
    }
  ],
  sections: [{ name: "DEMO Extra", properties: ["UID=13DBB0C8AA05101A9BB000AA002FC45A"] }],
  helpFiles: []
}

describe("the file of the reference", () => {
  const inf = MapiSvcInf.parse(demo.join("\r\n"))

  it("is read, comments and all, without a complaint", () => {
    assert.deepStrictEqual(said(inf), ofDemo)
    assert.deepStrictEqual(inf.complaints, [])
  })

  it("has two providers, of which one serves stores", () => {
    assert.deepStrictEqual(inf.providers.map(MapiSvcInf.isStore), [true, false])
    assert.deepStrictEqual(MapiSvcInf.storeDlls(inf), ["DEMO.DLL"])
  })

  it("finds a property under its name and under its digits", () => {
    const uid = Uint8Array.of(
      ...[0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77],
      ...[0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff]
    )
    const [store] = inf.providers
    const find = (tag: string) => (store === undefined ? undefined : MapiSvcInf.property(store, tag))
    assert.deepStrictEqual(find("PR_MDB_PROVIDER"), uid)
    assert.deepStrictEqual(find("34140102"), uid)
    assert.strictEqual(find("3001001F"), "Demo Store") // the same property in its other width
    assert.strictEqual(find("PR_SERVICE_UID"), undefined)
  })

  it("is written with its fields first, and without its comments", () => {
    const text = MapiSvcInf.format(inf)
    assert.deepStrictEqual(text.split("\r\n"), [
      ...["[Services]", "DEMO=Demo Service", ""],
      ...["[Default Services]", "DEMO=Demo Service", ""],
      ...["[Help File Mappings]", "DEMO=demo.hlp", ""],
      "[DEMO]",
      "Providers=DEMO Store, DEMO AB",
      "Sections=DEMO Extra",
      "PR_SERVICE_DLL_NAME=DEMO.DLL",
      "PR_SERVICE_ENTRY_NAME=ServiceEntry",
      "PR_RESOURCE_FLAGS=SERVICE_SINGLE_COPY",
      "PR_DISPLAY_NAME=Demo Service",
      "",
      "[DEMO Store]",
      "PR_PROVIDER_DLL_NAME=DEMO.DLL",
      "PR_RESOURCE_TYPE=MAPI_STORE_PROVIDER",
      "PR_RESOURCE_FLAGS=STATUS_NO_DEFAULT_STORE",
      "PR_DISPLAY_NAME=Demo Store",
      "PR_PROVIDER_DISPLAY=Demo Message Store",
      "34140102=00112233445566778899aabbccddeeff",
      "66000003=01000000",
      "",
      ...["[DEMO AB]", "PR_PROVIDER_DLL_NAME=DEMOAB.DLL", "PR_RESOURCE_TYPE=MAPI_AB_PROVIDER", ""],
      ...["[DEMO Extra]", "UID=13DBB0C8AA05101A9BB000AA002FC45A", ""]
    ])
    assert.deepStrictEqual(said(MapiSvcInf.parse(text)), ofDemo)
  })
})

describe("the name that MAPI loads", () => {
  it.each([
    ["DEMO.DLL", "DEMO32.DLL"],
    ["demo", "demo32"],
    ["", "32"],
    [".DLL", "32.DLL"],
    ["C:\\my.app\\DEMO.DLL", "C:\\my32.app\\DEMO.DLL"]
  ])("of %j is %j", (name, loaded) => {
    assert.strictEqual(MapiSvcInf.loadedName(name), loaded)
  })
})

describe("how the text is written", () => {
  const text = demo.join("\r\n")
  const utf16 = (bigEndian: boolean, written: string) =>
    Uint8Array.from({ length: written.length * 2 }, (_, at) => {
      const unit = written.charCodeAt(at >> 1)
      return (at % 2 === 0) === bigEndian ? unit >> 8 : unit & 0xff
    })
  const utf8 = (written: string) => new TextEncoder().encode(written)

  it.each([
    ["UTF-16 LE with its mark", utf16(false, `\ufeff${text}`)],
    ["UTF-16 LE", utf16(false, text)],
    ["UTF-16 BE with its mark", utf16(true, `\ufeff${text}`)],
    ["UTF-16 BE", utf16(true, text)],
    ["UTF-8 with its mark", utf8(`\ufeff${text}`)],
    ["UTF-8", utf8(text)],
    ["text with a mark", `\ufeff${text}`],
    ["LF", utf8(demo.join("\n"))],
    ["CR", utf8(demo.join("\r"))],
    ["all three ends of line", utf8(demo.map((line, at) => line + ["\n", "\r\n", "\r"][at % 3]).join(""))],
    ["the end mark of DOS", utf8(`${text}\r\n\x1a`)],
    [
      "spaces around everything",
      utf8(demo.map((line) => `\t ${line.replace("=", " = ").replace(/,/g, " ,\t")}  `).join("\n"))
    ],
    [
      "other cases of names and keys",
      utf8(demo.map((line) => line.replace(/^[^;=]*/, (it) => it.toLowerCase())).join("\n"))
    ]
  ])("%s says the same", (name, input) => {
    const inf = MapiSvcInf.parse(input)
    const written = JSON.stringify(said(inf))
    if (name.startsWith("other")) assert.strictEqual(written.toUpperCase(), JSON.stringify(ofDemo).toUpperCase())
    else assert.strictEqual(written, JSON.stringify(ofDemo))
    assert.deepStrictEqual(inf.complaints, [])
  })

  it("names that are not ASCII are read in UTF-16 and in UTF-8", () => {
    const lines =
      "[Services]\n; ü\nDEMO=Dienst für Ärger\n[DEMO]\nProviders=Ägypten\n[ägypten]\nPR_PROVIDER_DLL_NAME=D.DLL\nPR_RESOURCE_TYPE=MAPI_AB"
    const [service, provider] = ["Dienst für Ärger", "ägypten"]
    for (const input of [lines, utf8(lines), utf16(false, lines), utf16(true, lines)]) {
      const inf = MapiSvcInf.parse(input)
      assert.deepStrictEqual([inf.services[0]?.displayName, inf.providers[0]?.name], [service, provider])
      assert.deepStrictEqual(inf.complaints, [])
    }
  })

  it("bytes that are neither are Windows-1252, and said to be a guess", () => {
    const bytes = Uint8Array.from("[Services]\nDEMO=20 \u0080 f\u00fcr alle", (it) => it.charCodeAt(0))
    const inf = MapiSvcInf.parse(bytes)
    assert.strictEqual(inf.services[0]?.displayName, "20 € für alle")
    assert.strictEqual(
      complaints(inf)[0],
      "2 warning encoding: this is no UTF-8: it is read as Windows-1252. " +
        "Check the names that are not ASCII, or save the file as UTF-16 with its mark."
    )
  })

  it("tags are told in upper case, other keys as they are written", () => {
    const inf = MapiSvcInf.parse("[Own]\npr_display_name=a\n660a001e=b\nUid=c")
    assert.deepStrictEqual(
      inf.sections[0]?.properties.map(({ tag }) => tag),
      ["PR_DISPLAY_NAME", "660A001E", "Uid"]
    )
  })

  it("UTF-8 that says so is UTF-8, however damaged", () => {
    const inf = MapiSvcInf.parse(Uint8Array.of(...utf8("\ufeff[Services]\nDEMO=für "), 0xfc))
    assert.strictEqual(inf.services[0]?.displayName, "für \ufffd")
    assert.strictEqual(inf.complaints[0]?.detail, "a character of this utf-8 is lost")
  })

  it("a character that is lost is said to be", () => {
    const inf = MapiSvcInf.parse(utf16(false, "\ufeff[Services]\r\nDEMO=Demo").subarray(0, -1))
    assert.deepStrictEqual([inf.services[0]?.displayName, inf.complaints[0]?.kind], ["Dem\ufffd", "encoding"])
    assert.strictEqual(inf.complaints[0]?.detail, "a character of this utf-16le is lost")
    assert.strictEqual(inf.complaints[0]?.line, 2)
  })
})

describe("what is written back", () => {
  const bare = { services: [], providers: [], sections: [], helpFiles: [] }

  it("nothing is a file, too", () => {
    assert.strictEqual(MapiSvcInf.format(bare), "[Services]\r\n")
    assert.deepStrictEqual(complaints(MapiSvcInf.parse("")), [
      "1 error missingSection: there is no section [Services]. Add it, with a line NAME=display name for each."
    ])
    assert.deepStrictEqual(said(MapiSvcInf.parse("")), bare)
  })

  it("a secret is not written, and no value can add a line", () => {
    const properties = [
      { tag: "67F0001E", value: "hunter2" },
      { tag: "PR_SERVICE_UID", value: Uint8Array.of(1) },
      { tag: "PR_DISPLAY_NAME", value: "Demo\r\n[Services]\r\nEVIL=yes ; and no" },
      { tag: "66000102", value: Uint8Array.of(0xca, 0xfe) }
    ]
    const text = MapiSvcInf.format({ ...bare, sections: [{ name: "X\n[Y]", properties }] })
    assert.strictEqual(
      text,
      "[Services]\r\n\r\n[X [Y]]\r\nPR_DISPLAY_NAME=Demo [Services] EVIL=yes , and no\r\n66000102=cafe\r\n"
    )
  })
})
