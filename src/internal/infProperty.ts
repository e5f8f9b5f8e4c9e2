/**
 * The properties of an INF's sections: which tags there are, how their values are written, and which must not be there.
 *
 * A value is bytes where its type says so (PT_BINARY; PT_LONG, as its four bytes in memory), and text as written elsewhere.
 *
 * Source: section 10 of the protocol reference; MAPITags.h and MAPIHook.h for what only other people's files use;
 * [MS-OXCDATA] 2.11.1 for the types.
 */
import * as Hex from "effect/encoding/Hex"
import * as Result from "effect/Result"
import * as Flags from "../Flags.ts"
import { type Complain, quoted } from "./infComplaint.ts"
import { checkComment, distinct, type Entry, nameKey, type RawSection } from "./infText.ts"

/** A line `tag=value`. */
export interface Property {
  /** A `PR_` name or eight hex digits, in upper case; anything else as written. */
  readonly tag: string
  readonly value: string | Uint8Array
}

/** A property as it was found. Two spellings of one tag have one `id`. */
export interface Read extends Property {
  readonly id: string
  readonly line: number
}

/** PR_RESOURCE_FLAGS of a message service. */
export const ServiceFlags = {
  word: "PR_RESOURCE_FLAGS of a service",
  bits: {
    SERVICE_DEFAULT_STORE: 0x0001,
    SERVICE_SINGLE_COPY: 0x0002,
    SERVICE_CREATE_WITH_STORE: 0x0004,
    SERVICE_PRIMARY_IDENTITY: 0x0008,
    SERVICE_NO_PRIMARY_IDENTITY: 0x0020
  }
} as const satisfies Flags.Word<string>
export type ServiceFlag = keyof typeof ServiceFlags.bits

/** PR_RESOURCE_FLAGS of a provider. */
export const ProviderFlags = {
  word: "PR_RESOURCE_FLAGS of a provider",
  bits: {
    STATUS_DEFAULT_OUTBOUND: 0x0001,
    STATUS_DEFAULT_STORE: 0x0002,
    STATUS_PRIMARY_IDENTITY: 0x0004,
    STATUS_SIMPLE_STORE: 0x0008,
    STATUS_XP_PREFER_LAST: 0x0010,
    STATUS_NO_PRIMARY_IDENTITY: 0x0020,
    STATUS_NO_DEFAULT_STORE: 0x0040,
    STATUS_TEMP_SECTION: 0x0080,
    STATUS_OWN_STORE: 0x0100,
    HOOK_INBOUND: 0x0200,
    HOOK_OUTBOUND: 0x0400,
    STATUS_NEED_IPM_TREE: 0x0800,
    STATUS_PRIMARY_STORE: 0x1000,
    STATUS_SECONDARY_STORE: 0x2000
  }
} as const satisfies Flags.Word<string>
export type ProviderFlag = keyof typeof ProviderFlags.bits

/** PR_RESOURCE_TYPE: what a provider provides. */
export const resourceTypes = {
  MAPI_STORE_PROVIDER: 33,
  MAPI_AB: 34,
  MAPI_AB_PROVIDER: 35,
  MAPI_TRANSPORT_PROVIDER: 36,
  MAPI_SPOOLER: 37,
  MAPI_PROFILE_PROVIDER: 38,
  MAPI_SUBSYSTEM: 39,
  MAPI_HOOK_PROVIDER: 40
} as const
export type ResourceType = keyof typeof resourceTypes

// `Object.entries` widens its keys to string; the table above is where they come from.
const numbers = Object.entries(resourceTypes) as ReadonlyArray<[ResourceType, number]>

