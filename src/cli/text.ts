/** The text format, live: every call as it happens, the store when it is open, and what is left when all is over. */
import * as Effect from "effect/Effect"
import * as CallLog from "../CallLog.ts"
import * as Line from "../diagram/Line.ts"
import * as Table from "../diagram/Table.ts"
import * as Report from "./report.ts"
import type { Listener } from "./run.ts"

/** Prints a run, line by line. */
export interface Live extends Listener {
  readonly heard: (event: CallLog.Event) => void
  /** The run is over, and this is all of its log. */
  readonly over: (events: ReadonlyArray<CallLog.Event>) => Effect.Effect<void>
}

/** `print` takes a line without its end; it is called in the order of the log, at once. */
export const live = (print: (line: string) => void, scrub: (text: string) => string, paint: Table.Paint): Live => {
  const folding = Line.folding()
  let headed = false
  let reading = 0

  const show = (lines: ReadonlyArray<Line.Line>) => {
    for (const line of lines) {
      if (!headed) print(paint.dim(Table.heading))
      headed = true
      const note = line.note === null ? null : scrub(line.note)
      for (const row of Table.rows({ ...line, note }, paint)) print(row)
    }
  }
  const say = (text: string) =>
    Effect.sync(() => {
      show(folding.flush())
      print(text)
    })

  return {
    heard: (event) => {
      if (!Line.isReading(event)) return show(folding.push(event))
      if (event.phase === "call") reading += 1
    },
    say,
    opened: (store) => {
      const calls = paint.dim(`(Reading this took ${reading} calls more: --trace and --format json have them.)`)
      return say(`\n${Report.sayStore(store)}\n${calls}\n`)
    },
    over: (events) => {
      show(folding.flush())
      return events.length === 0 ? Effect.void : say(`\n${summary(events)}`)
    }
  }
}

/** Which steps there were, and who still holds what: nobody, unless something is wrong. */
const summary = (events: ReadonlyArray<CallLog.Event>): string => {
  const steps = Array.from(new Set(events.flatMap(({ step }) => step ?? []))).sort()
  const ledger = CallLog.ledger(events)
  const held = ledger.filter(({ total }) => total > 0)
  const left = held.map(({ holders, object }) => `${object} (${Object.keys(holders).join(", ")})`)
  return held.length === 0
    ? `Steps ${steps.join(" ")}. Every reference is given back: ${ledger.length} objects, nothing held.`
    : `Steps ${steps.join(" ")}. Still held: ${left.join(", ")}.`
}
