import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { CallLog, Laws } from "../../src/index.ts"
import * as Example from "../../src/laws/Example.ts"
import * as Lines from "../../src/laws/Lines.ts"
import { OneInit } from "../../src/laws/OneInit.ts"
import * as Trace from "../../src/laws/Trace.ts"

const events = Example.log(
  { call: "LoadLibrary", dll: "DEMO.DLL", note: "naïve Größe 日本 🙂" },
  { call: "MSProviderInit", dll: "DEMO.DLL", returned: ["IMSProvider#1"] }
)
const json = (event: object) => JSON.stringify(event)
const [first = "", second = "", third = "", fourth = ""] = events.map(json)

const utf8 = (text: string) => new TextEncoder().encode(text)
const readAll = (...chunks: ReadonlyArray<Uint8Array>) => Stream.runCollect(Trace.read(Stream.fromIterable(chunks)))
const read = (text: string) => readAll(utf8(text))

const event = (event: CallLog.Event, line: number): Trace.Item => ({ _tag: "Event", event: { ...event, seq: line } })
const misfit = (line: number, why: string): Trace.Item => ({ _tag: "Misfit", line, why })
const all = events.map((one, n) => event(one, n + 1))

describe("a trace", () => {
  it.effect("is an event a line; a blank line is none; the number of the line is the event's", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* read([first, second, third, fourth, ""].join("\n")), all)
      assert.deepStrictEqual(yield* read(`\n${fourth}\n \t\n\n${third}\n\n`), [
        ...events.slice(3).map((one) => event(one, 2)),
        ...events.slice(2, 3).map((one) => event(one, 5))
      ])
      assert.deepStrictEqual(yield* read(""), [])
      assert.deepStrictEqual(yield* read("\n\n"), [])
    })
  )

  it.effect("may have CRLF, a byte order mark, and no line end at the end", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* read(`\ufeff${[first, second, third, fourth].join("\r\n")}`), all)
    })
  )

  it.effect("reads the same however it comes in pieces", () =>
    Effect.gen(function* () {
      const long = json({ ...events[0], note: "Größe ".repeat(1000) })
      const bytes = utf8(`${first}\r\nnope\n${second}\n\n${long}\n${third}\n${fourth}`)
      const whole = yield* readAll(bytes)
      assert.deepStrictEqual(
        whole.map(({ _tag }) => _tag),
        ["Event", "Misfit", "Event", "Event", "Event", "Event"]
      )
      for (const size of [1, 2, 3, 7, 64, 1000]) {
        const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
          bytes.subarray(n * size, (n + 1) * size)
        )
        assert.deepStrictEqual(yield* readAll(...pieces), whole)
      }
    })
  )

  it.effect("drops what the schema does not know", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* read(json({ ...events[0], thread: 7 })), all.slice(0, 1))
    })
  )

  it.effect("has entry ids in either case: they are compared in lower", () =>
    Effect.gen(function* () {
      const [item] = yield* read(json({ ...events[0], entryId: "00AbCD" }))
      assert.strictEqual(item?._tag === "Event" ? item.event.entryId : item, "00abcd")
    })
  )

  it.effect("a line that does not fit is told of, with the place, and the rest is read", () =>
    Effect.gen(function* () {
      const broken: ReadonlyArray<readonly [line: string, why: string]> = [
        ["{", "it is not JSON"],
        ["Recording started", "it is not JSON"],
        ["[]", "expected object"],
        ["null", "expected object"],
        ["{}", 'missing key at ["seq"]'],
        [json({ ...events[0], phase: "begin" }), 'expected "call" | "return" at ["phase"]'],
        [json({ ...events[0], step: 10 }), 'expected 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 at ["step"]'],
        [json({ ...events[0], callId: 1.5 }), 'expected an integer at ["callId"]'],
        [json({ ...events[0], flags: null }), 'expected array at ["flags"]'],
        [json({ ...events[0], refs: [{ object: "x" }] }), 'missing key at ["refs"][0]["holder"]'],
        [json({ ...events[0], from: "secret".repeat(1000).split("") }), 'expected string at ["from"]']
      ]
      const text = [...broken.map(([line]) => line), first].join("\n")
      assert.deepStrictEqual(yield* read(text), [
        ...broken.map(([, why], n) => misfit(n + 1, why)),
        ...events.slice(0, 1).map((one) => event(one, broken.length + 1))
      ])
    })
  )

  it.effect("bytes that are no UTF-8 are told of: a lone byte, and a file in UTF-16", () =>
    Effect.gen(function* () {
      const why = "it is not UTF-8; if the file is UTF-16, as some shells write it, save it as UTF-8"
      assert.deepStrictEqual(yield* readAll(utf8(`${first}\n"`), Uint8Array.of(0xe9), utf8(`"\n${third}`)), [
        ...all.slice(0, 1),
        misfit(2, why),
        ...all.slice(2, 3)
      ])
      const utf16 = Uint8Array.from([0xff, 0xfe, ...Array.from("{}", (letter) => [letter.charCodeAt(0), 0]).flat()])
      assert.deepStrictEqual(yield* readAll(utf16), [misfit(1, why)])
    })
  )

  it.effect("a line of 1 MiB fits, a longer one is told of and not kept, and the rest is read", () =>
    Effect.gen(function* () {
      const padded = (length: number) => {
        const bare = { ...events[0], note: "" }
        return json({ ...bare, note: "x".repeat(length - json(bare).length) })
      }
      const items = yield* read(`${padded(Lines.longest)}\n${padded(Lines.longest + 1)}\n${third}`)
      assert.deepStrictEqual(
        items.map((item) => (item._tag === "Event" ? item.event.seq : item)),
        [1, misfit(2, "it is longer than 1048576 bytes"), 3]
      )
      const piece = new Uint8Array(Lines.longest / 4).fill(0x78)
      const endless = Array.from({ length: 40 }, () => piece)
      assert.deepStrictEqual(yield* readAll(...endless, utf8(`\n${second}`)), [
        misfit(1, "it is longer than 1048576 bytes"),
        ...all.slice(1, 2)
      ])
      assert.deepStrictEqual(yield* readAll(...endless), [misfit(1, "it is longer than 1048576 bytes")])
    })
  )

  it.effect("JSON as deep as a line can be is no event", () =>
    Effect.gen(function* () {
      const deep = `${"[".repeat(500_000)}${"]".repeat(500_000)}`
      assert.deepStrictEqual(yield* read(`${deep}\n${second}`), [misfit(1, "expected object"), ...all.slice(1, 2)])
    })
  )

  it.effect("fails as its source does, after what came before", () =>
    Effect.gen(function* () {
      const source = Stream.concat(Stream.make(utf8(`${first}\n`)), Stream.fail("gone"))
      const heard: Array<Trace.Item> = []
      const reading = Stream.runForEach(Trace.read(source), (item) => Effect.sync(() => void heard.push(item)))
      assert.strictEqual(yield* Effect.flip(reading), "gone")
      assert.deepStrictEqual(heard, all.slice(0, 1))
    })
  )

  it.effect("can be read twice: it remembers nothing of the first time", () =>
    Effect.gen(function* () {
      const trace = Trace.read(Stream.make(utf8(`${first}\n${second}`)))
      assert.deepStrictEqual(yield* Stream.runCollect(trace), all.slice(0, 2))
      assert.deepStrictEqual(yield* Stream.runCollect(trace), all.slice(0, 2))
    })
  )
})

