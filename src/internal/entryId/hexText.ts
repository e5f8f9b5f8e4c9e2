/** Hex digits as people paste them. */
import * as Hex from "effect/encoding/Hex"
import * as Result from "effect/Result"
import type { InvalidEntryId } from "../../MapiError.ts"
import { refuse } from "./refusal.ts"

const strange = (text: string, offset: number, expected: string): Result.Result<never, InvalidEntryId> => {
  const character = text.codePointAt(offset)
  const found = character === undefined ? "the end" : JSON.stringify(String.fromCodePoint(character))
  return refuse(
    { offset, expected, found },
    {
      subject: "hex text of an entry id",
      detail: `at character ${offset} of the text, expected ${expected}, found ${found}`,
      advice:
        "Pass its hex digits alone, two a byte, without labels or 0x; white space and dashes may stand between them."
    }
  )
}

export const decode = (text: string): Result.Result<Uint8Array, InvalidEntryId> => {
  const stray = text.search(/[^0-9a-f\s-]/i)
  if (stray >= 0) return strange(text, stray, "hex digits, white space or dashes")
  const digits = text.replace(/[\s-]+/g, "")
  return Result.orElse(Hex.decode(digits), () => strange(text, text.length, "two hex digits a byte"))
}
