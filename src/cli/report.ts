/**
 * What the command tells of a run: its outcome, and the store that it opened; as data, and in words.
 *
 * Nothing here prints, and nothing leaves here with a password that `scrub` knows.
 */
import * as Cause from "effect/Cause"
import * as CliOutput from "effect/cli/CliOutput"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type * as CallLog from "../CallLog.ts"
import { printable, wrap } from "../diagram/Table.ts"
import * as Flags from "../Flags.ts"
import { at, isMapiError, MapiError, type Step } from "../MapiError.ts"
import type { FolderTree } from "../MsgStore.ts"
import * as Scode from "../Scode.ts"

type Scrub = (text: string) => string

/** A note without the passwords that `scrub` knows. The rest of an event is the protocol's own words. */
export const scrubEvent = (event: CallLog.Event, scrub: Scrub): CallLog.Event =>
  event.note === undefined ? event : { ...event, note: scrub(event.note) }

// --- the outcome ----------------------------------------------------------------------------------------------------

/** An error of the protocol, or what else can end a run: those have no SCODE. */
export interface ErrorReport {
  readonly _tag: string
  readonly scode: number | null
  readonly scodeName: string | null
  readonly step: Step | null
  readonly subject: string
  readonly detail: string
  readonly advice: string
}

/** Why a run failed. `asked` says that the user has been asked for passwords already. */
export const toError = (cause: Cause.Cause<unknown>, asked: boolean, scrub: Scrub): ErrorReport => {
  const error = Cause.findErrorOption(cause)
  if (Option.isSome(error) && isMapiError(error.value)) return encodeError(error.value, asked, scrub)
  const none = { scode: null, scodeName: null, step: null, subject: "effect-mapi" }
  return Cause.hasInterruptsOnly(cause)
    ? { _tag: "Interrupted", ...none, detail: "the run was interrupted", advice: "Run it again." }
    : { _tag: "Defect", ...none, detail: scrub(Cause.pretty(cause)), advice: "Please report this: it is a bug." }
}

/** An error of the protocol that no run has come to. */
export const errorOf = (error: MapiError): ErrorReport => encodeError(error, false, (text) => text)

const encodeError = (error: MapiError, asked: boolean, scrub: Scrub): ErrorReport => {
  const { detail, scode, step, subject } = error
  const advice = advise(error, asked) ?? scrub(error.advice)
  const clean = at(error, step, { subject: scrub(subject), detail: scrub(detail), advice })
  return { ...Schema.encodeSync(MapiError)(clean), scodeName: Scode.show(scode) }
}

/** What somebody who typed a command can do, where the error knows only what a program can. */
const advise = ({ _tag, step }: MapiError, asked: boolean): string | undefined => {
  switch (_tag) {
    case "FailOneProvider":
      return asked ? "Run this again with the right password." : "Run this again with --ask, and type the password."
    case "UnknownEntryId":
      return "Open a store of this command's own providers: an SQLite store, or a .pst file."
    case "NotFound":
      return step === 4 ? "Check the path; without one, the demonstration store is opened." : undefined
    default:
      return undefined
  }
}

/** The steps of the seed page, a clause each. */
const steps: Readonly<Record<Step, string>> = {
  1: "the client calls IMAPISession::OpenMsgStore",
  2: "MAPI loads the provider's DLL and calls MSProviderInit",
  3: "MSProviderInit creates and returns an IMSProvider",
  4: "MAPI calls IMSProvider::Logon, passing the entry id",
  5: "Logon returns IMSLogon and IMsgStore",
  6: "MAPI gives the entry id to the spooler",
  7: "MAPI returns IMsgStore to the client",
  8: "the spooler calls IMSProvider::SpoolerLogon",
  9: "SpoolerLogon returns the pair of step 5"
}

/** An error, in words. */
export const sayError = ({ _tag, advice, detail, scode, step, subject }: ErrorReport): string => {
  const rows: ReadonlyArray<readonly [string, string]> = [
    ["what", subject],
    ["why", detail],
    ["code", scode === null ? "none" : Scode.describe(scode)],
    ["step", step === null ? "none of the nine" : `${step} of 9: ${steps[step]}`],
    ["do", advice]
  ]
  return [_tag, ...rows.map(([name, text]) => `  ${name.padEnd(6)}${printable(text)}`)].join("\n")
}

/** The note of the seed page, where it says why FailOneProvider is an error of its own. */
export const theNote: string = wrap(
  'The provider answered MAPI_E_FAILONEPROVIDER, as the note of the page says: "This will allow clients to prompt the ' +
    "user for a password to try logging on to the message store provider again instead of causing MAPI to fail the " +
    'provider for the entire session."',
  100
).join("\n")

// --- the store ------------------------------------------------------------------------------------------------------

/** What a client sees of an open store. */
export interface StoreReport {
  readonly name: string
  readonly access: ReadonlyArray<Flags.StoreSupport>
  readonly readOnly: boolean
  /** Null where one folder was asked for: the others are not read then. */
  readonly tree: FolderTree | null
}

/** What was read of a store. `mask` is PR_STORE_SUPPORT_MASK: the access granted, as far as it has names here. [R15] */
export const toStore = (name: string, mask: number, tree: FolderTree | null, scrub: Scrub): StoreReport => {
  const named = mask & Flags.encode(Flags.StoreSupport, Flags.names(Flags.StoreSupport))
  const access: StoreReport["access"] = Result.getOrElse(Flags.decode(Flags.StoreSupport, named), () => [])
  const readOnly = !access.includes("STORE_MODIFY_OK")
  return { name: scrub(name), access, readOnly, tree: tree === null ? null : scrubTree(tree, scrub) }
}

const scrubTree = ({ count, folders, name, subjects }: FolderTree, scrub: Scrub): FolderTree => ({
  name: scrub(name),
  count,
  subjects: subjects.map(scrub),
  folders: folders.map((folder) => scrubTree(folder, scrub))
})

/** A store, in words: at most 100 columns wide, and a few subjects of each folder. */
export const sayStore = ({ access, name, readOnly, tree }: StoreReport): string =>
  [
    `Store    ${cut(name, WIDTH - 9)}`,
    `Access   ${readOnly ? "read-only" : "read and write"} (${access.join(", ")})`,
    ...(tree === null ? [] : ["Folders", ...sayFolder(tree, 1)])
  ].join("\n")

export const WIDTH = 100
const SUBJECTS = 10
const DEEPEST = 20

const sayFolder = ({ count, folders, name, subjects }: FolderTree, depth: number): ReadonlyArray<string> => {
  const indent = "  ".repeat(Math.min(depth, DEEPEST))
  const messages = count === 0 ? "" : count === 1 ? "  1 message" : `  ${count} messages`
  const shown = subjects.slice(0, SUBJECTS).map((subject) => `- ${subject === "" ? "(no subject)" : subject}`)
  const left = subjects.length - shown.length
  const below = left > 0 ? [...shown, `  and ${left} more`] : shown
  return [
    `${indent}${cut(name === "" ? "(no name)" : name, WIDTH - indent.length - messages.length)}${messages}`,
    ...below.map((text) => `${indent}  ${cut(text, WIDTH - indent.length - 2)}`),
    ...folders.flatMap((folder) => sayFolder(folder, depth + 1))
  ]
}

/** A text cut to a number of columns, of which some letters take two. */
export const cut = (text: string, columns: number): string => {
  const clean = printable(text)
  if (CliOutput.displayWidth(clean) <= columns) return clean
  const letters = Array.from(clean).slice(0, columns)
  while (CliOutput.displayWidth(letters.join("")) >= columns) letters.pop()
  return `${letters.join("")}…`
}
