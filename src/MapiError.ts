/**
 * Every way that this protocol can fail, as tagged errors that carry their SCODE.
 *
 * Each says what happened (`detail`), to what (`subject`), at which of the seed's steps, and what to do next
 * (`advice`). The set that a provider may answer is open: a code without a class of its own is a `ProviderFailed`
 * with that code [R11]. An error never carries a password.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as Scode from "./Scode.ts"

/** The nine steps of the seed page. */
export const Step = Schema.Literals([1, 2, 3, 4, 5, 6, 7, 8, 9])
export type Step = typeof Step.Type

const text = (value: string) => Schema.String.pipe(Schema.withConstructorDefault(Effect.succeed(value)))

const about = (advice: string) => ({
  /** The step of the seed at which it happened; null outside the nine. */
  step: Schema.NullOr(Step).pipe(Schema.withConstructorDefault(Effect.succeed(null))),
  /** What it happened to: a DLL, a file, an entry id, an object. */
  subject: Schema.String,
  /** What happened. */
  detail: Schema.String,
  /** What to do next. */
  advice: text(advice)
})

const coded = <const N extends Scode.Name>(name: N, advice: string) => ({
  /** Fixed by the class, and filled in by it. */
  scode: Schema.tag(Scode.values[name]),
  ...about(advice)
})

interface Told {
  readonly subject: string
  readonly detail: string
  readonly advice: string
}
const sentence = (error: Told): string => `${error.subject}: ${error.detail}. ${error.advice}`

// --- MAPI's own answers ---------------------------------------------------------------------------------------------

/** The DLL is registered, but it is missing, threw while loading, or has no MSProviderInit. [S2] [S3] [R13] */
export class LoadFailed extends Schema.TaggedError<LoadFailed>()("LoadFailed", {
  ...coded("MAPI_E_CALL_FAILED", "Check the module that this DLL name is registered with, then open again."),
  reason: Schema.Literals(["missing", "threw", "noExport", "initFailed"])
}) {
  override get message() {
    return sentence(this)
  }
}

/** Provider and MAPI do not speak a common version of the provider interface. [S3] [R18] */
export class VersionMismatch extends Schema.TaggedError<VersionMismatch>()(
  "VersionMismatch",
  coded("MAPI_E_VERSION", "Use a provider that speaks this library's version.")
) {
  override get message() {
    return sentence(this)
  }
}

/** The bytes are no wrapped store entry id. `offset` is where they stop making sense. [S1] */
export class InvalidEntryId extends Schema.TaggedError<InvalidEntryId>()("InvalidEntryId", {
  ...coded("MAPI_E_INVALID_ENTRYID", "Pass the wrapped entry id of a message store."),
  offset: Schema.Int,
  expected: Schema.String,
  found: Schema.String
}) {
  override get message() {
    return sentence(this)
  }
}

/** A well-formed id whose DLL no registration names. [S1] [R13] */
export class UnknownEntryId extends Schema.TaggedError<UnknownEntryId>()(
  "UnknownEntryId",
  coded("MAPI_E_UNKNOWN_ENTRYID", "Register a provider for that DLL, then open again.")
) {
  override get message() {
    return sentence(this)
  }
}

/** The object is released, or its session has logged off. [R7] [R8] */
export class InvalidObject extends Schema.TaggedError<InvalidObject>()(
  "InvalidObject",
  coded("MAPI_E_INVALID_OBJECT", "Open the store again, in a session that is still logged on.")
) {
  override get message() {
    return sentence(this)
  }
}

/** An earlier Logon failed in a way that disables the provider for the rest of the session. [R4] */
export class ProviderDisabled extends Schema.TaggedError<ProviderDisabled>()(
  "ProviderDisabled",
  coded("MAPI_E_CALL_FAILED", "Mend what made that Logon fail, then log on to a new session.")
) {
  override get message() {
    return sentence(this)
  }
}

/** A Release without a reference to give back. Recorded; the count stays at zero. */
export class OverRelease extends Schema.TaggedError<OverRelease>()(
  "OverRelease",
  coded("MAPI_E_INVALID_OBJECT", "Release each reference once: pair every AddRef with one Release.")
) {
  override get message() {
    return sentence(this)
  }
}

// --- what a provider may answer -------------------------------------------------------------------------------------

/**
 * The note of the seed: the password is wrong or missing, and the provider cannot ask for another. Disables nothing, so
 * that the client can ask and open again. [R4] [R5]
 */
export class FailOneProvider extends Schema.TaggedError<FailOneProvider>()(
  "FailOneProvider",
  coded("MAPI_E_FAILONEPROVIDER", "Ask for the password and open the store again in the same session.")
) {
  override get message() {
    return sentence(this)
  }
}

/** No logon is possible, and no retry can mend it. Disables the provider. [R4] [R5] */
export class LogonFailed extends Schema.TaggedError<LogonFailed>()(
  "LogonFailed",
  coded("MAPI_E_LOGON_FAILED", "Mend the cause, then log on to a new session.")
) {
  override get message() {
    return sentence(this)
  }
}

/** The profile section lacks what the provider needs; its service entry could not supply it. [R4] */
export class Unconfigured extends Schema.TaggedError<Unconfigured>()(
  "Unconfigured",
  coded("MAPI_E_UNCONFIGURED", "Configure the message service in the profile, then log on to a new session.")
) {
  override get message() {
    return sentence(this)
  }
}

