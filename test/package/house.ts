/** The house and its arrows: what each module of src may import, as rules over a tree of sources. Reads no file itself. */
import { posix } from "node:path"
import { parseSync, Visitor } from "rolldown/utils"

/**
 * The floors, from the top. A module may import from the floors above its own, never from one below; a name that ends in a
 * slash is a folder, whose modules share a floor. A module of `internal/` stands on the floor of whoever imports it.
 */
export const floors = [
  "explore/",
  "explore",
  "Scode",
  "MapiError",
  "Flags",
  "EntryId",
  "MapiSvcInf",
  "CallLog",
  "RefCounted",
  "StoreProvider",
  "Profile",
  "ProviderRegistry",
  "SupportObject",
  "Spooler",
  "SessionState",
  "StoreHandle",
  "LoadSequence",
  "UnloadSequence",
  "MapiSession",
  "MsgStore",
  "ProviderKit",
  "providers/",
  "laws/",
  "Laws",
  "Rehearsal",
  "diagram/",
  "index",
  "cli/"
]

const codecs = ["Scode.ts", "Flags.ts", "EntryId.ts", "MapiSvcInf.ts"]
const serviceMakers = ["effect/Context", "effect/Layer"]
const hasRuntime = /^(cli\/|explore\/vitest\.ts|providers\/(sqlite|pst))/i
const maxLines = 400

/** An import or a call, and where it stands. */
interface At {
  readonly name: string
  readonly line: number
}

interface Module {
  readonly lines: number
  readonly imports: ReadonlyArray<At>
  readonly runs: ReadonlyArray<At>
}

/** Modules by their path in src. */
type Tree = ReadonlyMap<string, Module>

/** Type-only imports, re-exports, `import()` and import types are all imports. */
const parse = (path: string, source: string): Module => {
  const { errors, program } = parseSync(path, source)
  if (errors[0] !== undefined) throw new Error(`${path}: ${errors[0].message}`)
  const imports: Array<At> = []
  const runs: Array<At> = []
  const note = (list: Array<At>, name: unknown, start: number) =>
    list.push({ name: String(name), line: source.slice(0, start).split("\n").length })
  const imported = ({ source, start }: { readonly source: object | null; readonly start: number }) => {
    if (source !== null && "value" in source) note(imports, source.value, start) // import(expression) names no module
  }
  const run = (named: object, start: number) => {
    const name = "name" in named ? named.name : "value" in named ? named.value : null
    if (/^run(Fork|Promise|Sync|Callback)/.test(String(name))) note(runs, name, start)
  }
  new Visitor({
    ImportDeclaration: imported,
    ExportNamedDeclaration: imported,
    ExportAllDeclaration: imported,
    ImportExpression: imported,
    TSImportType: imported,
    ImportSpecifier: ({ imported: named, start }) => run(named, start),
    MemberExpression: ({ property, start }) => run(property, start)
  }).visit(program)
  return { lines: source.trimEnd().split("\n").length, imports, runs }
}

/** The tree of these sources, by their path in src. */
export const treeOf = (sources: Readonly<Record<string, string>>): Tree =>
  new Map(Object.entries(sources).map(([path, source]) => [path, parse(path, source)]))

const isLocal = ({ name }: At): boolean => name.startsWith(".")
const isInternal = (path: string): boolean => path.startsWith("internal/")

const isOn = (floor: string, path: string): boolean =>
  floor.endsWith("/") ? path.startsWith(floor) : path === `${floor}.ts`

const floorOf = (path: string): number => floors.findIndex((floor) => isOn(floor, path))

/** The modules that one imports, and those that they import, as far as `through`; with the way to each. */
const reach = (tree: Tree, from: string, through: (path: string) => boolean = () => true) => {
  const found = new Map<string, ReadonlyArray<string>>()
  const ways: Array<ReadonlyArray<string>> = [[from]]
  for (const way of ways) {
    const last = way.at(-1) ?? from
    for (const { name } of tree.get(last)?.imports.filter(isLocal) ?? []) {
      const next = posix.join(posix.dirname(last), name)
      if (found.has(next)) continue
      found.set(next, [...way, next])
      if (through(next)) ways.push([...way, next])
    }
  }
  return found
}

const told = (way: ReadonlyArray<string>): string => way.join(" imports ")

const modules = (tree: Tree) => Array.from(tree, ([path, module]) => ({ path, ...module }))

/** What each rule finds in a tree: a sentence for each breach, none where it holds. */
export const rules: Readonly<Record<string, (tree: Tree) => ReadonlyArray<string>>> = {
  "every module has its floor, and imports only from those above": (tree) =>
    [...tree.keys()]
      .filter((path) => !isInternal(path))
      .flatMap((path) => {
        const own = floorOf(path)
        if (own < 0) return [`${path} is on no floor: give it one in test/package/house.ts`]
        return [...reach(tree, path, isInternal)].flatMap(([other, way]) => {
          const floor = floorOf(other)
          const allowed = isInternal(other) || floor < own || (floor === own && floors[own]?.endsWith("/") === true)
          return allowed ? [] : [`${told(way)}, which is not above it`]
        })
      }),

  "no module imports itself, types included, by whatever way": (tree) =>
    [...tree.keys()].flatMap((path) => {
      const circle = reach(tree, path).get(path)
      return circle === undefined ? [] : [told(circle)]
    }),

  "LoadSequence knows no particular provider": (tree) =>
    [...reach(tree, "LoadSequence.ts")].flatMap(([other, way]) => (other.startsWith("providers/") ? [told(way)] : [])),

  "a codec knows no service": (tree) =>
    codecs.flatMap((codec) =>
      [[codec], ...reach(tree, codec).values()].flatMap((way) => {
        const made = tree.get(way.at(-1) ?? codec)?.imports.filter(({ name }) => serviceMakers.includes(name)) ?? []
        return made.map(({ name }) => told([...way, name]))
      })
    ),

  "only cli/, explore/vitest, providers/Sqlite and providers/Pst import a runtime's module, or a package but effect": (
    tree
  ) =>
    modules(tree)
      .filter(({ path }) => !hasRuntime.test(path))
      .flatMap(({ imports, path }) =>
        imports
          .filter((at) => !isLocal(at) && !/^effect(\/|$)/.test(at.name))
          .map(({ line, name }) => `${path}:${line} imports ${name}`)
      ),

  "effect is imported by its modules": (tree) =>
    modules(tree).flatMap(({ imports, path }) =>
      imports.filter(({ name }) => name === "effect").map(({ line }) => `${path}:${line} imports all of effect`)
    ),

  "effects are run in cli/ and explore/ alone": (tree) =>
    modules(tree)
      .filter(({ path }) => !/^(cli|explore)\//.test(path))
      .flatMap(({ path, runs }) => runs.map(({ line, name }) => `${path}:${line} has ${name}`)),

  [`no file is over ${maxLines} lines`]: (tree) =>
    modules(tree).flatMap(({ lines, path }) => (lines > maxLines ? [`${path} has ${lines} lines`] : []))
}
