/**
 * The password of a store, as it is kept: 16 bytes of salt, then 32 bytes of scrypt. Never the password itself.
 *
 * The cost belongs to the version of the file format, so that no file can ask for more work than that.
 */
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import { ProviderFailed } from "../../MapiError.ts"

const SALT = 16
const HASH = 32

/** How long a sealed password is. */
export const LENGTH: number = SALT + HASH

/** About a fifth of a second, and 16 MiB: a choice of OWASP's Password Storage Cheat Sheet. */
const cost = { N: 2 ** 14, r: 8, p: 5 }

const crypto = (subject: string) =>
  Effect.tryPromise({
    try: () => import("node:crypto"),
    catch: () => failed(subject, "this runtime has no node:crypto")
  })

const failed = (subject: string, detail: string) => new ProviderFailed({ subject, detail })

/** What a store keeps of its password. */
export const seal = Effect.fnUntraced(function* (
  subject: string,
  password: Redacted.Redacted
): Effect.fn.Return<Uint8Array, ProviderFailed> {
  const { randomBytes } = yield* crypto(subject)
  const salt = randomBytes(SALT)
  return Uint8Array.of(...salt, ...(yield* derive(subject, password, salt)))
})

/** Is this the password that was sealed? */
export const opens = Effect.fnUntraced(function* (
  subject: string,
  sealed: Uint8Array,
  given: Redacted.Redacted
): Effect.fn.Return<boolean, ProviderFailed> {
  const { timingSafeEqual } = yield* crypto(subject)
  return timingSafeEqual(yield* derive(subject, given, sealed.subarray(0, SALT)), sealed.subarray(SALT))
})

const derive = Effect.fnUntraced(function* (
  subject: string,
  password: Redacted.Redacted,
  salt: Uint8Array
): Effect.fn.Return<Uint8Array, ProviderFailed> {
  const { scrypt } = yield* crypto(subject)
  return yield* Effect.tryPromise({
    try: () =>
      new Promise<Uint8Array>((resolve, reject) =>
        scrypt(Redacted.value(password), salt, HASH, cost, (error, key) =>
          Predicate.isNullish(error) ? resolve(key) : reject(error)
        )
      ),
    catch: () => failed(subject, "its password could not be hashed") // what was thrown might quote the password
  })
})