describe("what its recorder could see", () => {
  const sees = json({ sees: ["IMSProvider::*", "MSProviderInit"] })
  const seen: Trace.Item = { _tag: "Sees", sees: ["IMSProvider::*", "MSProviderInit"] }

  it.effect("is said before the first event", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* read(`\n${sees}\n${third}`), [
        seen,
        ...events.slice(2, 3).map((one) => event(one, 3))
      ])
      assert.deepStrictEqual(yield* read(`Recording started\n${sees}`), [misfit(1, "it is not JSON"), seen])
    })
  )

  it.effect("and only there, once, and as names", () =>
    Effect.gen(function* () {
      const late = 'a line with "sees" belongs before the first event'
      assert.deepStrictEqual(yield* read(`${first}\n${sees}`), [...all.slice(0, 1), misfit(2, late)])
      assert.deepStrictEqual(yield* read(`${sees}\n${sees}`), [seen, misfit(2, late)])
      assert.deepStrictEqual(yield* read(`${json({ sees: "all" })}\n${sees}`), [
        misfit(1, 'expected array at ["sees"]'),
        seen
      ])
    })
  )
})

const log = (all: ReadonlyArray<CallLog.Event>) => all.map((one) => `${json(one)}\n`).join("")
const judged = (text: string) => Trace.judge(Laws.all, Stream.make(utf8(text)))
const told = ({ verdicts }: Trace.Judged, name: string) => verdicts.find(({ law }) => law.name === name)

