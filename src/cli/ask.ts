/**
 * Asking for a password: unseen at a terminal, one line of standard input otherwise.
 *
 * The question goes to standard error, so that standard output stays what the format says. The answer is `Redacted` from
 * the moment that it is read.
 */

import type * as Command from "effect/cli/Command"
import * as Prompt from "effect/cli/Prompt"
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type * as PlatformError from "effect/PlatformError"
import * as Redacted from "effect/Redacted"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import * as Terminal from "effect/Terminal"

/** A terminal that shows everything on standard error. */
const onStandardError = Effect.gen(function* () {
  const terminal = yield* Terminal.Terminal
  const stdio = yield* Stdio.Stdio
  const display = (text: string): Effect.Effect<void, PlatformError.PlatformError> =>
    Stream.run(Stream.make(text), stdio.stderr())
  const { columns, readInput, readLine, rows, size } = terminal
  return Terminal.make({ columns, display, readInput, readLine, rows, size })
})

/** A password for the store of this name. None when standard input is at its end; leaving the prompt interrupts. */
export const password = Effect.fn("ask.password")(function* (
  store: string
): Effect.fn.Return<Option.Option<Redacted.Redacted>, never, Command.Environment> {
  const stdio = yield* Stdio.Stdio
  const terminal = yield* onStandardError
  const message = `Password for ${store}`
  if (yield* stdio.stdinIsTerminal) {
    return yield* Prompt.run(Prompt.Hidden({ message })).pipe(
      Effect.provideService(Terminal.Terminal, terminal),
      Effect.asSome,
      Effect.catchTag("QuitError", () => Effect.interrupt)
    )
  }
  yield* Effect.ignore(terminal.display(`${message}:\n`))
  return yield* Effect.option(Effect.map(terminal.readLine, (line) => Redacted.make(line)))
})
