/**
 * MAPISVC.INF from any bytes at all. `MAPISVCINF_RUNS=1000000 vitest run test/MapiSvcInfAny.test.ts` tries a million
 * inputs; `MAPISVCINF_SEED` tries others.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Schema from "effect/Schema"
import * as Inf from "../src/diagram/Inf.ts"
import * as Flags from "../src/Flags.ts"
import * as MapiSvcInf from "../src/MapiSvcInf.ts"

type Content = Omit<MapiSvcInf.MapiSvcInf, "complaints">

/** What two files say alike, if they say the same; complaints, which have lines, aside. */
const content = ({ helpFiles, providers, sections, services }: Content): string =>
  JSON.stringify({ helpFiles, providers, sections, services }, (_, value) =>
    value instanceof Uint8Array ? Array.from(value) : value
  )

// --- generated files -------------------------------------------------------------------------------------------------

/** One line, no white space around it, and no comment in it. */
const isPlain = (text: string): boolean => text === text.trim() && !/[\r\n]|(^|\s);/.test(text)
const Text = Arbitrary.filter(Arbitrary.schema(Schema.String), isPlain)
const Filled = Arbitrary.filter(Text, (text) => text !== "")
const orNull = <A>(some: Arbitrary.Arbitrary<A>) =>
  Arbitrary.map(Arbitrary.all([Arbitrary.schema(Schema.Boolean), some]), ([isNull, value]) => (isNull ? null : value))
const Byte = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 }))
const bytes = (length: { readonly minLength: number; readonly maxLength: number }) =>
  Arbitrary.map(Arbitrary.array(Arbitrary.schema(Byte), length), (values) => Uint8Array.from(values))

const someOf = <A>(all: ReadonlyArray<A>) =>
  Arbitrary.map(
    Arbitrary.array(Arbitrary.schema(Schema.Boolean), { minLength: all.length, maxLength: all.length }),
    (chosen) => all.filter((_, at) => chosen[at] === true)
  )

const Properties = Arbitrary.map(
  Arbitrary.all([
    Arbitrary.array(Text, { maxLength: 3 }),
    Arbitrary.array(bytes({ minLength: 0, maxLength: 20 }), { maxLength: 3 }),
    Arbitrary.array(bytes({ minLength: 4, maxLength: 4 }), { maxLength: 3 })
  ]),
  ([texts, binaries, longs]): ReadonlyArray<MapiSvcInf.Property> => [
    ...texts.map((value, at) => ({ tag: ["PR_DISPLAY_NAME", "6600001E", "PR_OF_OURS"][at] ?? "", value })),
    ...binaries.map((value, at) => ({ tag: ["PR_MDB_PROVIDER", "66100102", "66110102"][at] ?? "", value })),
    ...longs.map((value, at) => ({ tag: `662${at}0003`, value }))
  ]
)

const Service = Arbitrary.all([
  Arbitrary.all([Text, orNull(Text), orNull(Filled), orNull(Filled), Properties]),
  Arbitrary.all([Arbitrary.schema(Schema.Boolean), someOf(Flags.names(MapiSvcInf.ServiceFlags))]),
  Arbitrary.all([someOf(["P0", "P1", "P2", "P3", "Not there"]), someOf(["X0", "X1", "Nor there"])])
])
const types = ["MAPI_STORE_PROVIDER", "MAPI_AB_PROVIDER", "MAPI_HOOK_PROVIDER"] as const
const Provider = Arbitrary.all([
  Arbitrary.all([orNull(Filled), Properties]),
  Arbitrary.all([Arbitrary.schema(Schema.Literals(types)), someOf(Flags.names(MapiSvcInf.ProviderFlags))])
])

