/**
 * Small programs of a session in which every error of the protocol comes up, each in the search of at least one.
 *
 * What a provider answers, what the client asks for and when the session ends are choices of the explorer. After the open
 * that may fail, the client uses what it had open, opens the same store again, and one of another provider: what a failure
 * leaves usable can be read off the execution.
 */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as EntryId from "../../EntryId.ts"
import type * as Flags from "../../Flags.ts"
import type { OpenRequest } from "../../LoadSequence.ts"
import * as MapiError from "../../MapiError.ts"
import type { MsgStore } from "../../StoreHandle.ts"
import type { LogonRequest } from "../../StoreProvider.ts"
import { dllFileName, type Program, playing, type Stage } from "./playing.ts"

const told = (detail: string) => ({ subject: dllFileName, detail })

type Answers = Readonly<{ readonly [Tag in MapiError.ProviderError["_tag"]]: MapiError.ProviderError }>

/** One of each that a provider may answer with. */
const answers: Answers = {
  FailOneProvider: new MapiError.FailOneProvider(told("the password is missing or wrong")),
  LogonFailed: new MapiError.LogonFailed(told("no logon is possible")),
  Unconfigured: new MapiError.Unconfigured(told("the profile section lacks what the provider needs")),
  UserCancel: new MapiError.UserCancel(told("the dialog was dismissed")),
  UnknownCpid: new MapiError.UnknownCpid(told("the store cannot serve the client's code page")),
  UnknownLcid: new MapiError.UnknownLcid(told("the store cannot serve the client's locale")),
  NoAccess: new MapiError.NoAccess(told("the rights at hand do not allow it")),
  NotFound: new MapiError.NotFound(told("there is no such store")),
  InterfaceNotSupported: new MapiError.InterfaceNotSupported(told("the store has no such interface")),
  UnknownFlags: new MapiError.UnknownFlags(told("the provider does not know a flag")),
  InvalidParameter: new MapiError.InvalidParameter(told("the provider cannot take an argument")),
  ProviderFailed: new MapiError.ProviderFailed(told("the provider reported a failure of its own"))
}

const fails = (tag: keyof Answers) => Effect.fail(answers[tag])

const faults: Readonly<Record<string, Effect.Effect<never, MapiError.ProviderError>>> = {
  ...Object.fromEntries(Object.entries(answers).map(([tag, error]) => [tag, Effect.fail(error)])),
  "a throw": Effect.die(new Error("the provider's own code threw"))
}

const mismatch = Effect.fail(new MapiError.VersionMismatch(told("it needs a newer version of the interface")))
const missing = Effect.fail(
  new MapiError.LoadFailed({ ...told("there is no module of this name"), reason: "missing", step: 2 })
)

const isArchive = ({ entryId }: LogonRequest): boolean => new TextDecoder().decode(entryId.bytes).endsWith("Archive")

/** What a client may try once an open has failed. */
const afterwards = Effect.fnUntraced(function* (
  { quietly, use, visit }: Stage,
  again: OpenRequest,
  held: ReadonlyArray<MsgStore | null>
): Effect.fn.Return<void> {
  yield* Effect.forEach(held, (store) => (store === null ? Effect.void : use(store)), { discard: true })
  yield* visit(again)
  yield* visit(quietly("Other"))
})

/** What the client asks for is a choice: a proper request, or one of its own mistakes. */
const request = playing({}, (stage) =>
  Effect.gen(function* () {
    const { choose, open, quietly, visit } = stage
    const held = yield* open(quietly("Inbox"))
    const proper = quietly("Archive")
    const asked = yield* choose("the client asks", Effect.succeed(proper), {
      "with an id that names no DLL": Effect.succeed({ ...proper, entryId: nameless(proper.entryId) }),
      "with an id of a DLL that nobody registered": Effect.succeed({ ...proper, entryId: elsewhere(proper.entryId) }),
      // Boundary: the types refuse it, but a client may be plain JavaScript.
      "with a flag that there is not": Effect.succeed({ ...proper, flags: ["MDB_NO_SUCH_FLAG" as Flags.Open] }),
      "for an interface that stores do not have": Effect.succeed({ ...proper, iid: "IID_IMSLogon" as const })
    })
    yield* visit(asked)
    yield* afterwards(stage, proper, [held])
  })
)

const DLL_NAME = 22

const nameless = ({ bytes }: EntryId.Wrapped): EntryId.Wrapped =>
  Result.getOrThrow(EntryId.fromBytes(bytes.map((byte, at) => (at < DLL_NAME ? byte : 0))))

const elsewhere = (entryId: EntryId.Wrapped): EntryId.Wrapped =>
  EntryId.unwrap(entryId).pipe(
    Result.flatMap(({ privateId }) => EntryId.wrap("NOWHERE.DLL", privateId)),
    Result.getOrThrow
  )

