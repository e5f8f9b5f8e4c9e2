/**
 * The MAPI spooler: told of a store's entry id in step 6, it logs on to the store by itself in steps 8 and 9.
 *
 * Giving it an id never waits: each SpoolerLogon runs in a fiber of its own, which begins when it comes to it. What step 8
 * does is given to it as an effect: it knows neither providers nor sessions.
 *
 * ```text
 * Queued ──begin──▶ Begun ──held──▶ Holding ──let go──▶ Ended   (both references released)
 *    │             let go ──▶ Leaving ──held──▶ Ended            (released as soon as SpoolerLogon returns)
 *    └──let go──▶ Ended                                          (withdrawn: SpoolerLogon is never called)
 * ```
 *
 * A SpoolerLogon that fails leaves its ticket where it stands: there is nothing to let go of, whoever asks and when.
 */
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as MutableHashMap from "effect/MutableHashMap"
import * as MutableRef from "effect/MutableRef"
import * as Ref from "effect/Ref"

/** Gives the spooler's references back. */
export type LetGo = Effect.Effect<void>

/** Where a ticket stands. */
export type TicketState =
  | { readonly _tag: "Queued" }
  | { readonly _tag: "Begun"; readonly fiber: Fiber.Fiber<unknown, unknown> }
  | { readonly _tag: "Leaving"; readonly fiber: Fiber.Fiber<unknown, unknown> }
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

/** Begins step 8 in this fiber, unless the ticket was withdrawn. */
export const begin = (state: TicketState, fiber: Fiber.Fiber<unknown, unknown>): readonly [boolean, TicketState] =>
  state._tag === "Queued" ? [true, { _tag: "Begun", fiber }] : [false, state]

/** SpoolerLogon has returned a pair. Answers true where it is to be given back at once. */
export const held = (state: TicketState, letGo: LetGo): readonly [boolean, TicketState] =>
  state._tag === "Begun" ? [false, { _tag: "Holding", letGo }] : [true, ended]

/** The transports are logged off, or the store is gone. Answers what is to be done about it. */
export const letGo = (state: TicketState): readonly ["withdrawn" | "nothing" | LetGo, TicketState] => {
  switch (state._tag) {
    case "Queued":
      return ["withdrawn", ended]
    case "Begun":
      return ["nothing", { _tag: "Leaving", fiber: state.fiber }]
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

/** The spooler. */
export class Spooler extends Context.Service<
  Spooler,
  {
    /**
     * [S6] Takes a ticket. `spoolerLogon` is steps 8 and 9: it answers how to let go, or fails, and has recorded why. It runs
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
      const unsettled = MutableHashMap.empty<string, Ticket>()
      const isClosed = MutableRef.make(false)
      const settle = (ticket: Ticket) =>
        Effect.sync(() => {
          MutableHashMap.remove(unsettled, ticket.id)
          Deferred.doneUnsafe(ticket.settled, Exit.void)
        })
      const withdraw = Effect.fnUntraced(function* (ticket: Ticket) {
        const act = yield* Ref.modify(ticket.state, letGo)
        if (act === "withdrawn") yield* settle(ticket)
        else if (act !== "nothing") yield* act
        return act === "withdrawn"
      }, Effect.uninterruptible)
      // Last of all: what has not begun never will, what is under way is interrupted, and nothing more is taken.
      const close = (ticket: Ticket) =>
        Effect.flatMap(Ref.get(ticket.state), (state) => {
          if (state._tag === "Queued") return withdraw(ticket)
          return "fiber" in state ? Fiber.interrupt(state.fiber) : Effect.void // what it holds is another's to let go of
        })
      yield* Effect.addFinalizer(() => {
        MutableRef.set(isClosed, true)
        return Effect.forEach(Array.from(MutableHashMap.values(unsettled)), close, { discard: true })
      })
      return {
        give: (ticket, spoolerLogon) =>
          Effect.suspend(() => {
            if (MutableRef.get(isClosed)) return Effect.asVoid(withdraw(ticket))
            MutableHashMap.set(unsettled, ticket.id, ticket)
            return Effect.forkDetach(run(ticket, spoolerLogon, settle(ticket)), { uninterruptible: true })
          }),
        letGo: withdraw
      }
    })
  )
}

/** Uninterruptible, but for what step 8 waits for: a ticket is settled, and a pair held or given back, in every case. */
const run = <E>(ticket: Ticket, spoolerLogon: Effect.Effect<LetGo, E>, settle: Effect.Effect<void>) =>
  Effect.withFiber((fiber) =>
    Effect.flatMap(
      Ref.modify(ticket.state, (state) => begin(state, fiber)),
      (begun) => (begun ? Effect.ensuring(logOn(ticket, spoolerLogon), settle) : Effect.void)
    )
  )

const logOn = <E>(ticket: Ticket, spoolerLogon: Effect.Effect<LetGo, E>): Effect.Effect<void> =>
  Effect.matchCauseEffect(spoolerLogon, {
    onFailure: () => Effect.void,
    onSuccess: (letGo) =>
      Effect.flatMap(
        Ref.modify(ticket.state, (state) => held(state, letGo)),
        (leaving) => (leaving ? letGo : Effect.void)
      )
  })
