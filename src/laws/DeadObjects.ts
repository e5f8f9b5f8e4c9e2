/** No call but AddRef and Release on an object that is dead, or was made invalid. */
import { type Event, isFailure } from "../CallLog.ts"
import * as Example from "./Example.ts"
import * as Law from "./Law.ts"

type State = "alive" | "invalid" | "dead"

/** Of what MAPI and the provider do for themselves, nothing is a call on the object. */
const isCall = (event: Event, subject: string): boolean =>
  event.phase === "call" && event.object === subject && /^\w+::(?!(AddRef|Release)$)/.test(event.call)

const refused = (event: Event, state: State): Law.Breach =>
  Law.breach(event, `no call but AddRef and Release on an object that is ${state === "dead" ? "dead" : "made invalid"}`)

const release = (count: number): Example.Call => ({
  call: "IMsgStore::Release",
  object: "IMsgStore#1",
  refs: Example.counted("IMsgStore#1", "client", count, count)
})
const getProps: Example.Call = { call: "IMsgStore::GetProps", object: "IMsgStore#1" }

export const DeadObjects = Law.make<State>(
  {
    name: "DeadObjects",
    sentence: "After the last Release, and after MakeInvalid, only AddRef and Release may be called on an object.",
    source: "IMAPISupport::MakeInvalid; R7",
    good: Example.log(
      { call: "new IMsgStore", object: "IMsgStore#1", refs: Example.counted("IMsgStore#1", "client", 1, 1) },
      getProps,
      release(0)
    ),
    bad: Example.log(
      { call: "new IMsgStore", object: "IMsgStore#1", refs: Example.counted("IMsgStore#1", "client", 1, 1) },
      release(0),
      getProps
    )
  },
  {
    of: "object",
    needs: ["counts"],
    initial: "alive",
    change: (state, event, subject) => {
      if (state !== "alive" && isCall(event, subject)) return refused(event, state)
      if (event.refs.some((it) => it.object === subject && it.total <= 0)) return "dead"
      const invalid =
        Law.is(event, "return", "IMAPISupport::MakeInvalid") &&
        !isFailure(event.result) &&
        event.passed?.includes(subject) === true
      return invalid && state === "alive" ? "invalid" : state
    },
    use: (state, event, subject) => (state !== "alive" && isCall(event, subject) ? refused(event, state) : undefined),
    late: (event, subject) =>
      isCall(event, subject) ||
      (Law.is(event, "call", "remove MAPIUIDs", "remove status row") && event.object === subject)
        ? refused(event, "dead")
        : undefined,
    end: () => undefined
  }
)
