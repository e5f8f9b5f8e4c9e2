/**
 * MAPISVC.INF: which message services there are, which providers each has, and which DLL each of these lives in.
 *
 * ```ini
 * [Services]
 * DEMO=Demo Service
 * [DEMO]
 * Providers=DEMO Store
 * PR_SERVICE_DLL_NAME=DEMO.DLL
 * PR_SERVICE_ENTRY_NAME=ServiceEntry
 * [DEMO Store]
 * PR_PROVIDER_DLL_NAME=DEMO.DLL
 * PR_RESOURCE_TYPE=MAPI_STORE_PROVIDER
 * PR_RESOURCE_FLAGS=STATUS_NO_DEFAULT_STORE
 * 34140102=00112233445566778899aabbccddeeff
 * ```
 *
 * Pure, and total on any bytes: what is wrong is a complaint with its line, and what can be used is used. Between `parse`
 * and `format` everything survives but comments, the order of lines within a section, and what a complaint says is left
 * out: repeated entries, unknown flags, secrets. It imports no provider and loads nothing.
 *
 * Source: section 10 of the protocol reference.
 */
import * as Hex from "effect/encoding/Hex"
import { dllKey } from "./EntryId.ts"
import { type Complain, type Complaint, collector, quoted } from "./internal/infComplaint.ts"
import * as Props from "./internal/infProperty.ts"
import { checkWords, listIn, mappings, type Named, none, type Sections, taking } from "./internal/infSection.ts"
import { decode, type Entry, firsts, nameKey, type RawSection, read } from "./internal/infText.ts"

export type { Complaint, Kind } from "./internal/infComplaint.ts"
export {
  loadedName,
  type Property,
  type ProviderFlag,
  ProviderFlags,
  type ResourceType,
  resourceTypes,
  type ServiceFlag,
  ServiceFlags
} from "./internal/infProperty.ts"

/** A message service: a line of `[Services]`, and the section that it names. */
export interface Service {
  readonly name: string
  readonly displayName: string
  /** Listed in `[Default Services]`: part of every default profile. */
  readonly isDefault: boolean
  readonly helpFile: string | null
  readonly dllFileName: string | null
  readonly entryName: string | null
  readonly flags: ReadonlyArray<Props.ServiceFlag>
  /** Names of provider sections; one that is not there is complained of. */
  readonly providers: ReadonlyArray<string>
  /** Names of sections of its own. */
  readonly sections: ReadonlyArray<string>
  /** All its other lines. */
  readonly properties: ReadonlyArray<Props.Property>
}

/** A provider section: one that a service names as such, or that has what only providers have. */
export interface Provider {
  readonly name: string
  /** The base name, without the "32" that MAPI adds; null where the service's DLL serves. */
  readonly dllFileName: string | null
  /** Null where the section names none that MAPI knows. */
  readonly resourceType: Props.ResourceType | null
  readonly flags: ReadonlyArray<Props.ProviderFlag>
  /** All its other lines. */
  readonly properties: ReadonlyArray<Props.Property>
}

/** Any other section: a service's own, or one that nothing names. */
export interface Section {
  readonly name: string
  readonly properties: ReadonlyArray<Props.Property>
}

/** What a file says. */
export interface MapiSvcInf {
  readonly services: ReadonlyArray<Service>
  readonly providers: ReadonlyArray<Provider>
  readonly sections: ReadonlyArray<Section>
  /** Help files of what is no service of this file, by its name. */
  readonly helpFiles: ReadonlyArray<{ readonly name: string; readonly file: string }>
  /** By line. */
  readonly complaints: ReadonlyArray<Complaint>
}

const SERVICES = "Services"
const DEFAULTS = "Default Services"
const HELP = "Help File Mappings"
const reserved = new Set([SERVICES, DEFAULTS, HELP].map(nameKey))

// --- what is in it ---------------------------------------------------------------------------------------------------

/** Is this a provider of stores? Only such a provider can be named by a store's entry id. */
export const isStore = (provider: Provider): boolean => provider.resourceType === "MAPI_STORE_PROVIDER"

