/** The exhibits as the page docs/museum.md, from what was found of each. It runs nothing. */

import { table, wrap } from "../../src/diagram/Table.ts"
import { type CallLog, Laws } from "../../src/index.ts"
import { constructed } from "./constructed.ts"
import { loading } from "./loading.ts"
import { logon } from "./logon.ts"
import type { Exhibit, Found } from "./museum.ts"
import { references } from "./references.ts"
import { waiting } from "./waiting.ts"

/** All of them, in the order of the page. */
export const exhibits: ReadonlyArray<Exhibit> = [...loading, ...references, ...logon, ...waiting, ...constructed]

const isLaw = (name: string): boolean => Laws.all.some((law) => law.name === name)

const named = (law: string): string => (isLaw(law) ? `[${law}](laws.md#the-table)` : law)

const caughtBy = ({ also = [], law }: Exhibit): string => {
  const by = law === "deadlock" || isLaw(law) ? named(law) : `no law, but by this check: ${law}`
  return also.length === 0 ? by : `${by}; it breaks ${also.map(named).join(", ")} too`
}

const counted = (count: number, what: string): string =>
  `${count === 0 ? "no" : count} ${what}${count === 1 ? "" : "s"}`

const sizeOf = ({ size }: Found): string =>
  `${counted(size.faults, "fault")}, ${counted(size.interruptions, "interruption")}`

/** How many there are changes with every step that is added; whether there is more than one is what the exhibit is about. */
const howMany = ({ executions }: Found): string => (executions === 1 ? "of one execution" : "of many executions")

/** Objects by kind and number, in the order of their first event: the explorer names them by who made them. */
const renamed = (events: ReadonlyArray<CallLog.Event>): ReadonlyArray<CallLog.Event> => {
  const names = new Map<string, string>()
  const counts = new Map<string, number>()
  const short = (name: string): string => {
    const known = names.get(name)
    if (known !== undefined) return known
    const kind = name.slice(0, name.indexOf("#"))
    const count = (counts.get(kind) ?? 0) + 1
    counts.set(kind, count)
    names.set(name, `${kind}#${count}`)
    return `${kind}#${count}`
  }
  return events.map((event) => ({
    ...event,
    object: event.object === null ? null : short(event.object),
    returned: event.returned.map(short),
    refs: event.refs.map((change) => ({ ...change, object: short(change.object) }))
  }))
}

/** The choices that are not the default ones. Who is kept waiting again and again is told of once. */
const choicesOf = ({ choices }: Found): string => {
  const told = choices.map((choice) => {
    const [, waiting] = /goes on, not (.+)$/.exec(choice) ?? []
    return waiting === undefined ? choice.replace(/^step \d+: /, "") : `${waiting} waits while others go on`
  })
  return told.length === 0 ? "none, the default schedule does it" : Array.from(new Set(told)).join("; ")
}

/** Who waits for what, in the end: which of how many Deferreds, a reader need not know. */
const stuck = (reason: string): ReadonlyArray<string> =>
  reason.split("; ").map((line) => line.replace(/for (\w+) #\d+ of/, "for a $1 of"))

/** The calls that matter; and who waits for what, in the end, where nothing can go on. */
const shown = ({ law, shows }: Exhibit, { events, reason }: Found): ReadonlyArray<string> => {
  const calls = renamed(events).filter(({ call }) => shows.includes(call))
  const lines = [...(calls.length === 0 ? [] : [table(calls), ""]), ...(law === "deadlock" ? stuck(reason) : [])]
  return lines.length === 0 ? [] : [["```text", lines.join("\n").trimEnd(), "```"].join("\n")]
}

const prose = (text: string): string => wrap(text, 120).join("\n")

/** One entry: what was built, what catches it, and the smallest counterexample. */
export const entry = (exhibit: Exhibit, found: Found): string =>
  [
    `### ${exhibit.title}`,
    prose(exhibit.what),
    prose(`*Where.* ${exhibit.where}`),
    ...(exhibit.seen === undefined ? [] : [prose(`*Seen in.* ${exhibit.seen}`)]),
    prose(`*Caught by* ${caughtBy(exhibit)}.`),
    prose(
      `*Smallest counterexample.* ${exhibit.told} Size: ${sizeOf(found)}, in a program ${howMany(found)}. Choices: ${choicesOf(found)}.`
    ),
    ...shown(exhibit, found)
  ].join("\n\n")

/**
 * What of an entry stays when the code is changed and what it does is not: neither who forks whom, nor which fiber has to be
 * held back for the smallest counterexample. The calls, their order, and what waits for what have to be the same.
 */
export const lasting = (entry: string): string => {
  const unnamed = entry
    .split("\n\n")
    .map((part) => (part.startsWith("*Smallest") ? part.replaceAll("\n", " ").replace(/ Choices: .*$/, "") : part))
    .join("\n\n")
    .replace(/\bmain(\.\d+)+/g, "a fiber")
    .replace(/ waits for a (\w+) of .*$/gm, " waits for a $1")
  const lines = unnamed.split("\n")
  return lines.filter((line, at) => !line.includes(" waits for ") || lines.indexOf(line) === at).join("\n")
}

/** What stands before the entries. */
export const preface = `# The museum

Each exhibit is a defect, rebuilt as a small variation of this library or of its in-memory provider: a script, a layer, or
steps of the load sequence in another order. The explorer runs the program with the defect and without it, under all laws.
Without it, the search comes to its end and finds nothing; with it, executions fail, and the smallest stands here: by faults,
interruptions, and context switches. Of its events only the calls that matter are shown. Fibers go by who forked them:
\`main.3.1\` is the first child of the third child of the program.

What finds a defect is a law, most of the time. A program of *one execution* has one schedule that matters: there is none to
find, and the run by default breaks the law. Of a program that has more, *choices* says how the smallest differs from that
run; where it does not, the program may well fail without an explorer, too.

*Where* says which rule the defect breaks: R2 is a [ruling](rulings.md), the page is the one that this library implements,
and pages are those of MAPI around it. The defects of the first part are of kinds that real MAPI systems have shipped: *seen
in* names a public source that was read and has the defect; an entry without it has none to show.

This page is written by \`node -C effect-mapi-source test/museum/write.ts\`; a test compares each entry with what it finds,
but for the choices and the names of fibers, which change with every refactoring.
`

const shipped = "\n## Shipped\n\n"
const made = "\n\n## Constructed\n\nNobody is known to have shipped these.\n\n"

/** The page, of its entries in the order of the exhibits. */
export const page = (entries: ReadonlyArray<string>): string => {
  const part = (isConstructed: boolean) =>
    entries.filter((_, at) => (exhibits[at]?.constructed === true) === isConstructed).join("\n\n")
  return `${preface}${shipped}${part(false)}${made}${part(true)}\n`
}

/** The entry of this title on a page; empty where it has none. */
export const entryOn = (text: string, title: string): string =>
  text
    .split(/\n(?=##)/)
    .find((part) => part.startsWith(`### ${title}\n`))
    ?.trimEnd() ?? ""
