/**
 * Where each error of the protocol is met: for every step and for `openMsgStore`, a total record over the tags of its declared
 * union. An error without a witness does not compile. And the law that every search of the protocol asks: nothing else comes
 * out.
 */
import * as Cause from "effect/Cause"
import type * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type * as Explore from "../../explore.ts"
import type * as LoadSequence from "../../LoadSequence.ts"
import { isMapiError, type MapiError, type Step } from "../../MapiError.ts"
import type { Judged } from "../../Rehearsal.ts"
import type { Heard } from "./playing.ts"
import type { Name } from "./programs.ts"

/** In the search of this program an error comes up at this step. */
export interface Witness {
  readonly program: Name
  readonly step: Step
}

/** One at least. */
export type Witnesses = readonly [Witness, ...ReadonlyArray<Witness>]

type TagsOf<F> = F extends (...args: never) => Effect.Effect<infer _A, infer E, infer _R>
  ? E extends { readonly _tag: infer Tag extends string }
    ? Tag
    : never
  : never

/** Witnesses of every error that this function of `LoadSequence` declares. */
export type Of<Name extends keyof typeof LoadSequence> = Readonly<
  Record<TagsOf<(typeof LoadSequence)[Name]>, Witnesses>
>

const at = (program: Name, step: Step): Witnesses => [{ program, step }]

const provider = (program: Name, step: Step) => ({
  FailOneProvider: at(program, step),
  LogonFailed: at(program, step),
  Unconfigured: at(program, step),
  UserCancel: at(program, step),
  UnknownCpid: at(program, step),
  UnknownLcid: at(program, step),
  NoAccess: at(program, step),
  NotFound: at(program, step),
  InterfaceNotSupported: at(program, step),
  UnknownFlags: at(program, step),
  InvalidParameter: at(program, step),
  ProviderFailed: at(program, step)
})

/** [S1] */
export const requestOpen: Of<"requestOpen"> = {
  InvalidEntryId: at("request", 1),
  UnknownEntryId: at("request", 1),
  UnknownFlags: at("request", 1),
  ProviderDisabled: at("answer", 1),
  InvalidObject: at("end-loading", 1)
}

/** [S2] */
export const loadProvider: Of<"loadProvider"> = { LoadFailed: at("answer", 2) }

/** [S3] */
export const initProvider: Of<"initProvider"> = {
  VersionMismatch: at("answer", 3),
  LoadFailed: at("answer", 3)
}

/** [S2] [S3] */
export const obtainProvider: Of<"obtainProvider"> = {
  LoadFailed: [...loadProvider.LoadFailed, ...initProvider.LoadFailed],
  VersionMismatch: initProvider.VersionMismatch,
  InvalidObject: [...at("end-loading", 2), ...at("end-loading", 3)]
}

/** [S4] */
export const logon: Of<"logon"> = {
  ...provider("answer", 4),
  ProviderDisabled: at("configure", 4),
  InvalidObject: at("end-in-logon", 4)
}

/** [S5] */
export const adopt: Of<"adopt"> = { InvalidObject: at("end-after-logon", 5) }

/** [S6] None: the spooler is told, and nobody waits for it. */
export const tellSpooler: Of<"tellSpooler"> = {}

/** [S7] None. */
export const giveToClient: Of<"giveToClient"> = {}

/** [S8] Never the client's. */
export const spoolerLogon: Of<"spoolerLogon"> = {
  ...provider("spool", 8),
  ProviderDisabled: at("spool-disabled", 8),
  InvalidObject: at("spool-ended", 8)
}

/** [S9] Never the client's. */
export const samePair: Of<"samePair"> = { ProviderFailed: at("spool", 9) }

/** Steps 1 to 7, as the client meets them. */
export const openMsgStore: Of<"openMsgStore"> = {
  ...logon,
  InvalidEntryId: requestOpen.InvalidEntryId,
  UnknownEntryId: requestOpen.UnknownEntryId,
  LoadFailed: obtainProvider.LoadFailed,
  VersionMismatch: obtainProvider.VersionMismatch,
  UnknownFlags: [...requestOpen.UnknownFlags, ...logon.UnknownFlags],
  ProviderDisabled: [...requestOpen.ProviderDisabled, ...logon.ProviderDisabled],
  InvalidObject: [
    ...requestOpen.InvalidObject,
    ...obtainProvider.InvalidObject,
    ...logon.InvalidObject,
    ...adopt.InvalidObject
  ]
}

