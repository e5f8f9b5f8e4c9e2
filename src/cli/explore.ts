/**
 * `effect-mapi explore`: the protocol under every schedule, with all laws on; or one execution again, by its token.
 *
 * Exits with 0 where all is verified, 1 where a law is broken, 3 where the search was not finished and found nothing, 4 where
 * the explorer cannot search. The result is the same with and without progress, which is shown on a terminal only.
 */
import * as Console from "effect/Console"
import type * as Command from "effect/cli/Command"
import * as TerminalCapabilities from "effect/cli/TerminalCapabilities"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Table from "../diagram/Table.ts"
import * as Explore from "../explore.ts"
import * as Rehearsal from "../Rehearsal.ts"
import * as Witnesses from "./atlas/witnesses.ts"
import * as Findings from "./findings.ts"
import { Failed } from "./open.ts"
import * as Progress from "./progress.ts"
import * as Setups from "./setups.ts"

/** What the command line asks for. */
export interface Options {
  /** What only a search is asked, by the names of the options: none where it is not said. */
  readonly search: {
    readonly clients: Option.Option<number>
    readonly stores: Option.Option<number>
    readonly faults: Option.Option<number>
    readonly interrupts: Option.Option<number>
    readonly "no-mail": Option.Option<boolean>
    readonly ending: Option.Option<boolean>
    /** Seconds; 0 is no limit. */
    readonly time: Option.Option<number>
  }
  readonly format: "text" | "json" | "mermaid"
  readonly replay: Option.Option<string>
}

/** What a search is asked where it is not said. */
export const usual = { clients: 1, stores: 1, faults: 0, interrupts: 0, time: 60 } as const

/** Searches, or replays. */
export const explore = Effect.fn("explore")(function* (
  options: Options
): Effect.fn.Return<void, Failed, Command.Environment> {
  const { canColor } = yield* TerminalCapabilities.TerminalCapabilities
  const paint = canColor ? Table.colours : Table.plain
  yield* Option.match(options.replay, {
    onNone: () => search(options, paint),
    onSome: (token) => replay(token, options, paint)
  })
})

const search = Effect.fnUntraced(function* (
  { format, search: given }: Options,
  paint: Table.Paint
): Effect.fn.Return<void, Failed> {
  const number = (name: keyof typeof usual) => Option.getOrElse(given[name], () => usual[name])
  const isOn = (name: "ending" | "no-mail") => Option.getOrElse(given[name], () => false)
  const [faults, interrupts] = [number("faults"), number("interrupts")]
  const cast = {
    clients: number("clients"),
    stores: number("stores"),
    ending: isOn("ending"),
    mail: !isOn("no-mail"),
    faults: faults > 0,
    interrupts: interrupts > 0
  }
  const within = { faults, interruptions: interrupts }
  const name = Setups.nameOf(cast)
  const verdict = yield* watched(Rehearsal.opening(cast), within, number("time")).pipe(Effect.catch(refused))
  const told =
    verdict._tag === "Falsified"
      ? Findings.tell(verdict.counterexample, Findings.reasonOf(verdict.counterexample), name)
      : null
  const sentence = Findings.sayVerdict(verdict, within)
  if (format === "json") yield* Console.log(Findings.document(verdict, within, name, told))
  else if (format === "mermaid") yield* Console.log(Findings.drawVerdict(sentence, told))
  else yield* Console.log(told === null ? sentence : `${sentence}\n\n${Findings.sayTold(told, paint)}`)
  if (verdict._tag === "Falsified") return yield* new Failed({ code: 1 })
  if (verdict._tag === "Inconclusive") return yield* new Failed({ code: 3 })
})

/** What the explorer cannot search is said, and is no verdict: no law is broken. */
export const refused = ({ message }: Explore.ExploreError | Explore.BadToken) =>
  Effect.andThen(Console.error(message), Effect.fail(new Failed({ code: 4 })))

/** Where somebody watches: standard error, where it is a terminal. */
const terminal = process.stderr.isTTY ? (text: string) => process.stderr.write(text) : null

/** A search that says how far it has come where somebody watches; `write` takes text for a terminal, as it is. */
export const watched = (
  program: Setups.Program,
  within: Explore.Within,
  seconds: number,
  write: ((text: string) => void) | null = terminal
): Effect.Effect<Explore.Verdict, Explore.ExploreError> => {
  let latest: Explore.Progress = { executions: 0, rate: 0, depth: 0, done: 0 }
  const words = () => `Exploring… ${Explore.progressLine(latest)}`
  const { during } = write === null ? Progress.none : Progress.line(write, words)
  return during(
    Explore.check(program, {
      ...asked,
      within,
      ...(seconds > 0 ? { budget: { time: seconds * 1000 } } : {}),
      onProgress: (progress) => {
        latest = progress
      }
    })
  )
}

const replay = Effect.fnUntraced(function* (
  given: string,
  { format }: Options,
  paint: Table.Paint
): Effect.fn.Return<void, Failed> {
  const known = Setups.lookup(given)
  if (known === undefined) return yield* unknown(given)
  const { changed, execution, exit } = yield* Explore.replay(known.program, known.token).pipe(
    Effect.catch((error) => (error._tag === "BadToken" ? unknown(given) : refused(error)))
  )
  const reason = exit === undefined ? "the program never ended" : whyNot(exit)
  const told = Findings.tell(execution, reason, known.name)
  if (format === "json") yield* Console.log(JSON.stringify({ changed, ...told }, null, 2))
  else yield* Console.log(format === "text" ? Findings.sayTold(told, paint) : Findings.draw(told))
  if (changed) {
    yield* Console.error(
      "The program has changed since this token was made, or the token is not as it was: this is another execution. " +
        "Copy the token again, or explore again."
    )
    return yield* new Failed({ code: 3 })
  }
  if (reason !== "") return yield* new Failed({ code: 1 })
})

/** What every search of the protocol asks: of each execution, and of every order of its log. */
export const asked = {
  always: {
    "it comes to its end": Rehearsal.completes,
    "only what is declared": Witnesses.onlyDeclared
  },
  everyOrder: { "all laws hold": Rehearsal.laws }
}

const whyNot = (exit: Exit.Exit<Rehearsal.Judged<Witnesses.Ending, never>>): string => {
  const execution = { exit, bySubject: new Map() }
  const said = Object.values(asked.always).map((law) => law(execution))
  const broken = Exit.isSuccess(exit) ? exit.value.broken() : []
  return String([...said, broken.join(", ")].find((holds) => holds !== true && holds !== "") ?? "")
}

const unknown = (token: string) =>
  Effect.andThen(
    Console.error(
      `${Table.printable(token)} is no token of this command. Copy one whole, from explore or errors.\n\nSee effect-mapi explore --help`
    ),
    Effect.fail(new Failed({ code: 2 }))
  )
