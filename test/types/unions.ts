/**
 * The error union of `openMsgStore`, and of every step, pinned both ways: adding a member breaks the build, and so does
 * losing one.
 */
import type * as Effect from "effect/Effect"
import type { LoadSequence, MapiError, MapiSession } from "../../src/index.ts"

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false

type TagsOf<F> = F extends (...args: never) => Effect.Effect<infer _A, infer E, infer _R>
  ? E extends { readonly _tag: infer Tag }
    ? Tag
    : never
  : never

/** Fails to compile unless both are the same. */
type Pinned<A, B> =
  Same<A, B> extends true ? true : { readonly missing: Exclude<B, A>; readonly unexpected: Exclude<A, B> }

type ProviderTags =
  | "FailOneProvider"
  | "LogonFailed"
  | "Unconfigured"
  | "UserCancel"
  | "UnknownCpid"
  | "UnknownLcid"
  | "NoAccess"
  | "NotFound"
  | "InterfaceNotSupported"
  | "UnknownFlags"
  | "InvalidParameter"
  | "ProviderFailed"

type Step<Name extends keyof typeof LoadSequence> = TagsOf<(typeof LoadSequence)[Name]>

export const provider: Pinned<MapiError.ProviderError["_tag"], ProviderTags> = true
export const step1: Pinned<
  Step<"requestOpen">,
  "InvalidEntryId" | "UnknownEntryId" | "UnknownFlags" | "ProviderDisabled" | "InvalidObject"
> = true
export const step2: Pinned<Step<"loadProvider">, "LoadFailed"> = true
export const step3: Pinned<Step<"initProvider">, "VersionMismatch" | "LoadFailed"> = true
export const steps2and3: Pinned<Step<"obtainProvider">, "VersionMismatch" | "LoadFailed" | "InvalidObject"> = true
export const step4: Pinned<Step<"logon">, ProviderTags | "ProviderDisabled" | "InvalidObject"> = true
export const step5: Pinned<Step<"adopt">, "InvalidObject"> = true
export const step6: Pinned<Step<"tellSpooler">, never> = true
export const step7: Pinned<Step<"giveToClient">, never> = true
export const step8: Pinned<Step<"spoolerLogon">, ProviderTags | "ProviderDisabled" | "InvalidObject"> = true
export const step9: Pinned<Step<"samePair">, "ProviderFailed"> = true

export const openMsgStore: Pinned<
  TagsOf<typeof MapiSession.openMsgStore>,
  | ProviderTags
  | "InvalidEntryId"
  | "UnknownEntryId"
  | "ProviderDisabled"
  | "InvalidObject"
  | "LoadFailed"
  | "VersionMismatch"
> = true

export const objects: Pinned<
  MapiError.ObjectError["_tag"],
  "InvalidObject" | "NoAccess" | "NotFound" | "InvalidParameter" | "UnknownFlags" | "ProviderFailed"
> = true
