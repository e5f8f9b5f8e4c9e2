/** Ways to spoil a file of personal folders: the places that count, seals that hold all the same, and numbers to choose by. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { PstFile } from "../../../src/providers/Pst.ts"
import { crc32 } from "../../../src/providers/pst/crc32.ts"
import * as Damage from "../../../src/providers/pst/damage.ts"
import { fileOf } from "./stage.ts"

/** A page or block of a file: its data, and where the trailer with its seal ends. */
export interface Spot {
  readonly position: number
  readonly length: number
  readonly end: number
  readonly page: boolean
}

/** The spots of a sound file that a reader of it needs. */
export const spotsRead = <A, E>(
  sound: Uint8Array,
  reader: (file: PstFile) => Effect.Effect<A, E>
): Effect.Effect<ReadonlyArray<Spot>, E> =>
  Effect.gen(function* () {
    const format = Result.getOrThrow(Damage.formatOf(sound.subarray(0, 1024)))
    const trailer = format.unicode ? 16 : 12
    const spots = new Map<number, Spot>()
    const file = fileOf(sound)
    const read = async (position: number, span: number) => {
      const bytes = await file.read(position, span)
      const page = span === Damage.blockSpan(format, 512) && Damage.isPage(format, bytes, position)
      const end = position + (page ? 512 : span)
      const length = page ? 512 - trailer : new DataView(sound.buffer).getUint16(end - trailer, true)
      if (position > 0) spots.set(position, { position, length, end, page })
      return bytes
    }
    yield* reader({ ...file, read })
    return [...spots.values()]
  })

/** Makes the checksum in the trailer that of the data: damage that no checksum shows. */
export const reseal = (bytes: Uint8Array, { end, length, position }: Spot): void =>
  new DataView(bytes.buffer).setUint32(
    end - (bytes[10] === 23 ? 12 : 4),
    crc32(bytes.subarray(position, position + length)),
    true
  )

/** The same numbers on every run. */
export const seeded = (seed: number): ((below: number) => number) => {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

// --- mutants --------------------------------------------------------------------------------------------------------

export type Kind =
  | "flip"
  | "flip, resealed"
  | "several flips, resealed"
  | "header"
  | "cut"
  | "splice"
  | "splice, resealed"

export const kinds: ReadonlyArray<Kind> = [
  "flip",
  "flip, resealed",
  "several flips, resealed",
  "header",
  "cut",
  "splice",
  "splice, resealed"
]

/** A sound file, and what of it a reader needs. */
export interface Sample {
  readonly name: string
  readonly sound: Uint8Array
  readonly spots: ReadonlyArray<Spot>
}

type Next = (below: number) => number

const oneOf = <A>(all: ReadonlyArray<A>, next: Next): A => {
  const one = all[next(all.length)]
  if (one === undefined) throw new Error("nothing to choose from")
  return one
}

const flip = (bytes: Uint8Array, at: number, next: Next): void => {
  bytes[at] = (bytes[at] ?? 0) ^ (1 << next(8))
}

/** A file spoilt in one way, as the numbers say. */
export const mutant = ({ sound, spots }: Sample, others: ReadonlyArray<Sample>, kind: Kind, next: Next): Uint8Array => {
  const bytes = sound.slice()
  const spot = oneOf(spots, next)
  switch (kind) {
    case "flip":
      flip(bytes, spot.position + next(spot.end - spot.position), next)
      break
    case "flip, resealed":
    case "several flips, resealed":
      for (let n = kind === "flip, resealed" ? 1 : 2 + next(15); n > 0; n--) {
        flip(bytes, spot.position + next(spot.length), next)
      }
      reseal(bytes, spot)
      break
    case "header":
      for (let n = 1 + next(4); n > 0; n--) flip(bytes, next(Damage.headerLength), next)
      break
    case "cut":
      return bytes.slice(0, next(bytes.length))
    case "splice":
    case "splice, resealed": {
      const other = oneOf(others, next)
      const from = oneOf(other.spots, next)
      const length = Math.min(from.end - from.position, spot.end - spot.position)
      bytes.set(other.sound.subarray(from.position, from.position + length), spot.position)
      if (kind === "splice, resealed") resealWhole(bytes, sound, spot)
    }
  }
  return bytes
}

/** The whole trailer is that of the place, and says that the data is right. */
const resealWhole = (bytes: Uint8Array, sound: Uint8Array, spot: Spot): void => {
  const trailer = sound[10] === 23 ? 16 : 12
  bytes.set(sound.subarray(spot.end - trailer, spot.end), spot.end - trailer)
  reseal(bytes, spot)
}
