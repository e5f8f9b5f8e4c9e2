/**
 * An INF file as sections of entries: from bytes to text, from text to lines, from lines to `key=value`.
 *
 * Knows nothing of MAPI. `effect/encoding/Ini` would lose what is needed here: line numbers, duplicates and their order,
 * and any text with a backslash, a `;`, or a dot in a section's name.
 */
import * as Result from "effect/Result"
import { type Complain, quoted } from "./infComplaint.ts"

/** One `key=value`. */
export interface Entry {
  readonly line: number
  readonly key: string
  readonly value: string
  /** A comment followed the value. */
  readonly hasComment: boolean
}

/** A section, with the entries of all the sections of its name. */
export interface RawSection {
  readonly line: number
  readonly name: string
  readonly entries: ReadonlyArray<Entry>
}

/** Section names and keys are compared without regard to case: this is what they are compared by. */
export const nameKey = (name: string): string => name.toUpperCase()

const lineEnd = /\r\n|\n|\r/

const startsWith = (bytes: Uint8Array, ...start: ReadonlyArray<number>): boolean =>
  start.every((value, at) => bytes[at] === value)

/** UTF-16 where a byte order mark says so, or the NUL beside the first character, which is ASCII in every INF. */
const utf16 = (bytes: Uint8Array): "utf-16le" | "utf-16be" | null => {
  const [first = 0, second = 0] = bytes
  if (startsWith(bytes, 0xff, 0xfe) || (first !== 0 && bytes[1] === 0)) return "utf-16le"
  return startsWith(bytes, 0xfe, 0xff) || (first === 0 && second !== 0) ? "utf-16be" : null
}

const isUtf8 = (bytes: Uint8Array): boolean =>
  startsWith(bytes, 0xef, 0xbb, 0xbf) ||
  Result.isSuccess(Result.try(() => new TextDecoder("utf-8", { fatal: true }).decode(bytes)))

/** The text of these bytes: UTF-16, UTF-8, or else Windows-1252. */
export const decode = (bytes: Uint8Array, complain: Complain): string => {
  const label = utf16(bytes) ?? (isUtf8(bytes) ? "utf-8" : "windows-1252")
  const text = new TextDecoder(label).decode(bytes)
  const isGuess = label === "windows-1252"
  const at = text.search(isGuess ? /[\u0080-\uffff]/ : /\ufffd/)
  if (at >= 0) {
    const line = text.slice(0, at).split(lineEnd).length
    const detail = isGuess ? "this is no UTF-8: it is read as Windows-1252" : `a character of this ${label} is lost`
    complain("encoding", line, detail, "Check the names that are not ASCII, or save the file as UTF-16 with its mark.")
  }
  return text
}

/** The text before a comment: a `;` at the start, or after white space. */
const uncommented = (text: string): string => {
  const at = text.search(/(?:^|\s);/)
  return at < 0 ? text : text.slice(0, at)
}

const header = (text: string, line: number, complain: Complain): string => {
  const end = text.indexOf("]")
  const name = (end < 0 ? uncommented(text.slice(1)) : text.slice(1, end)).trim()
  const mend = "Write the name in brackets, and nothing else on the line."
  if (name === "") complain("badHeader", line, "a section without a name: its entries are left out", mend)
  else if (end < 0) complain("badHeader", line, `the header of ${quoted(name)} has no closing bracket`, mend)
  else if (uncommented(text.slice(end + 1)).trim() !== "") {
    complain("badHeader", line, `there is text after the header of ${quoted(name)}`, mend)
  }
  return name
}

/** The control character that ends a text file of DOS. */
const isBlank = (text: string): boolean => text === "" || text === "\u001a"

/** The sections of a text, in their order. Comment lines begin with `;`, or, as in Kopano's file, with `#`. */
export const read = (text: string, complain: Complain): ReadonlyArray<RawSection> => {
  const sections = new Map<string, RawSection & { readonly entries: Array<Entry> }>()
  let entries: Array<Entry> | null = null
  for (const [index, raw] of text.split(lineEnd).entries()) {
    const line = index + 1
    const content = raw.trim() // of a byte order mark, too
    if (isBlank(content) || content.startsWith(";") || content.startsWith("#")) continue
    if (content.startsWith("[")) {
      const name = header(content, line, complain)
      const known = sections.get(nameKey(name))
      const section = known ?? { line, name, entries: [] }
      if (known !== undefined) {
        const detail = `section ${quoted(name)} is in line ${known.line} already: the two are read as one`
        complain("duplicateSection", line, detail, "Move these entries to the first, and drop this header.")
      } else if (name !== "") sections.set(nameKey(name), section)
      entries = section.entries
      continue
    }
    const equals = content.indexOf("=")
    const key = content.slice(0, Math.max(equals, 0)).trim()
    if (key === "") {
      complain("strayLine", line, "neither a section, an entry, nor a comment", "Write key=value, or a ; before it.")
    } else if (entries === null) {
      complain("outsideSection", line, `entry ${quoted(key)} is in no section`, "Write its section's header above it.")
    } else {
      const written = content.slice(equals + 1)
      const value = uncommented(written)
      entries.push({ line, key, value: value.trim(), hasComment: value.length < written.length })
    }
  }
  return Array.from(sections.values())
}

/** The first entry of each key; what repeats one is complained of. */
export const distinct = <E extends Entry>(
  entries: ReadonlyArray<E>,
  keyOf: (entry: E) => string,
  complain: Complain
): ReadonlyArray<E> => {
  const first = new Map<string, E>()
  for (const entry of entries) {
    const known = first.get(keyOf(entry))
    if (known === undefined) first.set(keyOf(entry), entry)
    else {
      const detail = `${quoted(entry.key)} is in line ${known.line} already, which is the one that counts`
      complain("duplicateKey", entry.line, detail, "Drop one of the two.")
    }
  }
  return Array.from(first.values())
}

/** The first of all that have the same key. */
export const firsts = <A>(all: ReadonlyArray<A>, keyOf: (one: A) => string): ReadonlyArray<A> => {
  const first = new Map<string, A>()
  for (const one of all) if (!first.has(keyOf(one))) first.set(keyOf(one), one)
  return Array.from(first.values())
}

/** The items of a list, each once. */
export const items = (list: string, line: number, complain: Complain): ReadonlyArray<string> => {
  const cut = list.search(/,;/) // a comment, too: written with a space before it, it would be one
  const names = (cut < 0 ? list : list.slice(0, cut)).split(",").map((name) => name.trim())
  const given = names.filter((name) => name !== "")
  const kept = firsts(given, nameKey)
  if (kept.length < given.length) {
    complain("duplicateKey", line, "a section is in this list twice", "Name each section once.")
  }
  return kept
}

/** A comment behind a value that is free text may have been meant as part of it. */
export const checkComment = ({ hasComment, key, line }: Entry, complain: Complain): void => {
  if (!hasComment) return
  const detail = `what follows the ; behind the value of ${quoted(key)} is taken for a comment`
  complain("trailingComment", line, detail, "Write a comment on its own line; or the ; without a space before it.")
}