/** Every answer of the provider, and of the load of its DLL, is a choice. */
const answer = playing(
  {
    load: (usual, { choose }) => choose("LoadLibrary", usual, { LoadFailed: missing }),
    script: ({ choose }) => ({
      MSProviderInit: (_, usual) => choose("MSProviderInit", usual, { VersionMismatch: mismatch, ...faults }),
      logon: (request, usual) => (isArchive(request) ? choose("IMSProvider::Logon", usual, faults) : usual)
    })
  },
  (stage) =>
    Effect.gen(function* () {
      const { open, quietly, visit } = stage
      const other = yield* open(quietly("Other"))
      const inbox = yield* open(quietly("Inbox"))
      yield* visit(quietly("Archive"))
      yield* afterwards(stage, quietly("Archive"), [inbox, other])
    })
)

/** A client asks for a store while somebody else ends the session. */
const racing = (stage: Stage): Effect.Effect<void, never, Scope.Scope> =>
  Effect.gen(function* () {
    const { quietly, session, visit } = stage
    const fiber = yield* Effect.forkChild(visit(quietly("Inbox")))
    yield* session.logoff
    yield* Fiber.await(fiber)
    yield* afterwards(stage, quietly("Inbox"), [])
  })

/** The session ends while a client asks for a store whose DLL cannot be loaded. */
const endLoading = playing({ load: () => missing }, racing)

/** The session ends while the provider is inside a Logon that fails. */
const endInLogon = playing(
  { script: ({ ending }) => ({ logon: () => Effect.andThen(ending, fails("FailOneProvider")) }) },
  (stage) => Effect.andThen(stage.visit(stage.quietly("Inbox")), afterwards(stage, stage.quietly("Inbox"), []))
)

/** The session ends as Logon answers. */
const endAfterLogon = playing(
  { script: ({ ending }) => ({ logon: (_, usual) => Effect.tap(usual, () => Effect.forkDetach(ending)) }) },
  (stage) => Effect.andThen(stage.visit(stage.quietly("Inbox")), afterwards(stage, stage.quietly("Inbox"), []))
)

/** A message service that is to configure one store opens another, whose Logon fails for good. */
const configure = playing(
  {
    script: ({ visiting }) => ({
      logon: (request) => fails(isArchive(request) ? "LogonFailed" : "Unconfigured"),
      ServiceEntry: () => visiting("Archive")
    })
  },
  (stage) => Effect.andThen(stage.visit(stage.quietly("Inbox")), afterwards(stage, stage.quietly("Inbox"), []))
)

/** What SpoolerLogon answers is a choice. */
const spool = playing(
  {
    script: ({ choose }) => ({
      spoolerLogon: (_, usual) =>
        choose("IMSProvider::SpoolerLogon", usual, {
          ...faults,
          "another pair": Effect.map(usual, ({ logon, store }) => ({ logon, store: { ...store } }))
        })
    })
  },
  (stage) =>
    Effect.gen(function* () {
      const inbox = yield* stage.open({ entryId: stage.quietly("Inbox").entryId })
      yield* stage.spoolerBegins
      yield* afterwards(stage, stage.quietly("Archive"), [inbox])
    })
)

/** The session ends between the spooler's taking an entry id up and its logon. */
const spoolEnded = playing({}, (stage) =>
  Effect.gen(function* () {
    const { open, quietly, session, spoolerBegins, spoolerTakes } = stage
    const inbox = yield* open({ entryId: quietly("Inbox").entryId })
    yield* spoolerTakes
    yield* session.logoff
    yield* spoolerBegins
    yield* afterwards(stage, quietly("Archive"), [inbox])
  })
)

/** Another store's Logon fails for good before the spooler begins. */
const spoolDisabled = playing(
  { script: () => ({ logon: (request, usual) => (isArchive(request) ? fails("LogonFailed") : usual) }) },
  (stage) =>
    Effect.gen(function* () {
      const { open, quietly, spoolerBegins, visit } = stage
      const inbox = yield* open({ entryId: quietly("Inbox").entryId })
      yield* visit(quietly("Archive"))
      yield* spoolerBegins
      yield* afterwards(stage, quietly("Archive"), [inbox])
    })
)

/** Every program, by the name that its tokens begin with. Searched within one fault. */
export const programs = {
  request,
  answer,
  "end-loading": endLoading,
  "end-in-logon": endInLogon,
  "end-after-logon": endAfterLogon,
  configure,
  spool,
  "spool-ended": spoolEnded,
  "spool-disabled": spoolDisabled
} as const satisfies Readonly<Record<string, Program>>

export type Name = keyof typeof programs

/** What each of them is about, in words. */
export const about: Readonly<Record<Name, string>> = {
  request: "a client asks",
  answer: "a client opens a store, and every answer of its provider is a choice",
  "end-loading": "the session ends while a client asks for a store whose DLL cannot be loaded",
  "end-in-logon": "the session ends while the provider is inside a Logon that fails",
  "end-after-logon": "the session ends as Logon answers",
  configure: "a message service that is to configure a store opens another, whose Logon fails for good",
  spool: "a client opens a store, and what SpoolerLogon answers is a choice",
  "spool-ended": "the session ends after the spooler has taken an entry id up, and before it begins",
  "spool-disabled": "another store's Logon fails for good before the spooler begins"
}