/** A property of a section, under either spelling of its tag: `PR_MDB_PROVIDER` finds `34140102`. */
export const property = (section: Section, tag: string): Props.Property["value"] | undefined =>
  section.properties.find((other) => Props.idOf(other.tag) === Props.idOf(tag))?.value

/** A provider, the first service that lists it, and the DLL that it lives in: its own, else its service's. */
export interface Placement {
  readonly provider: Provider
  readonly service: Service | null
  readonly dllFileName: string | null
}

type Content = Omit<MapiSvcInf, "complaints">

/** Where each provider lives. */
export const placements = ({ providers, services }: Content): ReadonlyArray<Placement> => {
  const owners = new Map(services.toReversed().flatMap((it) => it.providers.map((name) => [nameKey(name), it])))
  return providers.map((provider) => {
    const service = owners.get(nameKey(provider.name)) ?? null
    return { provider, service, dllFileName: provider.dllFileName ?? service?.dllFileName ?? null }
  })
}

/** The DLLs in which store providers live, each once: the names that a store's entry id may name. */
export const storeDlls = (inf: Content): ReadonlyArray<string> => {
  const names = placements(inf).flatMap(({ dllFileName, provider }) => (isStore(provider) ? (dllFileName ?? []) : []))
  return firsts(names, dllKey)
}

// --- reading ---------------------------------------------------------------------------------------------------------

const readService = (raw: RawSection | undefined, complain: Complain) => {
  const all = raw === undefined ? none : Props.readProperties(raw, complain)
  checkWords(all, ["PROVIDERS", "SECTIONS", "WIZARD_ENTRY_NAME"], complain)
  const section = taking(all)
  const providers = listIn(section, "PROVIDERS", complain)
  const sections = listIn(section, "SECTIONS", complain)
  if (raw !== undefined && providers.length === 0) {
    complain("missingEntry", raw.line, `service ${quoted(raw.name)} lists no provider`, "Add Providers=NAME.")
  }
  const content = {
    dllFileName: section.text(Props.tags.PR_SERVICE_DLL_NAME),
    entryName: section.text(Props.tags.PR_SERVICE_ENTRY_NAME),
    flags: Props.flagsOf(Props.ServiceFlags, section.take(Props.tags.PR_RESOURCE_FLAGS), complain),
    providers: providers.map(({ name }) => name),
    sections: sections.map(({ name }) => name),
    properties: section.others()
  }
  return { providers, sections, content }
}

const readProvider = (name: string, all: ReadonlyArray<Props.Read>, complain: Complain): Provider => {
  checkWords(all, [], complain)
  const section = taking(all)
  const type = section.find(Props.tags.PR_RESOURCE_TYPE)
  const resourceType = type === undefined ? null : Props.resourceTypeOf(type, complain)
  if (resourceType !== null) section.take(Props.tags.PR_RESOURCE_TYPE)
  const dllFileName = section.text(Props.tags.PR_PROVIDER_DLL_NAME)
  const flags = Props.flagsOf(Props.ProviderFlags, section.take(Props.tags.PR_RESOURCE_FLAGS), complain)
  return { name, dllFileName, resourceType, flags, properties: section.others() }
}

const onlyOfProviders: ReadonlyArray<string> = [
  Props.tags.PR_PROVIDER_DLL_NAME,
  Props.tags.PR_PROVIDER_DISPLAY,
  Props.tags.PR_RESOURCE_TYPE
]

/** The services by name: those of `[Services]`, then those that only `[Default Services]` has. */
const listServices = (sections: Sections, complain: Complain) => {
  const listed = mappings(sections, SERVICES, complain)
  const defaults = mappings(sections, DEFAULTS, complain)
  const isListed = new Set(listed.map(({ key }) => nameKey(key)))
  if (!sections.has(nameKey(SERVICES))) {
    complain("missingSection", 1, "there is no section [Services]", "Add it, with a line NAME=display name for each.")
  }
  for (const { key, line } of defaults) {
    if (isListed.has(nameKey(key))) continue
    complain("unlistedService", line, `default service ${quoted(key)} is not in [Services]`, "Add it there, too.")
  }
  const isDefault = new Set(defaults.map(({ key }) => nameKey(key)))
  const all = firsts([...listed, ...defaults], ({ key }) => nameKey(key))
  return all.map(({ key, line, value }) => ({
    name: key,
    line,
    displayName: value,
    isDefault: isDefault.has(nameKey(key))
  }))
}

