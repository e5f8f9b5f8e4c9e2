import * as fs from "node:fs"
import * as path from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import * as Progress from "../../src/cli/progress.ts"
import * as Verdicts from "../../src/cli/verdicts.ts"
import { plain } from "../../src/diagram/Table.ts"
import { type CallLog, Laws } from "../../src/index.ts"
import { DeadObjects } from "../../src/laws/DeadObjects.ts"
import * as Law from "../../src/laws/Law.ts"
import { OneInit } from "../../src/laws/OneInit.ts"
import * as Trace from "../../src/laws/Trace.ts"
import { lines, run } from "../bench/bigLog.ts"
import { command, type Done, folder } from "./command.ts"

const log = (events: ReadonlyArray<CallLog.Event>) => events.map((event) => `${JSON.stringify(event)}\n`).join("")

/** Standard output of `--format json`: all of it is one document, and nothing that the schema does not know. */
const document = ({ stdout }: Done) =>
  Schema.decodeUnknownSync(Schema.fromJsonString(Verdicts.Document))(stdout, { onExcessProperty: "error" })

const judge = Effect.fnUntraced(function* (input: string, ...args: ReadonlyArray<string>) {
  return yield* command(["judge", ...args], { home: yield* folder, input })
})

const count = (document: typeof Verdicts.Document.Type, verdict: string) =>
  document.laws.filter((law) => law.verdict === verdict).length

const last = (text: string) => text.trimEnd().split("\n").at(-1)

/** One IMSProvider too many, and nothing else. */
const broken = log(OneInit.bad)

