/**
 * What `judge` tells of a call log: the verdict of each law, in words, and as one JSON document.
 *
 * Nothing here prints. A foreign log may say anything: in words it is cut, and without a control character; in the document
 * those are escaped.
 */
import * as Schema from "effect/Schema"
import * as Struct from "effect/Struct"
import * as CallLog from "../CallLog.ts"
import * as Line from "../diagram/Line.ts"
import * as Table from "../diagram/Table.ts"
import type { Judged, Misfit, Verdict } from "../Laws.ts"
import * as Report from "./report.ts"

/** A trace that was judged. */
export interface Result extends Judged {
  /** The first lines that are no events: not more than `mostMisfits`. */
  readonly firstMisfits: ReadonlyArray<Misfit>
}

/** So many lines that are no events are told one by one. */
export const mostMisfits = 10

/** Did a law say yes, and none no? A log of which nothing could be judged is no success. */
export const isGood = ({ verdicts }: Judged): boolean =>
  verdicts.some(({ _tag }) => _tag === "Holds") && verdicts.every(({ _tag }) => _tag !== "Broken")

// --- as data --------------------------------------------------------------------------------------------------------

const law = { name: Schema.String, sentence: Schema.String, source: Schema.String }

/** The document of `--format json`. */
export const Document = Schema.Struct({
  /** False where a law is broken, and where nothing could be judged. */
  ok: Schema.Boolean,
  events: Schema.Int,
  misfits: Schema.Struct({
    count: Schema.Int,
    first: Schema.Array(Schema.Struct({ line: Schema.Int, why: Schema.String }))
  }),
  laws: Schema.Array(
    Schema.Union([
      Schema.Struct({ ...law, verdict: Schema.Literal("holds"), subjects: Schema.Int }),
      Schema.Struct({ ...law, verdict: Schema.Literal("notJudged"), why: Schema.String }),
      Schema.Struct({
        ...law,
        verdict: Schema.Literal("broken"),
        /** On how many subjects. */
        subjects: Schema.Int,
        first: Schema.Struct({
          subject: Schema.String,
          line: Schema.Int,
          expected: Schema.String,
          /** What stands in that line; which number it gave itself is left out. */
          event: Schema.Struct(Struct.omit(CallLog.Event.fields, ["seq"]))
        })
      })
    ])
  )
})
type Document = typeof Document.Type

const toLaw = (verdict: Verdict): Document["laws"][number] => {
  const { name, sentence, source } = verdict.law
  const law = { name, sentence, source }
  if (verdict._tag === "Holds") return { ...law, verdict: "holds", subjects: verdict.subjects }
  if (verdict._tag === "NotJudged") return { ...law, verdict: "notJudged", why: verdict.why }
  const { event, expected, subject } = verdict.first
  const { seq: line, ...rest } = event
  return { ...law, verdict: "broken", subjects: verdict.subjects, first: { subject, line, expected, event: rest } }
}

/** Control characters and changes of direction that JSON leaves as they are: they stand in strings alone. */
const escaped = (json: string): string =>
  json.replace(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`
  )

/** All of it, as one JSON document. */
export const document = (result: Result): string => {
  const { events, firstMisfits, misfits, verdicts } = result
  const first = firstMisfits.map(({ line, why }) => ({ line, why }))
  const told: Document = { ok: isGood(result), events, misfits: { count: misfits, first }, laws: verdicts.map(toLaw) }
  return escaped(JSON.stringify(Schema.encodeSync(Document)(told), null, 2))
}

// --- in words -------------------------------------------------------------------------------------------------------

const count = (n: number, one: string, more = `${one}s`): string => `${n} ${n === 1 ? one : more}`

/** No word of a foreign log is longer than this, in columns. */
const MOST = 400

/** A name and a text, in lines of at most 100 columns. */
const row = (name: string, text: string): ReadonlyArray<string> =>
  Table.wrap(Report.cut(text, MOST), Report.WIDTH - 12).map((line, n) => `  ${(n === 0 ? name : "").padEnd(10)}${line}`)

/** An event on one line, by its place in the log. */
const sayEvent = (event: CallLog.Event): string => {
  const told = Line.lines([event]).map((line) => {
    const { from, half, object, refs, returned, step, to } = line
    const parties = from === to ? from : `${from} ${half === "return" ? "←" : "→"} ${to}`
    const about =
      refs.length > 0 ? Table.references(refs) : (returned.length > 0 ? returned : [object ?? []].flat()).join(", ")
    return `${step === null ? "" : `step ${step}, `}${parties}: ${Table.called(line)}${about === "" ? "" : `; ${about}`}`
  })
  return `line ${event.seq}: ${told.join()}`
}

const sayBroken = (verdict: Verdict, paint: Table.Paint): ReadonlyArray<string> => {
  if (verdict._tag !== "Broken") return []
  const { first, law, subjects } = verdict
  return [
    paint.failure(`${law.name} is broken`),
    ...row("law", law.sentence),
    ...row("source", law.source),
    ...row("subject", `${first.subject}${subjects === 1 ? "" : `, the first of ${subjects} on which it is broken`}`),
    ...row("event", sayEvent(first.event)),
    ...row("expected", first.expected),
    ""
  ]
}

const sayNotJudged = (verdicts: ReadonlyArray<Verdict>): ReadonlyArray<string> => {
  const rows = verdicts.flatMap((verdict) =>
    verdict._tag === "NotJudged" ? [[verdict.law.name, verdict.why] as const] : []
  )
  if (rows.length === 0) return []
  const width = Math.max(...rows.map(([name]) => name.length)) + 2
  return [
    "Not judged",
    ...rows.map(([name, why]) => `  ${name.padEnd(width)}${Report.cut(why, Report.WIDTH - width - 2)}`),
    ""
  ]
}

/** The laws that are broken, those that could not be judged, and how many there are of each kind. */
export const words = ({ events, misfits, verdicts }: Judged, paint: Table.Paint): string => {
  const number = (tag: Verdict["_tag"]) => verdicts.filter(({ _tag }) => _tag === tag).length
  const hold = number("Holds")
  const laws = `${count(verdicts.length, "law")}: ${count(hold, "holds", "hold")}`
  const rest = misfits === 0 ? "" : `, ${count(misfits, "line that is no event", "lines that are no events")}`
  return [
    ...verdicts.flatMap((verdict) => sayBroken(verdict, paint)),
    ...(events === 0 ? [] : sayNotJudged(verdicts)),
    `${laws}, ${number("Broken")} broken, ${number("NotJudged")} not judged. ${count(events, "event")}${rest}.`
  ].join("\n")
}

/** Each line that is no event, as far as they are told, and how many more there are. */
export const sayMisfits = ({ firstMisfits, misfits }: Result): ReadonlyArray<string> => {
  const more = misfits - firstMisfits.length
  return [
    ...firstMisfits.map(({ line, why }) => `line ${line} is no event: ${Report.cut(why, 200)}`),
    ...(more > 0 ? [`and ${count(more, "more line that is no event", "more lines that are no events")}`] : [])
  ]
}
