/**
 * Plain state of your own, told to the explorer by whoever keeps it: each use, in the step of the use.
 *
 * Outside an exploration it does nothing. What it is told is believed: a use that is left out, or called an addition when
 * its order can be seen, is found only by sampling, as with any plain state.
 */
import { ADD, READ, WRITE } from "./access.ts"
import { active, living } from "./active.ts"
import type { Machine } from "./machine.ts"

/** How a piece of plain state is used. */
export interface Cell {
  /** Two reads commute. */
  readonly reads: () => void
  /** Two additions commute: to a count that neither looks at, to a set that neither goes through. */
  readonly adds: () => void
  readonly writes: () => void
}

const telling = (kind: string, machine: Machine | null, epoch: number, id: number): Cell => {
  const used = (mode: number) => () => living(kind, machine, epoch, mode)?.touch(id, mode)
  return { reads: used(READ), adds: used(ADD), writes: used(WRITE) }
}

/** A cell for a piece of state that is made now. In an exploration it belongs inside the program: each execution has its own. */
export const make = (kind: string): Cell => telling(kind, active, active?.epoch ?? 0, active?.bearCell(kind) ?? 0)

/** A cell for each key of a piece of state that is made now: whoever looks for what is not there has to do with its key alone. */
export const family = (kind: string): ((key: string) => Cell) => {
  const machine = active
  if (machine === null) return () => telling(kind, null, 0, 0)
  const { epoch, names } = machine
  const name = names.cellName(machine.bearCell(kind))
  return (key) => telling(kind, machine, epoch, names.subject(`${key}, ${name}`))
}
