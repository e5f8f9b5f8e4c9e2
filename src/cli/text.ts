/** The text format, live: every call as it happens, the store when it is open, and what is left when all is over. */
import * as CliOutput from "effect/cli/CliOutput"
import * as Effect from "effect/Effect"
import * as CallLog from "../CallLog.ts"
import * as Line from "../diagram/Line.ts"
import * as Table from "../diagram/Table.ts"
import type * as Folder from "./folder.ts"
import * as Report from "./report.ts"
import type { Listener } from "./run.ts"

/** Prints a run, line by line. */
export interface Live extends Omit<Listener, "during"> {
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
    opened: ({ list, message, store }) => {
      const calls = paint.dim(`(Reading this took ${reading} calls more: --trace and --format json have them.)`)
      const asked = message !== null ? sayMessage(message) : list !== null ? sayList(list) : []
      const told = asked.length === 0 ? "" : `\n${asked.join("\n")}\n\n`
      return say(`\n${Report.sayStore(store)}\n${told}${calls}\n`)
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

// --- a folder -------------------------------------------------------------------------------------------------------

const column = (text: string, width: number): string => {
  const shown = Report.cut(text, width - 2)
  return shown + " ".repeat(Math.max(0, width - CliOutput.displayWidth(shown)))
}

/** `2010-03-15 17:12`, in UTC. */
const minute = (date: string | null): string => (date === null ? "" : date.slice(0, -8).replace("T", " "))

const orNone = (subject: string): string => (subject === "" ? "(no subject)" : subject)

/** The messages of a folder as a table, at most 100 columns wide. */
export const sayList = ({ folder, messages }: Folder.List): ReadonlyArray<string> => {
  const about = `Folder   ${Report.cut(folder, Report.WIDTH - 9)}`
  if (messages.length === 0) return [about, "No messages."]
  const first = String(messages.length).length + 2
  const row = (number: string, date: string, sender: string, subject: string) =>
    `${number.padStart(first - 2)}  ${column(date, 18)}${column(sender, 26)}${Report.cut(subject, Report.WIDTH - first - 44)}`
  return [
    about,
    row("#", "date (UTC)", "sender", "subject"),
    ...messages.map(({ date, number, sender, subject }) => row(`${number}`, minute(date), sender, orNone(subject)))
  ]
}

/** A message: what it says of itself, and its body, if that is plain text. */
export const sayMessage = (message: Folder.Message): ReadonlyArray<string> => {
  const { body, bodyForm, delivered, folder, number, sender, senderAddress, size, subject, submitted } = message
  const from = senderAddress === "" ? sender : `${sender} <${senderAddress}>`.trimStart()
  const heads: ReadonlyArray<readonly [string, string | null]> = [
    ["Folder", folder],
    ["Message", `${number}`],
    ["Subject", orNone(subject)],
    ["From", from === "" ? null : from],
    ["Sent", submitted],
    ["Received", delivered],
    ["Size", size === null ? null : `${size} bytes`]
  ]
  const lines = body
    ?.replace(/\s+$/, "")
    .split(/\r\n|\r|\n/)
    .map(Table.printable)
  const missing = bodyForm === null ? "(It has no body.)" : `(Its body is ${bodyForm} only, which is not shown.)`
  return [
    ...heads.flatMap(([name, value]) => (value === null ? [] : [`${name.padEnd(9)}${Table.printable(value)}`])),
    "",
    ...(lines ?? [missing])
  ]
}
