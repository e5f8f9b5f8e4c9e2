import { assert, describe, it } from "@effect/vitest"
import * as Hex from "effect/encoding/Hex"
import { severities } from "../src/internal/infComplaint.ts"
import * as MapiSvcInf from "../src/MapiSvcInf.ts"

/** A file without a fault, in which each case below changes something. Its last section is open for more lines. */
const service = ["[Services]", "DEMO=Demo", "[DEMO]", "Providers=Store"]
const store = ["[Store]", "PR_PROVIDER_DLL_NAME=DEMO.DLL", "PR_RESOURCE_TYPE=MAPI_STORE_PROVIDER"]
const file = [...service, ...store]

const complaints = (lines: ReadonlyArray<string>) =>
  MapiSvcInf.parse(lines.join("\n")).complaints.map(
    ({ advice, detail, kind, line }) => `${line} ${kind}: ${detail}. ${advice}`
  )

const write = "Write a PR_ name, or eight hex digits: four of the property's id, four of its type."
const bracket = "Write the name in brackets, and nothing else on the line."
const missing = (name: string) => `there is no section "${name}". Add the section, or drop its name here.`
const comment =
  'what follows the ; behind the value of "PR_DISPLAY_NAME" is taken for a comment. ' +
  "Write a comment on its own line; or the ; without a space before it."
const serviceFlags =
  "Use its own: SERVICE_DEFAULT_STORE, SERVICE_SINGLE_COPY, SERVICE_CREATE_WITH_STORE, SERVICE_PRIMARY_IDENTITY, " +
  "SERVICE_NO_PRIMARY_IDENTITY."
const types =
  "Use one of MAPI_STORE_PROVIDER, MAPI_AB, MAPI_AB_PROVIDER, MAPI_TRANSPORT_PROVIDER, MAPI_SPOOLER, " +
  "MAPI_PROFILE_PROVIDER, MAPI_SUBSYSTEM, MAPI_HOOK_PROVIDER."
const anywhere = "Check its spelling, or move it to a section of the service's own."
const noDll = 'provider "Store" names no DLL, nor does its service. Add PR_PROVIDER_DLL_NAME.'

interface Case {
  readonly what: string
  readonly lines: ReadonlyArray<string>
  readonly wanted: ReadonlyArray<string>
}

const more = (what: string, lines: ReadonlyArray<string>, ...wanted: ReadonlyArray<string>): Case => ({
  what,
  lines: [...file, ...lines],
  wanted
})