/** Help files are mapped by a service's name, or by its display name, or by the name of something else. */
const listHelpFiles = (
  services: ReadonlyArray<Pick<Service, "name" | "displayName">>,
  entries: ReadonlyArray<Entry>,
  complain: Complain
) => {
  const known = new Map([
    ...services.map(({ displayName, name }) => [nameKey(displayName), name] as const),
    ...services.map(({ name }) => [nameKey(name), name] as const)
  ])
  const ofService = new Map<string, string>()
  const others: Array<MapiSvcInf["helpFiles"][number]> = []
  for (const { key, line, value } of entries) {
    const service = known.get(nameKey(key))
    if (service === undefined) {
      others.push({ name: key, file: value })
      complain("helpFile", line, `${quoted(key)} is no service of this file`, "Check the name, if it should be one.")
    } else if (ofService.has(service)) {
      complain("duplicateKey", line, `service ${quoted(service)} has a help file already`, "Drop one of the two.")
    } else ofService.set(service, value)
  }
  return { ofService, others }
}

type Role = "service" | "provider" | "section"

/** The section of this name, where there is one and it has no other role; it has this one from then on. */
const claiming = (sections: Sections, complain: Complain) => {
  const roles = new Map<string, Role>()
  const claim = (role: Role, { line, name }: Named): RawSection | undefined => {
    const key = nameKey(name)
    const raw = sections.get(key)
    const had = reserved.has(key) ? "table" : (roles.get(key) ?? role)
    if (raw === undefined) {
      complain("missingSection", line, `there is no section ${quoted(name)}`, "Add the section, or drop its name here.")
    } else if (had !== role) {
      const detail = `section ${quoted(name)} is named as a ${role} here, and is a ${had} already`
      complain("twoRoles", line, detail, "Give each a section of its own.")
    } else roles.set(key, role)
    return had === role ? raw : undefined
  }
  return { claim, roles }
}

const interpret = (sections: Sections, complain: Complain): Content => {
  const { claim, roles } = claiming(sections, complain)
  const listed = listServices(sections, complain)
  const help = listHelpFiles(listed, mappings(sections, HELP, complain), complain)
  const found = listed.map((service) => ({ service, ...readService(claim("service", service), complain) }))
  for (const it of found) for (const named of it.providers) claim("provider", named)
  for (const it of found) for (const named of it.sections) claim("section", named)

  const providers: Array<Provider> = []
  const others: Array<Section> = []
  for (const [key, raw] of sections) {
    const role = roles.get(key)
    if (reserved.has(key) || role === "service") continue
    const { line, name } = raw
    const all = Props.readProperties(raw, complain)
    const isProvider = role === "provider" || (role === undefined && all.some(({ id }) => onlyOfProviders.includes(id)))
    if (isProvider) providers.push(readProvider(name, all, complain))
    else others.push({ name, properties: taking(all).others() })
    if (role === undefined) {
      const what = isProvider ? "provider" : "section"
      complain("danglingSection", line, `no service lists ${what} ${quoted(name)}`, "List it, or delete it.")
    }
  }
  const services = found.map(({ content, service: { displayName, isDefault, name } }) => ({
    name,
    displayName,
    isDefault,
    helpFile: help.ofService.get(name) ?? null,
    ...content
  }))
  return { services, providers, sections: others, helpFiles: help.others }
}

