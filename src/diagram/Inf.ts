/**
 * A MAPISVC.INF as text: its services, their providers, the DLL that each lives in, and what is wrong with it.
 *
 * ```text
 * DEMO: Demo Service (default)
 *   DLL DEMO.DLL, loaded as DEMO32.DLL; entry ServiceEntry
 *   provider DEMO Store: MAPI_STORE_PROVIDER
 *     DLL DEMO.DLL, loaded as DEMO32.DLL
 *     STATUS_NO_DEFAULT_STORE
 * stores are served by DEMO.DLL
 * ```
 *
 * Strings in, strings out: nothing here prints. Of properties it shows none: a value could be anything.
 */
import {
  type Complaint,
  isStore,
  loadedName,
  type MapiSvcInf,
  type Placement,
  placements,
  storeDlls
} from "../MapiSvcInf.ts"
import { printable } from "./Table.ts"

const indented = (lines: ReadonlyArray<string>): ReadonlyArray<string> => lines.map((line) => `  ${line}`)

const listed = (names: ReadonlyArray<string>): ReadonlyArray<string> => (names.length === 0 ? [] : [names.join(", ")])

const dll = (name: string | null, about: string): string =>
  name === null ? "no DLL" : `DLL ${name}${about}, loaded as ${loadedName(name)}`

const provider = ({ dllFileName, provider }: Placement): ReadonlyArray<string> => {
  const type = provider.resourceType ?? "of no known type"
  const about = provider.dllFileName === null ? ", its service's" : ""
  return [
    `provider ${provider.name}: ${type}${isStore(provider) ? "" : " (no store)"}`,
    ...indented([dll(dllFileName, about), ...listed(provider.flags)])
  ]
}

/** A complaint in two lines: where and what, and what to do. */
export const complaint = ({ advice, detail, file, line, severity }: Complaint): ReadonlyArray<string> =>
  [`${file}:${line}: ${severity}: ${detail}`, `  ${advice}`].map(printable)

/** What a file says, line by line; then, line by line, what is wrong with it. */
export const describe = (inf: MapiSvcInf): ReadonlyArray<string> => {
  const placed = placements(inf)
  const astray = placed.filter(({ service }) => service === null).flatMap(provider)
  const stores = storeDlls(inf)
  return [
    ...inf.services.flatMap((service) => [
      `${service.name}: ${service.displayName}${service.isDefault ? " (default)" : ""}`,
      ...indented([
        `${dll(service.dllFileName, "")}${service.entryName === null ? "" : `; entry ${service.entryName}`}`,
        ...listed(service.flags),
        ...(service.helpFile === null ? [] : [`help ${service.helpFile}`]),
        ...placed.filter((placement) => placement.service === service).flatMap(provider)
      ])
    ]),
    ...(astray.length === 0 ? [] : ["of no service:", ...indented(astray)]),
    stores.length === 0 ? "no stores are served" : `stores are served by ${stores.join(", ")}`
  ]
    .map(printable)
    .concat(inf.complaints.flatMap(complaint))
}