const cases: ReadonlyArray<Case> = [
  more("no fault", ["; a=b", "# a=b", "#", ";"]),
  more(
    "a line that is nothing",
    ["hunter2", "=hunter2"],
    "8 strayLine: neither a section, an entry, nor a comment. Write key=value, or a ; before it.",
    "9 strayLine: neither a section, an entry, nor a comment. Write key=value, or a ; before it."
  ),
  {
    what: "an entry above all sections",
    lines: ["A=1", ...file],
    wanted: [`1 outsideSection: entry "A" is in no section. Write its section's header above it.`]
  },
  {
    what: "headers that are not quite",
    lines: [...service, "[Store", ...store.slice(1), "[]", "A=1", "[ ]", "B=1"],
    wanted: [
      `5 badHeader: the header of "Store" has no closing bracket. ${bracket}`,
      `8 badHeader: a section without a name: its entries are left out. ${bracket}`,
      `10 badHeader: a section without a name: its entries are left out. ${bracket}`
    ]
  },
  {
    what: "text after a header",
    lines: [...service, "[Store] x", ...store.slice(1)],
    wanted: [`5 badHeader: there is text after the header of "Store". ${bracket}`]
  },
  more("a comment behind free text", ["PR_DISPLAY_NAME=a ; b"], `8 trailingComment: ${comment}`),
  more("comments behind what is not free text", ["PR_RESOURCE_FLAGS=STATUS_OWN_STORE ; a", "66000003=01000000 ;b"]),
  more(
    "a section twice",
    ["[STORE]", "PR_RESOURCE_TYPE=MAPI_AB", "PR_DISPLAY_NAME=a"],
    '8 duplicateSection: section "STORE" is in line 5 already: the two are read as one. ' +
      "Move these entries to the first, and drop this header.",
    '9 duplicateKey: "PR_RESOURCE_TYPE" is in line 7 already, which is the one that counts. Drop one of the two.'
  ),
  more(
    "a property twice, by name and by tag",
    ["PR_MDB_PROVIDER=00", "34140102=00"],
    '9 duplicateKey: "34140102" is in line 8 already, which is the one that counts. Drop one of the two.'
  ),
  {
    what: "a service twice, and a provider twice in its list",
    lines: ["[Services]", "DEMO=Demo", "demo=Other", "[DEMO]", "Providers=Store, STORE", ...store],
    wanted: [
      '3 duplicateKey: "demo" is in line 2 already, which is the one that counts. Drop one of the two.',
      "5 duplicateKey: a section is in this list twice. Name each section once."
    ]
  },
  {
    what: "sections that are not there",
    lines: ["[Services]", "DEMO=Demo", "GONE=Gone", "[DEMO]", "Providers=Store, No", "Sections=None", ...store],
    wanted: [
      `3 missingSection: ${missing("GONE")}`,
      `5 missingSection: ${missing("No")}`,
      `6 missingSection: ${missing("None")}`
    ]
  },
  {
    what: "no services",
    lines: store,
    wanted: [
      "1 missingSection: there is no section [Services]. Add it, with a line NAME=display name for each.",
      '1 danglingSection: no service lists provider "Store". List it, or delete it.'
    ]
  },
  more(
    "sections that nothing names",
    ["[Delegate]", "300A001F=DEMO.DLL", "3E030003=21000000", "[Loose]", "A=1"],
    '8 danglingSection: no service lists provider "Delegate". List it, or delete it.',
    '11 danglingSection: no service lists section "Loose". List it, or delete it.'
  ),
  {
    what: "a section of two trades",
    lines: ["[Services]", "DEMO=Demo", "[DEMO]", "Providers=Store, DEMO, services", "Sections=Store", ...store],
    wanted: [
      '4 twoRoles: section "DEMO" is named as a provider here, and is a service already. Give each a section of its own.',
      '4 twoRoles: section "services" is named as a provider here, and is a table already. Give each a section of its own.',
      '5 twoRoles: section "Store" is named as a section here, and is a provider already. Give each a section of its own.'
    ]
  },
  {
    what: "a service of the name of a table",
    lines: ["[Services]", "DEMO=Demo", "services=Providers", "[DEMO]", "Providers=Store", ...store],
    wanted: [
      '3 twoRoles: section "services" is named as a service here, and is a table already. Give each a section of its own.'
    ]
  },
  more(
    "a default service that is not installed",
    ["[Default Services]", "OTHER=Other", "[OTHER]", "Providers=Store"],
    '9 unlistedService: default service "OTHER" is not in [Services]. Add it there, too.'
  ),
  {
    what: "a service without providers",
    lines: ["[Services]", "DEMO=Demo", "[DEMO]", "Providers= , "],
    wanted: ['3 missingEntry: service "DEMO" lists no provider. Add Providers=NAME.']
  },
  {
    what: "a provider without a DLL or a type",
    lines: [...service, "[Store]"],
    wanted: [
      `5 missingEntry: ${noDll}`,
      '5 missingEntry: provider "Store" has no type. Add PR_RESOURCE_TYPE=MAPI_STORE_PROVIDER, or what it is.'
    ]
  },
  {
    what: "a DLL that only the service names",
    lines: [...service, "PR_SERVICE_DLL_NAME=DEMO.DLL", "[Store]", "PR_RESOURCE_TYPE=MAPI_STORE_PROVIDER"],
    wanted: [
      '6 serviceDll: provider "Store" names no DLL: that of service "DEMO", "DEMO.DLL", is taken. ' +
        "Add PR_PROVIDER_DLL_NAME, which MAPI requires of a provider."
    ]
  },
  {
    what: "words where there are only properties",
    lines: [...service, "Color=red", "WIZARD_ENTRY_NAME=Entry", ...store, "Providers=Store"],
    wanted: [
      `5 unknownKey: "Color" is neither the name nor the tag of a property. ${anywhere}`,
      `10 unknownKey: "Providers" is neither the name nor the tag of a property. ${anywhere}`
    ]
  },
  more(
    "names and tags that MAPI does not know",
    ["PR_COLOUR=red", "6600000=1", "0x66000003=1", "00000003=01000000", "6600FFFF=1", "6600101E=a, b", "66001102=x"],
    '8 unknownName: "PR_COLOUR" is no name that MAPI gives a property. Write its eight hex digits.',
    `9 badTag: tag "6600000" is not eight hex digits. ${write}`,
    `10 badTag: tag "0x66000003" is not eight hex digits. ${write}`,
    `11 badTag: tag 00000003 has no property id. ${write}`,
    `12 badTag: tag 6600FFFF ends in no property type. ${write}`
  ),
  more(
    "values that are no hex",
    ["66000003=1", "66010003=0100000g", "66020102=abc", "PR_MDB_PROVIDER=x", "66030003=0100", "66040003="],
    "8 badValue: the value of 66000003 is no PT_LONG. Write eight hex digits, the lowest byte first.",
    "9 badValue: the value of 66010003 is no PT_LONG. Write eight hex digits, the lowest byte first.",
    "10 badValue: the value of 66020102 is no PT_BINARY. Write two hex digits a byte.",
    "11 badValue: the value of PR_MDB_PROVIDER is no PT_BINARY. Write two hex digits a byte.",
    "12 badValue: the value of 66030003 is no PT_LONG. Write eight hex digits, the lowest byte first.",
    "13 badValue: the value of 66040003 is no PT_LONG. Write eight hex digits, the lowest byte first."
  ),
  {
    what: "flags of something else",
    lines: [...service, "PR_RESOURCE_FLAGS=SERVICE_SINGLE_COPY|STATUS_OWN_STORE| bogus", ...store],
    wanted: [`5 unknownFlag: PR_RESOURCE_FLAGS of a service has no flag "STATUS_OWN_STORE", "BOGUS". ${serviceFlags}`]
  },
  {
    what: "flags as a number",
    lines: [...service, "30090003=02000080", ...store],
    wanted: [`5 unknownFlag: PR_RESOURCE_FLAGS of a service has no flag 0x80000000. ${serviceFlags}`]
  },
  {
    what: "a type that there is not",
    lines: [...service, ...store.slice(0, 2), "PR_RESOURCE_TYPE=33"],
    wanted: [`7 unknownResourceType: "33" is no type of provider. ${types}`]
  },
  ...[
    ['"DEMO32.DLL" has the 32 already: MAPI would load "DEMO3232.DLL". Leave the 32 out: MAPI adds it.', "DEMO32.DLL"],
    ['"a.b.dll" has two dots: MAPI would load "a32.b.dll". Use a name and a folder without other dots.', "a.b.dll"],
    ['"Größe.dll" is not ASCII: no entry id can hold it. Rename the DLL.', "Größe.dll"]
  ].map(([wanted, name = ""]) => ({
    what: `a DLL of the name ${name}`,
    lines: [...service, "[Store]", "PR_RESOURCE_TYPE=MAPI_STORE_PROVIDER", `PR_PROVIDER_DLL_NAME=${name}`],
    wanted: [`7 dllName: ${wanted}`]
  })),
  {
    what: "a DLL without a name",
    lines: [...service, "[Store]", "PR_RESOURCE_TYPE=MAPI_STORE_PROVIDER", "PR_PROVIDER_DLL_NAME="],
    wanted: [
      `5 missingEntry: ${noDll}`,
      "7 badValue: PR_PROVIDER_DLL_NAME names no DLL. Write its base name, such as DEMO.DLL."
    ]
  },
  {
    what: "an identifier that MAPI computes",
    lines: [...service, "PR_SERVICE_UID=00112233445566778899aabbccddeeff", "3D0C0102=00", ...store],
    wanted: [
      "5 computedByMapi: MAPI computes PR_SERVICE_UID itself: the value is left out. Delete the line.",
      '6 duplicateKey: "3D0C0102" is in line 5 already, which is the one that counts. Drop one of the two.'
    ]
  },
  more(
    "a help file of what is no service, and two of one service",
    ["[Help File Mappings]", "MAPI=mapi.hlp", "demo=demo.hlp", "DEMO =other.hlp"],
    '9 helpFile: "MAPI" is no service of this file. Check the name, if it should be one.',
    '11 duplicateKey: "DEMO" is in line 10 already, which is the one that counts. Drop one of the two.'
  ),
  {
    what: "a help file by name, and by display name",
    lines: ["[Services]", "A=Demo", "[A]", "Providers=Store", ...store, "[Help File Mappings]", "Demo=1", "A=2"],
    wanted: ['10 duplicateKey: service "A" has a help file already. Drop one of the two.']
  }
]

