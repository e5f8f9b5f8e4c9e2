/**
 * What a message store provider implements, and what MAPI hands it.
 *
 * Interfaces only, as the protocol has them: MSProviderInit, IMSProvider, IMSLogon, IMsgStore and the objects inside a
 * store; IMAPISupport and IProfSect, which MAPI implements. Methods are function properties, so that the compiler
 * checks them strictly. A provider's answers need nothing (`R = never`) and fail with nothing but `ProviderError`.
 *
 * Most providers only have a *backend* to offer; `ProviderKit` makes the rest of it.
 * Source: sections 2 to 5 of the protocol reference.
 */
import type * as DateTime from "effect/DateTime"
import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import type * as EntryId from "./EntryId.ts"
import type * as Flags from "./Flags.ts"
import type { ObjectError, OverRelease, ProviderError, UserCancel, VersionMismatch } from "./MapiError.ts"
import type { RefCounted } from "./RefCounted.ts"

// --- vocabulary -----------------------------------------------------------------------------------------------------

/** CURRENT_SPI_VERSION: bits 31–24 major, 23–16 minor, 15–0 update. */
export const currentSpiVersion = 0x00010010

/** The interfaces that an open may ask for; a store offers the first three. */
export type Iid = "IID_IMsgStore" | "IID_IMAPIProp" | "IID_IUnknown" | "IID_IMSLogon" | "IID_IMAPIStatus"

/** The properties that stores, folders and messages answer with, by MAPI's names. */
export interface Props {
  readonly PR_DISPLAY_NAME: string
  /** The object's own id. A store's is wrapped; what is inside a store has the provider's. */
  readonly PR_ENTRYID: Uint8Array
  readonly PR_STORE_ENTRYID: Uint8Array
  readonly PR_RECORD_KEY: Uint8Array
  readonly PR_STORE_RECORD_KEY: Uint8Array
  /** 1 for a message store. */
  readonly PR_OBJECT_TYPE: number
  /** The MAPIUID of the kind of store. */
  readonly PR_MDB_PROVIDER: Uint8Array
  readonly PR_PROVIDER_DISPLAY: string
  /** A word of `Flags.StoreSupport`: the access that was granted. [R15] */
  readonly PR_STORE_SUPPORT_MASK: number
  readonly PR_SUBJECT: string
  readonly PR_SENDER_NAME: string
  /** In the sender's own address type: `name@host`, or a directory's `/o=…/cn=…`. */
  readonly PR_SENDER_EMAIL_ADDRESS: string
  /** On whose behalf it was sent: the From of a list, whose rows seldom have PR_SENDER_NAME. */
  readonly PR_SENT_REPRESENTING_NAME: string
  /** A point in time, to the millisecond; in JSON it is ISO 8601 text. */
  readonly PR_CLIENT_SUBMIT_TIME: DateTime.Utc
  readonly PR_MESSAGE_DELIVERY_TIME: DateTime.Utc
  /** In bytes, attachments included; the store's own estimate, which may differ between row and message. */
  readonly PR_MESSAGE_SIZE: number
  /** Plain text. Absent where the message has none, whatever else it has: see PR_NATIVE_BODY_INFO. */
  readonly PR_BODY: string
  /** The richest form in which the body is there: 1 plain text, 2 compressed RTF, 3 HTML. Absent: there is no body. */
  readonly PR_NATIVE_BODY_INFO: number
  /** Messages in the folder. */
  readonly PR_CONTENT_COUNT: number
  readonly PR_SUBFOLDERS: boolean
}
export type PropName = keyof Props

/** A row of a table, or an answer of GetProps: what is not there is left out. */
export type Row = Partial<Props>

/** MAPIERROR: what a warning has to say; kept for GetLastError. [R10] */
export interface MapiErrorInfo {
  readonly error: string
  readonly component: string
  readonly lowLevelError: number
}

// --- what MAPI implements -------------------------------------------------------------------------------------------

/** IProfSect: what the profile knows of one provider. SetProps takes effect at once. */
export interface IProfSect {
  readonly getProps: Effect.Effect<Row>
  readonly setProps: (props: Row) => Effect.Effect<void>
  /** The credentials of this store, where the profile has any. [R16] */
  readonly password: Effect.Effect<Option.Option<Redacted.Redacted>>
  readonly setPassword: (password: Redacted.Redacted) => Effect.Effect<void>
}

/**
 * IMAPISupport: made once per Logon. A provider AddRefs it if and only if it answers with a new logon, and releases it
 * as the very last act of destroying the store; that Release is how MAPI learns that the store is gone. [S5] [R7]
 */
export interface IMAPISupport {
  readonly id: string
  readonly addRef: Effect.Effect<void, ObjectError>
  readonly release: Effect.Effect<void, OverRelease>
  /** The section of this store. */
  readonly openProfileSection: Effect.Effect<IProfSect>
  /** Registers the MAPIUID of this logon's ids. Additive: only the end of the logon takes it back. */
  readonly setProviderUid: (uid: Uint8Array) => Effect.Effect<void>
  /** Makes the section permanent; with MDB_TEMPORARY it does nothing. */
  readonly modifyProfile: Effect.Effect<void>
  readonly modifyStatusRow: (row: Row) => Effect.Effect<void>
  /** Private to wrapped: what a client may hold. */
  readonly wrapStoreEntryId: (id: EntryId.Private) => Effect.Effect<EntryId.Wrapped>
  /** The transports, and with them the spooler, let go of this store. Exactly once a store. [R7] */
  readonly storeLogoffTransports: (flag: Flags.Logoff) => Effect.Effect<ReadonlyArray<Flags.LogoffOutcome>>
  /** From now on the object answers InvalidObject to everything but AddRef and Release. */
  readonly makeInvalid: (object: RefCounted) => Effect.Effect<void>
}

