/** The private part of an id: by its MAPIUID an Exchange store's, a file of personal folders', or any other provider's. */
import * as Result from "effect/Result"
import type { InvalidEntryId } from "../../MapiError.ts"
import { type Cursor, concat, take, takeRest } from "./cursor.ts"
import { type Content, flagsOf, type IdFlags } from "./decoded.ts"
import * as Exchange from "./exchange.ts"
import * as Pst from "./pst.ts"
import { isUid, muidStorePrivate, muidStorePublic, pstUid } from "./uid.ts"

export interface PrivateId {
  readonly flags: IdFlags
  readonly uid: Uint8Array
  readonly content: Content
}

const readContent = (uid: Uint8Array, from: Cursor): Result.Result<Content, InvalidEntryId> => {
  if (isUid(uid, muidStorePrivate) || isUid(uid, muidStorePublic)) return Exchange.read(from)
  if (isUid(uid, pstUid)) return Pst.read(from)
  return Result.succeed({ form: "opaque", data: takeRest(from) })
}

export const read = (from: Cursor): Result.Result<PrivateId, InvalidEntryId> =>
  Result.gen(function* () {
    const flags = flagsOf(yield* take(from, 4, "4 flag bytes"))
    const uid = yield* take(from, 16, "a 16-byte MAPIUID")
    return { flags, uid, content: yield* readContent(uid, from) }
  })

const writeContent = (content: Content): Uint8Array => {
  if (content.form === "exchange") return Exchange.write(content)
  return content.form === "pst" ? Pst.write(content) : content.data
}

export const write = ({ content, flags, uid }: PrivateId): Uint8Array =>
  concat([flags.bytes, uid, writeContent(content)])
