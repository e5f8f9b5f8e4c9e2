/**
 * `effect-mapi` as a command line: its flags, how they are checked, and what bad usage looks like.
 *
 * Bad usage is said on standard error, in full, and exits with 2; standard output is for results alone.
 */

import * as Console from "effect/Console"
import * as Argument from "effect/cli/Argument"
import * as CliConfig from "effect/cli/CliConfig"
import * as CliError from "effect/cli/CliError"
import * as CliOutput from "effect/cli/CliOutput"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as GlobalFlag from "effect/cli/GlobalFlag"
import * as TerminalCapabilities from "effect/cli/TerminalCapabilities"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as Schema from "effect/Schema"
import * as Flags from "../Flags.ts"
import { entryId } from "./entryId.ts"
import { errors } from "./errors.ts"
import { type Options as ExploreOptions, explore, usual } from "./explore.ts"
import { inf } from "./inf.ts"
import { judge } from "./judge.ts"
import { Failed, type Options, open } from "./open.ts"

/** More clients than this say nothing new. */
const mostClients = 99

/** A whole number, in digits; of anything else it says what it expected, and not how the number is read. */
const whole = (name: string, least: number, most: number, about: string, expected: string) =>
  Flag.String(name).pipe(
    Flag.withMetavar("N"),
    Flag.withDescription(about),
    Flag.filterMap(
      (text) => Option.liftPredicate(Number(text), (n) => /^\d+$/.test(text) && n >= least && n <= most),
      () => expected
    )
  )

const between = (least: number, most: number): string => `Expected a whole number from ${least} to ${most}`

const flags = {
  store: Argument.String("STORE").pipe(
    Argument.withDescription(
      "An SQLite store or an Outlook .pst file, or a store's entry id in hex; the demonstration store without it"
    ),
    Argument.filter(
      (store) => store !== "",
      () => "Expected the name of a file, or an entry id in hex"
    ),
    Argument.optional
  ),
  password: Flag.Redacted("password").pipe(
    Flag.withMetavar("PASSWORD"),
    Flag.withDescription(
      "The store's password. Other users of this machine can see it in the process list: prefer --ask"
    ),
    Flag.optional
  ),
  ask: Flag.Boolean("ask").pipe(
    Flag.withoutNegation,
    Flag.withDescription(
      "Ask for the password, unseen, if the provider answers MAPI_E_FAILONEPROVIDER, and open again"
    ),
    Flag.withDefault(false)
  ),
  sessionFlags: Flag.Literals("session-flag", Flags.names(Flags.Session)).pipe(
    Flag.withMetavar("FLAG"),
    Flag.withDescription("A flag to log on to the session with, such as MAPI_NO_MAIL; may be repeated"),
    Flag.atLeast(0)
  ),
  openFlags: Flag.Literals("flag", Flags.names(Flags.Open)).pipe(
    Flag.withMetavar("FLAG"),
    Flag.withDescription("A flag to open the store with, such as MDB_WRITE or MDB_NO_MAIL; may be repeated"),
    Flag.atLeast(0)
  ),
  clients: whole(
    "clients",
    1,
    mostClients,
    `How many clients open the store at once, 1 to ${mostClients}; 1 unless said`,
    between(1, mostClients)
  ).pipe(Flag.withDefault(1)),
  list: Flag.String("list").pipe(
    Flag.withMetavar("FOLDER"),
    Flag.withDescription(
      'List the messages of a folder instead: its path, such as "Top of Personal Folders/Inbox", or its name'
    ),
    Flag.filter(
      (folder) => folder !== "",
      () => "Expected the path or name of a folder"
    ),
    Flag.optional
  ),
  message: whole(
    "message",
    1,
    Number.MAX_SAFE_INTEGER,
    "With --list: show message N of that folder",
    "Expected a whole number from 1 on, as --list shows it"
  ).pipe(Flag.optional),
  format: Flag.Literals("format", ["text", "json", "mermaid"]).pipe(
    Flag.withDescription("text prints each call as it happens; json one document; mermaid a sequence diagram"),
    Flag.withDefault("text")
  ),
  trace: Flag.String("trace").pipe(
    Flag.withMetavar("FILE"),
    Flag.withDescription("Write the call log to this file, a JSON document a line"),
    Flag.optional
  )
}

/** A trace over the store would be the end of the store. */
const spareStore = Effect.fnUntraced(function* ({ store, trace }: Options) {
  const path = yield* Path.Path
  if (Option.isNone(store) || Option.isNone(trace)) return
  if (path.resolve(store.value) !== path.resolve(trace.value)) return
  return yield* new CliError.ValidationError({ message: "--trace would write over STORE: name another file" })
})

