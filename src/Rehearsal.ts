/**
 * The protocol, rehearsed: clients that open stores, as a program for the explorer, with all laws judging each execution.
 *
 * Session, sequences and spooler are the real ones; the provider is the one in memory, whose every answer can be made a
 * choice. Nothing here decides what is right: the laws do. Any program of a session can be judged like this, a provider of
 * your own included.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Hash from "effect/Hash"
import * as Layer from "effect/Layer"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as CallLog from "./CallLog.ts"
import * as Explore from "./explore.ts"
import * as Laws from "./Laws.ts"
import type { OpenMsgStoreError } from "./LoadSequence.ts"
import * as Judge from "./laws/Judge.ts"
import * as Recount from "./laws/Recount.ts"
import * as Sequences from "./laws/Sequences.ts"
import {
  FailOneProvider,
  LoadFailed,
  LogonFailed,
  type ProviderError,
  ProviderFailed,
  Unconfigured,
  VersionMismatch
} from "./MapiError.ts"
import * as MapiSession from "./MapiSession.ts"
import * as ProviderRegistry from "./ProviderRegistry.ts"
import * as InMemory from "./providers/InMemory.ts"
import { Spooler } from "./Spooler.ts"
import type { LogonRequest } from "./StoreProvider.ts"
import { SupportObject } from "./SupportObject.ts"

/** How an execution ended: the program's own exit, and each law that its log breaks, with the subject that it breaks it on. */
export interface Judged<A, E> {
  readonly exit: Exit.Exit<A, E>
  /** Asked when the execution is over, which may be later than the program: the last one out frees the DLL. */
  readonly broken: () => ReadonlyArray<string>
}

/** A number that a name has in every execution: calls are joined by numbers, and to count them would depend on the order. */
const numberOf = (name: string): number =>
  Math.abs(Hash.string(name)) * 2 ** 21 + (Math.abs(Hash.string(`${name}.`)) >>> 10)

/** Each law that a log breaks, with its subject. */
export const brokenIn = (log: ReadonlyArray<CallLog.Event>): ReadonlyArray<string> => {
  const judge = Judge.make(Laws.all, { sees: ["*"] })
  const found = [...log.flatMap((event) => judge.see(event)), ...judge.end()]
  return [...new Set(found.map(({ law, subject }) => `${law.name} of ${subject}`))].sort()
}

/**
 * Tells the explorer the log of a program. What is told orders nothing: an execution stands for every log that its steps
 * allow, and `laws` judges them all. Names and numbers are the same in every execution.
 */
export const judged = <A, E, R>(
  program: Effect.Effect<A, E, R>
): Effect.Effect<Judged<A, E>, never, R | Explore.Explore> =>
  Effect.gen(function* () {
    const explorer = yield* Explore.recorder
    const log: Array<Omit<CallLog.Event, "seq">> = []
    const marked = Recount.marking()
    const recorder: CallLog.Recorder = {
      name: explorer.name,
      nextCall: () => numberOf(explorer.name("call")),
      record: (event) => {
        log.push(event)
        explorer.tell(marked(event))
      }
    }
    const exit = yield* Effect.exit(Effect.provideService(program, CallLog.CallLog, recorder))
    return { exit, broken: () => brokenIn(logOf(log)) }
  })

/** What the program itself tells is no part of the log. */
const isEvent = (told: unknown): told is Recount.Told =>
  Predicate.hasProperty(told, "callId") && Predicate.hasProperty(told, "refs")

/** What a judged program told, as a log. */
export const logOf = (told: ReadonlyArray<unknown>): ReadonlyArray<CallLog.Event> =>
  told.filter(isEvent).map(({ asTold: _, ...event }, at) => ({ seq: at + 1, ...event }))

/** Where the automaton of a law stands on a subject, as the explorer asks. */
const positioned = (at: Sequences.Standing, why: string, counted: Recount.Counted): Explore.Position => ({
  key: counted.size === 0 ? at.key : `${at.key} ${Recount.keyOf(counted)}`,
  change: (told, role) => {
    // Boundary, here and below: nothing but events is told, and a part is asked about in its own role.
    const [event, after] = Recount.recounted(told as CallLog.Event & Recount.Told, counted)
    const next = at.change(event, role as Sequences.Role)
    return "_tag" in next ? why : positioned(next, why, after)
  },
  use: (event) => at.use(event as CallLog.Event) === undefined || why,
  end: () => at.end() === undefined || why
})