/** All of them, by what they are declared by: everything that `LoadSequence` exports. */
export const declared = {
  requestOpen,
  loadProvider,
  initProvider,
  obtainProvider,
  logon,
  adopt,
  tellSpooler,
  giveToClient,
  spoolerLogon,
  samePair,
  openMsgStore
} satisfies { readonly [Name in keyof typeof LoadSequence]: Of<Name> }

/** An error at a step, and the program that it comes up in. */
export interface Met extends Witness {
  readonly tag: string
}

/** Each error at each step, once, in the order of the steps. */
export const all: ReadonlyArray<Met> = Array.from(
  new Map(
    Object.values(declared)
      .flatMap((union) => Object.entries<Witnesses>(union))
      .flatMap(([tag, witnesses]) => witnesses.map((witness) => ({ tag, ...witness })))
      .map((met) => [nameOf(met), met])
  ).values()
).sort((a, b) => a.step - b.step)

/** `FailOneProvider at step 4`. */
export function nameOf({ step, tag }: { readonly tag: string; readonly step: Step }): string {
  return `${tag} at step ${step}`
}

/** Those of the protocol that these exits failed with. */
export const errorsOf = (exits: ReadonlyArray<Exit.Exit<void, unknown>>): ReadonlyArray<MapiError> =>
  exits.flatMap((exit) => {
    const error = Exit.isFailure(exit) ? Cause.findErrorOption(exit.cause) : Option.none()
    return Option.isSome(error) && isMapiError(error.value) ? [error.value] : []
  })

/** How an execution of a program ended. */
export type Ended = Exit.Exit<Judged<Heard, never>, never> | undefined

/** What an execution has come to; undefined where the program itself failed, as none may. */
export const heardOf = (exit: Ended): Heard | undefined =>
  exit !== undefined && Exit.isSuccess(exit) && Exit.isSuccess(exit.value.exit) ? exit.value.exit.value : undefined

/** The errors that an execution ended with: the client's opens in their order, then the spooler's steps. */
export const errorsIn = (exit: Ended): ReadonlyArray<MapiError> => {
  const { opens, spooler } = heardOf(exit) ?? { opens: [], spooler: [] }
  return [...errorsOf(opens), ...errorsOf(spooler)]
}

/** The error that is to be met, if it was. */
export const errorIn = (exit: Ended, { step, tag }: Met): MapiError | undefined =>
  errorsIn(exit).find((error) => error._tag === tag && error.step === step)

/** What a searched program ends with: how each client ended, or all that a program of the atlas heard. */
export type Ending = ReadonlyArray<Exit.Exit<unknown, unknown>> | Heard

const atSteps: ReadonlySet<string> = new Set(all.map(nameOf))
const toClients: ReadonlySet<string> = new Set(Object.keys(openMsgStore))

const isError = (reason: Cause.Reason<unknown>): boolean => Cause.isFailReason(reason) && isMapiError(reason.error)

/**
 * What `check` is to ask of each execution that comes to its end: that what it ended with is declared, each error for its
 * step, and of those that a client meets for `openMsgStore`; nothing throws through. Only the clients of a rehearsal may be
 * interrupted instead.
 */
export const onlyDeclared = ({ exit }: Explore.Execution<Judged<Ending, never>, never>): true | string => {
  if (Exit.isFailure(exit) || Exit.isFailure(exit.value.exit)) return true
  const ended = exit.value.exit.value
  const isHeard = "opens" in ended
  const opens = isHeard ? ended.opens : ended.map(Exit.asVoid)
  const ends: ReadonlyArray<Exit.Exit<void, unknown>> = isHeard ? [...opens, ...ended.spooler] : opens
  const isRight = (reason: Cause.Reason<unknown>) => isError(reason) || (!isHeard && Cause.isInterruptReason(reason))
  const stray = ends.find((each) => Exit.isFailure(each) && !each.cause.reasons.every(isRight))
  if (stray !== undefined) return `something that is no error: ${String(stray)}`
  const other = errorsOf(ends).find(({ _tag: tag, step }) => step === null || !atSteps.has(nameOf({ tag, step })))
  if (other !== undefined) return `${other._tag} at step ${other.step}, which nothing declares`
  const late = errorsOf(opens).find((error) => !toClients.has(error._tag) || (error.step ?? 0) > 7)
  return late === undefined || `${late._tag} at step ${late.step}, which reached a client`
}