const withFolder = ({ list, message }: Options) =>
  Option.isSome(message) && Option.isNone(list)
    ? Effect.fail(new CliError.ValidationError({ message: "--message needs --list FOLDER: a number in which folder?" }))
    : Effect.void

const opening = Command.make("open", flags, open).pipe(
  Command.validate((options) => Effect.andThen(spareStore(options), withFolder(options))),
  Command.withShortDescription("Open a message store through the nine steps"),
  Command.withDescription(
    'Open a message store through the nine steps of "Loading Message Store Providers", and show every call'
  ),
  Command.withExamples([
    { command: "effect-mapi open", description: "The demonstration store, made on first use" },
    { command: "effect-mapi open archive.pst --ask", description: "An Outlook file with a password" },
    { command: "effect-mapi open archive.pst --list Inbox", description: "The messages of a folder" },
    { command: "effect-mapi open archive.pst --list Inbox --message 2", description: "One of them, with its body" },
    { command: "effect-mapi open --clients 3", description: "Three clients: one load, one store, three logons" },
    { command: "effect-mapi open --session-flag MAPI_NO_MAIL", description: "Without the spooler: no steps 6, 8 and 9" }
  ])
)

const decoding = Command.make(
  "entryid",
  {
    hex: Argument.String("HEX").pipe(
      Argument.withDescription("A store's entry id in hex, as it was pasted; - reads standard input"),
      Argument.filter(
        (hex) => hex !== "",
        () => "Expected hex text, or - for standard input"
      )
    ),
    format: Flag.Literals("format", ["text", "json"]).pipe(
      Flag.withDescription("text prints a tree; json one document"),
      Flag.withDefault("text")
    )
  },
  entryId
).pipe(
  Command.withDescription("Take a store's entry id apart: which DLL serves it, and what the provider's own id says"),
  Command.withExamples([{ command: "pbpaste | effect-mapi entryid -", description: "An id from the clipboard" }])
)

const reading = Command.make(
  "inf",
  { file: Argument.String("FILE").pipe(Argument.withDescription("A MAPISVC.INF")) },
  inf
).pipe(Command.withDescription("Say which services and providers a MAPISVC.INF has, and what is wrong with it"))

const judging = Command.make(
  "judge",
  {
    file: Argument.String("FILE").pipe(
      Argument.withDescription("A call log in JSON Lines; - or nothing reads standard input"),
      Argument.filter(
        (file) => file !== "",
        () => "Expected the name of a file, or - for standard input"
      ),
      Argument.optional
    ),
    format: Flag.Literals("format", ["text", "json"]).pipe(
      Flag.withDescription("text prints what is broken or could not be judged; json one document with every law"),
      Flag.withDefault("text")
    )
  },
  judge
).pipe(
  Command.withShortDescription("Judge a call log by the laws of the protocol"),
  Command.withDescription(
    "Judge a call log, this command's or another program's, by the laws of the protocol. Exits with 1 if a law is broken, " +
      "or if nothing could be judged"
  ),
  Command.withExamples([
    {
      command: "effect-mapi open --trace calls.jsonl && effect-mapi judge calls.jsonl",
      description: "A log of our own"
    },
    { command: "zcat calls.jsonl.gz | effect-mapi judge", description: "A long one, from a pipe" }
  ])
)

/** A number of something, from `least` on; as many as `most`. None where it is not said. */
const number = (name: keyof typeof usual, least: number, most: number, about: string, zero = "") =>
  Flag.optional(
    whole(name, least, most, `${about}, ${least} to ${most}${zero}; ${usual[name]} unless said`, between(least, most))
  )

const turnedOn = (name: string, about: string) =>
  Flag.Boolean(name).pipe(Flag.withoutNegation, Flag.withDescription(about), Flag.optional)

const invalid = (message: string) => Effect.fail(new CliError.ValidationError({ message }))

/** A store that nobody opens is no part of what is searched. */
const asManyAsTheyOpen = ({ search }: ExploreOptions) => {
  const [clients, stores] = [search.clients, search.stores].map((it) => Option.getOrElse(it, () => 1))
  if (clients === undefined || stores === undefined || stores <= clients) return Effect.void
  return invalid(
    `--stores ${stores} is more than the clients open: each opens one store, and there are ${clients}. ` +
      `Add --clients ${stores}, or ask for fewer stores`
  )
}

/** A token says by itself of which program it is, and which execution. */
const notOfAReplay = ({ replay, search }: ExploreOptions) => {
  const given = Object.entries<Option.Option<unknown>>(search).filter(([, flag]) => Option.isSome(flag))
  if (Option.isNone(replay) || given.length === 0) return Effect.void
  const names = given.map(([name]) => `--${name}`).join(", ")
  return invalid(
    "--replay shows the one execution that its token names, and only --format goes with it. " +
      `Leave out ${names}; or leave out --replay, to search`
  )
}

