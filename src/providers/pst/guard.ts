/**
 * Between the parser and the file: every byte that the parser gets comes through here.
 *
 * A question to the parser is answered with a value or with an error that names the file, whatever the parser throws or
 * swallows. What it is about to read must be whole, in its place and harmless (see `damage.ts`). For one question it may
 * read no place more than `oftenEnough` times and no more than `allowance` bytes, so that an index which runs in a circle ends,
 * however large the file. It keeps no content and closes nothing.
 */
import type { ReadFile } from "@hiraokahypertools/pst-extractor"
import * as Effect from "effect/Effect"
import * as MutableRef from "effect/MutableRef"
import * as Result from "effect/Result"
import * as Semaphore from "effect/Semaphore"
import * as Damage from "./damage.ts"
import { cutShort, damaged, type FileError, type PstFile, told, unreachable, unsupported } from "./file.ts"

/**
 * What the parser may read for one answer. A block that it needs, it needs once: opening a file takes a thirtieth of the
 * samples' bytes (index and all), a folder or message a hundredth, and the whole of a sound file is once its size.
 */
const allowance = (size: number): number => 4 * size + 65_536

/**
 * How often the parser may read one place for one answer. It reads an index page once; the index of a node once for each value
 * that is kept outside of the node's heap, and no question here is after more than ten of those.
 */
export const oftenEnough = 32

/** What a question is after: a list of properties, a table, or values that need no heap of their own. */
export type Purpose = Damage.Heap | "values"

/** One question to the parser. */
interface Question {
  /** Bytes that it may still read. */
  left: number
  /** How often it has read from each place. */
  readonly reads: Map<number, number>
  /** Which heap its next data block begins; or that it goes on with one, or is past it. */
  heap: Damage.Heap | "more" | "over"
  /** Why nothing more is read for it. */
  stopped: FileError | undefined
}

/** The parser's way to its file. */
export interface Guard {
  readonly readFile: ReadFile
  /** One question at a time: reads do not say which question they are for. */
  readonly ask: <A>(purpose: Purpose, question: () => Promise<A>) => Effect.Effect<A, FileError>
}

/** The guard of one open file. */
export const make = Effect.fnUntraced(function* (path: string, file: PstFile): Effect.fn.Return<Guard> {
  const turn = yield* Semaphore.make(1)
  const asked = (purpose: Purpose): Question => ({
    left: allowance(file.size),
    reads: new Map(),
    heap: purpose === "values" ? "over" : purpose,
    stopped: undefined
  })
  const current = MutableRef.make(asked("values"))
  const format = MutableRef.make<Damage.Format | undefined>(undefined)

  const ask = <A>(purpose: Purpose, question: () => Promise<A>): Effect.Effect<A, FileError> =>
    Effect.suspend(() => {
      const now = MutableRef.setAndGet(current, asked(purpose))
      return Effect.tryPromise({
        try: question,
        catch: (cause) => damaged(path, `its parser says: ${told(cause)}`)
      }).pipe(
        // The parser may have swallowed the stop, or told it in its own words.
        Effect.mapError((error) => now.stopped ?? error),
        Effect.tap(() => (now.stopped === undefined ? Effect.void : Effect.fail(now.stopped)))
      )
    }).pipe(Effect.uninterruptible, turn.withPermit)

  /** Ends the question: from here on nothing more is read for it. */
  const stop = (now: Question, error: FileError): Error => {
    now.stopped ??= error
    return new Error("stopped")
  }

  const readAt = async (now: Question, position: number, length: number): Promise<Uint8Array> => {
    try {
      return await file.read(position, length)
    } catch (cause) {
      throw stop(now, unreachable(path, cause))
    }
  }

  const bytesAt = async (now: Question, position: number, length: number): Promise<Uint8Array> => {
    if (now.stopped !== undefined) throw stop(now, now.stopped)
    now.left -= Math.max(length, 64)
    const times = (now.reads.get(position) ?? 0) + 1
    now.reads.set(position, times)
    if (now.left < 0 || times > oftenEnough) throw stop(now, damaged(path, "its index runs in a circle"))
    const known = MutableRef.get(format)
    if (known !== undefined && !(position + length <= file.size)) {
      throw stop(now, damaged(path, `it ends at byte ${file.size}, and has something at byte ${position}`))
    }
    const span = known === undefined ? length : Math.max(length, Damage.blockSpan(known, length))
    const bytes = await readAt(now, position, span)
    if (position + bytes.length < Math.min(position + span, file.size)) throw stop(now, cutShort(path))
    return bytes
  }

  const header = (now: Question, bytes: Uint8Array) => {
    const found = Damage.formatOf(bytes)
    if (Result.isSuccess(found)) return MutableRef.set(format, found.success)
    const { detail, supported } = found.failure
    throw stop(now, supported ? damaged(path, detail) : unsupported(path, detail))
  }

  const check = (now: Question, known: Damage.Format, bytes: Uint8Array, position: number, length: number) => {
    if (length === Damage.pageLength && Damage.isPage(known, bytes, position)) return
    const block = Damage.blockAt(known, bytes, position, length)
    if (block === undefined) throw stop(now, damaged(path, `what it has at byte ${position} is damaged`))
    if (block === "index") now.heap = "over" // the heap is read; what follows are values outside of it
    const { heap } = now
    if (block !== "data" || heap === "over") return
    now.heap = "more"
    const damage = Damage.heapDamage(known, bytes.subarray(0, length), heap === "more" ? undefined : heap)
    if (damage !== undefined) throw stop(now, damaged(path, `${damage}, at byte ${position}`))
  }

  const readFile: ReadFile = async (buffer, offset, length, position) => {
    const now = MutableRef.get(current)
    const bytes = await bytesAt(now, position, length)
    const known = MutableRef.get(format)
    if (known === undefined) header(now, bytes)
    else check(now, known, bytes, position, length)
    new Uint8Array(buffer, offset, length).set(bytes.subarray(0, length))
    return length
  }
  return { readFile, ask }
})
