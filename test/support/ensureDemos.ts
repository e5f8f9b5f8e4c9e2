/** A program: says `ready`, and at a word on its standard input makes the demonstration store at each path it is given. */
import * as Effect from "effect/Effect"
import * as Sqlite from "../../src/providers/Sqlite.ts"

process.stdout.write("ready")
await new Promise((resolve) => process.stdin.once("data", resolve))
await Effect.runPromise(Effect.forEach(process.argv.slice(2), Sqlite.ensureDemo, { discard: true }))
process.exit(0)