/** What `check` is to ask of the log of a judged program, in every order: all laws. */
export const laws: Explore.LogLaw = {
  sequences: (told) => {
    const places = told.flatMap((event, at) => (isEvent(event) ? [at] : []))
    const log = logOf(told)
    return Sequences.ofLog(Laws.all, log).map(({ parts, start, subject }) => ({
      subject,
      parts: parts.map((part) => ({ ...part, at: places[part.at] ?? -1 })),
      start: () => {
        const counted = Recount.counting(log, parts)
        return start().map(([law, at]) => positioned(at, `${law.name} of ${subject}`, counted))
      }
    }))
  },
  same: (event) => JSON.stringify(isEvent(event) ? Recount.inAnyOrder(event) : event),
  fixed: (event) => JSON.stringify(isEvent(event) ? Recount.fixed(event) : event)
}

/** What `check` is to ask of each execution of one: that the program itself does not fail. */
export const completes = <E>({ exit }: Explore.Execution<Judged<unknown, E>, never>): true | string =>
  (Exit.isSuccess(exit) && Exit.isSuccess(exit.value.exit)) || "the program itself failed"

/** Who takes part, and what may go wrong. */
export interface Cast {
  /** One where it is not said. They run at once, and each opens a store and lets it go. */
  readonly clients?: number
  /** One where it is not said; clients take them in turn. All are of one provider. */
  readonly stores?: number
  /** Is the spooler told? True where it is not said. */
  readonly mail?: boolean
  /** Is every answer of the provider a choice? False where it is not said. */
  readonly faults?: boolean
  /** May each client be interrupted, anywhere? False where it is not said. */
  readonly interrupts?: boolean
  /** Does the session end while clients and spooler are at it? Where it is not said, it waits for them first. */
  readonly ending?: boolean
  /** One where it is not said; clients take them in turn. All are of one process, and share its spooler. */
  readonly sessions?: number
  /** Does each Logon open another store of the session before it answers? False where it is not said. */
  readonly reentrant?: boolean
  /**
   * Are two orders that differ only in which of the clients is which taken for one? Where it is not said, they are where the
   * clients are alike but for their names: of one session, whose end they do not race with, and as many of each store.
   */
  readonly alike?: boolean
  /** The provider's own answers, in place of a well-behaved one's. */
  readonly script?: InMemory.Script
}

/** What one client met. */
export type Outcome = Exit.Exit<string, OpenMsgStoreError>

const detail = "the explorer chose this"
const subject = "MEMORY.DLL"

type Faults<E> = Readonly<Record<string, Effect.Effect<never, E>>>

/** One of each kind that a session treats differently. [R4] [R5] [R11] */
const logonFaults: Faults<ProviderError> = {
  FailOneProvider: Effect.fail(new FailOneProvider({ subject, detail })),
  LogonFailed: Effect.fail(new LogonFailed({ subject, detail })),
  Unconfigured: Effect.fail(new Unconfigured({ subject, detail })),
  "a throw": Effect.die(detail)
}
const initFaults: Faults<VersionMismatch | ProviderError> = {
  VersionMismatch: Effect.fail(new VersionMismatch({ subject, detail })),
  ProviderFailed: Effect.fail(new ProviderFailed({ subject, detail }))
}
const anyFault: Faults<ProviderError> = { ProviderFailed: Effect.fail(new ProviderFailed({ subject, detail })) }
const loadFaults: Faults<LoadFailed> = {
  LoadFailed: Effect.fail(new LoadFailed({ subject, detail, reason: "missing" }))
}

/** Answers a call as usual, or with one of these: the explorer chooses, and each but the first counts against its bound. */
export type Choose = <A, E>(
  call: string,
  usual: Effect.Effect<A, E>,
  faults: Readonly<Record<string, Effect.Effect<A, E>>>
) => Effect.Effect<A, E>

/** For a provider's script, whose calls need no service. */
export const choosing: Effect.Effect<Choose, never, Explore.Explore> = Explore.Explore.useSync(
  (explorer): Choose =>
    (call, usual, faults) =>
      Effect.flatMap(
        Effect.provideService(Explore.fault(call, "as usual", Object.keys(faults)), Explore.Explore, explorer),
        (name) => faults[name] ?? usual
      )
)

/** A provider whose every answer is chosen. */
const chosen = (choose: Choose): InMemory.Script => ({
  MSProviderInit: (_, usual) => choose("MSProviderInit", usual, initFaults),
  logon: (_, usual) => choose("IMSProvider::Logon", usual, logonFaults),
  spoolerLogon: (_, usual) => choose("IMSProvider::SpoolerLogon", usual, anyFault),
  compareStoreIds: (_, usual) => choose("IMSProvider::CompareStoreIDs", usual, anyFault),
  shutdown: (_, usual) => choose("IMSProvider::Shutdown", usual, anyFault),
  logoff: (_, usual) => choose("IMSLogon::Logoff", usual, anyFault)
})