describe("judging a trace", () => {
  it.effect.each(Laws.all.map((law) => [law.name, law] as const))(
    "says of the examples of %s what judging their events says",
    ([, law]) =>
      Effect.gen(function* () {
        for (const example of [law.good, law.bad]) {
          const { events, misfits, verdicts } = yield* judged(log(example))
          assert.deepStrictEqual([events, misfits], [example.length, 0])
          assert.deepStrictEqual(verdicts, yield* Laws.judge(Stream.fromIterable(example)))
        }
      })
  )

  it.effect("names the first offence by its line, whatever the log counts, and skips what is no event", () =>
    Effect.gen(function* () {
      const uncounted = OneInit.bad.map((one) => ({ ...one, seq: 0 }))
      const heard: Array<Trace.Item["_tag"]> = []
      const { events, misfits, verdicts } = yield* Trace.judge(
        [OneInit],
        Stream.make(utf8(`nope\n\n${log(uncounted)}nope\n`)),
        ({ _tag }) => heard.push(_tag)
      )
      assert.deepStrictEqual([events, misfits], [4, 2])
      assert.deepStrictEqual(heard, ["Misfit", "Event", "Event", "Event", "Event", "Misfit"])
      const [verdict] = verdicts
      assert.strictEqual(verdict?._tag === "Broken" ? verdict.first.event.seq : verdict?._tag, 5)
    })
  )

  it.effect("goes by what its recorder says that it could see", () =>
    Effect.gen(function* () {
      const shutdown = log(Example.log({ call: "IMSProvider::Shutdown", object: "IMSProvider#1" }))
      const why = Effect.fnUntraced(function* (text: string) {
        const verdict = told(yield* judged(text), "OneInit")
        return verdict?._tag === "NotJudged" ? verdict.why : verdict?._tag
      })
      assert.strictEqual(yield* why(shutdown), "the log has nothing that it is about")
      assert.strictEqual(yield* why(`{"sees":["IMSProvider::*"]}\n${shutdown}`), "the log has no MSProviderInit")
      assert.strictEqual(yield* why(`{"sees":["MSProviderInit"]}\n${log(OneInit.good)}`), "Holds")
    })
  )

  it.effect("nothing of an empty log is judged", () =>
    Effect.gen(function* () {
      const { events, verdicts } = yield* judged("")
      assert.strictEqual(events, 0)
      assert.deepStrictEqual(new Set(verdicts.map(({ _tag }) => _tag)), new Set(["NotJudged"]))
    })
  )

  const Byte = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 }))
  const bytes = Arbitrary.map(Arbitrary.array(Arbitrary.schema(Byte), { maxLength: 200 }), (all) =>
    Uint8Array.from(all)
  )
  const chunks = Arbitrary.array(bytes, { maxLength: 4 })

  it.effect.prop("any bytes at all are read to their end", [chunks], ([chunks]) =>
    Effect.gen(function* () {
      const { events, misfits } = yield* Trace.judge(Laws.all, Stream.fromIterable(chunks))
      const ends = chunks.flatMap((chunk) => Array.from(chunk)).filter((byte) => byte === 0x0a).length
      assert.strictEqual(events, 0)
      assert.isAtMost(misfits, ends + 1)
    })
  )

  it.effect.prop(
    "and so is any event that the schema allows",
    [Arbitrary.array(Arbitrary.schema(CallLog.Event))],
    ([all]) =>
      Effect.gen(function* () {
        const { events, misfits } = yield* judged(log(all))
        assert.deepStrictEqual([events, misfits], [all.length, 0])
      })
  )
})
