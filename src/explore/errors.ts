/** Why a check cannot be trusted with a verdict. Each says what happened, to what, and what to do next. */
import * as Schema from "effect/Schema"
import type { Trouble } from "./execution.ts"

const told = {
  /** What it happened to. */
  subject: Schema.String,
  /** What happened. */
  detail: Schema.String,
  /** What to do next. */
  advice: Schema.String
}

const sentence = ({ advice, detail, subject }: { subject: string; detail: string; advice: string }): string =>
  `${subject}: ${detail}. ${advice}`

/** A fiber waits for a promise, a timer or other I/O: no step of the program can bring it. */
export class Escaped extends Schema.TaggedError<Escaped>()("Escaped", told) {
  override get message() {
    return sentence(this)
  }
}

/** Something shared is used that the search cannot see, or was seen to be. */
export class Untracked extends Schema.TaggedError<Untracked>()("Untracked", told) {
  override get message() {
    return sentence(this)
  }
}

/** The same choices led to something else. */
export class Nondeterministic extends Schema.TaggedError<Nondeterministic>()("Nondeterministic", told) {
  override get message() {
    return sentence(this)
  }
}

/** An effect of the program was made by another copy of Effect. */
export class ForeignEffect extends Schema.TaggedError<ForeignEffect>()("ForeignEffect", told) {
  override get message() {
    return sentence(this)
  }
}

/** The programs that the explorer is calibrated on do not behave as they should: it does not know this Effect. */
export class UncalibratedEffect extends Schema.TaggedError<UncalibratedEffect>()("UncalibratedEffect", told) {
  override get message() {
    return sentence(this)
  }
}

/** A replay token that is none, or of a format that this version does not read. */
export class BadToken extends Schema.TaggedError<BadToken>()("BadToken", told) {
  override get message() {
    return sentence(this)
  }
}

export type ExploreError = Escaped | Untracked | Nondeterministic | ForeignEffect | UncalibratedEffect

export const troubled = (trouble: Trouble): Escaped | Untracked | ForeignEffect => {
  const { kind, ...told } = trouble
  if (kind === "Escaped") return new Escaped(told)
  return kind === "Untracked" ? new Untracked(told) : new ForeignEffect(told)
}

export const nondeterministic = (detail: string): Nondeterministic =>
  new Nondeterministic({
    subject: "the program",
    detail: `the same choices led to something else: ${detail}`,
    advice: "Take randomness and time from Effect's Random and Clock, and make all state inside the program."
  })

export const untracked = (detail: string): Untracked =>
  new Untracked({
    subject: "the program",
    detail,
    advice: "Something is shared that the search cannot see: keep it in a Ref, or tell of each use by an Explore.Cell."
  })