const nameOf = (store: number): string => `Store ${store + 1}`

/** The store that a re-entrant provider opens from within a Logon. */
const inner = "Inner"

const isInner = ({ entryId }: LogonRequest): boolean => new TextDecoder().decode(entryId.bytes).endsWith(inner)

/**
 * Clients that are alike but for their names are named by who comes first: the first is whoever loads the provider, or fails
 * before anybody does. What another would do by then, he does in its stead in another execution.
 */
const byTheirLoad = () => {
  const isBegun = Deferred.makeUnsafe<void>()
  const begin = Deferred.succeed(isBegun, undefined)
  return {
    load: <A, E>(load: Effect.Effect<A, E>): Effect.Effect<A, E> => Effect.andThen(begin, load),
    first: <A, E>(open: Effect.Effect<A, E>): Effect.Effect<A, E> => Effect.onError(open, () => begin),
    others: <A, E>(open: Effect.Effect<A, E>): Effect.Effect<A, E> => Effect.andThen(Deferred.await(isBegun), open)
  }
}

/** Clients that open stores of one provider at once, and let them go; their session ends after them. */
export const opening = (
  cast: Cast = {}
): Effect.Effect<Judged<ReadonlyArray<Outcome>, never>, never, Explore.Explore> =>
  judged(
    Effect.gen(function* () {
      const { clients = 1, ending = false, faults = false, interrupts = false, mail = true } = cast
      const { reentrant = false, script, sessions = 1, stores = 1 } = cast
      const areAlike = sessions === 1 && !ending && !reentrant && script === undefined && clients % stores === 0
      const { alike = areAlike } = cast
      const choose = yield* choosing
      const usual = faults ? chosen(choose) : {}
      const first = Deferred.makeUnsafe<MapiSession.IMAPISession>()
      const named = alike && clients > 1 ? byTheirLoad() : undefined
      const flags = mail ? [] : (["MDB_NO_MAIL"] as const)
      const within: InMemory.Script["logon"] = (request, answer) => {
        const answered = usual.logon?.(request, answer) ?? answer
        if (isInner(request)) return answered
        const opened = Effect.flatMap(Deferred.await(first), ({ openMsgStore }) =>
          Effect.ignore(Effect.scoped(openMsgStore({ entryId: Result.getOrThrow(memory.entryId(inner)), flags })))
        )
        return Effect.andThen(opened, answered)
      }
      const names = [...Array.from({ length: stores }, (_, n) => nameOf(n)), ...(reentrant ? [inner] : [])]
      const memory = InMemory.make({
        stores: names.map((name) => ({ name })),
        script: { ...usual, ...(reentrant ? { logon: within } : {}), ...script }
      })
      const { load } = memory.registration
      const loading = faults ? choose("LoadLibrary", load, loadFaults) : load
      const registration = { ...memory.registration, load: named?.load(loading) ?? loading }
      const registry = ProviderRegistry.ProviderRegistry.layer([registration])
      const open = (session: MapiSession.IMAPISession, n: number): Effect.Effect<string, OpenMsgStoreError> => {
        const entryId = Result.getOrThrow(memory.entryId(nameOf(n % stores)))
        const asked = Effect.as(session.openMsgStore({ entryId, flags }), nameOf(n % stores))
        const opened = Effect.scoped(Effect.interruptible(asked))
        return named?.[n === 0 ? "first" : "others"](opened) ?? opened
      }
      const all = Effect.gen(function* () {
        const made = yield* Effect.forEach(Array.from({ length: sessions }), () => MapiSession.make())
        const [session] = made
        if (session === undefined) return []
        if (reentrant) yield* Deferred.succeed(first, session)
        const fibers = yield* Effect.forEach(
          Array.from({ length: clients }, (_, n) => n),
          // What a client may be interrupted in is its open, and the store in its hands: what it does else cannot tell.
          (n) => Effect.forkChild(open(made[n % sessions] ?? session, n), { uninterruptible: true })
        )
        if (interrupts) yield* Effect.forEach(fibers, Explore.interruptAnywhere)
        if (ending) yield* session.logoff
        else yield* Explore.quiescence
        return yield* Effect.forEach(fibers, (fiber) => Fiber.await(fiber))
      })
      // One after the other: to build them at once is a race that has nothing to tell.
      const layers = Spooler.layer.pipe(Layer.provideMerge(SupportObject.layer), Layer.provideMerge(registry))
      return yield* Effect.provide(Effect.scoped(all), layers)
    }).pipe(Effect.uninterruptible) // nobody interrupts it: it need not tell where it could be
  )
