/**
 * One folder of an open store, by its path or name, and the messages in it: read for `--list` and `--message`.
 *
 * Only the names of folders are read to find it, and only its own messages; a body only where it is shown. Any provider's
 * store will do. Nothing here prints.
 */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { NotFound, type ObjectError } from "../MapiError.ts"
import type { Folder, MsgStore } from "../MsgStore.ts"
import type { Row } from "../StoreProvider.ts"

/** A message, as a list has it. */
export interface Listed {
  /** Its place in the folder, from 1 on. */
  readonly number: number
  /** When it was delivered, or else submitted; ISO 8601. */
  readonly date: string | null
  readonly sender: string
  readonly subject: string
  readonly size: number | null
}

/** The messages of a folder, in the provider's order. */
export interface List {
  /** The names from the root down, which is left out. */
  readonly folder: string
  readonly messages: ReadonlyArray<Listed>
}

/** A message, opened. */
export interface Message {
  readonly number: number
  readonly folder: string
  readonly subject: string
  readonly sender: string
  readonly senderAddress: string
  readonly submitted: string | null
  readonly delivered: string | null
  readonly size: number | null
  /** Plain text. */
  readonly body: string | null
  /** The richest form in which there is a body; null where there is none, or the provider does not say. */
  readonly bodyForm: "plain text" | "compressed RTF" | "HTML" | null
}

type Scrub = (text: string) => string

/** What is in a folder; and its message of this number, where one is asked for. */
export const read = Effect.fn("folder.read")(function* (
  store: MsgStore,
  wanted: string,
  number: number | null,
  scrub: Scrub
): Effect.fn.Return<{ readonly list: List; readonly message: Message | null }, ObjectError, Scope.Scope> {
  const place = yield* choose(wanted, yield* places(store))
  const folder = place.entryId === null ? yield* store.openRootFolder : yield* store.openEntry(place.entryId)
  if (folder._tag === "Message") return yield* new NotFound({ subject: wanted, detail: "it is no folder" })
  const rows = yield* folder.getContentsTable
  const path = scrub(place.path === "" ? "/" : place.path)
  const list: List = { folder: path, messages: rows.map((row, at) => listed(row, at + 1, scrub)) }
  if (number === null) return { list, message: null }
  const row = rows[number - 1]
  if (row?.PR_ENTRYID === undefined) return yield* noMessage(number, path, rows.length)
  const message = yield* store.openEntry(row.PR_ENTRYID)
  const props = yield* message.getProps(opened)
  return { list, message: toMessage(props, number, path, scrub) }
})

// --- which folder ---------------------------------------------------------------------------------------------------

/** A folder in the tree. */
interface Place {
  readonly path: string
  readonly name: string
  readonly entryId: Uint8Array | null
}

/** Deeper than any store that a person made; a damaged one may have folders that contain themselves. */
const deepest = 64

/** Every folder, the root first; none of their messages is read. */
const places = Effect.fnUntraced(function* (
  store: MsgStore
): Effect.fn.Return<ReadonlyArray<Place>, ObjectError, Scope.Scope> {
  const below = (folder: Folder, path: string, depth: number): Effect.Effect<ReadonlyArray<Place>, ObjectError> =>
    Effect.gen(function* () {
      const found: Array<Place> = []
      for (const {
        PR_DISPLAY_NAME: name = "",
        PR_ENTRYID: entryId,
        PR_SUBFOLDERS
      } of yield* folder.getHierarchyTable) {
        if (entryId === undefined) continue
        const place = { path: path === "" ? name : `${path}/${name}`, name, entryId }
        found.push(place)
        if (PR_SUBFOLDERS === false || depth === deepest) continue
        const inside = Effect.flatMap(store.openEntry(entryId), (entry) =>
          entry._tag === "Folder" ? below(entry, place.path, depth + 1) : Effect.succeed([])
        )
        found.push(...(yield* Effect.scoped(inside)))
      }
      return found
    })
  const root = yield* store.openRootFolder
  const { PR_DISPLAY_NAME: name = "" } = yield* root.getProps(["PR_DISPLAY_NAME"])
  return [{ path: "", name, entryId: null }, ...(yield* below(root, "", 1))]
})

const fold = (text: string): string =>
  text
    .normalize("NFC")
    .toLowerCase()
    .replace(/^\/+|\/+$/g, "")

