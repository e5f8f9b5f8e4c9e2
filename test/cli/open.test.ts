import * as fs from "node:fs"
import * as path from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import mermaid from "mermaid"
import { CallLog } from "../../src/index.ts"
import { command, counts, document, folder, lockedPst, main } from "./command.ts"

/** A file of personal folders in a folder of its own, under a name that does not hold its password. */
const locked = Effect.map(folder, (home) => {
  const file = path.join(home, "locked.pst")
  fs.copyFileSync(lockedPst, file)
  return { file, home }
})

const demo = (home: string) => path.join(home, "effect-mapi", "demonstration.store")

const atOnce = { concurrent: true, timeout: 60_000 }

describe("effect-mapi open", atOnce, () => {
  it.effect("the demonstration store: made, opened through the nine steps, shown, closed in order", () =>
    Effect.gen(function* () {
      const home = yield* folder
      const { code, stderr, stdout } = yield* command(["open"], { home })
      assert.deepStrictEqual({ code, stderr }, { code: 0, stderr: "" })
      const [head, steps, store, close, summary] = stdout.split("\n\n")
      assert.strictEqual(head, `The demonstration store, made just now: ${demo(home)}`)
      const numbers = steps?.split("\n").map((row) => row.slice(0, 3).trim())
      assert.strictEqual(numbers?.filter((n) => n !== "·").join(""), "#12233455556789")
      assert.deepStrictEqual(store?.split("\n").slice(0, 8), [
        "Store    The nine steps",
        "Access   read-only (STORE_ENTRYID_UNIQUE, STORE_READONLY)",
        "Folders",
        "  The nine steps",
        "    Inbox  8 messages",
        "      - Welcome! You opened a message store",
        "      - 1. Your program called OpenMsgStore",
        "      - 2. MAPI loaded the provider and called MSProviderInit"
      ])
      const order = ["IMsgStore::Release", "IMSLogon::Logoff", "IMAPISession::Logoff", "::Shutdown", "FreeLibrary"]
      const at = order.map((name) => close?.indexOf(name) ?? -1)
      assert.isAtLeast(at[0] ?? -1, 0)
      assert.deepStrictEqual(
        at,
        [...at].sort((a, b) => a - b)
      )
      assert.strictEqual(summary, "Steps 1 2 3 4 5 6 7 8 9. Every reference is given back: 11 objects, nothing held.\n")
      assert.isAtMost(
        Math.max(
          ...stdout
            .split("\n")
            .slice(1)
            .map((line) => line.length)
        ),
        100
      )
      assert.notInclude(stdout, "\u001b")
    })
  )

  it.effect("three clients at once: one load, one init, three logons, one store; the trace is the log", () =>
    Effect.gen(function* () {
      const home = yield* folder
      const trace = path.join(home, "trace.jsonl")
      const args = ["open", "--clients", "3", "--flag", "MDB_WRITE", "--format", "json", "--trace", trace]
      const done = yield* command(args, { home })
      assert.deepStrictEqual([done.code, done.stderr], [0, `The demonstration store, made just now: ${demo(home)}\n\n`])
      const { calls, ledger, outcome, store } = document(done)
      assert.deepStrictEqual(outcome, { ok: true })
      assert.deepStrictEqual(
        counts(calls, [
          "LoadLibrary",
          "MSProviderInit",
          "IMSProvider::Logon",
          "new IMsgStore",
          "IMSProvider::SpoolerLogon"
        ]),
        {
          LoadLibrary: 1,
          MSProviderInit: 1,
          "IMSProvider::Logon": 3,
          "new IMsgStore": 1,
          "IMSProvider::SpoolerLogon": 1
        }
      )
      const openers = calls.filter(({ phase, step }) => step === 1 && phase === "call")
      assert.deepStrictEqual(
        openers.map(({ flags, from }) => [from, flags]),
        [
          ["client#1", ["MDB_WRITE"]],
          ["client#2", ["MDB_WRITE"]],
          ["client#3", ["MDB_WRITE"]]
        ]
      )
      assert.deepStrictEqual(
        { ...store, tree: store?.tree?.folders.map(({ count, name }) => [name, count]) },
        {
          name: "The nine steps",
          access: ["STORE_ENTRYID_UNIQUE", "STORE_MODIFY_OK", "STORE_CREATE_OK"],
          readOnly: false,
          tree: [
            ["Inbox", 8],
            ["Sent Items", 1],
            ["Drafts", 2],
            ["Deleted Items", 0]
          ]
        }
      )
      assert.isAbove(ledger.length, 0)
      assert.deepStrictEqual(ledger, CallLog.ledger(calls))
      assert.deepStrictEqual(
        ledger.filter(({ total }) => total !== 0),
        []
      )
      const lines = fs.readFileSync(trace, "utf8").trimEnd().split("\n")
      assert.deepStrictEqual(
        lines.map((line) => Schema.decodeUnknownSync(CallLog.EventFromJson)(line)),
        calls
      )

      const hex = openers[0]?.entryId ?? ""
      const again = yield* command(["open", hex, "--format", "json"], { home })
      assert.strictEqual(again.code, 0, "the entry id of step 1 opens the same store")
      assert.strictEqual(document(again).store?.name, "The nine steps")
    })
  )

  it.effect("either no-mail flag keeps the spooler silent: no steps 6, 8 and 9", () =>
    Effect.gen(function* () {
      const home = yield* folder
      for (const flag of [
        ["--session-flag", "MAPI_NO_MAIL"],
        ["--flag", "MDB_NO_MAIL"]
      ]) {
        const done = yield* command(["open", ...flag, "--format", "json"], { home })
        assert.strictEqual(done.code, 0)
        const { calls } = document(done)
        const steps = Array.from(new Set(calls.flatMap(({ step }) => step ?? []))).sort()
        assert.deepStrictEqual(steps, [1, 2, 3, 4, 5, 7])
        assert.deepStrictEqual(counts(calls, ["IMSProvider::SpoolerLogon"]), { "IMSProvider::SpoolerLogon": 0 })
      }
    })
  )

  it.effect("mermaid: Mermaid's own parser accepts it, and standard output is nothing else", () =>
    Effect.gen(function* () {
      const home = yield* folder
      const { code, stdout } = yield* command(["open", "--format", "mermaid"], { home })
      assert.strictEqual(code, 0)
      const { diagramType } = yield* Effect.promise(() => mermaid.parse(stdout))
      assert.strictEqual(diagramType, "sequence")
      for (const step of [1, 2, 3, 4, 5, 6, 7, 8, 9]) assert.include(stdout, `: (${step}) `)
      assert.notInclude(stdout, "IMAPIFolder")
    })
  )

  it.effect("a missing file, and the trace of it: NotFound of step 4, by the provider that its name says", () =>
    Effect.gen(function* () {
      const home = yield* folder
      const trace = path.join(home, "trace.jsonl")
      const file = path.join(home, "gone.pst")
      const done = yield* command(["open", file, "--format", "json", "--trace", trace], { home })
      assert.strictEqual(done.code, 1)
      const { calls, outcome, store } = document(done)
      assert.deepStrictEqual(outcome, {
        ok: false,
        error: {
          _tag: "NotFound",
          scode: 0x8004010f,
          scodeName: "MAPI_E_NOT_FOUND",
          step: 4,
          subject: file,
          detail: "there is no such file",
          advice: "Check the path; without one, the demonstration store is opened."
        }
      })
      assert.isNull(store)
      assert.deepStrictEqual(calls.at(-1)?.call, "FreeLibrary")
      assert.lengthOf(fs.readFileSync(trace, "utf8").trimEnd().split("\n"), calls.length)
    })
  )

  it.effect("a corrupt file: what failed, its code, its step and what to do; the session still closes", () =>
    Effect.gen(function* () {
      const home = yield* folder
      const file = path.join(home, "broken.db")
      fs.writeFileSync(file, "SQLite format 3\0 and then nothing that makes sense".repeat(100))
      const { code, stderr, stdout } = yield* command(["open", file], { home })
      assert.strictEqual(code, 1)
      assert.deepStrictEqual(stderr.split("\n"), [
        "",
        "ProviderFailed",
        `  what  ${file}`,
        "  why   it is damaged, or no message store: file is not a database",
        "  code  MAPI_E_CORRUPT_STORE (0x80040600)",
        "  step  4 of 9: MAPI calls IMSProvider::Logon, passing the entry id",
        "  do    Name the file of a message store; if this one is damaged, restore it from a copy.",
        ""
      ])
      assert.match(
        stdout,
        /IMSProvider::Logon = MAPI_E_CORRUPT_STORE[\s\S]+Shutdown = S_OK[\s\S]+FreeLibrary[\s\S]+nothing held/
      )
    })
  )

  it.effect("a trace file that cannot be written is said, and the run is not lost", () =>
    Effect.gen(function* () {
      const home = yield* folder
      const trace = path.join(home, "no", "such", "folder", "trace.jsonl")
      const done = yield* command(["open", "--format", "json", "--trace", trace], { home })
      assert.strictEqual(done.code, 1)
      assert.include(done.stderr, "The trace could not be written")
      assert.include(done.stderr, trace)
      assert.deepStrictEqual(document(done).outcome, { ok: true })
    })
  )

  it.effect("bad usage exits with 2, says what is known, and leaves standard output alone", () =>
    Effect.gen(function* () {
      const home = yield* folder
      const cases: ReadonlyArray<readonly [ReadonlyArray<string>, RegExp]> = [
        [["open", "--flag", "MDB_NO_SUCH"], /--flag: "MDB_NO_SUCH"[\s\S]+"MDB_WRITE" \| [\s\S]+"MDB_ONLINE"/],
        [["open", "--session-flag", "MDB_NO_MAIL"], /--session-flag[\s\S]+"MAPI_NO_MAIL"/],
        [["open", "--clients", "0"], /--clients: "0". Expected a whole number from 1 to 99\n/],
        [["open", "a.db", "--trace", "./a.db"], /write over STORE/],
        [["open", "a.db", "--message", "1"], /--message needs --list FOLDER/],
        [["open", "a.db", "--message", "x"], /--message: "x". Expected a whole number from 1 on, as --list shows it\n/]
      ]
      const done = yield* Effect.forEach(cases, ([args]) => command(args, { home }), { concurrency: 2 })
      for (const [n, { code, stderr, stdout }] of done.entries()) {
        assert.deepStrictEqual([code, stdout], [2, ""])
        assert.match(stderr, cases[n]?.[1] ?? /never/)
      }
    })
  )

  it.effect("without its optional peer, the command says what to install", () =>
    Effect.gen(function* () {
      const home = yield* folder
      const modules = path.join(home, "node_modules")
      fs.mkdirSync(modules)
      fs.cpSync(path.join(main, "..", ".."), path.join(home, "src"), { recursive: true })
      fs.symlinkSync(path.join(main, "..", "..", "..", "node_modules", "effect"), path.join(modules, "effect"), "dir")
      fs.writeFileSync(path.join(home, "package.json"), '{ "type": "module", "dependencies": { "effect": "*" } }')
      const script = path.join(home, "src", "cli", "main.ts")
      const { code, stderr, stdout } = yield* command(["open"], { home, script })
      assert.deepStrictEqual([code, stdout], [1, ""])
      assert.include(stderr, "npm install @effect/platform-node-shared")
    })
  )
})

