import { existsSync, readdirSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { Engine } from "../../src/explore/engine.ts"
import { install, uninstall } from "../../src/explore/patches.ts"
import { Laws, LoadSequence, MapiError, Scode } from "../../src/index.ts"
import * as Rehearsal from "../../src/Rehearsal.ts"

const top = join(dirname(fileURLToPath(import.meta.url)), "..", "..")
const read = (...path: ReadonlyArray<string>): string => readFileSync(join(top, ...path), "utf8")

/** The rows of the tables of a page whose first cell matches. */
const rows = (page: string, first: RegExp): ReadonlyArray<ReadonlyArray<string>> =>
  page
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim())
    )
    .filter(([cell = ""]) => first.test(cell))

const filesIn = (folder: string): ReadonlyArray<string> =>
  readdirSync(join(top, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => read(folder, file))

const unquoted = (cell: string): string => cell.replaceAll("`", "")

describe("docs/steps.md", () => {
  const table = rows(read("docs", "steps.md"), /^(\d|Note)$/)
  const source = read("src", "LoadSequence.ts")

  it("has the nine steps and the note", () => {
    assert.deepStrictEqual(
      table.map(([step]) => step),
      ["1", "2", "3", "4", "5", "6", "7", "8", "9", "Note"]
    )
  })

  it.each(table.map((row) => [row[0], row] as const))(
    "step %s: its Effect, docstring, event and scenario are there",
    (step, row) => {
      const [, , effect = "", event = "", scenario = ""] = row
      const name = unquoted(effect)
      assert.property(LoadSequence, name)
      const doc =
        source
          .slice(0, source.indexOf(`export const ${name} =`))
          .split("/**")
          .at(-1) ?? ""
      if (step !== "Note") assert.include(doc, `[S${step}]`)

      const [, number, call, phase] = /^(\d) `(.+)` (call|return)$/.exec(event) ?? []
      const pinned = read("test", "scenarios", "nineSteps.test.ts")
      if (step !== "Note") {
        assert.strictEqual(number, step)
        assert.include(pinned, `"${number} ${call} ${phase}"`)
      }

      const [, title = "", link = ""] = /^\[(.+)\]\(\.\.\/(.+)\)$/.exec(scenario) ?? []
      assert.isTrue(existsSync(join(top, link)), link)
      assert.include(read(link), JSON.stringify(title))
    }
  )

  it("lists the steps in the order of the source", () => {
    const places = table.slice(0, 9).map(([, , effect = ""]) => source.indexOf(`export const ${unquoted(effect)} =`))
    assert.deepStrictEqual(
      places,
      places.toSorted((a, b) => a - b)
    )
  })
})

describe("docs/rulings.md", () => {
  const table = rows(read("docs", "rulings.md"), /^R\d+$/)
  const sources = filesIn("src").join("\n")
  const scenarios = filesIn("test/scenarios").join("\n")

  it("has R1 to R18", () => {
    assert.deepStrictEqual(
      table.map(([ruling]) => ruling),
      Array.from({ length: 18 }, (_, n) => `R${n + 1}`)
    )
  })

  it.each(table)("%s is cited where it is coded, and has a scenario", (ruling) => {
    assert.include(sources, `[${ruling}]`)
    assert.match(scenarios, new RegExp(`describe\\("${ruling} `))
  })
})

describe("docs/laws.md", () => {
  it("has every law, in its order: its sentence and source as they are in the code, which it links with the tests", () => {
    const table = rows(read("docs", "laws.md"), /^\[\w+\]/)
    assert.deepStrictEqual(
      table.map(([law, sentence, source, , examples]) => [law, sentence, source, examples]),
      Laws.all.map(({ name, sentence, source }) => [
        `[${name}](../src/laws/${name}.ts)`,
        sentence,
        source,
        `[good and bad](../test/laws/${name}.test.ts)`
      ])
    )
  })

  it.each(Laws.all)("$name is exported by the module of its name, which holds no other law", ({ name }) => {
    const source = read("src", "laws", `${name}.ts`)
    assert.deepStrictEqual(
      [...source.matchAll(/^export const (\w+) = Law\.make/gm)].map(([, law]) => law),
      [name]
    )
  })
})

describe("docs/explored.md", () => {
  /** Every call whose answer is a choice in an execution, with what it may answer instead. */
  const choices = (cast: Rehearsal.Cast): ReadonlyMap<string, ReadonlyArray<string>> => {
    const engine = new Engine(Rehearsal.opening({ ...cast, faults: true }))
    const search = engine.search()
    install()
    engine.run(search)
    uninstall()
    return new Map(
      search.stack.flatMap((node) => {
        if (node.kind !== "answer" || node.cost !== "fault") return []
        const [, ...faults] = node.options
        return [[node.label, faults] as const]
      })
    )
  }

  it("has every call of the provider that is a choice, and every failure that it may answer with", () => {
    const table = rows(read("docs", "explored.md"), /^(\d|–)$/)
    assert.deepStrictEqual(
      new Map(table.map(([, call = "", failures = ""]) => [unquoted(call), unquoted(failures).split(", ")])),
      choices({ clients: 2, stores: 2 })
    )
  })
})

describe("README.md", () => {
  it("names every error that opening a store can fail with, with its SCODE", () => {
    const table = rows(read("README.md"), /^`[A-Z]\w+`$/)
    const listed = new Map(table.map(([name = "", scode = ""]) => [unquoted(name), unquoted(scode)]))
    const about = { subject: "", detail: "" }
    const classes = MapiError.MapiError.members.filter((error) => error !== MapiError.OverRelease)
    const expected = classes.map((error) => {
      const made = new error({ ...about, reason: "threw", offset: 0, expected: "", found: "" })
      const scode = made._tag === "ProviderFailed" ? "any other failure" : Scode.show(made.scode)
      return [made._tag, scode] as const
    })
    assert.deepStrictEqual([...listed].sort(), expected.map(([tag, scode]) => [tag, scode]).sort())
  })

  it("gives each step's Effect and errors as they are", () => {
    const table = rows(read("README.md"), /^\d$/)
    assert.deepStrictEqual(
      table.map(([, effect = ""]) => unquoted(effect)),
      rows(read("docs", "steps.md"), /^\d$/).map(([, , effect = ""]) => unquoted(effect))
    )
  })
})

describe("links", () => {
  const pages = [
    "README.md",
    ...readdirSync(join(top, "docs"))
      .filter((page) => page.endsWith(".md"))
      .map((page) => `docs/${page}`)
  ]
  it.each(pages)("%s: every relative link leads somewhere", (page) => {
    const links = [...read(page).matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, link = ""]) => link)
    const broken = links.filter((link) => !existsSync(join(top, dirname(page), link)))
    assert.deepStrictEqual(broken, [])
  })
})
