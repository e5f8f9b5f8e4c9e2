/** What a section's lines mean to whoever reads it: properties that go into fields of their own, lists, and mappings. */
import { type Complain, quoted } from "./infComplaint.ts"
import { isWord, type Property, type Read } from "./infProperty.ts"
import { checkComment, distinct, type Entry, items, nameKey, type RawSection } from "./infText.ts"

/** Sections by their names' keys, in the order of the file. */
export type Sections = ReadonlyMap<string, RawSection>

/** A name, and the line that it stands in. */
export interface Named {
  readonly name: string
  readonly line: number
}

export const none: ReadonlyArray<never> = []

/** Properties that go into fields of their own, one by one; the others are left. */
export const taking = (all: ReadonlyArray<Read>) => {
  const taken = new Set<string>()
  const find = (id: string) => all.find((one) => one.id === id)
  return {
    find,
    /** The property, taken whatever it says. */
    take: (id: string) => {
      taken.add(id)
      return find(id)
    },
    /** A text that is not empty. */
    text: (id: string): string | null => {
      const value = find(id)?.value
      if (typeof value !== "string" || value === "") return null
      taken.add(id)
      return value
    },
    others: (): ReadonlyArray<Property> => all.flatMap(({ id, tag, value }) => (taken.has(id) ? [] : { tag, value }))
  }
}

export type Taking = ReturnType<typeof taking>

/** Only a service's section, and sections of its own, have lines that are no properties. */
export const checkWords = (all: ReadonlyArray<Read>, allowed: ReadonlyArray<string>, complain: Complain): void => {
  for (const { id, line, tag } of all) {
    if (isWord(id) && !allowed.includes(id)) {
      const detail = `${quoted(tag)} is neither the name nor the tag of a property`
      complain("unknownKey", line, detail, "Check its spelling, or move it to a section of the service's own.")
    }
  }
}

/** The names that a list of sections holds, each with the line that it stands in. */
export const listIn = ({ take }: Taking, id: string, complain: Complain): ReadonlyArray<Named> => {
  const list = take(id)
  if (typeof list?.value !== "string") return none
  const { line, value } = list
  return items(value, line, complain).map((name) => ({ name, line }))
}

/** The lines of a section that maps names to texts. */
export const mappings = (sections: Sections, name: string, complain: Complain): ReadonlyArray<Entry> => {
  const entries = distinct(sections.get(nameKey(name))?.entries ?? none, ({ key }) => nameKey(key), complain)
  for (const entry of entries) checkComment(entry, complain)
  return entries
}