const absent = !fs.existsSync(lockedPst)
const without = absent ? " (skipped: ../shared/data is not here)" : ""

describe.skipIf(absent)(`effect-mapi open, with a file that has a password${without}`, atOnce, () => {
  it.effect(
    "--ask, as the note says: a wrong password, then the right one, in the same session; neither is shown",
    () =>
      Effect.gen(function* () {
        const { file, home } = yield* locked
        const trace = path.join(home, "trace.jsonl")
        const args = ["open", file, "--ask", "--format", "json", "--trace", trace]
        const done = yield* command(args, { home, input: "sesame-8841\ntest\n" })
        assert.strictEqual(done.code, 0)
        const { calls, outcome } = document(done)
        assert.deepStrictEqual(outcome, { ok: true })
        const logons = calls.filter(({ call, phase }) => call === "IMSProvider::Logon" && phase === "return")
        assert.deepStrictEqual(
          logons.map(({ result, session, step }) => [result, session, step]),
          [
            ["MAPI_E_FAILONEPROVIDER", "IMAPISession#1", 4],
            ["MAPI_E_FAILONEPROVIDER", "IMAPISession#1", 4],
            ["S_OK", "IMAPISession#1", 5]
          ]
        )
        assert.strictEqual(done.stderr.split("as the note of the page says").length - 1, 2)
        assert.strictEqual(done.stderr.split(`Password for ${file}:`).length - 1, 2)
        const all = `${done.stdout}${done.stderr}${fs.readFileSync(trace, "utf8")}`
        assert.notMatch(all, /sesame|test/)
      })
  )

  it.effect(
    "--password: a wrong one is FailOneProvider, and is shown nowhere, not even where it is part of the path",
    () =>
      Effect.gen(function* () {
        const { file, home } = yield* locked
        const { code, stderr, stdout } = yield* command(["open", file, "--password", "locked"], { home })
        assert.strictEqual(code, 1)
        assert.deepStrictEqual(stderr.split("\n").slice(1, 6), [
          "FailOneProvider",
          `  what  ${file.replace("locked", "<redacted>")}`,
          "  why   the password is wrong",
          "  code  MAPI_E_FAILONEPROVIDER (0x8004011D)",
          "  step  4 of 9: MAPI calls IMSProvider::Logon, passing the entry id"
        ])
        assert.notInclude(`${stdout}${stderr}`, "locked")
      })
  )

  it.effect("an end of input where a password was asked for: the refusal stands", () =>
    Effect.gen(function* () {
      const { file, home } = yield* locked
      const { code, stderr, stdout } = yield* command(["open", file, "--ask", "--clients", "2"], {
        home,
        input: ""
      })
      assert.strictEqual(code, 1)
      assert.match(stderr, /FailOneProvider[\s\S]+Run this again with the right password/)
      assert.match(stdout, /Shutdown = S_OK[\s\S]+FreeLibrary[\s\S]+nothing held/)
    })
  )

  it.effect("an interrupt while it asks: everything closes in order, and the exit code is 130", () =>
    Effect.gen(function* () {
      const { file, home } = yield* locked
      const interrupted = yield* command(["open", file, "--ask"], {
        home,
        interruptAt: "Password"
      })
      assert.strictEqual(interrupted.code, 130)
      assert.match(interrupted.stdout, /Shutdown = S_OK[\s\S]+FreeLibrary[\s\S]+Every reference is given back/)
    })
  )
})