/** A dialog was shown and dismissed. Disables the provider. [R4] [R5] */
export class UserCancel extends Schema.TaggedError<UserCancel>()(
  "UserCancel",
  coded("MAPI_E_USER_CANCEL", "Log on to a new session to be asked again.")
) {
  override get message() {
    return sentence(this)
  }
}

/** The store cannot serve the client's code page. */
export class UnknownCpid extends Schema.TaggedError<UnknownCpid>()(
  "UnknownCpid",
  coded("MAPI_E_UNKNOWN_CPID", "Log on with a code page that the store knows.")
) {
  override get message() {
    return sentence(this)
  }
}

/** The store cannot serve the client's locale. */
export class UnknownLcid extends Schema.TaggedError<UnknownLcid>()(
  "UnknownLcid",
  coded("MAPI_E_UNKNOWN_LCID", "Log on with a locale that the store knows.")
) {
  override get message() {
    return sentence(this)
  }
}

/** The rights at hand do not allow it. */
export class NoAccess extends Schema.TaggedError<NoAccess>()(
  "NoAccess",
  coded("MAPI_E_NO_ACCESS", "Check the permissions, or ask for less access.")
) {
  override get message() {
    return sentence(this)
  }
}

/** The id names nothing. */
export class NotFound extends Schema.TaggedError<NotFound>()(
  "NotFound",
  coded("MAPI_E_NOT_FOUND", "Check that what the id names still exists.")
) {
  override get message() {
    return sentence(this)
  }
}

/** The object has no such interface. A fault of the request: disables nothing. [R4] */
export class InterfaceNotSupported extends Schema.TaggedError<InterfaceNotSupported>()(
  "InterfaceNotSupported",
  coded("MAPI_E_INTERFACE_NOT_SUPPORTED", "Ask for an interface that the object offers.")
) {
  override get message() {
    return sentence(this)
  }
}

/** A flag that the call does not know. A fault of the request: disables nothing. [R4] */
export class UnknownFlags extends Schema.TaggedError<UnknownFlags>()(
  "UnknownFlags",
  coded("MAPI_E_UNKNOWN_FLAGS", "Leave that flag out.")
) {
  override get message() {
    return sentence(this)
  }
}

/** An argument that the call cannot take, such as two flags for StoreLogoff. [R17] */
export class InvalidParameter extends Schema.TaggedError<InvalidParameter>()(
  "InvalidParameter",
  coded("MAPI_E_INVALID_PARAMETER", "Correct the argument and call again.")
) {
  override get message() {
    return sentence(this)
  }
}

/** Any other SCODE that a provider answers with; and a throw, a defect or a value that is no answer. [R9] [R11] */
export class ProviderFailed extends Schema.TaggedError<ProviderFailed>()("ProviderFailed", {
  scode: Scode.Scode.check(
    Schema.makeFilter(Scode.isFailure, { expected: "an SCODE with bit 31 set: a failure" })
  ).pipe(Schema.withConstructorDefault(Effect.succeed(Scode.values.MAPI_E_CALL_FAILED))),
  ...about("Look at what the provider reported; other providers and open stores are unharmed.")
}) {
  override get message() {
    return sentence(this)
  }
}

/** What a provider may answer; checked at run time too. [R11] */
export const ProviderError = Schema.Union([
  FailOneProvider,
  LogonFailed,
  Unconfigured,
  UserCancel,
  UnknownCpid,
  UnknownLcid,
  NoAccess,
  NotFound,
  InterfaceNotSupported,
  UnknownFlags,
  InvalidParameter,
  ProviderFailed
])
export type ProviderError = typeof ProviderError.Type

/** What the methods of an open store, a folder or a message may fail with. */
export const ObjectError = Schema.Union([
  InvalidObject,
  NoAccess,
  NotFound,
  InvalidParameter,
  UnknownFlags,
  ProviderFailed
])
export type ObjectError = typeof ObjectError.Type

/** Every error of the protocol. */
export const MapiError = Schema.Union([
  LoadFailed,
  VersionMismatch,
  InvalidEntryId,
  UnknownEntryId,
  InvalidObject,
  ProviderDisabled,
  OverRelease,
  ...ProviderError.members
])
export type MapiError = typeof MapiError.Type

/** Is this value an error that a provider may answer with? */
export const isProviderError: (value: unknown) => value is ProviderError = Schema.is(ProviderError)

/** Is this value an error that an open object may fail with? */
export const isObjectError: (value: unknown) => value is ObjectError = Schema.is(ObjectError)

/** Is this value an error of the protocol? */
export const isMapiError: (value: unknown) => value is MapiError = Schema.is(MapiError)

const decode = Schema.decodeUnknownOption(MapiError)

/** The same error as this copy of the package makes it: a provider may come with a copy of its own. */
export const ours = (error: unknown): unknown =>
  isMapiError(error) || !Predicate.isError(error) ? error : Option.getOrElse(decode({ ...error }), () => error)

/** The same error, placed at a step of the seed; and, where `words` says so, told in other words. */
export const at = <E extends MapiError>(error: E, step: Step | null, words: Partial<Told> = {}): E => {
  const { _tag, ...fields } = error
  // Boundary: every class above is made from its own fields, so the class of an error makes that error again.
  const Class = error.constructor as new (fields: object) => E
  return new Class({ ...fields, step, ...words })
}
