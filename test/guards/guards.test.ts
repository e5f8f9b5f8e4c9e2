/** That no guard is overlooked: a source with one of each, and what it is without them. */
import { assert, describe, it } from "@effect/vitest"
import { isNode } from "../runtimes/node.ts"

const source = `
const isOpen = (door) => door.state === "open"
const shut = (doors) => doors.filter((door) => isShut(door))
const enter = (door) => {
  if (isOpen(door)) return Effect.uninterruptible(walk)
  switch (door.kind) {
    case "glass":
      return Effect.ensuring(knock, leave)
    default:
      return door.isMine && door.key ? Scope.close(door.scope, exit) : wait.pipe(Effect.ignore)
  }
}
Effect.addFinalizer(() => close)
Effect.uninterruptibleMask((restore) => restore(walk))
Effect.forkIn(walk, scope, { uninterruptible: true })
`

describe.runIf(isNode)("the guards of a source", () => {
  it("are each condition, case, side, region and finaliser, with the source without it", async () => {
    const { guardsOf } = await import("./guards.ts")
    const found = guardsOf("doors.ts", source).map(({ line, what, without }) => {
      const changed = without.split("\n").find((text, at) => text !== source.split("\n")[at])
      return `${line} ${what} -> ${changed?.trim()}`
    })
    assert.deepStrictEqual(found, [
      '2 door.state === "open": always -> const isOpen = (door) => ((door.state === "open") || true)',
      '2 door.state === "open": never -> const isOpen = (door) => ((door.state === "open") && false)',
      "3 isShut(door): always -> const shut = (doors) => doors.filter((door) => ((isShut(door)) || true))",
      "3 isShut(door): never -> const shut = (doors) => doors.filter((door) => ((isShut(door)) && false))",
      "5 isOpen(door): always -> if (((isOpen(door)) || true)) return Effect.uninterruptible(walk)",
      "5 isOpen(door): never -> if (((isOpen(door)) && false)) return Effect.uninterruptible(walk)",
      "5 Effect.uninterruptible: Effect.uninterruptible(walk) -> if (isOpen(door)) return walk",
      '7 case "glass": never -> case (("glass") && false):',
      "8 Effect.ensuring: Effect.ensuring(knock, leave) -> return knock",
      "10 door.isMine && door.key: always -> return ((door.isMine && door.key) || true) ? Scope.close(door.scope, exit) : wait.pipe(Effect.ignore)",
      "10 door.isMine && door.key: never -> return ((door.isMine && door.key) && false) ? Scope.close(door.scope, exit) : wait.pipe(Effect.ignore)",
      "10 door.isMine, in door.isMine && door.key -> return door.key ? Scope.close(door.scope, exit) : wait.pipe(Effect.ignore)",
      "10 door.key, in door.isMine && door.key -> return door.isMine ? Scope.close(door.scope, exit) : wait.pipe(Effect.ignore)",
      "10 a scope is closed: Scope.close(door.scope, exit) -> return door.isMine && door.key ? Effect.void : wait.pipe(Effect.ignore)",
      "10 Effect.ignore -> return door.isMine && door.key ? Scope.close(door.scope, exit) : wait.pipe(((self) => self))",
      "13 a finaliser: Effect.addFinalizer(() => close) -> Effect.void",
      "14 uninterruptibleMask -> Effect.suspend((restore) => restore(walk))",
      "15 forked uninterruptible -> Effect.forkIn(walk, scope, { uninterruptible: false })"
    ])
  })
})