/** The tags that have a name in these files. Of strings there are two widths, and one is as good as the other here. */
export const tags = {
  PR_DISPLAY_NAME: "3001001E",
  PR_PROVIDER_DISPLAY: "3006001E",
  PR_RESOURCE_FLAGS: "30090003",
  PR_PROVIDER_DLL_NAME: "300A001E",
  PR_MDB_PROVIDER: "34140102",
  PR_AB_PROVIDER_ID: "36150102",
  PR_SERVICE_NAME: "3D09001E",
  PR_SERVICE_DLL_NAME: "3D0A001E",
  PR_SERVICE_ENTRY_NAME: "3D0B001E",
  PR_SERVICE_UID: "3D0C0102",
  PR_SERVICE_EXTRA_UIDS: "3D0D0102",
  PR_SERVICE_SUPPORT_FILES: "3D0F101E",
  PR_SERVICE_DELETE_FILES: "3D10101E",
  PR_SERVICE_INSTALL_ID: "3D13001E",
  PR_RESOURCE_TYPE: "3E030003"
} as const
const named: ReadonlyMap<string, string> = new Map(Object.entries(tags))

/** PT_I2 to PT_BINARY; one of many values has 1 for its first digit. */
const types = new Set("0002 0003 0004 0005 0006 0007 000A 000B 000D 0014 001E 001F 0040 0048 0102".split(" "))

const isTag = (text: string): boolean => /^[0-9A-F]{8}$/i.test(text)
const isName = (text: string): boolean => /^PR_\w+$/i.test(text)
const isNearlyTag = (text: string): boolean => /^(?:0x)?(?=.*\d)[0-9A-F]+$/i.test(text)

/** Something else than the tag of a property, however misspelt. */
export const isWord = (text: string): boolean => !isName(text) && !isTag(text) && !isNearlyTag(text)

/** What two properties that are the same have in common. */
export const idOf = (tag: string): string => {
  const upper = nameKey(tag)
  const id = named.get(upper) ?? upper
  return isTag(id) ? id.replace(/01F$/, "01E") : id
}

// By id, and by what such properties are called where they have names. [C20]
const isSecret = (id: string): boolean => /^(?:0X)?67F/.test(id) || /PASSWORD|SECRET|_PW_|PROFILE_SECURE/.test(id)

/** May this tag be in such a file? */
export const isAllowed = (tag: string): boolean => !isSecret(idOf(tag)) && idOf(tag) !== tags.PR_SERVICE_UID

const checkTag = ({ key, line }: Entry, id: string, complain: Complain): void => {
  const write = "Write a PR_ name, or eight hex digits: four of the property's id, four of its type."
  if (isTag(id)) {
    const type = id.slice(4).replace(/^1/, "0")
    if (id.startsWith("0000")) complain("badTag", line, `tag ${key} has no property id`, write)
    else if (!types.has(type)) complain("badTag", line, `tag ${key} ends in no property type`, write)
  } else if (isName(id)) {
    complain("unknownName", line, `${quoted(key)} is no name that MAPI gives a property`, "Write its eight hex digits.")
  } else if (isNearlyTag(id)) {
    complain("badTag", line, `tag ${quoted(key)} is not eight hex digits`, write)
  }
}

const valueOf = ({ key, line, value }: Entry, id: string, complain: Complain): Property["value"] => {
  const isLong = isTag(id) && id.endsWith("0003")
  if (!isLong && !(isTag(id) && id.endsWith("0102"))) return value
  const bytes = Hex.decode(value)
  if (Result.isSuccess(bytes) && (!isLong || bytes.success.length === 4)) return bytes.success
  const [what, wanted] = isLong
    ? ["PT_LONG", "eight hex digits, the lowest byte first"]
    : ["PT_BINARY", "two hex digits a byte"]
  complain("badValue", line, `the value of ${key} is no ${what}`, `Write ${wanted}.`)
  return value
}

/** A name is loaded with "32" in it, and has to reach the entry ids of stores. */
const checkDllName = (name: string, { key, line }: Entry, complain: Complain): void => {
  const wrong = (detail: string, advice: string) => complain("dllName", line, `${quoted(name)} ${detail}`, advice)
  if (name === "") complain("badValue", line, `${key} names no DLL`, "Write its base name, such as DEMO.DLL.")
  else if (!/^[\x20-\x7e]+$/.test(name)) wrong("is not ASCII: no entry id can hold it", "Rename the DLL.")
  else if (name.indexOf(".") !== name.lastIndexOf(".")) {
    wrong(`has two dots: MAPI would load ${quoted(loadedName(name))}`, "Use a name and a folder without other dots.")
  } else if (/^[^.]*32(?:\.|$)/.test(name)) {
    wrong(`has the 32 already: MAPI would load ${quoted(loadedName(name))}`, "Leave the 32 out: MAPI adds it.")
  }
}

