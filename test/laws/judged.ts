/** What the laws say of a log, as lines that a test can pin. */
import type { CallLog } from "../../src/index.ts"
import { all } from "../../src/Laws.ts"
import * as Judge from "../../src/laws/Judge.ts"
import type { Law } from "../../src/laws/Law.ts"

type Events = ReadonlyArray<CallLog.Event>

/** Nothing is taken for granted from what a short log shows: its recorder saw everything. */
const everything = ["*"]

/** The verdicts on a log that shows all there was. */
export const verdictsOn = (
  events: Events,
  laws: ReadonlyArray<Law> = all,
  sees: ReadonlyArray<string> = everything
) => {
  const judge = Judge.make(laws, { sees })
  for (const event of events) judge.see(event)
  judge.end()
  return judge.verdicts()
}

/** What is broken: the law, the subject, the event by its place and its call, and what was expected. */
export const brokenIn = (events: Events, laws?: ReadonlyArray<Law>): ReadonlyArray<string> =>
  verdictsOn(events, laws).flatMap((verdict) => (verdict._tag === "Broken" ? [told(verdict.first)] : []))

const told = ({ event, expected, law, subject }: Judge.Broken): string =>
  `${law.name} of ${subject}, at ${event.seq} ${event.call} ${event.phase}: expected ${expected}`

/** What is said of one law on a log. */
export const outcome = (law: Law, events: Events, sees?: ReadonlyArray<string>): string => {
  const [verdict] = verdictsOn(events, [law], sees)
  if (verdict === undefined) return "no verdict"
  if (verdict._tag === "Broken") return told(verdict.first)
  return verdict._tag === "Holds" ? `holds of ${verdict.subjects}` : `not judged: ${verdict.why}`
}