const checkPlacements = (content: Content, sections: Sections, complain: Complain): void => {
  for (const { dllFileName, provider, service } of placements(content)) {
    const line = sections.get(nameKey(provider.name))?.line ?? 1
    const who = `provider ${quoted(provider.name)}`
    if (dllFileName === null) {
      complain("missingEntry", line, `${who} names no DLL, nor does its service`, "Add PR_PROVIDER_DLL_NAME.")
    } else if (provider.dllFileName === null) {
      const detail = `${who} names no DLL: that of service ${quoted(service?.name ?? "")}, ${quoted(dllFileName)}, is taken`
      complain("serviceDll", line, detail, "Add PR_PROVIDER_DLL_NAME, which MAPI requires of a provider.")
    }
    if (provider.resourceType === null && property(provider, "PR_RESOURCE_TYPE") === undefined) {
      complain("missingEntry", line, `${who} has no type`, "Add PR_RESOURCE_TYPE=MAPI_STORE_PROVIDER, or what it is.")
    }
  }
}

/** What a file says. Never fails, and never throws: what is wrong is among the complaints. */
export const parse = (input: string | Uint8Array, options: { readonly file?: string } = {}): MapiSvcInf => {
  const { complain, told } = collector(options.file ?? "MAPISVC.INF")
  const raw = read(typeof input === "string" ? input : decode(input, complain), complain)
  const sections = new Map(raw.map((section) => [nameKey(section.name), section]))
  const content = interpret(sections, complain)
  checkPlacements(content, sections, complain)
  return { ...content, complaints: told() }
}

// --- writing ---------------------------------------------------------------------------------------------------------

const oneLine = (text: string): string => text.replace(/[\r\n]+/g, " ").trim()

/** A value that is read as it is written: on one line, and no comment. */
const plain = (text: string): string => oneLine(text).replace(/(^|\s);/g, "$1,")

const entry = (key: string, value: string): string => `${oneLine(key)}=${plain(value)}`

const optional = (key: string, value: string | null): ReadonlyArray<string> =>
  value === null || value === "" ? none : [entry(key, value)]

const written = (properties: ReadonlyArray<Props.Property>): ReadonlyArray<string> =>
  properties
    .filter(({ tag }) => Props.isAllowed(tag))
    .map(({ tag, value }) => entry(tag, typeof value === "string" ? value : Hex.encode(value)))

/**
 * The text of a file that says this, in CRLF lines. Parsing it gives back what `parse` once gave, complaints aside; of a
 * model made by hand, secrets are left out, and what would break a line is replaced.
 */
export const format = ({ helpFiles, providers, sections, services }: Omit<MapiSvcInf, "complaints">): string => {
  const section = (name: string, lines: ReadonlyArray<string>): ReadonlyArray<string> => [
    [`[${oneLine(name)}]`, ...lines, ""].join("\r\n")
  ]
  const unlessEmpty = (name: string, lines: ReadonlyArray<string>) => (lines.length === 0 ? none : section(name, lines))
  const title = ({ displayName, name }: Service) => entry(name, displayName)
  const help = services.flatMap(({ helpFile, name }) => (helpFile === null ? [] : [entry(name, helpFile)]))
  return [
    ...section(SERVICES, services.map(title)),
    ...unlessEmpty(DEFAULTS, services.filter(({ isDefault }) => isDefault).map(title)),
    ...unlessEmpty(HELP, [...help, ...helpFiles.map(({ file, name }) => entry(name, file))]),
    ...services.flatMap((it) =>
      unlessEmpty(it.name, [
        ...optional("Providers", it.providers.map(plain).join(", ")),
        ...optional("Sections", it.sections.map(plain).join(", ")),
        ...optional("PR_SERVICE_DLL_NAME", it.dllFileName),
        ...optional("PR_SERVICE_ENTRY_NAME", it.entryName),
        ...optional("PR_RESOURCE_FLAGS", it.flags.join("|")),
        ...written(it.properties)
      ])
    ),
    ...providers.flatMap((it) =>
      section(it.name, [
        ...optional("PR_PROVIDER_DLL_NAME", it.dllFileName),
        ...optional("PR_RESOURCE_TYPE", it.resourceType),
        ...optional("PR_RESOURCE_FLAGS", it.flags.join("|")),
        ...written(it.properties)
      ])
    ),
    ...sections.flatMap((it) => section(it.name, written(it.properties)))
  ].join("\r\n")
}