/** By its path; by the end of its path, its name at least; by its path with the root's name before it. */
const choose = (wanted: string, all: ReadonlyArray<Place>): Effect.Effect<Place, NotFound> => {
  const [root, ...others] = all
  const key = fold(wanted)
  const ways: ReadonlyArray<(place: Place) => boolean> = [
    ({ path }) => fold(path) === key,
    ({ path }) => fold(path).endsWith(`/${key}`),
    ({ path }) => fold(`${root?.name ?? ""}/${path}`) === key
  ]
  for (const way of ways) {
    const [place, ...more] = all.filter(way)
    if (place === undefined) continue
    if (more.length === 0) return Effect.succeed(place)
    return Effect.fail(
      new NotFound({
        subject: wanted,
        detail: `${more.length + 1} folders have this name`,
        advice: `Give the path of one: ${say([place, ...more])}.`
      })
    )
  }
  const near = nearest(key, others)
  return Effect.fail(
    new NotFound({
      subject: wanted,
      detail: "the store has no folder of this path or name",
      advice: near.length > 0 ? `Did you mean ${say(near)}?` : `Its folders are ${say(others)}.`
    })
  )
}

const SHOWN = 5

const say = (some: ReadonlyArray<Place>): string => {
  const shown = some.slice(0, SHOWN).map(({ path }) => `"${path}"`)
  const left = some.length - shown.length
  return left > 0 ? `${shown.join(", ")}, and ${left} more` : shown.join(", ")
}

/** The folders whose names are nearly the last name that was asked for, nearest first. */
const nearest = (key: string, all: ReadonlyArray<Place>): ReadonlyArray<Place> => {
  const last = key.slice(key.lastIndexOf("/") + 1)
  const far = Math.max(1, Math.floor(last.length / 3))
  return all
    .map((place) => ({ place, steps: distance(last, fold(place.name)) }))
    .filter(({ place, steps }) => steps <= far || (last.length > 2 && fold(place.name).includes(last)))
    .toSorted((one, other) => one.steps - other.steps)
    .map(({ place }) => place)
}

/** How many letters must be put in, left out or changed. */
const distance = (one: string, other: string): number => {
  let row = Array.from({ length: other.length + 1 }, (_, at) => at)
  for (const [n, letter] of Array.from(one.slice(0, 100)).entries()) {
    const next = [n + 1]
    for (let at = 0; at < other.length; at++) {
      const changed = (row[at] ?? 0) + (letter === other[at] ? 0 : 1)
      next.push(Math.min(changed, (row[at + 1] ?? 0) + 1, (next[at] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}

// --- messages -------------------------------------------------------------------------------------------------------

const opened = [
  "PR_SUBJECT",
  "PR_SENDER_NAME",
  "PR_SENT_REPRESENTING_NAME",
  "PR_SENDER_EMAIL_ADDRESS",
  "PR_CLIENT_SUBMIT_TIME",
  "PR_MESSAGE_DELIVERY_TIME",
  "PR_MESSAGE_SIZE",
  "PR_BODY",
  "PR_NATIVE_BODY_INFO"
] as const

const time = (date: DateTime.Utc | undefined): string | null => (date === undefined ? null : DateTime.formatIso(date))

const senderOf = (row: Row): string => row.PR_SENDER_NAME ?? row.PR_SENT_REPRESENTING_NAME ?? ""

const listed = (row: Row, number: number, scrub: Scrub): Listed => ({
  number,
  date: time(row.PR_MESSAGE_DELIVERY_TIME ?? row.PR_CLIENT_SUBMIT_TIME),
  sender: scrub(senderOf(row)),
  subject: scrub(row.PR_SUBJECT ?? ""),
  size: row.PR_MESSAGE_SIZE ?? null
})

const forms = [null, "plain text", "compressed RTF", "HTML"] as const

const toMessage = (row: Row, number: number, folder: string, scrub: Scrub): Message => ({
  number,
  folder,
  subject: scrub(row.PR_SUBJECT ?? ""),
  sender: scrub(senderOf(row)),
  senderAddress: scrub(row.PR_SENDER_EMAIL_ADDRESS ?? ""),
  submitted: time(row.PR_CLIENT_SUBMIT_TIME),
  delivered: time(row.PR_MESSAGE_DELIVERY_TIME),
  size: row.PR_MESSAGE_SIZE ?? null,
  body: row.PR_BODY === undefined ? null : scrub(row.PR_BODY),
  bodyForm: forms[row.PR_NATIVE_BODY_INFO ?? 0] ?? null
})

const noMessage = (number: number, folder: string, count: number): NotFound =>
  new NotFound({
    subject: `message ${number} of ${folder}`,
    detail:
      count === 0 ? "the folder has no messages" : `the folder has ${count === 1 ? "1 message" : `${count} messages`}`,
    advice: count === 0 ? "Name another folder with --list." : `Give --message a number from 1 to ${count}.`
  })
