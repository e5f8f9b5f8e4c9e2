/**
 * A call log as a Mermaid sequence diagram: who called whom, in order, the seed's steps by their numbers.
 *
 * Every text that is not of this module is escaped, so that Mermaid's parser accepts the diagram whatever the log says.
 * Pure.
 */
import { type Event, isFailure } from "../CallLog.ts"
import { type Line, lines } from "./Line.ts"
import { called, references } from "./Table.ts"

/**
 * Mermaid's own escape: `#35;` is character 35. Letters, digits and a little punctuation stand for themselves; a colon only
 * where it cannot end a word of Mermaid's, such as `wrap:`.
 */
export const escape = (text: string): string =>
  text.replace(/::|(?<=\d): |[^\p{L}\p{N} _.,()=·]/gu, (found) => {
    if (found.length > 1 && found.startsWith(":")) return found
    return /[\p{C}\p{Z}]/u.test(found) ? " " : `#${found.codePointAt(0)};`
  })

const arrow = ({ half, result }: Line): string => {
  if (isFailure(result)) return half === "whole" ? "-x" : "--x"
  return half === "return" ? "-->>" : "->>"
}

const label = (line: Line): string => {
  const { refs, returned, step } = line
  const counts = refs.length > 0 ? references(refs) : returned.join(", ")
  return `${step === null ? "" : `(${step}) `}${called(line)}${counts === "" ? "" : ` · ${counts}`}`
}

/** The whole log. */
export const mermaid = (events: Iterable<Event>): string => {
  const drawn = lines(events)
  const names = Array.from(new Set(drawn.flatMap(({ from, to }) => [from, to])))
  const id = new Map(names.map((name, n) => [name, `p${n + 1}`]))
  const messages = drawn.flatMap((line) => {
    const [from, to] = line.half === "return" ? [line.to, line.from] : [line.from, line.to]
    const message = `  ${id.get(from)}${arrow(line)}${id.get(to)}: ${escape(label(line))}`
    return line.note === null ? [message] : [message, `  Note over ${id.get(to)}: ${escape(line.note)}`]
  })
  const participants = names.map((name, n) => `  participant p${n + 1} as ${escape(name)}`)
  return ["sequenceDiagram", ...participants, ...messages].join("\n")
}
