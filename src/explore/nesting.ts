/**
 * Whom a step wakes, or interrupts, or starts at once, Effect runs in the middle of that step; the machine runs him after it.
 *
 * That differs only where what the step does next clashes with what he does, or whom he wakes in turn. So a step keeps what
 * it touches once it has woken somebody, and a process by whom it was woken, and by whom that one was. The first time that
 * the two clash, it is learnt of each on the way that it may go on at once when woken by the other, and of what they waited
 * for that it counts who waited first; and the search begins again with that as a choice. A step within which somebody went
 * on for nothing is no execution of its own. Inside the package only.
 */
import { clash, READ, WRITE } from "./access.ts"
import type { Names } from "./names.ts"
import { INBOX, INTERRUPT, nobody, type Process, type Wake } from "./process.ts"
import type { AtOnce } from "./tree.ts"

/** A part of a step that another process took. */
export interface Guest {
  readonly slot: number
  readonly inbox: number
  /** Where the last step of it begins and ends: what the step touches after it where it was not taken, if that is known. */
  from: number
  to: number
  instead: ReadonlySet<number> | undefined
  /** In whose steps it goes on, as what they read of being interrupted: they stop after this one, whenever that was. */
  readonly hosts: ReadonlyArray<number>
  /** Where whoever came to observe its end was told of it at once: as if by him. */
  readonly tells: Array<{ readonly from: number; readonly to: number }>
}

/** What only he reads, and who wakes him writes. */
const inboxOf = ({ cells }: Process): number => cells + INBOX

/** That it looks whether it was interrupted. */
const askedOf = ({ cells }: Process): number => (cells + INTERRUPT) * 8 + READ

const clashes = (one: ReadonlyArray<number>, from: number, to: number, access: number): boolean => {
  for (let i = from; i < to; i++) {
    const other = one[i] ?? 0
    if (other >> 3 === access >> 3 && clash(other & 7, access & 7)) return true
  }
  return false
}

/** Whether anything of it could matter: of a step that is over, once and for all. */
const matters = ({ before, from, rest }: Wake): boolean => rest.length > from || before.length > 0

export class Nesting {
  private readonly names: Names
  private readonly log: number
  private step = -1
  /** What the step touches from the first on that was woken: empty until then. */
  private rest: Array<number> = []
  private wakes = false
  /** Of all in whose steps whoever runs now goes on. */
  private hosts: ReadonlyArray<number> = []
  private isTold = false
  /** Who went on within it. */
  guests: Array<Guest> = []
  private untaken: Array<{ readonly rest: Set<number>; readonly from: number }> = []
  private instead: ReadonlySet<number> | undefined = undefined
  /** Wakes of the step that came to nothing within it. */
  private cancelled: Array<{ readonly wake: Wake; readonly woken: number }> = []
  private completions = new Map<number, Wake>()

  constructor(names: Names) {
    this.names = names
    this.log = names.subject("the log")
  }

  reset(): void {
    this.completions = new Map()
  }

  begin(step: number, it: Process): void {
    this.step = step
    this.hosts = [askedOf(it)]
    if (this.wakes) this.rest = []
    this.wakes = false
    this.isTold = false
    if (this.guests.length > 0) this.guests = []
    if (this.untaken.length > 0) this.untaken = []
    if (this.cancelled.length > 0) this.cancelled = []
    this.instead = undefined
  }

  noted(cell: number, mode: number): void {
    if (this.wakes) this.rest.push(cell * 8 + mode)
  }

  /** What is told is told in some order, though it is an access to nothing. */
  told(): void {
    this.isTold = true
    this.noted(this.log, WRITE)
  }

  /** How far the step has come, and whom it wakes there. */
  place(it: Process): number {
    return this.rest.length * 0x10_0000 + it.id
  }

  /** What comes after it in a step that is not over is not known yet. */
  private readonly mayMatter = (wake: Wake): boolean => wake.step === this.step || matters(wake)

  private wake(by: Process, cells: ReadonlyArray<number>): Wake {
    this.wakes = true
    const { rest, step } = this
    const before = by.woken.length === 0 ? nobody : by.woken.filter(this.mayMatter)
    return { step, by: by.id, rest, from: rest.length, cells, before }
  }

  /** Something is there now that is waited for. */
  completes(by: Process, cell: number): void {
    this.completions.set(cell, this.wake(by, [cell]))
  }

  /** Had he waited for less, or not at all, he would have come here by what woke him before. */
  woke(by: Process, it: Process): void {
    const waits = !it.unwinds && it.awaited.length > 0
    const wake = this.wake(by, waits ? it.awaited : [])
    if (waits) this.passes(it)
    const before = waits ? it.woken.filter(this.mayMatter) : it.told
    it.woken = before.length === 0 ? [wake] : [wake, ...before]
    it.told = nobody
  }

  /** One of those that he waits for has ended: another might have been the last. */
  tells(by: Process, it: Process): void {
    const wake = this.wake(by, [inboxOf(it)])
    it.told = [...it.told, wake]
    if (it.pending) it.woken = [...it.woken, wake] // the same as if it had been told first
  }

