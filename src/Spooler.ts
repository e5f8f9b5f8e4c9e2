/**
 * The MAPI spooler: told of a store's entry id in step 6, it logs on to the store by itself in steps 8 and 9.
 *
 * Its queue is unbounded, so that giving it an id never waits, and each SpoolerLogon runs in a child fiber of its own.
 * What step 8 does is given to it as an effect: it knows neither providers nor sessions.
 *
 * ```text
 * Queued ──begin──▶ Begun ──held──▶ Holding ──let go──▶ Ended   (both references released)
 *    │                │ └──────────failed─────────────▶ Ended
 *    │             let go ──▶ Leaving ──held──▶ Ended            (released as soon as SpoolerLogon returns)
 *    └──let go──▶ Ended                                          (withdrawn: SpoolerLogon is never called)
 * ```
 */
import type * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as Ref from "effect/Ref"

/** Gives the spooler's references back. */
export type LetGo = Effect.Effect<void>

/** Where a ticket stands. */
export type TicketState =
  | { readonly _tag: "Queued" }
  | { readonly _tag: "Begun" }
  | { readonly _tag: "Leaving" }
  | { readonly _tag: "Holding"; readonly letGo: LetGo }
  | { readonly _tag: "Ended" }

/** An entry id in the spooler's hands. */
export interface Ticket {
  readonly id: string
  readonly state: Ref.Ref<TicketState>
  /** Done once steps 8 and 9 are over, or will never be. */
  readonly settled: Deferred.Deferred<void>
}

const ended: TicketState = { _tag: "Ended" }

/** Begins step 8, unless the ticket was withdrawn. */
export const begin = (state: TicketState): readonly [boolean, TicketState] =>
  state._tag === "Queued" ? [true, { _tag: "Begun" }] : [false, state]

/** SpoolerLogon has returned a pair. Answers true where it is to be given back at once. */
export const held = (state: TicketState, letGo: LetGo): readonly [boolean, TicketState] =>
  state._tag === "Begun" ? [false, { _tag: "Holding", letGo }] : [true, ended]

/** The transports are logged off, or the store is gone. Answers what is to be done about it. */
export const letGo = (state: TicketState): readonly ["withdrawn" | "nothing" | LetGo, TicketState] => {
  switch (state._tag) {
    case "Queued":
      return ["withdrawn", ended]
    case "Begun":
      return ["nothing", { _tag: "Leaving" }]
    case "Holding":
      return [state.letGo, ended]
    default:
      return ["nothing", state]
  }
}

/** A new ticket. */
export const makeTicket = (id: string): Ticket => ({
  id,
  state: Ref.makeUnsafe<TicketState>({ _tag: "Queued" }),
  settled: Deferred.makeUnsafe<void>()
})

/** What the queue holds. */
interface Work {
  readonly ticket: Ticket
  readonly run: Effect.Effect<void>
}

/** The spooler. */
export class Spooler extends Context.Service<
  Spooler,
  {
    /**
     * [S6] Queues a ticket. `spoolerLogon` is steps 8 and 9: it answers how to let go, or fails, and has recorded why. It runs
     * uninterruptibly: what of it may wait for ever makes itself interruptible.
     */
    readonly give: <E>(ticket: Ticket, spoolerLogon: Effect.Effect<LetGo, E>) => Effect.Effect<void>
    /** [R7] Lets go of a store: now, or when the SpoolerLogon that runs returns. True if the id was never used. */
    readonly letGo: (ticket: Ticket) => Effect.Effect<boolean>
  }
>()("effect-mapi/Spooler") {
  static readonly layer: Layer.Layer<Spooler> = Layer.effect(
    Spooler,
    Effect.gen(function* () {
      const queue = yield* Queue.unbounded<Work, Cause.Done>()
      // Last of all, once no fiber is left to take them: what is still queued is withdrawn, and nothing more is queued.
      yield* Effect.addFinalizer(() =>
        Effect.andThen(Queue.end(queue), Queue.clear(queue)).pipe(
          Effect.flatMap((left) => Effect.forEach(left, ({ ticket }) => withdraw(ticket), { discard: true }))
        )
      )
      // Only the wait is interruptible: work that has been taken is begun. Its fiber ends with this one.
      const takeOne = Effect.uninterruptibleMask((restore) =>
        restore(Queue.peek(queue)).pipe(
          Effect.andThen(Queue.take(queue)),
          Effect.flatMap((work) => Effect.forkChild(work.run, { uninterruptible: true }))
        )
      )
      yield* Effect.forkScoped(Effect.forever(takeOne))
      return {
        give: (ticket, spoolerLogon) =>
          Effect.flatMap(Queue.offer(queue, { ticket, run: run(ticket, spoolerLogon) }), (queued) =>
            queued ? Effect.void : Effect.asVoid(withdraw(ticket))
          ),
        letGo: withdraw
      }
    })
  )
}

/** Uninterruptible, but for what step 8 waits for: a ticket is settled, and a pair held or given back, in every case. */
const run = Effect.fnUntraced(function* <E>(ticket: Ticket, spoolerLogon: Effect.Effect<LetGo, E>) {
  if (!(yield* Ref.modify(ticket.state, begin))) return
  yield* spoolerLogon.pipe(
    Effect.matchCauseEffect({
      onFailure: () => Ref.set(ticket.state, ended),
      onSuccess: (letGo) =>
        Effect.flatMap(
          Ref.modify(ticket.state, (state) => held(state, letGo)),
          (leaving) => (leaving ? letGo : Effect.void)
        )
    }),
    Effect.ensuring(Deferred.succeed(ticket.settled, undefined))
  )
})

const withdraw = Effect.fnUntraced(function* (ticket: Ticket) {
  const act = yield* Ref.modify(ticket.state, letGo)
  if (act === "withdrawn") yield* Deferred.succeed(ticket.settled, undefined)
  else if (act !== "nothing") yield* act
  return act === "withdrawn"
}, Effect.uninterruptible)
