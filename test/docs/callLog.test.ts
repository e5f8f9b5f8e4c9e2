/** docs/call-log.md: its tables say what the schema and the laws say, and its example is judged as it says. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Verdicts from "../../src/cli/verdicts.ts"
import { plain } from "../../src/diagram/Table.ts"
import { CallLog, Laws } from "../../src/index.ts"
import * as Trace from "../../src/laws/Trace.ts"
import { run } from "../bench/bigLog.ts"

const page = readFileSync(join(import.meta.dirname, "../../docs/call-log.md"), "utf8")

/** The rows of the table under this heading. */
const table = (...heading: ReadonlyArray<string>): ReadonlyArray<ReadonlyArray<string>> => {
  const lines = page.split("\n")
  const start = lines.indexOf(`| ${heading.join(" | ")} |`)
  assert.isAtLeast(start, 0, heading.join())
  const rest = lines.slice(start + 2)
  const cells = (line: string) => line.split("|").map((cell) => cell.trim())
  return rest
    .slice(
      0,
      rest.findIndex((line) => !line.startsWith("|"))
    )
    .map((line) => cells(line).slice(1, -1))
}

const names = (cell = ""): ReadonlyArray<string> => Array.from(cell.matchAll(/`([^`]+)`/g), ([, name = ""]) => name)

/** The text of the block of this kind. */
const block = (kind: string): string => new RegExp(`\`\`\`${kind}\\n([^]*?)\`\`\``).exec(page)?.[1] ?? ""

const fields = Object.keys(CallLog.Event.fields)

describe("docs/call-log.md", () => {
  const [event, change] = [table("Field", "Value", "What it says"), page.split("A change of a count")[1] ?? ""]

  it("has every field of an event, name by name, in the order of the schema", () => {
    assert.deepStrictEqual(
      event.map(([field]) => field),
      fields.map((field) => `\`${field}\``)
    )
    assert.deepStrictEqual(
      Array.from(change.matchAll(/^\| `(\w+)` \|/gm), ([, field]) => field).slice(0, 4),
      Object.keys(CallLog.RefChange.fields)
    )
  })

  it("says of each whether it may be null, and whether it may be left out", () => {
    const whole: Record<string, unknown> = {
      ...{ seq: 1, session: "s", callId: 1, within: 1, step: 1, phase: "call", from: "a", to: "b", call: "c" },
      ...{ object: "o", returned: [], refs: [] }
    }
    const fits = Schema.is(CallLog.Event)
    const without = (field: string) => Object.fromEntries(Object.entries(whole).filter(([name]) => name !== field))
    assert.isTrue(fits(whole))
    assert.deepStrictEqual(
      event.map(([, value = ""]) => [value.includes("or null"), value.includes("optional")]),
      fields.map((field) => [fits({ ...whole, [field]: null }), fits(without(field))])
    )
  })

  it.effect("has every call of a session, by its name or by a name for many", () =>
    Effect.gen(function* () {
      const listed = table("Call", "From → to", "Object", "Passed", "Returned").flatMap(([calls]) => names(calls))
      const isListed = (call: string) =>
        listed.some((name) => call.replace(/^I\w+(?=::(AddRef|Release)$)|(?<=^new )I\w+$/, "INTERFACE") === name)
      const isReading = (call: string) => /^(IMAPIFolder|IMessage|IMsgStore)::/.test(call)
      const isOwn = (call: string) =>
        /^IMAPISupport::(OpenProfileSection|WrapStoreEntryID|SetProviderUID|Modify\w+)$/.test(call)
      const calls = new Set((yield* run).map(({ call }) => call))
      assert.deepStrictEqual(
        Array.from(calls).filter((call) => !isListed(call) && !isReading(call) && !isOwn(call)),
        []
      )
    })
  )

  const empty: Readonly<Record<string, Partial<CallLog.Event>>> = { step: { step: null }, refs: { refs: [] } }
  const left = table("Without", "Not judged").flatMap(([without, laws = ""]) =>
    names(without).map((field) => [field, laws.split(", ").filter((name) => name !== "")] as const)
  )

  it("says of every field that may be left out what it costs", () => {
    const optional = event.flatMap(([field, value = ""]) => (value.includes("optional") ? names(field) : []))
    assert.sameMembers(
      left.map(([field]) => field),
      ["step", "refs", ...optional.filter((field) => field !== "result")]
    )
  })

  it.effect.each(left)("without %s, these are not judged, and none is broken", ([field, laws]) =>
    Effect.gen(function* () {
      const without = (event: CallLog.Event) =>
        JSON.stringify(
          field in empty
            ? { ...event, ...empty[field] }
            : Object.fromEntries(Object.entries(event).filter(([name]) => name !== field))
        )
      const judged = (log: string) => Trace.judge(Laws.all, Stream.make(new TextEncoder().encode(log)))
      const events = yield* run
      const of = ({ verdicts }: Trace.Judged, tag: Laws.Verdict["_tag"]) =>
        verdicts.flatMap(({ _tag, law }) => (_tag === tag ? [law.name] : []))
      const always = of(yield* judged(events.map((event) => JSON.stringify(event)).join("\n")), "NotJudged")
      const told = yield* judged(events.map(without).join("\n"))
      assert.deepStrictEqual([told.events, told.misfits], [events.length, 0])
      assert.deepStrictEqual(of(told, "Broken"), [])
      assert.deepStrictEqual(
        of(told, "NotJudged").filter((name) => !always.includes(name)),
        laws
      )
    })
  )

  it.effect("its example is a log, and is judged as it says", () =>
    Effect.gen(function* () {
      const example = block("jsonl")
      const judged = (log: string) => Trace.judge(Laws.all, Stream.make(new TextEncoder().encode(log)))
      const whole = yield* judged(example)
      assert.deepStrictEqual([whole.events, whole.misfits], [16, 0])
      const hold = whole.verdicts.flatMap(({ _tag, law }) => (_tag === "Holds" ? [law.name] : []))
      assert.includeMembers(hold, ["OneInit", "BothObjects", "NetAddRef", "SamePair"])
      assert.isTrue(Verdicts.isGood(whole))

      const lines = example
        .split("\n")
        .filter((line) => !line.includes("IMAPISupport::AddRef") || line.includes("sees"))
      const told = Verdicts.words(yield* judged(lines.join("\n")), plain)
      assert.strictEqual(`${told.split("\n\n")[0]}\n`, block("text"))
    })
  )
})
