/** A stage for files of personal folders: the samples, files in memory, and a recorded session that opens them. */
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import {
  CallLog,
  type EntryId,
  type MapiError,
  MapiSession,
  MsgStore,
  ProviderRegistry,
  Scode
} from "../../../src/index.ts"
import * as Pst from "../../../src/providers/Pst.ts"
import { brokenIn } from "../../laws/judged.ts"

const data = join(import.meta.dirname, "../../../../shared/data")

/** Tests on Outlook's own files, which are not part of the project: without them they are skipped, and say why. */
export const describeSamples = (name: string, tests: () => void): void => {
  if (existsSync(data)) describe(name, tests)
  else describe.skip(`${name} (skipped: there is no ../shared/data)`, tests)
}

export const pathOf = (name: string): string => join(data, "pst", `${name}.pst`)
export const bytesOf = (name: string): Uint8Array => new Uint8Array(readFileSync(pathOf(name)))

/** An entry id as hex text. */
export const entryIdText = (name: string): string => readFileSync(join(data, "entryids", `${name}.in.dat`), "utf8")

/** A file in memory. */
export const fileOf = (bytes: Uint8Array): Pst.PstFile => ({
  size: bytes.length,
  read: async (position, length) => bytes.slice(position, position + length)
})

/** A provider whose files are these, whatever the path. */
export const inMemory = (file: Pst.PstFile): Pst.Pst => Pst.make({ open: () => Effect.succeed(file) })

export const idOf = (pst: Pst.Pst, path: string): EntryId.Wrapped => Result.getOrThrow(pst.entryId(path))

export interface Played<A> {
  readonly value: A
  readonly events: ReadonlyArray<CallLog.Event>
}

/** Plays a body in a session of its own to the end of both, and checks that no reference is left. */
export const play = <A, E>(
  pst: Pst.Pst,
  body: (session: MapiSession.IMAPISession) => Effect.Effect<A, E, Scope.Scope>,
  options?: MapiSession.SessionOptions
): Effect.Effect<Played<A>, E> =>
  Effect.gen(function* () {
    const { events } = yield* CallLog.Recording
    const registry = ProviderRegistry.ProviderRegistry.layer([pst.registration])
    const session = Layer.provide(MapiSession.MapiSession.layerWith(options), registry)
    const value = yield* MapiSession.MapiSession.pipe(Effect.flatMap(body), Effect.scoped, Effect.provide(session))
    const all = yield* events
    const held = CallLog.ledger(all).filter(({ total }) => total !== 0)
    assert.deepStrictEqual(held, [])
    assert.deepStrictEqual(brokenIn(all), [])
    return { value, events: all }
  }).pipe(Effect.provide(CallLog.layerRecording))

/** Opens the file at `path`, and lets the spooler get through. */
export const openStore =
  (pst: Pst.Pst, path: string, password?: string) =>
  (session: MapiSession.IMAPISession): Effect.Effect<MsgStore.MsgStore, MapiError.MapiError, Scope.Scope> =>
    Effect.gen(function* () {
      const entryId = idOf(pst, path)
      if (password !== undefined) yield* session.profile.setPassword(entryId, Redacted.make(password))
      const store = yield* session.openMsgStore({ entryId })
      yield* session.spoolerIdle
      return store
    })

/** Opens the file at `path` and reads its whole tree, as soon as the spooler is through. */
export const readTree =
  (pst: Pst.Pst, path: string, password?: string) =>
  (session: MapiSession.IMAPISession): Effect.Effect<MsgStore.FolderTree, MapiError.MapiError, Scope.Scope> =>
    Effect.flatMap(openStore(pst, path, password)(session), MsgStore.folderTree)

/** The folder at this path of names, from the root down. */
export const folderAt = Effect.fnUntraced(function* (store: MsgStore.MsgStore, path: ReadonlyArray<string>) {
  let folder = yield* store.openRootFolder
  for (const name of path) {
    const row = (yield* folder.getHierarchyTable).find(({ PR_DISPLAY_NAME }) => PR_DISPLAY_NAME === name)
    const entry = yield* store.openEntry(row?.PR_ENTRYID ?? new Uint8Array())
    if (entry._tag === "Message") return assert.fail(`${name} is a message`)
    folder = entry
  }
  return folder
})

/** What a test pins of an error. */
export interface Told {
  readonly _tag: string
  readonly scode: string
  readonly subject: string
  readonly detail: string
  readonly step: number | null
}

export const told = ({ _tag, detail, scode, step, subject }: MapiError.MapiError): Told => ({
  _tag,
  scode: Scode.show(scode),
  subject,
  detail,
  step
})

/** A tree as lines: two spaces a level, the count, the subjects. */
export const linesOf = ({ count, folders, name, subjects }: MsgStore.FolderTree): ReadonlyArray<string> => [
  [`${name} (${count})`, ...subjects].join(" | "),
  ...folders.flatMap(linesOf).map((line) => `  ${line}`)
]
