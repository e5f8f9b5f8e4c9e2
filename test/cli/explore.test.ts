import { readFileSync } from "node:fs"
import * as path from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"
import mermaid from "mermaid"
import { tokens } from "../../src/cli/atlas/tokens.ts"
import * as Witnesses from "../../src/cli/atlas/witnesses.ts"
import { watched } from "../../src/cli/explore.ts"
import * as Findings from "../../src/cli/findings.ts"
import * as Setups from "../../src/cli/setups.ts"
import { plain } from "../../src/diagram/Table.ts"
import * as Explore from "../../src/explore.ts"
import { CallLog, type InMemory, Laws } from "../../src/index.ts"
import * as Rehearsal from "../../src/Rehearsal.ts"
import { command, type Done, folder } from "./command.ts"

const run = Effect.fnUntraced(function* (name: "explore" | "errors", ...args: ReadonlyArray<string>) {
  return yield* command([name, ...args], { home: yield* folder })
})

const Told = {
  choices: Schema.Array(Schema.String),
  calls: Schema.Array(CallLog.Event),
  broken: Schema.Array(
    Schema.Struct({
      name: Schema.String,
      sentence: Schema.String,
      source: Schema.String,
      subjects: Schema.Array(Schema.String)
    })
  ),
  otherwise: Schema.NullOr(Schema.String),
  token: Schema.String
}
const Counts = {
  program: Schema.String,
  within: Schema.Struct({ faults: Schema.Int, interruptions: Schema.Int }),
  executions: Schema.Int,
  pruned: Schema.Int
}
const Searched = Schema.Union([
  Schema.Struct({ verdict: Schema.Literal("Verified"), ...Counts }),
  Schema.Struct({
    verdict: Schema.Literal("Falsified"),
    ...Counts,
    failing: Schema.Int,
    stoppedBy: Schema.optionalKey(Schema.Literals(["executions", "time", "preemptions", "totalSteps"])),
    counterexample: Schema.Struct(Told)
  }),
  Schema.Struct({
    verdict: Schema.Literal("Inconclusive"),
    ...Counts,
    covered: Schema.Finite,
    stoppedBy: Schema.String
  })
])
const Replayed = Schema.Struct({ changed: Schema.Boolean, ...Told })
const Entries = Schema.Array(
  Schema.Struct({
    error: Schema.String,
    step: Schema.Int,
    scode: Schema.Int,
    scodeName: Schema.String,
    when: Schema.Array(Schema.String),
    cause: Schema.String,
    reachesClient: Schema.Boolean,
    released: Schema.Array(Schema.String),
    after: Schema.Struct({
      openStores: Schema.NullOr(Schema.String),
      provider: Schema.NullOr(Schema.String),
      session: Schema.NullOr(Schema.String)
    }),
    advice: Schema.String,
    token: Schema.String
  })
)

/** Standard output of `--format json`: all of it is one document, and nothing that the schema does not know. */
const decoded = <A, I>(schema: Schema.Codec<A, I>, { stdout }: Done): A =>
  Schema.decodeUnknownSync(Schema.fromJsonString(schema))(stdout, { onExcessProperty: "error" })

const token = `answer.${tokens["FailOneProvider at step 4"]}`