/** The name that MAPI loads: with "32" before the first dot, or at the end. */
export const loadedName = (dllFileName: string): string => dllFileName.replace(/(?=\.)|$/, "32")

const readEntry = (entry: Entry, id: string, complain: Complain): ReadonlyArray<Read> => {
  const { key, line } = entry
  if (isSecret(id)) {
    const detail = `${quoted(key)} is for a secret: its value is left out`
    complain("secret", line, detail, "Delete the line, and keep the secret in the profile.")
    return []
  }
  if (id === tags.PR_SERVICE_UID) {
    complain("computedByMapi", line, `MAPI computes ${key} itself: the value is left out`, "Delete the line.")
    return []
  }
  if (!named.has(nameKey(key))) checkTag(entry, id, complain)
  // The two whose values are names, and are read where it is known of what.
  const isNames = id === tags.PR_RESOURCE_FLAGS || id === tags.PR_RESOURCE_TYPE
  const value = isNames ? entry.value : valueOf(entry, id, complain)
  if (typeof value === "string") {
    if (id === tags.PR_PROVIDER_DLL_NAME || id === tags.PR_SERVICE_DLL_NAME) checkDllName(value, entry, complain)
    if (!isNames && !isList(id)) checkComment(entry, complain)
  }
  return [{ id, line, value, tag: isTag(key) || isName(key) ? key.toUpperCase() : key }]
}

const isList = (id: string): boolean => id === "PROVIDERS" || id === "SECTIONS"

/** What a section says, each tag once. */
export const readProperties = (section: RawSection, complain: Complain): ReadonlyArray<Read> =>
  distinct(
    section.entries.map((entry) => ({ ...entry, id: idOf(entry.key) })),
    ({ id }) => id,
    complain
  ).flatMap((entry) => readEntry(entry, entry.id, complain))

/** The number behind the eight digits of a PT_LONG. */
const numberIn = (text: string): number | null =>
  isTag(text)
    ? (text.match(/../g) ?? []).reduceRight((all, digits) => all * 256 + Number.parseInt(digits, 16), 0)
    : null

const text = ({ value }: Property): string => (typeof value === "string" ? value : "")

/** The flags that a property sets, in the order of their word. A flag that the word does not know is complained of. */
export const flagsOf = <Name extends string>(
  word: Flags.Word<Name>,
  property: Read | undefined,
  complain: Complain
): ReadonlyArray<Name> => {
  if (property === undefined) return []
  const written = text(property)
  const bits = numberIn(written)
  const given = bits === null ? nameKey(written).split(/[|\s]+/) : []
  const flags = Flags.names(word).filter((name) => given.includes(name) || ((bits ?? 0) & word.bits[name]) !== 0)
  const strays = given.filter((name) => name !== "" && !Flags.isName(word)(name)).map(quoted)
  const rest = ((bits ?? 0) & ~Flags.encode(word, Flags.names(word))) >>> 0
  if (rest !== 0) strays.push(`0x${rest.toString(16).toUpperCase().padStart(8, "0")}`)
  if (strays.length > 0) {
    const detail = `${word.word} has no flag ${strays.join(", ")}`
    complain("unknownFlag", property.line, detail, `Use its own: ${Flags.names(word).join(", ")}.`)
  }
  return flags
}

/** The type that a property names; null if it names none, which is complained of. */
export const resourceTypeOf = (property: Read, complain: Complain): ResourceType | null => {
  const written = text(property)
  const number = numberIn(written)
  const found = numbers.find(([name, value]) => name === nameKey(written) || value === number)
  if (found !== undefined) return found[0]
  const advice = `Use one of ${numbers.map(([name]) => name).join(", ")}.`
  complain("unknownResourceType", property.line, `${quoted(written)} is no type of provider`, advice)
  return null
}
