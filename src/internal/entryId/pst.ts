/**
 * What the private id of a file of personal folders says past its header: a zero byte, and a path.
 *
 * ```text
 *  0  1  reserved  zero
 *  1  …  path      8-bit characters and a NUL; or a NUL (no such path), then UTF-16LE characters and a NUL
 * ```
 *
 * Source: section 9.3 of the protocol reference. What the 8-bit form's code page is, it does not say.
 */
import * as Result from "effect/Result"
import type { InvalidEntryId } from "../../MapiError.ts"
import { type Cursor, concat, expectEnd, narrow, takeNarrow, takeWide, wide } from "./cursor.ts"
import type { PstContent } from "./decoded.ts"
import { foundAt, refuse } from "./refusal.ts"

export const read = (from: Cursor): Result.Result<PstContent, InvalidEntryId> =>
  Result.gen(function* () {
    const { at, bytes } = from
    if (bytes[at] !== 0) return yield* refuse({ offset: at, expected: "a zero", found: foundAt(bytes, at) })
    const isWide = bytes[at + 1] === 0
    const start = isWide ? at + 2 : at + 1
    from.at = start
    const path = yield* isWide ? takeWide(from, "the path") : takeNarrow(from, "the path")
    if (path === "") return yield* refuse({ offset: start, expected: "a path", found: "a NUL" })
    yield* expectEnd(from, "the end after the path")
    return { form: "pst", encoding: isWide ? "UTF-16" : "8-bit", path }
  })

export const write = ({ encoding, path }: PstContent): Uint8Array =>
  encoding === "UTF-16" ? concat([Uint8Array.of(0, 0), wide(path)]) : concat([Uint8Array.of(0), narrow(path)])

/** The content for a path: 8-bit where it is printable ASCII, else UTF-16. */
export const of = (path: string): PstContent => ({
  form: "pst",
  encoding: /^[\x20-\x7e]+$/.test(path) ? "8-bit" : "UTF-16",
  path
})