describe("effect-mapi explore", { concurrent: true, timeout: 120_000 }, () => {
  it.effect("a search to its end is Verified, and exits 0", () =>
    Effect.gen(function* () {
      const text = yield* run("explore", "--no-mail", "--time", "0")
      assert.deepStrictEqual([text.code, text.stderr], [0, ""])
      assert.match(text.stdout, /^Verified: all laws hold in every execution within 0 faults and 0 interruptions \(/)

      const json = yield* run("explore", "--no-mail", "--faults", "1", "--time", "0", "--format", "json")
      const document = decoded(Searched, json)
      assert.deepStrictEqual(
        [json.code, document.verdict, document.program, document.within],
        [0, "Verified", "c1-s1-faults-nomail", { faults: 1, interruptions: 0 }]
      )
      assert.isAbove(document.executions, 1)
    })
  )

  it.effect("mermaid: a search that finds nothing is a diagram of nothing, with the verdict as its comment", () =>
    Effect.gen(function* () {
      const drawn = yield* run("explore", "--no-mail", "--time", "0", "--format", "mermaid")
      const verdict =
        "Verified: all laws hold in every execution within 0 faults and 0 interruptions (1 execution, 0 pruned)."
      assert.deepStrictEqual(drawn, { code: 0, stdout: `%% ${verdict}\nsequenceDiagram\n`, stderr: "" })
      const { diagramType } = yield* Effect.promise(() => mermaid.parse(drawn.stdout))
      assert.strictEqual(diagramType, "sequence")
    })
  )

  it.effect("a search that its time stops is Inconclusive, says how far it came, and exits 3", () =>
    Effect.gen(function* () {
      const many = ["--clients", "3", "--stores", "2", "--faults", "2", "--interrupts", "2", "--ending", "--time", "1"]
      const text = yield* run("explore", ...many)
      assert.deepStrictEqual([text.code, text.stderr], [3, ""])
      assert.match(
        text.stdout,
        /^Inconclusive: nothing failed within 2 faults and 2 interruptions .+--time\. Covered: /
      )
      const document = decoded(Searched, yield* run("explore", ...many, "--format", "json"))
      if (document.verdict !== "Inconclusive") return assert.fail(document.verdict)
      assert.deepStrictEqual([document.stoppedBy, document.program], ["time", "c3-s2-faults-interrupts-ending"])
      assert.isBelow(document.covered, 1)
    })
  )

  it.effect("--replay shows one execution: what was chosen, every call, and its token", () =>
    Effect.gen(function* () {
      const text = yield* run("explore", "--replay", token)
      assert.deepStrictEqual([text.code, text.stderr], [0, ""])
      assert.match(
        text.stdout,
        /^Chosen otherwise than usual:\n {2}step \d+: IMSProvider::Logon: FailOneProvider\n\n # {2}caller/
      )
      assert.match(
        text.stdout,
        /IMAPISession::OpenMsgStore = MAPI_E_FAILONEPROVIDER\n +the password is missing or wrong/
      )
      assert.isTrue(text.stdout.endsWith(`  effect-mapi explore --replay ${token}\n`))
      assert.notInclude(text.stdout, "#main")

      const told = decoded(Replayed, yield* run("explore", "--replay", token, "--format", "json"))
      assert.deepStrictEqual([told.changed, told.broken, told.otherwise, told.token], [false, [], null, token])
      assert.deepStrictEqual(
        told.calls.map(({ seq }) => seq),
        told.calls.map((_, n) => n + 1)
      )

      const drawn = yield* run("explore", "--replay", token, "--format", "mermaid")
      assert.match(drawn.stdout, /^sequenceDiagram\n {2}participant p1 as client\n/)
    })
  )

  it.effect("a token of a program that has changed is said to be so, and exits 3", () =>
    Effect.gen(function* () {
      const { code, stderr } = yield* run("explore", "--replay", "answer.x1.0")
      const said =
        "The program has changed since this token was made, or the token is not as it was: this is another execution. " +
        "Copy the token again, or explore again.\n"
      assert.deepStrictEqual([code, stderr], [3, said])
    })
  )

  it.effect("a token with a choice that there is not replays what there is, and gives the token of that", () =>
    Effect.gen(function* () {
      const told = decoded(Replayed, yield* run("explore", "--replay", `${token}.zz-99`, "--format", "json"))
      assert.deepStrictEqual([told.changed, told.token], [true, token])
    })
  )

  it.effect("a store that nobody would open is refused: which, and what to do, and exits 2", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* run("explore", "--clients", "2", "--stores", "3"), {
        code: 2,
        stdout: "",
        stderr:
          "ERROR\n  --stores 3 is more than the clients open: each opens one store, and there are 2. " +
          "Add --clients 3, or ask for fewer stores\n\nSee effect-mapi explore --help\n"
      })
    })
  )

  it.effect.each([
    ["a search", ["explore"]],
    ["a replay", ["explore", "--replay", token]],
    ["the atlas", ["errors"]]
  ] as const)("%s: what the explorer cannot run breaks no law: it says why, and exits 4", ([, args]) =>
    Effect.gen(function* () {
      const script = path.join(import.meta.dirname, "unknownEffect.ts")
      assert.deepStrictEqual(yield* command(args, { home: yield* folder, script }), {
        code: 4,
        stdout: "",
        stderr:
          "effect 4.99.0: the explorer does not know this version. " +
          `Use a version of Effect that this explorer knows: ${Explore.knownVersions.join(", ")}.\n`
      })
    })
  )

  it.effect("an option of a search beside --replay is refused, not ignored: which, and what to do, and exits 2", () =>
    Effect.gen(function* () {
      const options = ["--clients", "1", "--no-mail", "--time", "5", "--format", "json"]
      assert.deepStrictEqual(yield* run("explore", "--replay", token, ...options), {
        code: 2,
        stdout: "",
        stderr:
          "ERROR\n  --replay shows the one execution that its token names, and only --format goes with it. " +
          "Leave out --clients, --no-mail, --time; or leave out --replay, to search\n\nSee effect-mapi explore --help\n"
      })
    })
  )

  it.effect("a number that is none, or is out of bounds, is refused by saying which there are", () =>
    Effect.gen(function* () {
      for (const [flag, value, expected] of [
        ["clients", "x", "1 to 99"],
        ["faults", "1.5", "0 to 99"],
        ["interrupts", "-1", "0 to 99"],
        ["time", "1e3", "0 to 1000000"]
      ]) {
        assert.deepStrictEqual(yield* run("explore", `--${flag}`, `${value}`), {
          code: 2,
          stdout: "",
          stderr:
            `ERROR\n  Invalid value for flag --${flag}: "${value}". Expected a whole number from ${expected}\n\n` +
            "See effect-mapi explore --help\n"
        })
      }
      assert.include(
        (yield* run("explore", "--help")).stdout,
        "For how many seconds to search, 0 to 1000000, where 0 is without a limit; 60 unless said\n"
      )
    })
  )

  it.effect("what is no token, and other bad usage, is said on standard error, and exits 2", () =>
    Effect.gen(function* () {
      for (const args of [
        ["--replay", "nope"],
        ["--replay", "nobody.x1.abc"],
        ["--replay", "answer.y9.abc"],
        ["--format", "columns"]
      ]) {
        const { code, stderr, stdout } = yield* run("explore", ...args)
        assert.deepStrictEqual([code, stdout], [2, ""], args.join(" "))
        assert.include(stderr, "See effect-mapi explore --help")
      }
    })
  )
})