const exploring = Command.make(
  "explore",
  {
    search: {
      clients: number("clients", 1, mostClients, "How many clients open a store at once"),
      stores: number("stores", 1, mostClients, "How many stores they take in turn, all of one provider"),
      faults: number("faults", 0, mostClients, "How many calls into the provider may fail"),
      interrupts: number("interrupts", 0, mostClients, "How many clients may be interrupted, each anywhere"),
      "no-mail": turnedOn("no-mail", "Without the spooler: no steps 6, 8 and 9"),
      ending: turnedOn("ending", "The session ends while they are at it"),
      time: number("time", 0, 1_000_000, "For how many seconds to search", ", where 0 is without a limit")
    },
    format: Flag.Literals("format", ["text", "json", "mermaid"]).pipe(
      Flag.withDescription(
        "text says it in words; json one document; mermaid draws the calls of what fails, or is replayed, with " +
          "the verdict as a comment"
      ),
      Flag.withDefault("text")
    ),
    replay: Flag.String("replay").pipe(
      Flag.withMetavar("TOKEN"),
      Flag.withDescription(
        "Show one execution again, by the token that explore or errors gave; the token says which program, and only " +
          "--format goes with it"
      ),
      Flag.optional
    )
  },
  explore
).pipe(
  Command.validate(notOfAReplay),
  Command.validate(asManyAsTheyOpen),
  Command.withShortDescription("Run the protocol under every schedule, and judge each execution"),
  Command.withDescription(
    "Run the protocol under every schedule that matters, and judge each execution by every law. Exits with 0 if all is " +
      "verified, with 1 if a law is broken, with 3 if the search was not finished and nothing was found or the program of a " +
      "token has changed, and with 4 if the explorer cannot search, and says why"
  ),
  Command.withExamples([
    { command: "effect-mapi explore --no-mail --faults 1", description: "One client; any one call may fail" },
    { command: "effect-mapi explore --clients 2 --time 600", description: "Two clients at once, for ten minutes" }
  ])
)

const listing = Command.make(
  "errors",
  {
    format: Flag.Literals("format", ["text", "json", "markdown"]).pipe(
      Flag.withDescription(
        "text prints an error a paragraph; json one document; markdown the page docs/error-atlas.md"
      ),
      Flag.withDefault("text")
    )
  },
  errors
).pipe(
  Command.withShortDescription("Show every error that opening a store can fail with"),
  Command.withDescription(
    "Show every error that opening a store can fail with: at which step, why, what is released, what stays usable, and a " +
      "token with which explore replays it. Exits with 1 if a token no longer shows its error, and with 4 if the explorer " +
      "cannot replay, and says why"
  )
)

const root = Command.make("effect-mapi").pipe(
  Command.withDescription("MAPI's protocol for loading a message store provider, running"),
  Command.withSubcommands([opening, decoding, reading, judging, exploring, listing])
)

/** Help and version are results; bad usage is none, so that a pipe never takes it for one. */
const presenter: CliOutput.Presenter = {
  present: Effect.fnUntraced(function* (event) {
    if (event._tag !== "InvalidInvocation") return yield* CliOutput.defaultPresenter.present(event)
    const { canColor } = yield* TerminalCapabilities.TerminalCapabilities
    const formatter = CliOutput.defaultFormatter({ colors: canColor })
    const command = event.commandPath.join(" ")
    yield* Console.error(`${formatter.formatErrors(event.errors).trimStart()}\n\nSee ${command} --help`)
  })
}

const Package = Schema.fromJsonString(Schema.Struct({ version: Schema.String }))

/** The version that package.json says, two folders up from here, in source and build alike. */
const version = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const file = yield* path.fromFileUrl(new URL("../../package.json", import.meta.url))
  const { version } = yield* Schema.decodeEffect(Package)(yield* fs.readFileString(file))
  return version
}).pipe(Effect.orElseSucceed(() => "unknown"))

/** Runs the command on its arguments. Fails with errors that carry their exit code, and have been printed. */
export const command = Effect.fn("effect-mapi")(function* (
  args: ReadonlyArray<string>
): Effect.fn.Return<void, Failed | CliError.CliError, Command.Environment> {
  const run = Command.runWith(root, { version: yield* version })
  return yield* run(args).pipe(
    Effect.catchTag("ShowHelp", ({ errors }) =>
      errors.length === 0 ? Effect.void : Effect.fail(new Failed({ code: 2 }))
    ),
    Effect.provideService(CliOutput.Presenter, presenter),
    Effect.provideService(
      CliConfig.CliConfig,
      CliConfig.make({ builtIns: [GlobalFlag.Help, GlobalFlag.Version, GlobalFlag.Completions] })
    )
  )
})
