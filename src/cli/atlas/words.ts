/** The error atlas in words: as text for a terminal, and as the page `docs/error-atlas.md`. Nothing here prints. */
import * as Scode from "../../Scode.ts"
import type { Entry } from "./atlas.ts"

/** The entries of each error, in their order. */
const byError = (entries: ReadonlyArray<Entry>): ReadonlyArray<readonly [Entry, ReadonlyArray<Entry>]> =>
  entries.flatMap((first, at) =>
    entries[at - 1]?.error === first.error
      ? []
      : [[first, entries.filter(({ error }) => error === first.error)] as const]
  )

const steps = (entries: ReadonlyArray<Entry>): string => entries.map(({ step }) => step).join(", ")

const whose = ({ reachesClient }: Entry): string => (reachesClient ? "" : ", in the spooler: the client never meets it")

const when = ({ when }: Entry): string => when.join("; ")

const released = ({ released }: Entry): string =>
  released.length === 0 ? "nothing: nothing was made" : released.join(", ")

const after = ({ after }: Entry): ReadonlyArray<readonly [string, string]> =>
  (
    [
      ["stores open before", after.openStores],
      ["an open there again", after.provider],
      ["an open elsewhere", after.session]
    ] as const
  ).flatMap(([name, result]) => (result === null ? [] : [[name, result] as const]))

/** For a terminal: an error a paragraph, its steps below it. */
export const text = (entries: ReadonlyArray<Entry>): string =>
  byError(entries)
    .flatMap(([first, each]) => [
      `${first.error}  ${Scode.describe(first.scode)}  at step ${steps(each)}`,
      `  do        ${first.advice}`,
      ...each.flatMap((entry) => [
        `  step ${entry.step}    ${entry.cause}${whose(entry)}`,
        ...[["when", when(entry)], ["released", released(entry)], ...after(entry), ["replay", entry.token]].map(
          ([name, what]) => `    ${`${name}`.padEnd(21)}${what}`
        )
      ]),
      ""
    ])
    .join("\n")
    .trimEnd()

const cell = (text: string): string => text.replaceAll("|", "\\|")

const table = (rows: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> =>
  rows.map((row) => `| ${row.map(cell).join(" | ")} |`)

const columns = ["Step", "When", "Cause", "Released", "Stores open before", "An open there again", "An open elsewhere"]

const result = (name: string | null): string => (name === null ? "" : `\`${name}\``)

const row = (entry: Entry): ReadonlyArray<string> => [
  `${entry.step}`,
  when(entry),
  `${entry.cause}${whose(entry)}`,
  released(entry),
  result(entry.after.openStores),
  result(entry.after.provider),
  result(entry.after.session)
]

const preface = `# The error atlas

Every error that opening a store can fail with, and every step that it can fail at. Each row is read off an execution of the
real session: a small program (\`src/cli/atlas/programs.ts\`) in which the explorer chooses what the provider answers, what
the client asks for, and in which order steps are taken. *Released* are the kinds of object whose last reference was given
back. The last columns say how it went on: a call of a store that was open before, another open at that provider, and an
open at another provider of the same session; \`S_OK\`, or the error that it met. An empty cell says that the program tries no such thing.

The token below a table replays the execution, every call shown: \`effect-mapi explore --replay TOKEN\`. That each error comes
up, and that no execution of these programs ends with any other, is a test: \`test/explore/witnesses.test.ts\`.

This page is what \`effect-mapi errors --format markdown\` prints; \`npm run atlas\` finds the tokens again, and writes it.
`

/** The page, without its last line end. */
export const markdown = (entries: ReadonlyArray<Entry>): string => {
  const sections = byError(entries).map(([first, each]) =>
    [
      `## ${first.error}`,
      "",
      `\`${first.scodeName}\` (${Scode.toHex(first.scode)}). ${first.advice}`,
      "",
      ...table([columns, columns.map(() => "---"), ...each.map(row)]),
      "",
      ...each.map(({ step, token }) => `- step ${step}: \`${token}\``),
      ""
    ].join("\n")
  )
  return [preface, ...sections].join("\n").trimEnd()
}
