/**
 * A file as this provider needs it, and the ways in which one fails to be a file of personal folders.
 *
 * Every error here names the file and says what to do about it. No runtime's own module, no parser.
 */
import * as Predicate from "effect/Predicate"
import { NoAccess, NotFound, ProviderFailed } from "../../MapiError.ts"
import * as Scode from "../../Scode.ts"

/** A file's bytes. */
export interface PstFile {
  /** In bytes. */
  readonly size: number
  /** The bytes from `position` on: `length` of them, fewer only where the file ends. A rejection is told as it is. */
  readonly read: (position: number, length: number) => Promise<Uint8Array>
}

/** What can be wrong with a file. */
export type FileError = NotFound | NoAccess | ProviderFailed

/** The file at this path is not what it should be. */
export const damaged = (path: string, detail: string): ProviderFailed =>
  new ProviderFailed({
    subject: path,
    detail,
    scode: Scode.values.MAPI_E_CORRUPT_STORE,
    advice: "Check that it is a .pst file; have a copy of it repaired (Outlook's scanpst.exe does), or take a backup."
  })

/** The file ends before the place where it ended when it was opened. */
export const cutShort = (path: string): ProviderFailed =>
  new ProviderFailed({
    subject: path,
    detail: "it has become shorter since it was opened",
    scode: Scode.values.MAPI_E_CORRUPT_STORE,
    advice: "Another program is changing it: wait until that is done, and open it again; or open a copy of it."
  })

/** The path leads to no file. */
export const noFile = (path: string, detail: string): NotFound =>
  new NotFound({ subject: path, detail, advice: "Give the path of a .pst file that exists." })

/** What an attempt to reach the file at this path ended with. */
export const unreachable = (path: string, cause: unknown): FileError => {
  const code = Predicate.hasProperty(cause, "code") && typeof cause.code === "string" ? cause.code : ""
  if (code === "ENOENT" || code === "ENOTDIR") return noFile(path, "there is no such file")
  if (["EACCES", "EPERM", "ERR_ACCESS_DENIED"].includes(code) || told(cause).startsWith("NotCapable")) {
    return new NoAccess({ subject: path, detail: "it may not be read" })
  }
  return new ProviderFailed({ subject: path, detail: `it cannot be read: ${told(cause)}` })
}

/** What was thrown, in words. Not every object has any. */
export const told = (cause: unknown): string => {
  if (!Predicate.isError(cause)) return Predicate.isObjectKeyword(cause) ? "no error, but an object" : String(cause)
  return cause.name === "Error" ? cause.message : `${cause.name}: ${cause.message}`
}

/** It is a file of Outlook's, but not one that can be read here. */
export const unsupported = (path: string, detail: string): ProviderFailed =>
  new ProviderFailed({
    subject: path,
    detail,
    scode: Scode.values.MAPI_E_NO_SUPPORT,
    advice: "Let Outlook export it to a new .pst file, without high encryption, and open that one."
  })
