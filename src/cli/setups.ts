/**
 * What the explorer is asked about the protocol: casts of the rehearsal with their bounds, and names for both.
 *
 * A program is named in what stands before its token, so that a token alone says what it replays: `c2-s1-nomail.x1.…` is two
 * clients of one store without the spooler, `answer.x1.…` a program of the error atlas.
 */
import type * as Effect from "effect/Effect"
import type * as Explore from "../explore.ts"
import * as Rehearsal from "../Rehearsal.ts"
import { about, type Name, programs } from "./atlas/programs.ts"
import type { Ending } from "./atlas/witnesses.ts"

/** Any program that a token may be of. */
export type Program = Effect.Effect<Rehearsal.Judged<Ending, never>, never, Explore.Explore>

/** A question to the explorer. */
export interface Setup {
  readonly name: string
  readonly cast: Rehearsal.Cast
  readonly within: Explore.Within
  /** Is it small enough for every test run? The others are for the nightly command. */
  readonly always: boolean
}

const setup = (name: string, cast: Rehearsal.Cast, within: Explore.Within = {}, always = false): Setup => ({
  name,
  cast: {
    ...cast,
    ...((within.faults ?? 0) > 0 ? { faults: true } : {}),
    ...((within.interruptions ?? 0) > 0 ? { interrupts: true } : {})
  },
  within,
  always
})

const fault = { faults: 1 }
const interruption = { interruptions: 1 }
const both = { ...fault, ...interruption }

/** The full product: whatever fails, and whoever is interrupted, as often as it can. */
const whatever = { faults: true, interrupts: true }

const noMail = { mail: false }
const two = { clients: 2 }

/** Every set-up of `docs/explored.md`, in its order. */
export const setups: ReadonlyArray<Setup> = [
  setup("one client without spooler", noMail, {}, true),
  setup("one client without spooler, one fault and one interruption", noMail, both, true),
  setup("one client", {}, {}, true),
  setup("one client, one fault", {}, fault, true),
  setup("one client, one interruption", {}, interruption, true),
  setup("one client, one fault and one interruption", {}, both, true),
  setup("one client, any faults and interruptions", whatever, {}, true),
  setup("two clients without spooler", { ...two, ...noMail }, {}, true),
  setup("two clients without spooler, one fault and one interruption", { ...two, ...noMail }, both, true),
  setup("two clients without spooler, any faults and interruptions", { ...two, ...noMail, ...whatever }),
  setup("two clients", two, {}, true),
  setup("two clients, one fault and one interruption", two, both, true),
  setup("two clients, any faults and interruptions", { ...two, ...whatever }),
  setup("three clients without spooler", { clients: 3, ...noMail }, {}, true),
  setup("three clients", { clients: 3 }),
  setup("two stores of one provider without spooler", { ...two, stores: 2, ...noMail }, {}, true),
  setup("two stores of one provider", { ...two, stores: 2 }, {}, true),
  setup("two stores of one provider, one fault and one interruption", { ...two, stores: 2 }, both),
  setup("two sessions", { ...two, sessions: 2 }, {}, true),
  setup("two sessions, one fault and one interruption", { ...two, sessions: 2 }, both),
  setup("a provider whose Logon opens another store", { reentrant: true }, {}, true),
  setup("a provider whose Logon opens another store, one fault and one interruption", { reentrant: true }, both, true),
  setup("session end racing with an open", { ...noMail, ending: true }, {}, true),
  setup("session end racing with an open, one fault", { ...noMail, ending: true }, fault, true),
  setup("session end racing with an open, one interruption", { ...noMail, ending: true }, interruption, true),
  setup("session end racing with the spooler", { ending: true }),
  setup("session end racing with the spooler, one fault", { ending: true }, fault),
  setup("session end racing with the spooler, one interruption", { ending: true }, interruption)
]

/** The name of a cast: what is said of it, in short. */
export const nameOf = (cast: Rehearsal.Cast): string => {
  const { clients = 1, ending = false, faults = false, interrupts = false, mail = true } = cast
  const { reentrant = false, sessions = 1, stores = 1 } = cast
  return [
    `c${clients}`,
    `s${stores}`,
    ...(sessions === 1 ? [] : [`l${sessions}`]),
    ...(faults ? ["faults"] : []),
    ...(interrupts ? ["interrupts"] : []),
    ...(mail ? [] : ["nomail"]),
    ...(ending ? ["ending"] : []),
    ...(reentrant ? ["reentrant"] : [])
  ].join("-")
}

const castName = /^c([1-9]\d?)-s([1-9]\d?)(?:-l([1-9]))?(-faults)?(-interrupts)?(-nomail)?(-ending)?(-reentrant)?$/

const castOf = (name: string): Rehearsal.Cast | undefined => {
  const found = castName.exec(name)
  if (found === null) return undefined
  const [, clients, stores, sessions = 1, faults, interrupts, nomail, ending, reentrant] = found
  return {
    clients: Number(clients),
    stores: Number(stores),
    sessions: Number(sessions),
    faults: faults !== undefined,
    interrupts: interrupts !== undefined,
    mail: nomail === undefined,
    ending: ending !== undefined,
    reentrant: reentrant !== undefined
  }
}

const isName = (name: string): name is Name => Object.hasOwn(programs, name)

/** A row of `docs/explored.md`. */
export interface Question {
  readonly name: string
  /** What its tokens begin with. */
  readonly id: string
  readonly program: Program
  readonly within: Explore.Within
  readonly always: boolean
}

/** The set-ups of the protocol, as questions. */
export const ofProtocol: ReadonlyArray<Question> = setups.map(({ always, cast, name, within }) => ({
  ...{ name, within, always },
  id: nameOf(cast),
  program: Rehearsal.opening(cast)
}))

/** The programs of the error atlas, as questions. */
export const ofAtlas: ReadonlyArray<Question> = Object.keys(programs)
  .filter(isName)
  .map((id) => ({ id, name: about[id], program: programs[id], within: fault, always: true }))

/** A token, taken apart. */
export interface Known {
  readonly name: string
  readonly program: Program
  /** The explorer's own part. */
  readonly token: string
}

/** Which program a token is of; undefined where there is none of that name. */
export const lookup = (given: string): Known | undefined => {
  const [, name = "", token = ""] = /^([^.]*)\.(.*)$/.exec(given.trim()) ?? []
  const cast = castOf(name)
  if (cast !== undefined) return { name, program: Rehearsal.opening(cast), token }
  return isName(name) ? { name, program: programs[name], token } : undefined
}