describe("effect-mapi judge", { concurrent: true }, () => {
  it.effect("finds nothing broken in a trace of open, from a file and from standard input", () =>
    Effect.gen(function* () {
      const home = yield* folder
      const file = path.join(home, "calls.jsonl")
      assert.strictEqual((yield* command(["open", "--clients", "2", "--trace", file], { home })).code, 0)
      const trace = fs.readFileSync(file, "utf8")
      const { length } = trace.trimEnd().split("\n")

      const fromFile = yield* command(["judge", file], { home })
      assert.deepStrictEqual([fromFile.code, fromFile.stderr], [0, ""])
      assert.match(
        last(fromFile.stdout) ?? "",
        new RegExp(`^\\d+ laws: \\d+ hold, 0 broken, \\d+ not judged. ${length} events.$`)
      )
      assert.deepStrictEqual(yield* judge(trace), fromFile)
      assert.deepStrictEqual(yield* judge(trace, "-"), fromFile)

      const told = document(yield* judge(trace, "--format", "json"))
      assert.deepStrictEqual([told.ok, told.events, count(told, "broken")], [true, length, 0])
      assert.deepStrictEqual(
        told.laws.map(({ name }) => name),
        Laws.all.map(({ name }) => name)
      )
    })
  )

  it.effect("says of a broken law what it is, where it is broken first, and what was expected; and exits 1", () =>
    Effect.gen(function* () {
      const { code, stderr, stdout } = yield* judge(`\n${broken}`)
      assert.deepStrictEqual([code, stderr], [1, ""])
      const judged = yield* Trace.judge(Laws.all, Stream.make(new TextEncoder().encode(`\n${broken}`)))
      assert.strictEqual(stdout, `${Verdicts.words(judged, plain)}\n`)
      const told = stdout.split("\n")
      assert.strictEqual(told[0], "OneInit is broken")
      assert.include(told, "  event     line 4: step 2, MAPI → provider: MSProviderInit (DEMO.DLL)")
      assert.match(last(stdout) ?? "", /^\d+ laws: \d+ holds?, 1 broken, \d+ not judged\. 4 events\.$/)
    })
  )

  it.effect("says the same in JSON, one document", () =>
    Effect.gen(function* () {
      const done = yield* judge(`\n${broken}`, "--format", "json")
      assert.deepStrictEqual([done.code, done.stderr], [1, ""])
      const told = document(done)
      const { name, sentence, source } = OneInit
      const [, , third] = OneInit.bad
      const [verdict] = (yield* Trace.judge([OneInit], Stream.make(new TextEncoder().encode(broken)))).verdicts
      if (verdict?._tag !== "Broken") return assert.fail("the example breaks nothing")
      const { expected, subject } = verdict.first
      if (third === undefined) return assert.fail("the example is shorter than it was")
      const { seq: _, ...event } = third
      assert.deepStrictEqual(
        told.laws.filter(({ verdict }) => verdict === "broken"),
        [
          {
            ...{ name, sentence, source, verdict: "broken", subjects: 1 },
            first: { subject, line: 4, expected, event }
          }
        ]
      )
      assert.deepStrictEqual([told.ok, told.events, told.misfits], [false, 4, { count: 0, first: [] }])
    })
  )

  it.effect("a partial log: what lacks what it needs is not judged, and says why", () =>
    Effect.gen(function* () {
      const events = (yield* run).map((event) => ({ ...event, refs: [] }))
      const uncounted = document(yield* judge(log(events), "--format", "json"))
      assert.deepStrictEqual([uncounted.ok, count(uncounted, "broken")], [true, 0])
      assert.deepStrictEqual(
        uncounted.laws.flatMap((law) =>
          law.name === DeadObjects.name && law.verdict === "notJudged" ? [law.why] : []
        ),
        ["the log has no counts"]
      )
      const seen = events.filter(({ call }) => /^(MSProviderInit|IMSProvider::.+)$/.test(call))
      const { code, stdout } = yield* judge(`{"sees":["MSProviderInit","IMSProvider::*"]}\n${log(seen)}`)
      assert.strictEqual(code, 0)
      assert.notInclude(stdout, "is broken")
      const told = stdout.split("\n")
      assert.include(told, "Not judged")
      assert.notInclude(stdout, "  OneInit ")
      assert.isTrue(told.some((line) => /^ {2}NetAddRef +the log has no IMAPISupport::AddRef$/.test(line)))
    })
  )

  it.effect("lines that are no events are told on standard error, ten of them, and the rest is judged", () =>
    Effect.gen(function* () {
      const nonsense = Array.from({ length: 12 }, (_, n) => `nonsense ${n}\n`).join("")
      const { code, stderr, stdout } = yield* judge(`${log(OneInit.good)}${nonsense}{}\n`)
      assert.strictEqual(code, 0)
      assert.deepStrictEqual(stderr.trimEnd().split("\n"), [
        ...Array.from({ length: 10 }, (_, n) => `line ${n + 5} is no event: it is not JSON`),
        "and 3 more lines that are no events"
      ])
      assert.match(last(stdout) ?? "", / 4 events, 13 lines that are no events\.$/)

      const told = document(yield* judge(`{}\n${log(OneInit.good)}`, "--format", "json"))
      assert.deepStrictEqual(told.misfits, { count: 1, first: [{ line: 1, why: 'missing key at ["seq"]' }] })
    })
  )

  it.effect("a line too long to be kept is one of them", () =>
    Effect.gen(function* () {
      const { code, stderr, stdout } = yield* judge(`${"x".repeat(8_000_000)}\n${log(OneInit.good)}`)
      assert.deepStrictEqual([code, stderr], [0, "line 1 is no event: it is longer than 1048576 bytes\n"])
      assert.match(last(stdout) ?? "", / 4 events, 1 line that is no event\.$/)
      const script = path.join(import.meta.dirname, "endlessLine.ts")
      const grown = yield* command([], { home: yield* folder, script })
      assert.isBelow(Number.parseFloat(grown.stdout), 100, grown.stderr)
    })
  )

  it.effect("a log without an event is no success: nothing was judged", () =>
    Effect.gen(function* () {
      const { code, stderr, stdout } = yield* judge("\nnope\n")
      assert.strictEqual(code, 1)
      assert.match(stderr, /There is no event: nothing was judged\. Give it a call log in JSON Lines/)
      const { length } = Laws.all
      assert.strictEqual(
        stdout,
        `${length} laws: 0 hold, 0 broken, ${length} not judged. 0 events, 1 line that is no event.\n`
      )
      const told = document(yield* judge("", "--format", "json"))
      assert.deepStrictEqual([told.ok, told.events, count(told, "notJudged")], [false, 0, Laws.all.length])
    })
  )

  it.effect("nothing of a foreign log reaches a terminal as it is", () =>
    Effect.gen(function* () {
      const evil = "\u001b]0;x\u0007\u009b31m\u202e"
      const hostile = OneInit.bad.map((event) => ({ ...event, from: `MAPI${evil}`, flags: [evil.repeat(500)] }))
      const control = /(?!\n)[\p{Cc}\u202e]/u
      const text = yield* judge(`${evil}\n${log(hostile)}`)
      assert.include(text.stdout, "MAPI ]0;x 31m → provider: MSProviderInit")
      assert.isBelow(Math.max(...text.stdout.split("\n").map(({ length }) => length)), 101)
      assert.isBelow(text.stdout.split("]0;x").length, 200) // of five hundred for each of two laws, cut
      assert.notMatch(text.stdout, control)
      assert.notMatch(text.stderr, control)
      const json = yield* judge(log(hostile), "--format", "json")
      assert.notMatch(json.stdout, control)
      const first = document(json).laws.flatMap((law) => (law.verdict === "broken" ? [law.first.event.from] : []))
      assert.deepStrictEqual(new Set(first), new Set([`MAPI${evil}`]))
    })
  )

  it.effect("a file that cannot be read is said to be so, with what to do; and exits 1", () =>
    Effect.gen(function* () {
      const home = yield* folder
      for (const file of [path.join(home, "nowhere.jsonl"), home]) {
        const { code, stderr, stdout } = yield* command(["judge", file], { home })
        assert.deepStrictEqual([code, stdout], [1, ""])
        assert.match(stderr, /could not be read: .+\. Check the path\.\n$/)
        assert.isTrue(stderr.startsWith(file))
      }
    })
  )

  it.effect("bad usage is said on standard error, and exits 2", () =>
    Effect.gen(function* () {
      const home = yield* folder
      for (const args of [["one", "two"], ["--format", "mermaid"], [""]]) {
        const { code, stderr, stdout } = yield* command(["judge", ...args], { home })
        assert.deepStrictEqual([code, stdout], [2, ""])
        assert.include(stderr, "See effect-mapi judge --help")
      }
    })
  )

  it.effect("a long log holds, several sessions at once", () =>
    Effect.gen(function* () {
      const all = Array.from(lines(yield* run, 10_000))
      assert.isAtLeast(all.length, 10_000)
      const told = document(yield* judge(all.join(""), "--format", "json"))
      assert.deepStrictEqual([told.events, told.misfits.count, count(told, "broken")], [all.length, 0, 0])
    })
  )
})

