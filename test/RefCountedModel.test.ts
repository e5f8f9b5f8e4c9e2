/** Any commands, given to an object and to plain counts: both say the same. */
import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as CallLog from "../src/CallLog.ts"
import * as RefCounted from "../src/RefCounted.ts"
import { played } from "./support/refCounted.ts"

describe("against a plain model", () => {
  const Holder = Schema.Literals(["MAPI", "client", "spooler"])
  const Command = Schema.Union([
    Schema.TaggedStruct("AddRef", { holder: Holder }),
    Schema.TaggedStruct("Release", { holder: Holder }),
    Schema.TaggedStruct("Transfer", { holder: Holder, to: Holder }),
    Schema.TaggedStruct("MakeInvalid", {})
  ])
  type Command = typeof Command.Type
  type Answer = { readonly answer: unknown; readonly refs: ReadonlyArray<CallLog.RefChange> }

  const keeps = (holder: string) => holder !== "spooler"
  const isKept = (model: ReadonlyMap<string, number>) => Array.from(model.keys()).some(keeps)

  /** What one command does to plain counts: its answer, and the counts that it changed. */
  const step = (model: Map<string, number>, command: Command): Answer => {
    const change = (holder: string, by: number) => {
      const count = (model.get(holder) ?? 0) + by
      if (count === 0) model.delete(holder)
      else model.set(holder, count)
    }
    const told = (...holders: ReadonlyArray<string>) =>
      holders.map((holder) => ({
        object: "IMsgStore#1",
        holder,
        count: model.get(holder) ?? 0,
        total: RefCounted.total(model)
      }))
    if (command._tag === "MakeInvalid") return { answer: undefined, refs: [] }
    const { _tag, holder } = command
    if (_tag === "AddRef" ? !isKept(model) : !model.has(holder)) {
      return { answer: _tag === "Release" ? "OverRelease" : "InvalidObject", refs: [] }
    }
    change(holder, _tag === "AddRef" ? 1 : -1)
    if (_tag === "Transfer") change(command.to, 1)
    return { answer: undefined, refs: _tag === "Transfer" ? told(holder, command.to) : told(holder) }
  }

  const run = (object: RefCounted.RefCounted, command: Command): Effect.Effect<unknown, { readonly _tag: string }> => {
    switch (command._tag) {
      case "AddRef":
        return object.addRef(command.holder)
      case "Release":
        return object.release(command.holder)
      case "Transfer":
        return object.transfer(command.holder, command.to)
      case "MakeInvalid":
        return object.makeInvalid
    }
  }

  const Commands = Arbitrary.array(Arbitrary.schema(Command), { maxLength: 30 })
  it.effect.prop("any commands give the model's answers, counts and events", [Commands], ([commands]) =>
    Effect.gen(function* () {
      const model = new Map([["MAPI", 1]])
      const wanted: Array<Answer> = []
      const [left, wantedLeft]: [Array<ReadonlyArray<boolean>>, Array<ReadonlyArray<boolean>>] = [[], []]
      let valid = true
      const afterRelease = ({ any, keeping }: RefCounted.Left) => {
        const now = [any(), keeping()]
        return Effect.sync(() => void left.push(now))
      }
      const { events, exit } = yield* played({ afterRelease, keeps }, (object) =>
        Effect.forEach(commands, (command) =>
          Effect.gen(function* () {
            const expected = step(model, command)
            const answer = yield* Effect.catch(run(object, command), ({ _tag }) => Effect.succeed(_tag))
            assert.strictEqual(answer, expected.answer)
            assert.deepStrictEqual(yield* object.holders, model)
            assert.strictEqual(yield* object.count, RefCounted.total(model))
            valid &&= command._tag !== "MakeInvalid"
            assert.strictEqual(yield* object.isValid, valid && model.size > 0)
            if (command._tag !== "MakeInvalid") wanted.push(expected)
            const isTaken = command._tag === "Release" && answer !== "OverRelease"
            if (isTaken) wantedLeft.push([model.size > 0, isKept(model)])
          })
        )
      )
      yield* exit
      const told = (phase: CallLog.Event["phase"]) => events.filter((event) => event.phase === phase).slice(1)
      assert.deepStrictEqual(
        told("call").map(({ refs }) => refs),
        wanted.map(({ refs }) => refs)
      )
      assert.deepStrictEqual(
        told("return").map(({ result }) => result),
        wanted.map(({ answer }) => (typeof answer === "string" ? "MAPI_E_INVALID_OBJECT" : "S_OK"))
      )
      assert.deepStrictEqual(left, wantedLeft)
    })
  )
})