  /** It is interrupted where it cannot be: had it left its mask, it would have gone on. */
  interruptsMasked(by: Process, it: Process): void {
    if (by !== it) it.masked = [...it.masked, this.wake(by, [it.cells + INTERRUPT])]
  }

  /** What it was woken for does not come: had it gone on at once, it would have. */
  cancels(it: Process): void {
    for (const wake of it.woken) if (wake.step === this.step) this.cancelled.push({ wake, woken: it.id })
  }

  private learn({ by, cells }: Wake, woken: number): void {
    this.names.learnAtOnce(by, woken)
    for (const cell of cells) this.names.learn(cell)
  }

  /** It need not wait: had it waited already, it would have been woken. */
  passes(it: Process): void {
    for (const cell of it.awaited) {
      const done = this.completions.get(cell)
      if (done === undefined || done.by === it.id || !matters(done)) continue
      if (it.woken.some(({ from, rest }) => from === done.from && rest === done.rest)) continue
      it.woken = [...it.woken, { ...done, cells: it.awaited }]
    }
  }

  /** The search was asked whether somebody goes on at once. */
  chosen({ rest, taken }: AtOnce): void {
    this.wakes = true
    if (taken) this.instead = rest
    else this.untaken.push({ rest, from: this.rest.length })
  }

  /** The step is over. */
  ends(): void {
    for (const { from, rest } of this.untaken) for (let i = from; i < this.rest.length; i++) rest.add(this.rest[i] ?? 0)
  }

  enters(it: Process): Guest {
    this.wakes = true
    const { hosts, instead, rest } = this
    const guest = { slot: it.slot, inbox: inboxOf(it), from: rest.length, to: -1, instead, hosts, tells: [] }
    this.hosts = [...hosts, askedOf(it)]
    this.instead = undefined
    this.guests.push(guest)
    it.woken = nobody
    return guest
  }

  /** Somebody comes to observe its end, and it has ended. */
  tellsEnd(it: Process, tell: () => void): void {
    const from = this.rest.length
    tell()
    this.guests.findLast(({ slot }) => slot === it.slot)?.tells.push({ from, to: this.rest.length })
  }

  /** It may be let go here, and goes on all the same. */
  goesOn(guest: Guest): void {
    guest.from = this.rest.length
    guest.instead = this.instead
    this.instead = undefined
  }

  /** What it does from now on might come here too. */
  leaves(it: Process, guest: Guest, by: Process): void {
    guest.to = this.rest.length
    this.hosts = guest.hosts
    it.woken = [...it.woken, this.wake(by, [])]
  }

  /** Whether somebody went on within the step who does the same after it. */
  get inVain(): boolean {
    const { rest } = this
    const isSeen = ({ hosts, inbox }: Guest, from: number, to: number, instead: Iterable<number> = []): boolean => {
      const others = [...rest.slice(to), ...instead].filter((access) => !hosts.includes(access))
      return rest
        .slice(from, to)
        .some((access) => access !== inbox * 8 + READ && clashes(others, 0, others.length, access))
    }
    return this.guests.some(
      (guest) =>
        !isSeen(guest, guest.from, guest.to, guest.instead) &&
        !guest.tells.some(({ from, to }) => isSeen(guest, from, to))
    )
  }

  /** The steps in the middle of which this process might have done what it has just done: that is learnt. */
  mightBeWithin(it: Process, accesses: ReadonlyArray<number>): ReadonlyArray<number> {
    for (const { wake, woken } of this.cancelled) this.learn(wake, woken)
    if (it.woken.length === 0 && it.masked.length === 0) return []
    const steps: Array<number> = []
    const inbox = inboxOf(it)
    const all = this.isTold ? [...accesses, this.log * 8 + WRITE] : accesses
    const isRace = ({ from, rest }: Wake) =>
      rest.length > from && all.some((access) => access >> 3 !== inbox && clashes(rest, from, rest.length, access))
    for (const wake of it.masked) if (wake.step !== this.step && isRace(wake)) this.learn(wake, it.id)
    const looked = new Map<Wake, boolean>()
    const asOwn = new Map<Wake, boolean>()
    const within = new Set([it.id])
    const look = (wake: Wake, woken: number): boolean => {
      // Nobody goes on in the middle of a step of his own; but he goes on after it, once he need not wait.
      const isOwn = within.has(wake.by)
      const known = isOwn ? asOwn : looked
      let found = known.get(wake)
      if (found === undefined) {
        found = wake.step !== this.step && !isOwn && isRace(wake)
        if (found) steps.push(wake.step)
        within.add(wake.by)
        for (const before of wake.before) if (look(before, wake.by)) found = true
        if (!isOwn) within.delete(wake.by)
        known.set(wake, found)
      }
      if (found) this.learn(wake, woken)
      return found
    }
    for (const wake of it.woken) look(wake, it.id)
    return steps
  }
}