/** The user at the other end of a Logon, where dialogs are allowed. */
export interface LogonUi {
  readonly askPassword: (store: string) => Effect.Effect<Redacted.Redacted, UserCancel>
}

// --- what a provider implements -------------------------------------------------------------------------------------

/** IMessage. */
export interface IMessage extends RefCounted {
  readonly _tag: "Message"
  readonly getProps: (names: ReadonlyArray<PropName>) => Effect.Effect<Row, ObjectError>
}

/** IMAPIFolder. Its tables come as rows, in the provider's order; each row has PR_ENTRYID. */
export interface IMAPIFolder extends RefCounted {
  readonly _tag: "Folder"
  readonly getProps: (names: ReadonlyArray<PropName>) => Effect.Effect<Row, ObjectError>
  /** The folders in it. */
  readonly getHierarchyTable: Effect.Effect<ReadonlyArray<Row>, ObjectError>
  /** The messages in it. */
  readonly getContentsTable: Effect.Effect<ReadonlyArray<Row>, ObjectError>
}

/** What OpenEntry opens. Its first reference is the caller's, under the name given. */
export type OpenEntry = (
  /** Null is the root folder. */
  entryId: Uint8Array | null,
  holder: string
) => Effect.Effect<IMAPIFolder | IMessage, ObjectError>

/** IMsgStore: what clients, the spooler and MAPI hold. Its first reference is MAPI's, who hands it on. [S7] */
export interface IMsgStore extends RefCounted {
  readonly getProps: (names: ReadonlyArray<PropName>) => Effect.Effect<Row, ObjectError>
  readonly openEntry: OpenEntry
  /** Remembers how transports are to leave when the last client goes. Exactly one flag. [R17] */
  readonly storeLogoff: (
    flags: ReadonlyArray<Flags.Logoff>
  ) => Effect.Effect<ReadonlyArray<Flags.LogoffOutcome>, ObjectError>
}

/** IMSLogon: the other face of an open store, for MAPI alone. Its first reference is MAPI's. */
export interface IMSLogon extends RefCounted {
  /** Closes the store by force. Idempotent, and tolerates a store already gone. [R8] */
  readonly logoff: Effect.Effect<void, ProviderError>
  readonly openEntry: OpenEntry
}

/** The arguments of IMSProvider::Logon. [S4] */
export interface LogonRequest {
  readonly support: IMAPISupport
  readonly ui: LogonUi | null
  /** For display and logs only. */
  readonly profileName: string
  readonly entryId: EntryId.Private
  readonly flags: ReadonlyArray<Flags.Logon>
  readonly iid: Iid
}

/** What a successful Logon returns. [S5] */
export interface LogonAnswer {
  /** A new logon; for a store already open, the existing one (AddRef'd) or null. [R2] */
  readonly logon: IMSLogon | null
  readonly store: IMsgStore
  /** What the spooler needs to log on silently; from new logons only. [R14] */
  readonly spoolSecurity: Redacted.Redacted<Uint8Array> | null
  /** Not null: the answer is MAPI_W_ERRORS_RETURNED, a success with something to say. [R10] */
  readonly warning: MapiErrorInfo | null
}

/** The arguments of IMSProvider::SpoolerLogon. [S8] [R14] */
export interface SpoolerLogonRequest {
  readonly support: IMAPISupport
  readonly profileName: string
  readonly entryId: EntryId.Private
  readonly flags: ReadonlyArray<Flags.Logon>
  readonly spoolSecurity: Redacted.Redacted<Uint8Array> | null
}

/** What a successful SpoolerLogon returns: the pair of step 5, a reference on each for the spooler. [S9] [R3] */
export interface SpoolerLogonAnswer {
  readonly logon: IMSLogon
  readonly store: IMsgStore
}

/** IMSProvider: one per session and DLL. Its first reference is MAPI's. */
export interface IMSProvider extends RefCounted {
  readonly logon: (request: LogonRequest) => Effect.Effect<LogonAnswer, ProviderError>
  readonly spoolerLogon: (request: SpoolerLogonRequest) => Effect.Effect<SpoolerLogonAnswer, ProviderError>
  /** Do two private ids name one store? Bytes are never compared across the protocol. [R1] */
  readonly compareStoreIds: (one: EntryId.Private, other: EntryId.Private) => Effect.Effect<boolean, ProviderError>
  /** After every logon is released; only Release follows. [R7] */
  readonly shutdown: Effect.Effect<void, ProviderError>
}

/** The arguments of MSProviderInit: none of the open flags. [S2] [R15] */
export interface InitRequest {
  readonly mapiVersion: number
  readonly flags: ReadonlyArray<Flags.Init>
}

/** What MSProviderInit returns: a new provider object each time, and the version that it speaks. [S3] */
export interface InitAnswer {
  readonly provider: IMSProvider
  readonly version: number
}

/** The entry point of a provider DLL. */
export type MSProviderInit = (request: InitRequest) => Effect.Effect<InitAnswer, VersionMismatch | ProviderError>

/** The message service entry function, called with MSG_SERVICE_CONFIGURE when a Logon is `Unconfigured`. [R4] */
export type ServiceEntry = (request: {
  readonly context: "MSG_SERVICE_CONFIGURE"
  readonly section: IProfSect
  /** SERVICE_UI_ALLOWED: null under MDB_NO_DIALOG. */
  readonly ui: LogonUi | null
}) => Effect.Effect<void, ProviderError>

/** What a provider DLL exports. */
export interface ProviderModule {
  readonly MSProviderInit: MSProviderInit
  readonly ServiceEntry?: ServiceEntry
}
