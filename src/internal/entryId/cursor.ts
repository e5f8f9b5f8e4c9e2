/**
 * Reading bytes from front to back, and writing them again.
 *
 * Each reading moves its cursor past what it took. It never reads past the end: where too little is left, it is an
 * `InvalidEntryId` at the end. What is taken is a copy. Strings are kept unit by unit, so that any of them is written back
 * as it was: 8-bit ones name no code page and are read as ISO 8859-1 [inferred], wide ones are UTF-16LE.
 */
import * as Result from "effect/Result"
import type { InvalidEntryId } from "../../MapiError.ts"
import { foundAt, refuse } from "./refusal.ts"

export interface Cursor {
  readonly bytes: Uint8Array
  at: number
}

type Read<A> = Result.Result<A, InvalidEntryId>

const tooShort = ({ bytes }: Cursor, expected: string): Read<never> =>
  refuse({ offset: bytes.length, expected, found: "the end" })

export const take = (from: Cursor, count: number, what: string): Read<Uint8Array> => {
  if (from.bytes.length - from.at < count) return tooShort(from, what)
  from.at += count
  return Result.succeed(Uint8Array.from(from.bytes.subarray(from.at - count, from.at)))
}

export const isAtEnd = ({ at, bytes }: Cursor): boolean => at >= bytes.length

/** All that is left, be it nothing. */
export const takeRest = (from: Cursor): Uint8Array => {
  const rest = Uint8Array.from(from.bytes.subarray(from.at))
  from.at = from.bytes.length
  return rest
}

/** 32 bits, little-endian, if there are as many. */
export const peekWord = ({ at, bytes }: Cursor): number | undefined =>
  bytes.length - at < 4 ? undefined : new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(at, true)

export const takeWord = (from: Cursor, what: string): Read<number> => {
  const word = peekWord(from)
  if (word === undefined) return tooShort(from, what)
  from.at += 4
  return Result.succeed(word)
}

/** 8-bit characters and a NUL. */
export const takeNarrow = (from: Cursor, what: string): Read<string> => {
  const end = from.bytes.indexOf(0, from.at)
  if (end < 0) return tooShort(from, `a NUL after ${what}`)
  const text = textOf(from.bytes.subarray(from.at, end))
  from.at = end + 1
  return Result.succeed(text)
}

/** UTF-16LE characters and a NUL. */
export const takeWide = (from: Cursor, what: string): Read<string> => {
  const { at, bytes } = from
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const whole = (bytes.length - at) >> 1
  const units = new Uint16Array(whole)
  for (let n = 0; n < whole; n++) {
    const unit = view.getUint16(at + 2 * n, true)
    if (unit === 0) {
      from.at = at + 2 * n + 2
      return Result.succeed(textOf(units.subarray(0, n)))
    }
    units[n] = unit
  }
  return tooShort(from, at + 2 * whole < bytes.length ? "two bytes a character" : `a NUL after ${what}`)
}

export const expectEnd = (from: Cursor, expected: string): Read<void> =>
  isAtEnd(from) ? Result.void : refuse({ offset: from.at, expected, found: foundAt(from.bytes, from.at) })

const chunk = 4096 // a text may be longer than an argument list

const textOf = (units: Uint8Array | Uint16Array): string => {
  let text = ""
  for (let at = 0; at < units.length; at += chunk) text += String.fromCharCode(...units.subarray(at, at + chunk))
  return text
}

export const word = (value: number): Uint8Array => {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value, true)
  return bytes
}

export const narrow = (text: string): Uint8Array => {
  const bytes = new Uint8Array(text.length + 1)
  for (let n = 0; n < text.length; n++) bytes[n] = text.charCodeAt(n)
  return bytes
}

export const wide = (text: string): Uint8Array => {
  const bytes = new Uint8Array(2 * text.length + 2)
  const view = new DataView(bytes.buffer)
  for (let n = 0; n < text.length; n++) view.setUint16(2 * n, text.charCodeAt(n), true)
  return bytes
}

export const concat = (parts: ReadonlyArray<Uint8Array>): Uint8Array => {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