describe("what is wrong with a file", () => {
  it.each(cases)("$what", ({ lines, wanted }) => {
    assert.deepStrictEqual(complaints(lines), wanted)
  })

  it("is of every kind that there is, encodings and secrets aside", () => {
    const found = new Set(cases.flatMap(({ wanted }) => wanted.map((it) => /^\d+ (\w+):/.exec(it)?.[1])))
    const kinds = Object.keys(severities).filter((kind) => !["encoding", "secret"].includes(kind))
    assert.deepStrictEqual(
      kinds.filter((kind) => !found.has(kind)),
      []
    )
  })

  it("names the file that it was said to be, or MAPISVC.INF", () => {
    const files = [MapiSvcInf.parse(""), MapiSvcInf.parse("", { file: "demo.inf" })]
    assert.deepStrictEqual(
      files.map(({ complaints: [first] }) => first?.file),
      ["MAPISVC.INF", "demo.inf"]
    )
  })

  it("a name that is long is cut, where it is told", () => {
    const [first] = complaints([...service, ...store, `${"X".repeat(100_000)}=1`])
    assert.isBelow(first?.length ?? 0, 250)
  })
})

describe("what is left of a faulty file", () => {
  it("everything that can be used", () => {
    const inf = MapiSvcInf.parse(
      [
        ...[
          "[Services",
          "DEMO=Demo",
          "[Default Services]",
          "demo=Demo",
          "EXTRA=Extra",
          "[DEMO",
          "Providers=Store, No,,"
        ],
        ...[
          "PR_RESOURCE_FLAGS=BOGUS|SERVICE_SINGLE_COPY",
          "bogus",
          "[Store]",
          "PR_PROVIDER_DLL_NAME=A.DLL",
          "[]",
          "a=b"
        ],
        ...["[store]", "PR_RESOURCE_TYPE=21000000", "PR_RESOURCE_FLAGS=02000000", "66000003=zz", "[Delegate]"],
        ...["PR_PROVIDER_DLL_NAME=a.dll", "PR_RESOURCE_TYPE=MAPI_STORE_PROVIDER", "[Odd]", "PR_PROVIDER_DISPLAY=Odd"]
      ].join("\n")
    )
    assert.deepStrictEqual(
      inf.services.map(({ flags, isDefault, name, providers }) => ({ name, isDefault, flags, providers })),
      [
        { name: "DEMO", isDefault: true, flags: ["SERVICE_SINGLE_COPY"], providers: ["Store", "No"] },
        { name: "EXTRA", isDefault: true, flags: [], providers: [] }
      ]
    )
    assert.deepStrictEqual(inf.providers, [
      {
        name: "Store",
        dllFileName: "A.DLL",
        resourceType: "MAPI_STORE_PROVIDER",
        flags: ["STATUS_DEFAULT_STORE"],
        properties: [{ tag: "66000003", value: "zz" }]
      },
      { name: "Delegate", dllFileName: "a.dll", resourceType: "MAPI_STORE_PROVIDER", flags: [], properties: [] },
      {
        name: "Odd",
        dllFileName: null,
        resourceType: null,
        flags: [],
        properties: [{ tag: "PR_PROVIDER_DISPLAY", value: "Odd" }]
      }
    ])
    assert.deepStrictEqual(MapiSvcInf.storeDlls(inf), ["A.DLL"])
  })

  it("what a service's own section holds, whatever it is", () => {
    const inf = MapiSvcInf.parse(
      [...service, "Sections=Own", ...store, "[Own]", "UID=13DB", "Any thing=at; all"].join("\n")
    )
    assert.deepStrictEqual(inf.sections, [
      {
        name: "Own",
        properties: [
          { tag: "UID", value: "13DB" },
          { tag: "Any thing", value: "at; all" }
        ]
      }
    ])
    assert.deepStrictEqual(inf.complaints, [])
  })

  it("no secret: not in the model, not in a complaint, not in what is written", () => {
    const keys = [
      "67F0001E",
      "67ff0102",
      "67F0001",
      "0x67F0001F",
      "PR_PST_PW_SZ_OLD",
      "Password",
      "PR_PROFILE_SECURE_MAILBOX"
    ]
    const secret = Hex.encode("hunter2")
    const inf = MapiSvcInf.parse([...file, ...keys.map((key) => `${key}=${secret}`), secret, `[Own]`].join("\n"))
    assert.deepStrictEqual(
      inf.complaints
        .filter(({ kind }) => kind === "secret")
        .map(({ advice, detail, line }) => `${line} ${detail}. ${advice}`),
      keys.map(
        (key, at) =>
          `${8 + at} "${key}" is for a secret: its value is left out. Delete the line, and keep the secret in the profile.`
      )
    )
    assert.notInclude(JSON.stringify([inf, MapiSvcInf.format(inf)]), secret)
  })
})
