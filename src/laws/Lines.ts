/**
 * Bytes as numbered lines, in the memory of one of them, and of none that is longer than a bound. Never throws.
 *
 * A line ends with LF; a CR before it is left to the reader, for whom it is white space. A byte order mark is dropped.
 */
import * as Result from "effect/Result"

/** A line longer than this, in bytes, is told of and not kept: 1 MiB. */
export const longest = 1024 * 1024

/** One line, or why it cannot be read. */
export interface Line {
  /** From 1. */
  readonly number: number
  readonly text: Result.Result<string, string>
}

/** Takes bytes as they come. */
export interface Splitting {
  /** The lines that end in these bytes; to be taken to the last before more is pushed. */
  readonly push: (bytes: Uint8Array) => Iterable<Line>
  /** What stands behind the last line end: an empty line, where nothing does. */
  readonly end: () => Iterable<Line>
}

const LF = 0x0a

/** Splits from the first byte on. */
export const splitting = (): Splitting => {
  const decoder = new TextDecoder("utf-8", { fatal: true })
  let held = new Uint8Array(1024) // the beginning of a line whose end has not come
  let length = 0 // of that beginning, and of a line too long for `held`
  let number = 0

  const hold = (bytes: Uint8Array): void => {
    const before = length
    length += bytes.length
    if (length > longest) return
    if (length > held.length) {
      const grown = new Uint8Array(Math.max(length, 2 * held.length))
      grown.set(held.subarray(0, before))
      held = grown
    }
    held.set(bytes, before)
  }

  const decode = (bytes: Uint8Array): Result.Result<string, string> =>
    Result.try({
      try: () => decoder.decode(bytes),
      catch: () => "it is not UTF-8; if the file is UTF-16, as some shells write it, save it as UTF-8"
    })

  const line = (bytes: Uint8Array, size: number): Line => {
    number++
    return { number, text: size > longest ? Result.fail(`it is longer than ${longest} bytes`) : decode(bytes) }
  }

  /** The line that ends with these bytes. */
  const ending = (bytes: Uint8Array): Line => {
    if (length === 0) return line(bytes, bytes.length)
    hold(bytes)
    const whole = line(held.subarray(0, length), length)
    length = 0
    return whole
  }

  return {
    *push(bytes) {
      let from = 0
      for (let to = bytes.indexOf(LF); to >= 0; to = bytes.indexOf(LF, from)) {
        const last = bytes.subarray(from, to)
        from = to + 1
        yield ending(last)
      }
      hold(bytes.subarray(from))
    },
    *end() {
      yield ending(new Uint8Array(0))
    }
  }
}