describe("verdicts in words", () => {
  const law = Law.make(
    {
      name: "Twice",
      sentence: `No call is made twice; ${"and so on, ".repeat(9)}until the sentence is longer than a line can be.`,
      source: "the page, step 0",
      good: [],
      bad: []
    },
    { of: "call", needs: [], initial: 0, change: (state) => state, end: () => undefined }
  )
  const event: CallLog.Event = {
    ...{ seq: 12, session: null, callId: 1, within: null, step: null, phase: "return", call: "new IMSLogon" },
    ...{ from: "provider", to: "provider", object: "IMSLogon#1", returned: ["IMSLogon#1"], refs: [] }
  }
  const broken = (subjects: number, about: Partial<CallLog.Event> = {}): Laws.Verdict => ({
    ...{ _tag: "Broken", law, subjects },
    first: { law, subject: "call 1", event: { ...event, ...about }, expected: "something else" }
  })
  const holds: Laws.Verdict = { _tag: "Holds", law, subjects: 2 }
  const notJudged: Laws.Verdict = { _tag: "NotJudged", law, why: "the log has no counts" }

  it("first what is broken, then what is not judged and why, then how many of each", () => {
    const judged = { verdicts: [holds, broken(3, { result: "S_OK" }), notJudged], events: 1, misfits: 2 }
    assert.deepStrictEqual(Verdicts.words(judged, plain).split("\n"), [
      "Twice is broken",
      "  law       No call is made twice; and so on, and so on, and so on, and so on, and so on, and so on,",
      "            and so on, and so on, and so on, until the sentence is longer than a line can be.",
      "  source    the page, step 0",
      "  subject   call 1, the first of 3 on which it is broken",
      "  event     line 12: provider: new IMSLogon = S_OK; IMSLogon#1",
      "  expected  something else",
      "",
      "Not judged",
      "  Twice  the log has no counts",
      "",
      "3 laws: 1 holds, 1 broken, 1 not judged. 1 event, 2 lines that are no events."
    ])
  })

  it("an event is one line: who calls whom, what it is given, what it changes or answers", () => {
    const said = (about: Partial<CallLog.Event>) =>
      Verdicts.words({ verdicts: [broken(1, about)], events: 1, misfits: 0 }, plain)
        .split("\n")
        .flatMap((line) => (line.startsWith("  event") ? [line.slice(12)] : []))
        .join()
    const made = { phase: "call", returned: [] } as const
    const refs = [{ object: "IMsgStore#1", holder: "client", count: 0, total: 1 }]
    assert.deepStrictEqual(
      [
        said({ ...made, from: "client", call: "IMsgStore::Release", object: "IMsgStore#1", refs }),
        said({ ...made, from: "MAPI", call: "IMSProvider::Shutdown", object: "IMSProvider#1", flags: ["A", "B"] }),
        said({ step: 4, from: "MAPI", call: "IMSProvider::Logon", returned: [], result: "MAPI_E_LOGON_FAILED" })
      ],
      [
        "line 12: client → provider: IMsgStore::Release; IMsgStore#1: 1 (client 0)",
        "line 12: MAPI → provider: IMSProvider::Shutdown (A, B); IMSProvider#1",
        "line 12: step 4, MAPI ← provider: IMSProvider::Logon = MAPI_E_LOGON_FAILED; IMSLogon#1"
      ]
    )
  })

  it("a log is good where a law holds and none is broken", () => {
    const good = (...verdicts: ReadonlyArray<Laws.Verdict>) => Verdicts.isGood({ verdicts, events: 1, misfits: 0 })
    assert.deepStrictEqual(
      [good(holds, notJudged), good(holds, broken(1)), good(notJudged), good()],
      [true, false, false, false]
    )
  })
})

describe("progress of a long log", () => {
  it.effect("is a line that says how far it has come, and is taken away", () =>
    Effect.gen(function* () {
      const written: Array<string> = []
      let events = 0
      const { during } = Progress.line(
        (text) => written.push(text),
        () => `Judging… events: ${events}`
      )
      const reading = Effect.gen(function* () {
        events = 50_000
        yield* TestClock.adjust("1 second")
      })
      yield* during(reading)
      assert.deepStrictEqual(written, ["\r\u001b[KJudging… events: 50000 (1 s)", "\r\u001b[K"])
    })
  )
})
