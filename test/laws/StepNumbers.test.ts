import { assert, describe, it } from "@effect/vitest"
import type { CallLog } from "../../src/index.ts"
import * as Example from "../../src/laws/Example.ts"
import { StepNumbers } from "../../src/laws/StepNumbers.ts"
import { outcome, verdictsOn } from "./judged.ts"

type Step = CallLog.Event["step"]

/** A call whose halves carry these numbers. */
const numbered = (call: string, steps: readonly [Step, Step], result = "S_OK") =>
  Example.log({ call, result }).map((event, half): CallLog.Event => ({ ...event, step: steps[half] ?? null }))

const open = "IMAPISession::OpenMsgStore"
const logon = "IMSProvider::Logon"
const spoolerLogon = "IMSProvider::SpoolerLogon"
const failed = "MAPI_E_FAILONEPROVIDER"

const right: ReadonlyArray<readonly [string, string, readonly [Step, Step]]> = [
  [open, "S_OK", [1, 7]],
  [open, failed, [1, null]],
  ["LoadLibrary", "S_OK", [2, 2]],
  ["LoadLibrary", failed, [2, 2]],
  ["MSProviderInit", "S_OK", [2, 3]],
  ["MSProviderInit", failed, [2, 3]],
  [logon, "MAPI_W_ERRORS_RETURNED", [4, 5]],
  [logon, failed, [4, 4]],
  ["give entry id", "S_OK", [6, 6]],
  ["give entry id", failed, [6, 6]],
  [spoolerLogon, "S_OK", [8, 9]],
  [spoolerLogon, "interrupted", [8, 8]]
]

describe("StepNumbers", () => {
  it.each(right)("%s that answers %s is %j", (call, result, steps) => {
    assert.strictEqual(outcome(StepNumbers, numbered(call, steps, result)), "holds of 1")
  })

  it.each(right)("%s that answers %s is nothing else than %j", (call, result, [first, second]) => {
    const at = `StepNumbers of call 1, at`
    const half = result === failed || result === "interrupted" ? "failed return" : "return"
    assert.strictEqual(
      outcome(StepNumbers, numbered(call, [first === 4 ? 5 : 4, second], result)),
      `${at} 1 ${call} call: expected step ${first}, for the call of ${call}`
    )
    assert.strictEqual(
      outcome(StepNumbers, numbered(call, [first, second === 7 ? 9 : 7], result)),
      `${at} 2 ${call} return: expected ${second === null ? "no step" : `step ${second}`}, for the ${half} of ${call}`
    )
  })

  it("says nothing of what the page does not number", () => {
    assert.strictEqual(outcome(StepNumbers, numbered("new IMSProvider", [3, 3])), "holds of 1")
    assert.strictEqual(outcome(StepNumbers, numbered("toString", [null, null])), "holds of 1")
  })

  it("looks at each call for itself: one is broken, not the one around it", () => {
    const events = Example.log({ call: open, inside: [{ call: logon }] })
    const wrong = events.map((event): CallLog.Event => (event.call === logon ? { ...event, step: 9 } : event))
    const [verdict] = verdictsOn(wrong, [StepNumbers])
    assert.deepStrictEqual(verdict?._tag === "Broken" && [verdict.first.subject, verdict.subjects], ["call 2", 1])
  })

  it("is not judged where a call does not say its step", () => {
    const why = "not judged: a call does not say which step it is"
    assert.strictEqual(outcome(StepNumbers, numbered(logon, [null, 5])), why)
    assert.strictEqual(outcome(StepNumbers, numbered(logon, [4, null])), why)
    assert.strictEqual(outcome(StepNumbers, numbered(open, [null, null], failed)), why)
  })
})