describe("effect-mapi errors", { timeout: 120_000 }, () => {
  it.effect("each error at each of its steps, as text and as JSON", () =>
    Effect.gen(function* () {
      const text = yield* run("errors")
      assert.deepStrictEqual([text.code, text.stderr], [0, ""])
      assert.include(text.stdout, "FailOneProvider  MAPI_E_FAILONEPROVIDER (0x8004011D)  at step 4, 8\n")
      assert.include(text.stdout, `    replay               ${token}\n`)

      const json = yield* run("errors", "--format", "json")
      const entries = decoded(Entries, json)
      assert.strictEqual(json.code, 0)
      assert.deepStrictEqual(
        entries.map(({ error, step }) => `${error} at step ${step}`).toSorted(),
        Witnesses.all.map(Witnesses.nameOf).toSorted()
      )
      const one = entries.find(({ error, step }) => error === "LogonFailed" && step === 4)
      assert.deepStrictEqual(one?.after, { openStores: "S_OK", provider: "ProviderDisabled", session: "S_OK" })
      assert.deepStrictEqual(one?.released, ["IMAPISupport"])
    })
  )
})

describe("docs/error-atlas.md", { timeout: 120_000 }, () => {
  it.effect("is what the command prints as markdown: npm run atlas writes it", () =>
    Effect.gen(function* () {
      const page = readFileSync(path.join(import.meta.dirname, "..", "..", "docs", "error-atlas.md"), "utf8")
      const printed = yield* run("errors", "--format", "markdown")
      assert.deepStrictEqual(printed, { code: 0, stdout: page, stderr: "" })
    })
  )
})