const Model = Arbitrary.map(
  Arbitrary.all([
    Arbitrary.array(Service, { maxLength: 3 }),
    Arbitrary.array(Provider, { maxLength: 4 }),
    Arbitrary.array(Properties, { maxLength: 2 }),
    Arbitrary.array(Text, { maxLength: 2 })
  ]),
  ([services, providers, sections, helpFiles]): Content => ({
    services: services.map(
      ([[displayName, helpFile, dllFileName, entryName, properties], [isDefault, flags], lists], at) => ({
        ...{ name: `S ${at}`, displayName, isDefault, helpFile, dllFileName, entryName, flags },
        ...{ providers: lists[0], sections: lists[1], properties }
      })
    ),
    providers: providers.map(([[dllFileName, properties], [resourceType, flags]], at) => ({
      ...{ name: `P${at}`, dllFileName, resourceType, flags, properties }
    })),
    sections: sections.map((properties, at) => ({ name: `X${at}`, properties })),
    helpFiles: helpFiles.map((file, at) => ({ name: `no service ${at}`, file }))
  })
)

describe("generated files", () => {
  it.prop("are read as they were written", [Model], ([model]) => {
    assert.strictEqual(content(MapiSvcInf.parse(MapiSvcInf.format(model))), content(model))
  })
})

// --- mutated and random files ----------------------------------------------------------------------------------------

const runs = Number(process.env.MAPISVCINF_RUNS ?? 10_000)
const seed = Number(process.env.MAPISVCINF_SEED ?? 1)

/** Numbers below a bound; the same ones for the same seed. (Xorshift: what is asked for is variety, and speed.) */
const dice = (start: number) => {
  let state = start | 1
  return (bound: number): number => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % bound
  }
}

const whole = `[Services]\r\nDEMO=Demo\r\nB=other ; c\r\n[Default Services]\r\nDEMO=Demo\r\nC=x\r\n[Help File Mappings]
DEMO=demo.hlp\nOther=o.hlp\nMAPI=m.hlp\n[DEMO]\nProviders=DEMO Store, DEMO AB,x\nSections=Extra
PR_SERVICE_DLL_NAME=DEMO.DLL\nPR_RESOURCE_FLAGS=SERVICE_SINGLE_COPY\n[b]\n[DEMO AB]\n[DEMO Store]
PR_PROVIDER_DLL_NAME=DEMO.DLL\nPR_RESOURCE_TYPE=MAPI_STORE_PROVIDER\nPR_RESOURCE_FLAGS=40000000
34140102=00112233\n66000003=01000000\n67F0001E=pw\n[x]\n3E030003=21000000\n[y]\n300A001F=D.DLL\n[Extra]\nUID=12\n`

const samples = new URL("../../shared/data/inf/", import.meta.url)
const files = existsSync(samples)
  ? readdirSync(samples).map((file) => readFileSync(new URL(file, samples), "latin1"))
  : []
const texts = [whole, ...files]

const pieces = [
  ...[
    "[",
    "]",
    "=",
    ";",
    "#",
    ",",
    " ",
    "\n",
    "\r",
    "\t",
    "|",
    "]]",
    "=;",
    ",;",
    " ;",
    "\0",
    "\x1a",
    "\u2028",
    "\u00a0"
  ],
  ...[
    "Services",
    "Default Services",
    "Help File Mappings",
    "[Services]\n",
    "[DEMO]\n",
    "[a ;b]\n",
    "DEMO",
    "demo store"
  ],
  ...["Providers=", "Sections=", "PR_RESOURCE_TYPE=", "PR_RESOURCE_FLAGS=", "PR_PROVIDER_DLL_NAME=", "300A001F="],
  ...[
    "MAPI_STORE_PROVIDER",
    "21000000",
    "STATUS_DEFAULT_STORE",
    "PR_X",
    "x\n",
    "67F0001E=a",
    "\ufeff",
    "\ud800",
    "\ufb00"
  ],
  ...["é", "ß", "__proto__=x\n", "[__proto__]\n", "[constructor]\n", "MSEMS", "EMS_DSA", "PR_SERVICE_DLL_NAME="]
]

