/** One subject after the other, the automata say what the judge says, who reads one event after the other. */
import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { all } from "../../src/Laws.ts"
import * as Sequences from "../../src/laws/Sequences.ts"
import { type Events, logs, Place, verdicts } from "./crowd.ts"

/** Which laws are broken of which subjects, each judged by the sequence of its own events. */
const broken = (log: Events): ReadonlyArray<string> =>
  Sequences.ofLog(all, log)
    .flatMap(({ parts, start, subject }) =>
      start().flatMap(([law, first]) => {
        let at = first
        for (const { at: place, mode, role } of parts) {
          const event = log[place]
          if (event === undefined) continue
          const next = mode === "uses" ? (at.use(event) ?? at) : at.change(event, role)
          if ("_tag" in next) return [`${law.name} ${subject}`]
          at = next
        }
        return at.end() === undefined ? [] : [`${law.name} ${subject}`]
      })
    )
    .toSorted()

/** The log, with some neighbours exchanged. */
const exchanged = (log: Events, places: ReadonlyArray<number>): Events =>
  places.reduce<Events>((events, place) => {
    const at = place % (events.length - 1)
    return events.toSpliced(at, 2, ...events.slice(at, at + 2).toReversed())
  }, log)

describe("subject by subject", () => {
  it("nothing is broken in a log that holds", () => {
    assert.deepStrictEqual(
      logs.map(broken),
      logs.map(() => [])
    )
  })

  const Log = Schema.Literals([0, 1, 2, 3])
  const Places = Schema.Array(Place).check(Schema.isMinLength(1), Schema.isMaxLength(30))

  it.prop("whatever the judge finds broken in another order is broken", [Log, Places], ([n, places]) => {
    const log = exchanged(logs[n] ?? [], places)
    const found = new Set(broken(log))
    assert.deepStrictEqual(
      verdicts(log).broken.filter((each) => !found.has(each)),
      []
    )
  })

  it("an order with two neighbours exchanged breaks the very same laws, and there are many: the property is about something", () => {
    const orders = logs.flatMap((log) => log.slice(1).map((_, at) => exchanged(log, [at])))
    const both = orders.map((log) => [broken(log).join(), [...new Set(verdicts(log).broken)].join()] as const)
    assert.isAbove(both.filter(([, judged]) => judged !== "").length, 60)
    assert.deepStrictEqual(both.filter(([mine, judged]) => mine !== judged).length, 0)
  })
})
