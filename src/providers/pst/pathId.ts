/**
 * The private store id of a file of personal folders: nothing but its path.
 *
 * ```text
 *  0  4  flags     zero
 *  4 16  PST UID   4E495441-F9BFB801-00AA0037-D96E0000, in this order of bytes
 * 20  …  path      as src/internal/entryId/pst.ts reads and writes it
 * ```
 *
 * Pure and total: any bytes are a path or an `InvalidEntryId`. It never asks whether there is such a file.
 * Source: section 9.3 of the protocol reference.
 */
import * as Result from "effect/Result"
import * as EntryId from "../../EntryId.ts"
import { concat } from "../../internal/entryId/cursor.ts"
import * as Pst from "../../internal/entryId/pst.ts"
import { foundAt, type Place, refuse } from "../../internal/entryId/refusal.ts"
import type { InvalidEntryId } from "../../MapiError.ts"

/** The MAPIUID of these ids; Outlook's own provider answers it as PR_MDB_PROVIDER too [inferred]. */
export const pstUid: Uint8Array = EntryId.pstUid

const CONTENT = 20
const PATH = 21
const header = Uint8Array.of(0, 0, 0, 0, ...pstUid, 0)

const invalid = ({ expected, found, offset }: Place): Result.Result<never, InvalidEntryId> =>
  refuse(
    { offset, expected, found },
    {
      subject: "entry id of a .pst file",
      detail: `at offset ${offset} of the private id, expected ${expected}, found ${found}`,
      advice: "Pass the entry id of a file of personal folders; `Pst.entryId` makes one of a path."
    }
  )

/** The id of the file at this path: 8-bit where the path is printable ASCII, else UTF-16. */
export const encode = (path: string): Result.Result<EntryId.Private, InvalidEntryId> => {
  if (path === "" || path.includes("\0")) {
    return invalid({ offset: PATH, expected: "a path without NUL", found: JSON.stringify(path) })
  }
  return EntryId.makePrivate(concat([header.subarray(0, CONTENT), Pst.write(Pst.of(path))]))
}

/** The path in an id. Its 8-bit form names no code page: bytes past ASCII are read as ISO 8859-1 [inferred]. */
export const decode = ({ bytes }: EntryId.Private): Result.Result<string, InvalidEntryId> => {
  const stray = header.findIndex((byte, at) => bytes[at] !== byte)
  if (stray >= 0) {
    return invalid({ offset: stray, expected: "zero flags, the PST UID and a zero", found: foundAt(bytes, stray) })
  }
  return Result.match(Pst.read({ bytes, at: CONTENT }), {
    onSuccess: ({ path }) => Result.succeed(path),
    onFailure: invalid
  })
}
