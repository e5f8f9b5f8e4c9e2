/**
 * A valid call log of any size, on standard output: `node test/bench/bigLog.ts 10000000 | effect-mapi judge`.
 *
 * One session is really run: opens, repeats, a refused password, reading, the spooler, closes, Logoff. Its log is then
 * printed again and again under new numbers, several sessions at once, one event of each in turn, in the memory of one.
 */
import { once } from "node:events"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { CallLog, InMemory, MapiSession, MsgStore, ProviderRegistry } from "../../src/index.ts"

/** How many sessions are open at once. */
const together = 16

/** The log of one session, and of the process around it. */
export const run = Effect.gen(function* () {
  const folders = [{ name: "Letters", messages: ["Hello", "Again"] }]
  const password = Redacted.make("sesame")
  const memory = InMemory.make({
    stores: [
      { name: "Inbox", folders },
      { name: "Archive", folders },
      { name: "Vault", password }
    ]
  })
  const { events, recorder } = CallLog.makeRecorder()
  const session = Effect.scoped(
    Effect.gen(function* () {
      const client = yield* MapiSession.MapiSession
      const other = yield* client.share({ client: "other" })
      const open = Effect.fnUntraced(function* (pointer: MapiSession.IMAPISession, name: string) {
        return yield* pointer.openMsgStore({ entryId: yield* Effect.fromResult(memory.entryId(name)) })
      })
      yield* Effect.all([open(client, "Inbox"), open(other, "Inbox")], { concurrency: "unbounded" })
      yield* Effect.ignore(open(client, "Vault"))
      yield* Effect.scoped(Effect.flatMap(open(other, "Archive"), MsgStore.folderTree))
      const again = yield* open(client, "Archive")
      yield* client.spoolerIdle
      yield* MsgStore.folderTree(again)
    })
  )
  const registry = ProviderRegistry.ProviderRegistry.layer([memory.registration])
  const stage = Layer.provide(
    MapiSession.MapiSession.layer,
    Layer.provideMerge(registry, Layer.succeed(CallLog.CallLog, recorder))
  )
  yield* Effect.provide(session, stage)
  return yield* events
})

/** An event in pieces: what stands still, and between it the numbers that every printing has of its own. */
interface Stamp {
  readonly pieces: ReadonlyArray<string>
  readonly numbers: ReadonlyArray<{ readonly kind: string; readonly n: number }>
}

const number = /"(seq|callId|within)":(\d+)|"(I[A-Z]\w*|Ticket)#(\d+)"/g

const stampOf = (event: CallLog.Event): Stamp => {
  const text = JSON.stringify(event)
  const pieces: Array<string> = []
  const numbers: Array<Stamp["numbers"][number]> = []
  let from = 0
  for (const { 0: found, 1: field, 2: value, 3: kind, 4: n, index } of text.matchAll(number)) {
    pieces.push(text.slice(from, index) + (field === undefined ? `"${kind}#` : `"${field}":`))
    numbers.push(field === undefined ? { kind: kind ?? "", n: Number(n) } : { kind: field, n: Number(value) })
    from = index + found.length - (field === undefined ? 1 : 0)
  }
  return { pieces: [...pieces, text.slice(from)], numbers }
}

const kindOf = (kind: string): string => (kind === "within" ? "callId" : kind)

/** The lines of a log of so many events, or as many more as its last sessions need to end. */
export function* lines(events: ReadonlyArray<CallLog.Event>, size: number): Generator<string> {
  const stamps = events.map(stampOf)
  const atStart = stamps.filter((_, n) => events[n]?.call === "LoadLibrary")
  const atEnd = stamps.filter((_, n) => events[n]?.call === "FreeLibrary")
  const ofSession = stamps.filter((_, n) => events[n]?.session !== null)
  const most = new Map<string, number>() // of each kind of number, how many a session needs
  for (const { kind, n } of stamps.flatMap(({ numbers }) => numbers)) {
    most.set(kindOf(kind), Math.max(n, most.get(kindOf(kind)) ?? 0))
  }
  let seq = 0
  const print = ({ numbers, pieces }: Stamp, session: number): string => {
    let text = pieces[0] ?? ""
    for (const [at, { kind, n }] of numbers.entries()) {
      text += kind === "seq" ? ++seq : n + session * (most.get(kindOf(kind)) ?? 0)
      text += pieces[at + 1] ?? ""
    }
    return `${text}\n`
  }
  for (const stamp of atStart) yield print(stamp, 0)
  let session = 0
  while (seq + atEnd.length < size) {
    for (const stamp of ofSession) for (let n = 0; n < together; n++) yield print(stamp, session + n)
    session += together
  }
  for (const stamp of atEnd) yield print(stamp, 0)
}

const main = async (size: number) => {
  let text = ""
  const write = async () => {
    const goesOn = process.stdout.write(text)
    text = ""
    if (!goesOn) await once(process.stdout, "drain")
  }
  for (const line of lines(await Effect.runPromise(run), size)) {
    text += line
    if (text.length > 65_536) await write()
  }
  await write()
}

if (import.meta.main) {
  process.stdout.on("error", () => process.exit()) // the reader has seen enough
  await main(Number(process.argv[2] ?? 1000))
}