const someText = (below: (bound: number) => number): string => {
  const pick = (all: ReadonlyArray<string>): string => all[below(all.length)] ?? ""
  if (below(10) === 0) return Array.from({ length: below(60) }, () => pick(pieces)).join("")
  let text = pick(texts)
  for (let changes = below(8); changes >= 0; changes--) {
    const at = below(text.length + 1)
    const [before, after] = [text.slice(0, at), text.slice(at)]
    const donor = pick(texts)
    const cut = below(donor.length)
    switch (below(6)) {
      case 0:
        text = before + pick(pieces) + after
        break
      case 1:
        text = before + after.slice(below(below(4) === 0 ? 60 : 4))
        break
      case 2:
        text = before + String.fromCharCode(below(below(5) === 0 ? 0x10000 : 0x100)) + after.slice(1)
        break
      case 3:
        text = before + donor.slice(cut, cut + below(200)) + after
        break
      case 4:
        text = below(2) === 0 ? before : after
        break
      default:
        text = pick(pieces) + text
    }
  }
  return text
}

/** A text; or a text in some encoding, with some bytes that are in none; or just bytes. */
const someInput = (below: (bound: number) => number): string | Uint8Array => {
  const kind = below(6)
  if (kind < 3) return someText(below)
  if (kind === 3) return Uint8Array.from({ length: below(300) }, () => below(256))
  const text = someText(below)
  const wide = Uint8Array.from(
    { length: text.length * 2 },
    (_, at) => text.charCodeAt(at >> 1) >> (at % 2 === 0 ? 0 : 8)
  )
  const encoded = kind === 4 ? wide : new TextEncoder().encode(text)
  for (let changes = below(3); changes > 0 && encoded.length > 0; changes--) encoded[below(encoded.length)] = below(256)
  return encoded.subarray(below(4) === 0 ? 1 : 0)
}

const check = (input: string | Uint8Array): void => {
  const inf = MapiSvcInf.parse(input)
  const text = MapiSvcInf.format(inf)
  const again = MapiSvcInf.parse(text)
  const last = (typeof input === "string" ? input : "").split(/\r\n|\n|\r/).length
  for (const { advice, detail, line } of inf.complaints) {
    if (line < 1 || (typeof input === "string" && line > last) || detail === "" || advice === "") {
      assert.fail(`line ${line} of ${last}: ${detail}. ${advice}`)
    }
  }
  if (content(again) !== content(inf)) assert.strictEqual(content(again), content(inf))
  if (MapiSvcInf.format(again) !== text) assert.strictEqual(MapiSvcInf.format(again), text)
  Inf.describe(inf)
}

describe("any input", () => {
  it(
    `${runs} of them, random and mutated: read without a throw, and what is written is read the same`,
    () => {
      const below = dice(seed)
      for (let run = 0; run < runs; run++) {
        const input = someInput(below)
        try {
          check(input)
        } catch (error) {
          const told = typeof input === "string" ? JSON.stringify(input) : `bytes ${input.join(" ")}`
          throw new Error(`run ${run} of seed ${seed}: ${told}`, { cause: error })
        }
      }
    },
    20_000 + runs
  )

  it("a large one takes the time of its length", () => {
    const lines = Array.from({ length: 20_000 }, (_, at) => `S${at}=x`)
    const many = ["[Services]", ...lines, ...lines.map((line) => `[${line.slice(0, -2)}]\nProviders=P, Q, R`)].join(
      "\n"
    )
    const long = `[Services]\nDEMO=x${" ".repeat(1_000_000)}y${" ;".repeat(1_000_000)}\n${"[".repeat(1_000_000)}`
    assert.strictEqual(MapiSvcInf.parse(many).services.length, 20_000)
    assert.isAbove(MapiSvcInf.format(MapiSvcInf.parse(long)).length, 1_000_000)
  })
})
