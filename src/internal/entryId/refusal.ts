/** How bytes are refused as an entry id: where they stop making sense, what was expected there, and what was found. */
import * as Result from "effect/Result"
import { InvalidEntryId, type Step } from "../../MapiError.ts"

export interface Place {
  readonly offset: number
  readonly expected: string
  readonly found: string
}

/** What is said otherwise than of a store's entry id, outside the nine steps. */
export interface Words {
  readonly step?: Step
  readonly subject?: string
  readonly detail?: string
  readonly advice?: string
}

export const refuse = (place: Place, words: Words = {}): Result.Result<never, InvalidEntryId> => {
  const detail = `at offset ${place.offset}, expected ${place.expected}, found ${place.found}`
  return Result.fail(new InvalidEntryId({ subject: "entry id", detail, ...place, ...words }))
}

/** A byte as it is told: two lower-case digits. */
export const byteText = (value: number): string => value.toString(16).padStart(2, "0")

/** What is found at an offset. */
export const foundAt = (bytes: Uint8Array, offset: number): string => {
  const value = bytes[offset]
  return value === undefined ? "the end" : byteText(value)
}
