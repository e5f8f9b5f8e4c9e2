/**
 * A call log as text: one row a line, its columns aligned, at most 100 columns wide.
 *
 * ```text
 *  #  caller   → callee    call                           object: references (whose)
 *  4  MAPI     → provider    IMSProvider::Logon           IMSProvider#1
 *  5  provider → MAPI          IMAPISupport::AddRef       IMAPISupport#1: 2 (provider 1)
 *  5  MAPI     ← provider    IMSProvider::Logon = S_OK    IMSLogon#1, IMsgStore#1
 * ```
 *
 * A dot stands for what is outside the nine steps. Strings in, strings out: nothing here prints.
 */
import { type Event, isFailure, type RefChange } from "../CallLog.ts"
import { type Line, lines } from "./Line.ts"

/** How a piece of a row is to look. Without colours, every paint is the identity. */
export interface Paint {
  readonly step: (text: string) => string
  readonly failure: (text: string) => string
  readonly dim: (text: string) => string
}

/** No colours. */
export const plain: Paint = { step: String, failure: String, dim: String }

const sgr = (code: number) => (text: string) => `\u001b[${code}m${text}\u001b[0m`

/** The colours of a terminal. */
export const colours: Paint = { step: sgr(36), failure: sgr(31), dim: sgr(2) }

/** Text that a terminal shows as it is: control characters, line ends and changes of direction are taken out. */
export const printable = (text: string): string =>
  text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ").replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, "")

const WIDTH = 100
const WHO = 4
const CALL = 25
const OBJECT = 70
const DEEPEST = 8

/** What stands over the columns. */
export const heading: string = `${" #  caller   → callee    call".padEnd(OBJECT)}object: references (whose)`

/** Reference counts: `IMsgStore#1: 2 (spooler 1)` is two in all, and one of them the spooler's. */
export const references = (refs: ReadonlyArray<RefChange>): string => {
  const last = new Map(refs.map((change) => [change.object, change])) // who hands on is the caller: no need to say
  return Array.from(
    last.values(),
    ({ count, holder, object, total }) => `${object}: ${total} (${holder} ${count})`
  ).join(", ")
}

/** The call as it is made, `IMSProvider::SpoolerLogon (MDB_NO_DIALOG)`, with what it answered, ` = S_OK`. */
export const called = ({ args, call, half, onBehalfOf, refs, result }: Line): string => {
  const given = `${args.length === 0 ? "" : ` (${args.join(", ")})`}${onBehalfOf === null ? "" : ` for ${onBehalfOf}`}`
  const told = half === "whole" && refs.length > 0 && result === "S_OK" // its counts say it
  return `${call}${given}${result === null || told ? "" : ` = ${result}`}`
}

const objects = ({ half, object, refs, returned }: Line): string => {
  if (refs.length > 0) return references(refs)
  return returned.length > 0 ? returned.join(", ") : half === "return" ? "" : (object ?? "")
}

const parties = ({ from, half, to }: Line): string =>
  `${from.padEnd(8)} ${from === to ? "" : `${half === "return" ? "←" : "→"} ${to}`}`

/** Text, printable, in lines of at most `width`; broken between words where there are any. */
export const wrap = (text: string, width: number): ReadonlyArray<string> =>
  printable(text).match(new RegExp(`\\S.{0,${width - 1}}(?=\\s|$)|\\S{1,${width}}`, "gu")) ?? []

/** One line of a log as one row, or several where it is too long for one. */
export const rows = (line: Line, paint: Paint = plain): ReadonlyArray<string> => {
  const { depth, note, result, step } = line
  const indent = "  ".repeat(Math.min(depth, DEEPEST))
  const margin = " ".repeat(CALL + indent.length)
  const room = WIDTH - margin.length
  const [call = "", ...more] = wrap(called(line), room)
  const about = printable(objects(line))
  const start = `${printable(parties(line)).padEnd(CALL - WHO - 1)} ${indent}${call}`
  const column = Math.max(OBJECT - WHO, start.length + 2)
  const fits = about !== "" && more.length === 0 && WHO + column + about.length <= WIDTH
  const below = [...more, ...(fits ? [] : wrap(about, room)), ...wrap(note ?? "", room)]
  const ink = isFailure(result) ? paint.failure : step === null ? paint.dim : String
  const number = (step === null ? " ·" : ` ${step}`).padEnd(WHO)
  const first = (step === null ? paint.dim : paint.step)(number) + ink(fits ? start.padEnd(column) + about : start)
  return [first, ...below.map((text) => ink(`${margin}${text}`))]
}

/** A whole log. */
export const table = (events: Iterable<Event>, paint: Paint = plain): string =>
  [heading, ...lines(events).flatMap((line) => rows(line, paint))].join("\n")
