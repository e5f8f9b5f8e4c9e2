/**
 * What the command can open: which provider a file belongs to, and the demonstration store.
 *
 * It chooses an entry id and judges nothing: whether a store is there, whole and readable is for its provider to say.
 */
import * as os from "node:os"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as EntryId from "../EntryId.ts"
import type { InvalidEntryId, ProviderError } from "../MapiError.ts"
import type { Registration } from "../ProviderRegistry.ts"
import * as Pst from "../providers/Pst.ts"
import * as Sqlite from "../providers/Sqlite.ts"

const sqlite = Sqlite.make()
const pst = Pst.make()

/** Every provider that the command knows. */
export const registrations: ReadonlyArray<Registration> = [sqlite.registration, pst.registration]

/** What the command line's STORE stands for. */
export interface Store {
  readonly entryId: EntryId.Wrapped
  /** Where the demonstration store is, where it is the one. */
  readonly told: Option.Option<string>
}

type Files = FileSystem.FileSystem | Path.Path

/** The store of a command line; the demonstration store without one. */
export const find = Effect.fn("stores.find")(function* (
  store: Option.Option<string>
): Effect.fn.Return<Store, InvalidEntryId | ProviderError, Files> {
  if (Option.isNone(store)) return yield* demonstration
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const exists = yield* Effect.orElseSucceed(fs.exists(store.value), () => true)
  if (!exists && isHex(store.value)) {
    const entryId = yield* Effect.fromResult(EntryId.fromHex(store.value))
    return { entryId, told: Option.none() }
  }
  const file = path.resolve(store.value)
  const provider = (yield* isPst(file)) ? pst : sqlite
  const entryId = yield* Effect.fromResult(provider.entryId(file))
  return { entryId, told: Option.none() }
})

/** As long as the header of a wrapped id, and nothing but pairs of digits. */
const isHex = (text: string): boolean => /^([0-9a-f]{2}){20,}$/i.test(text)

/** The first bytes say; where there are none to read, or they say nothing, the name does. */
const isPst = Effect.fnUntraced(function* (file: string): Effect.fn.Return<boolean, never, Files> {
  const path = yield* Path.Path
  const start = yield* firstBytes(file)
  if (start.startsWith("!BDN")) return true
  if (start.startsWith("SQLite format 3\0")) return false
  return path.extname(file).toLowerCase() === ".pst"
})

const firstBytes = (file: string): Effect.Effect<string, never, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const opened = yield* fs.open(file, { flag: "r" })
    const bytes = yield* opened.readAlloc(16)
    return Option.match(bytes, { onNone: () => "", onSome: (found) => String.fromCharCode(...found) })
  }).pipe(
    Effect.scoped,
    Effect.orElseSucceed(() => "")
  )

// --- the demonstration store ----------------------------------------------------------------------------------------

const fileName = "demonstration.store"

/** Where programs keep what is theirs, one folder for each system's habit. */
const dataFolder = Effect.gen(function* () {
  const path = yield* Path.Path
  const { APPDATA, XDG_DATA_HOME } = process.env
  const home = os.homedir()
  if (XDG_DATA_HOME !== undefined && path.isAbsolute(XDG_DATA_HOME)) return path.join(XDG_DATA_HOME, "effect-mapi")
  switch (process.platform) {
    case "win32":
      return path.join(APPDATA ?? path.join(home, "AppData", "Roaming"), "effect-mapi")
    case "darwin":
      return path.join(home, "Library", "Application Support", "effect-mapi")
    default:
      return path.join(home, ".local", "share", "effect-mapi")
  }
})

/** Made on first use, and kept: with the user's data, or with temporary files where that cannot be written. */
const demonstration: Effect.Effect<Store, InvalidEntryId | ProviderError, Files> = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const make = Effect.fnUntraced(function* (folder: string) {
    const file = path.join(folder, fileName)
    const isThere = yield* Effect.orElseSucceed(fs.exists(file), () => false)
    yield* Sqlite.ensureDemo(file)
    return { file, told: `The demonstration store${isThere ? "" : ", made just now"}: ${file}` }
  })
  const { file, told } = yield* Effect.catch(Effect.flatMap(dataFolder, make), () =>
    make(path.join(os.tmpdir(), "effect-mapi"))
  )
  const entryId = yield* Effect.fromResult(sqlite.entryId(file))
  return { entryId, told: Option.some(told) }
})
