/** What is wrong with an INF, as data. A complaint quotes names, DLL names and flags, never a value that could be a secret. */

/**
 * What there is to complain of, and how bad it is. An error: something has no effect, or not the effect that it asks for.
 * A warning: it is understood, and worth a look.
 */
export const severities = {
  encoding: "warning",
  strayLine: "error",
  outsideSection: "error",
  badHeader: "error",
  trailingComment: "warning",
  duplicateSection: "error",
  duplicateKey: "error",
  missingSection: "error",
  danglingSection: "warning",
  twoRoles: "error",
  unlistedService: "error",
  missingEntry: "error",
  unknownKey: "warning",
  unknownName: "warning",
  badTag: "error",
  badValue: "error",
  unknownFlag: "error",
  unknownResourceType: "error",
  dllName: "error",
  serviceDll: "warning",
  computedByMapi: "error",
  secret: "error",
  helpFile: "warning"
} as const

/** What a complaint is about. */
export type Kind = keyof typeof severities

/** Something in a file that should be otherwise. */
export interface Complaint {
  readonly kind: Kind
  readonly severity: "error" | "warning"
  readonly file: string
  /** From 1. */
  readonly line: number
  /** What is wrong. */
  readonly detail: string
  /** What to do about it. */
  readonly advice: string
}

export type Complain = (kind: Kind, line: number, detail: string, advice: string) => void

/** Complaints about one file, kept as they come and told by line. */
export const collector = (file: string) => {
  const kept: Array<Complaint> = []
  const complain: Complain = (kind, line, detail, advice) => {
    kept.push({ kind, severity: severities[kind], file, line, detail, advice })
  }
  return { complain, told: (): ReadonlyArray<Complaint> => kept.toSorted((one, other) => one.line - other.line) }
}

/** A name in quotes, cut where it is long. */
export const quoted = (name: string): string => JSON.stringify(name.length > 60 ? `${name.slice(0, 60)}…` : name)
