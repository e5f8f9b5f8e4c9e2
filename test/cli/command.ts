/** Runs the command as a user does: a process of its own, in the runtime that runs the tests. */
import { spawn } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { fileURLToPath } from "node:url"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { CallLog } from "../../src/index.ts"

const top = path.join(path.dirname(fileURLToPath(import.meta.url)), "..", "..")

export const main = path.join(top, "src", "cli", "main.ts")

/** What a process left behind. */
export interface Done {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Setting {
  /** All of standard input; without it, standard input stays open and silent. */
  readonly input?: string
  /** Ctrl-C, once, as soon as this is on standard error. */
  readonly interruptAt?: string
  /** Where the user's data is. */
  readonly home: string
  readonly script?: string
}

const runtimeFlags = process.versions.deno === undefined ? [] : ["run", "--allow-all"]

/** `effect-mapi ARGS`. */
export const command = (args: ReadonlyArray<string>, { home, input, interruptAt, script = main }: Setting) =>
  Effect.callback<Done>((resume) => {
    const inherited = Object.entries(process.env).filter(([name]) => !/^(FORCE_COLOR|NO_COLOR)$/.test(name))
    const env = { ...Object.fromEntries(inherited), XDG_DATA_HOME: home }
    const child = spawn(process.execPath, [...runtimeFlags, script, ...args], { env })
    let [stdout, stderr] = ["", ""]
    child.stdout.setEncoding("utf8").on("data", (text) => {
      stdout += text
    })
    let waiting = interruptAt !== undefined
    child.stderr.setEncoding("utf8").on("data", (text) => {
      stderr += text
      if (!waiting || interruptAt === undefined || !stderr.includes(interruptAt)) return
      waiting = false
      if (child.pid !== undefined) process.kill(child.pid, "SIGINT") // Deno's child.kill reports its own signal as the end
    })
    child.on("close", (code) => resume(Effect.succeed({ code, stdout, stderr })))
    if (input !== undefined) child.stdin.end(input)
    return Effect.sync(() => child.kill())
  })

/** A folder that goes with the test. */
export const folder: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), "effect-mapi-cli-"))),
  (made) => Effect.sync(() => fs.rmSync(made, { recursive: true, force: true }))
)

/** A file of personal folders whose password is `test`; absent where the shared sample data is. */
export const lockedPst = path.join(top, "..", "shared", "data", "pst", "pstsdk-test_unicode.pst")

// --- the JSON document ----------------------------------------------------------------------------------------------

const Tree: Schema.Codec<Tree> = Schema.Struct({
  name: Schema.String,
  count: Schema.Int,
  subjects: Schema.Array(Schema.String),
  folders: Schema.Array(Schema.suspend((): Schema.Codec<Tree> => Tree))
})
interface Tree {
  readonly name: string
  readonly count: number
  readonly subjects: ReadonlyArray<string>
  readonly folders: ReadonlyArray<Tree>
}

const Listed = Schema.Struct({
  number: Schema.Int,
  date: Schema.NullOr(Schema.String),
  sender: Schema.String,
  subject: Schema.String,
  size: Schema.NullOr(Schema.Int)
})

const Message = Schema.Struct({
  number: Schema.Int,
  folder: Schema.String,
  subject: Schema.String,
  sender: Schema.String,
  senderAddress: Schema.String,
  submitted: Schema.NullOr(Schema.String),
  delivered: Schema.NullOr(Schema.String),
  size: Schema.NullOr(Schema.Int),
  body: Schema.NullOr(Schema.String),
  bodyForm: Schema.NullOr(Schema.Literals(["plain text", "compressed RTF", "HTML"]))
})

const Failure = Schema.Struct({
  _tag: Schema.String,
  scode: Schema.NullOr(Schema.Int.check(Schema.isUint32())),
  scodeName: Schema.NullOr(Schema.String),
  step: Schema.NullOr(Schema.Int),
  subject: Schema.String,
  detail: Schema.String,
  advice: Schema.String
})

const Document = Schema.Struct({
  outcome: Schema.Union([
    Schema.Struct({ ok: Schema.Literal(true) }),
    Schema.Struct({ ok: Schema.Literal(false), error: Failure })
  ]),
  store: Schema.NullOr(
    Schema.Struct({
      name: Schema.String,
      access: Schema.Array(Schema.String),
      readOnly: Schema.Boolean,
      tree: Schema.NullOr(Tree)
    })
  ),
  list: Schema.NullOr(Schema.Struct({ folder: Schema.String, messages: Schema.Array(Listed) })),
  message: Schema.NullOr(Message),
  calls: Schema.Array(CallLog.Event),
  ledger: Schema.Array(
    Schema.Struct({ object: Schema.String, total: Schema.Int, holders: Schema.Record(Schema.String, Schema.Int) })
  )
})
export type Document = typeof Document.Type

/** Standard output of `--format json`: all of it is one document. */
export const document = ({ stdout }: Done): Document =>
  Schema.decodeUnknownSync(Schema.fromJsonString(Document))(stdout)

/** How often each of these calls was begun. */
export const counts = (calls: ReadonlyArray<CallLog.Event>, names: ReadonlyArray<string>) =>
  Object.fromEntries(
    names.map((name) => [name, calls.filter(({ call, phase }) => call === name && phase === "call").length])
  )