describe("a law that is broken", () => {
  /** One reference too many, which nobody gives back. */
  const script: InMemory.Script = {
    logon: (_, usual) => Effect.tap(usual, ({ store }) => Effect.ignore(store.addRef("MAPI", "provider")))
  }
  const search = Explore.check(Rehearsal.opening({ mail: false, script }), {
    everyOrder: { "all laws hold": Rehearsal.laws }
  })
  const name = "c1-s1-nomail"

  it.effect("is told with its sentence, the calls in readable names, and how to see it again", () =>
    Effect.gen(function* () {
      const verdict = yield* search
      if (verdict._tag !== "Falsified") return assert.fail(verdict._tag)
      const told = Findings.tell(verdict.counterexample, Findings.reasonOf(verdict.counterexample), name)
      const law = Laws.all.find((each) => each.name === "AllReleased")
      const found = told.broken.find((each) => each.name === "AllReleased")
      assert.deepStrictEqual([found?.sentence, found?.source], [law?.sentence, law?.source])
      assert.include(found?.subjects ?? [], "IMsgStore#1")
      const text = Findings.sayTold(told, plain)
      assert.include(text, "AllReleased is broken\n  law       ")
      assert.include(text, `  effect-mapi explore --replay ${name}.x1.`)
      assert.notInclude(text, "#main")
      const shown = text.split("\n").filter((line) => !line.includes("--replay"))
      assert.isBelow(Math.max(...shown.map(({ length }) => length)), 121)
      const sentence = Findings.sayVerdict(verdict, {})
      const drawn = Findings.drawVerdict(sentence, told)
      assert.strictEqual(drawn, `%% ${sentence}\n${Findings.draw(told)}`)
      const { diagramType } = yield* Effect.promise(() => mermaid.parse(drawn))
      assert.strictEqual(diagramType, "sequence")
      const stdout = Findings.document(verdict, { faults: 0, interruptions: 0 }, name, told)
      const document = decoded(Searched, { code: 1, stdout, stderr: "" })
      assert.strictEqual(document.verdict, "Falsified")
    })
  )

  it.effect("what fails by breaking none is told with the reason why", () =>
    Effect.gen(function* () {
      const { execution } = yield* Explore.replay(Rehearsal.opening({ mail: false }), "x1.0")
      const text = Findings.sayTold(
        Findings.tell(execution, "LoadFailed at step 1, which nothing declares", name),
        plain
      )
      assert.isTrue(
        text.startsWith(
          "It can never go on, or ends as it must not\n  why       LoadFailed at step 1, which nothing declares\n\n" +
            "Nothing was chosen otherwise than usual.\n\n #  caller"
        ),
        text
      )
    })
  )

  it.effect("the counterexample is called the smallest, or the smallest found where the search was stopped", () =>
    Effect.gen(function* () {
      const verdict = yield* search
      if (verdict._tag !== "Falsified") return assert.fail(verdict._tag)
      const { counterexample } = verdict
      const within = { faults: 1, interruptions: 0 }
      const told = Findings.tell(counterexample, "", name)
      const said = (by?: NonNullable<Explore.Falsified["stoppedBy"]>) => {
        const counts = { counterexample, executions: 12, pruned: 3, failing: 2 }
        const falsified = new Explore.Falsified(by === undefined ? counts : { ...counts, stoppedBy: by })
        const stdout = Findings.document(falsified, within, name, told)
        const document = decoded(Searched, { code: 1, stdout, stderr: "" })
        assert.strictEqual("stoppedBy" in document ? document.stoppedBy : undefined, by)
        return Findings.sayVerdict(falsified, within)
      }
      const sentence = "Falsified: 2 executions of 12 failed within 1 fault and 0 interruptions; the smallest"
      assert.deepStrictEqual(
        [said(), said("time"), said("executions"), said("preemptions"), said("totalSteps")],
        [
          `${sentence}:`,
          `${sentence} found before its time was up:`,
          `${sentence} found before it had run as many as it may:`,
          `${sentence} found among orders of no more preemptions than it may look at:`,
          `${sentence} found among executions that are no longer than it may look at:`
        ]
      )
    })
  )

  it.effect("the explorer's own columns stay within 120, a step a line where there are many fibers", () =>
    Effect.gen(function* () {
      const verdict = yield* search
      if (verdict._tag !== "Falsified") return assert.fail(verdict._tag)
      const lines = verdict.counterexample.columns.split("\n")
      assert.isBelow(Math.max(...lines.map(({ length }) => length)), 121)
      assert.isTrue(lines.every((line) => /^(main|task|timer|interrupter| )/.test(line)))
      assert.isFalse(lines.some((line) => line.endsWith("  goes on")))
    })
  )
})

describe("a search", { timeout: 120_000 }, () => {
  it.effect("finds the same with progress and without", () =>
    Effect.gen(function* () {
      const program = Rehearsal.opening({ mail: false, faults: true })
      const [shown, silent] = yield* Effect.all([
        watched(program, { faults: 1 }, 0, () => {}),
        watched(program, { faults: 1 }, 0, null)
      ])
      assert.deepStrictEqual(shown, silent)
    })
  )

  it.effect("says how far it has come on one line, written anew, and takes it away at its end", () =>
    Effect.gen(function* () {
      const written: Array<string> = []
      const program = Rehearsal.opening({ mail: false, interrupts: true, ending: true })
      const searching = yield* Effect.forkChild(
        watched(program, { interruptions: 1 }, 1, (text) => void written.push(text))
      )
      yield* TestClock.adjust("1 second")
      const verdict = yield* Fiber.join(searching)
      assert.strictEqual(verdict._tag, "Inconclusive")
      assert.deepStrictEqual(
        written.map((text) => text.replace(/\d+(\.\d)?/g, "N")),
        ["\r\u001b[KExploring… N executions, N a second, up to N steps, N % of the tree (N s)", "\r\u001b[K"]
      )
    })
  )

  it("a cast is found again by its name, and so is a program of the atlas", () => {
    for (const { id } of [...Setups.ofProtocol, ...Setups.ofAtlas]) {
      assert.deepStrictEqual([Setups.lookup(`${id}.x1.a`)?.name, Setups.lookup(`${id}.x1.a`)?.token], [id, "x1.a"])
    }
    const ids = [...Setups.ofProtocol, ...Setups.ofAtlas].map(({ id, within }) => `${id} ${JSON.stringify(within)}`)
    assert.strictEqual(new Set(ids).size, ids.length)
    assert.isUndefined(Setups.lookup("c0-s1.x1.a"))
    assert.isUndefined(Setups.lookup("toString.x1.a"))
  })
})
