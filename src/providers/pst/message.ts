/**
 * What a message says of itself, in its own list of properties and in its row of a folder's table.
 *
 * A list has more than a row; what either does not have is left out. The body is read for whoever asks for it, as plain text or
 * not at all: HTML and compressed RTF are named and never read.
 * Source: [MS-PST] 2.4.4.5.1, 2.4.5.1.
 */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import type { PropName, Props, Row } from "../../StoreProvider.ts"
import type { Value, Values } from "./database.ts"
import type { FileError } from "./file.ts"

const PR_SUBJECT = 0x0037
const PR_CLIENT_SUBMIT_TIME = 0x0039
const PR_SENT_REPRESENTING_NAME = 0x0042
const PR_SENDER_NAME = 0x0c1a
const PR_SENDER_EMAIL_ADDRESS = 0x0c1f
const PR_MESSAGE_DELIVERY_TIME = 0x0e06
const PR_MESSAGE_SIZE = 0x0e08
const PR_BODY = 0x1000
const PR_RTF_COMPRESSED = 0x1009
const PR_HTML = 0x1013

/** The properties that `rowOf` looks for. */
export const ids: ReadonlyArray<number> = [
  PR_SUBJECT,
  PR_CLIENT_SUBMIT_TIME,
  PR_SENT_REPRESENTING_NAME,
  PR_SENDER_NAME,
  PR_SENDER_EMAIL_ADDRESS,
  PR_MESSAGE_DELIVERY_TIME,
  PR_MESSAGE_SIZE
]

/** All but the id and the body. A value of another type than its property's is left out. */
export const rowOf = (values: Values): Row => {
  const text = (id: number) => valueOf(values.get(id), Predicate.isString)
  const time = (id: number) => valueOf(values.get(id), isTime)
  const subject = text(PR_SUBJECT)
  return {
    ...only("PR_SUBJECT", subject === undefined ? undefined : withoutPrefixMark(subject)),
    ...only("PR_SENDER_NAME", text(PR_SENDER_NAME)),
    ...only("PR_SENDER_EMAIL_ADDRESS", text(PR_SENDER_EMAIL_ADDRESS)),
    ...only("PR_SENT_REPRESENTING_NAME", text(PR_SENT_REPRESENTING_NAME)),
    ...only("PR_CLIENT_SUBMIT_TIME", time(PR_CLIENT_SUBMIT_TIME)),
    ...only("PR_MESSAGE_DELIVERY_TIME", time(PR_MESSAGE_DELIVERY_TIME)),
    ...only("PR_MESSAGE_SIZE", valueOf(values.get(PR_MESSAGE_SIZE), Predicate.isNumber))
  }
}

const only = <Name extends PropName>(name: Name, value: Props[Name] | undefined): Row =>
  value === undefined ? {} : { [name]: value }

const valueOf = <A extends Value>(value: Value | undefined, is: (value: unknown) => value is A): A | undefined =>
  is(value) ? value : undefined

const isTime = (value: unknown): value is DateTime.Utc => DateTime.isDateTime(value) && DateTime.isUtc(value)

/** A subject with a prefix ("RE: ") begins with two characters that say how long that is. [MS-PST] 2.5.3.1.1.1 */
const withoutPrefixMark = (text: string): string => (text.startsWith("\u0001") ? text.slice(2) : text)

/** A message's own list of properties: which there are, and what those say that are asked for. */
export interface PropertyList {
  readonly ids: Effect.Effect<ReadonlySet<number>, FileError>
  readonly values: (ids: ReadonlyArray<number>) => Effect.Effect<Values, FileError>
}

/** The body, where it is there as plain text; and in which form there is one. */
export const bodyOf = Effect.fnUntraced(function* (list: PropertyList): Effect.fn.Return<Row, FileError> {
  const has = yield* list.ids
  const form = has.has(PR_HTML) ? 3 : has.has(PR_RTF_COMPRESSED) ? 2 : has.has(PR_BODY) ? 1 : undefined
  const text = has.has(PR_BODY) ? (yield* list.values([PR_BODY])).get(PR_BODY) : undefined
  return { ...only("PR_BODY", valueOf(text, Predicate.isString)), ...only("PR_NATIVE_BODY_INFO", form) }
})
