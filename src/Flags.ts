/**
 * The flag words of the calls that this library makes, as typed sets.
 *
 * A set is an array of names; each word has names of its own, so that MAPI_NO_MAIL (session) and MDB_NO_MAIL (open)
 * cannot stand in for each other. A bit or a name that a word does not know is an error that names it. Pure.
 *
 * Source: sections 1.2, 3.1, 4.3 and 8 of the protocol reference.
 */
import * as Result from "effect/Result"
import { UnknownFlags } from "./MapiError.ts"

/** One flag word: its name, and the bit of each of its flags. */
export interface Word<Name extends string> {
  readonly word: string
  readonly bits: Readonly<Record<Name, number>>
}

/** The names of a word. */
export type Of<W> = W extends Word<infer Name> ? Name : never

const word = <const Name extends string>(name: string, bits: Readonly<Record<Name, number>>): Word<Name> => ({
  word: name,
  bits
})

/** MAPILogonEx: what a client says when it logs on to a session. */
export const Session = word("MAPILogonEx", {
  MAPI_LOGON_UI: 0x00000001,
  MAPI_NEW_SESSION: 0x00000002,
  MAPI_APP_PROFILE: 0x00000004,
  MAPI_ALLOW_OTHERS: 0x00000008,
  MAPI_EXPLICIT_PROFILE: 0x00000010,
  MAPI_EXTENDED: 0x00000020,
  MAPI_USE_DEFAULT: 0x00000040,
  MAPI_FORCE_DOWNLOAD: 0x00001000,
  MAPI_SERVICE_UI_ALWAYS: 0x00002000,
  MAPI_NO_MAIL: 0x00008000,
  MAPI_NT_SERVICE: 0x00010000,
  MAPI_PASSWORD_UI: 0x00020000,
  MAPI_TIMEOUT_SHORT: 0x00100000,
  MAPI_BG_SESSION: 0x00200000,
  MAPI_UNICODE: 0x80000000
})
export type Session = Of<typeof Session>

/** IMAPISession::OpenMsgStore: what a client asks of one open. */
export const Open = word("IMAPISession::OpenMsgStore", {
  MDB_NO_DIALOG: 0x00000001,
  MDB_WRITE: 0x00000004,
  MAPI_DEFERRED_ERRORS: 0x00000008,
  MAPI_BEST_ACCESS: 0x00000010,
  MDB_TEMPORARY: 0x00000020,
  MDB_NO_MAIL: 0x00000080,
  MDB_ONLINE: 0x00000100
})
export type Open = Of<typeof Open>

/** IMSProvider::Logon and SpoolerLogon: the open flags, unchanged [R15], and the width of strings. */
export const Logon = word("IMSProvider::Logon", { ...Open.bits, MAPI_UNICODE: 0x80000000 })
export type Logon = Of<typeof Logon>

/** MSProviderInit: none of the open flags, only where MAPI itself runs. [R15] */
export const Init = word("MSProviderInit", { MAPI_NT_SERVICE: 0x00010000 })
export type Init = Of<typeof Init>

/** IMsgStore::StoreLogoff, in: how transports are to leave. Exactly one a call. [R17] */
export const Logoff = word("IMsgStore::StoreLogoff", {
  LOGOFF_NO_WAIT: 0x01,
  LOGOFF_ORDERLY: 0x02,
  LOGOFF_PURGE: 0x04,
  LOGOFF_ABORT: 0x08,
  LOGOFF_QUIET: 0x10
})
export type Logoff = Of<typeof Logoff>

/** IMsgStore::StoreLogoff, out: what the transports were doing. */
export const LogoffOutcome = word("IMsgStore::StoreLogoff (out)", {
  LOGOFF_COMPLETE: 0x00010000,
  LOGOFF_INBOUND: 0x00020000,
  LOGOFF_OUTBOUND: 0x00040000,
  LOGOFF_OUTBOUND_QUEUE: 0x00080000
})
export type LogoffOutcome = Of<typeof LogoffOutcome>

/** PR_STORE_SUPPORT_MASK: what was granted, as far as access goes. [R15] */
export const StoreSupport = word("PR_STORE_SUPPORT_MASK", {
  STORE_ENTRYID_UNIQUE: 0x01,
  STORE_READONLY: 0x02,
  STORE_MODIFY_OK: 0x08,
  STORE_CREATE_OK: 0x10,
  STORE_SUBMIT_OK: 0x80
})
export type StoreSupport = Of<typeof StoreSupport>

/** The names of a word, in the order of the table. */
export const names = <Name extends string>(of: Word<Name>): ReadonlyArray<Name> =>
  // The keys of `bits` are the names by its type; `Object.keys` forgets that.
  Object.keys(of.bits) as unknown as ReadonlyArray<Name>

/** Is this text one of the word's names? */
export const isName =
  <Name extends string>(of: Word<Name>) =>
  (text: string): text is Name =>
    Object.hasOwn(of.bits, text)

const unknown = (of: { readonly word: string }, what: string): UnknownFlags =>
  new UnknownFlags({ subject: of.word, detail: `${of.word} has no flag ${what}` })

const is32Bit = (bits: number): boolean => bits === (bits | 0) || bits === bits >>> 0

/** The number that a set stands for. Naming a flag twice is naming it once. */
export const encode = <Name extends string>(of: Word<Name>, flags: ReadonlyArray<Name>): number =>
  flags.reduce((bits, flag) => (bits | of.bits[flag]) >>> 0, 0)

/**
 * The set that a number stands for, in the order of the table; signed or unsigned.
 *
 * @example
 * ```ts
 * import * as Result from "effect/Result"
 * import { Flags } from "effect-mapi"
 *
 * Result.getOrThrow(Flags.decode(Flags.Open, 0x84)) // => ["MDB_WRITE", "MDB_NO_MAIL"]
 * ```
 */
export const decode = <Name extends string>(
  of: Word<Name>,
  bits: number
): Result.Result<ReadonlyArray<Name>, UnknownFlags> => {
  if (!is32Bit(bits)) return Result.fail(unknown(of, `${bits}: a flag word has 32 bits`))
  const known = encode(of, names(of))
  const rest = (bits & ~known) >>> 0
  if (rest !== 0) return Result.fail(unknown(of, `0x${rest.toString(16).toUpperCase().padStart(8, "0")}`))
  return Result.succeed(names(of).filter((name) => (bits & of.bits[name]) !== 0))
}

/** The set that these texts name, each once. For callers whose flags come from outside the type system. */
export const fromNames = <Name extends string>(
  of: Word<Name>,
  texts: ReadonlyArray<string>
): Result.Result<ReadonlyArray<Name>, UnknownFlags> => {
  const strays = texts.filter((text) => !isName(of)(text))
  if (strays.length > 0) return Result.fail(unknown(of, strays.map((text) => JSON.stringify(text)).join(", ")))
  return Result.succeed(names(of).filter((name) => texts.includes(name)))
}
