/**
 * What fibers learn of each other: that one has ended, that it was interrupted, what its observers find, and who its children
 * are. Each is a cell of its process. Inside the package only.
 *
 * Source: Effect 4.1.0, internal/effect.ts.
 */
import { ADD, READ, WRITE } from "./access.ts"
import type { Machine } from "./machine.ts"
import { CHILDREN, EXIT, INBOX, INTERRUPT, type Process } from "./process.ts"

export const readExit = (machine: Machine, it: Process): void => {
  if (it !== machine.current) machine.touch(it.cells + EXIT, READ)
}

/** Asked by whoever registers to be told: the same comes of it whether one born in this step has ended at once. */
export const readEnd = (machine: Machine, it: Process): void => {
  if (it === machine.current || it.bornIn !== machine.stepIndex || machine.awaiting !== null) {
    readExit(machine, it)
    return
  }
  machine.touched = 1
  machine.lastTouched = it.cells + EXIT
  machine.footprint.note(it.cells + EXIT, READ)
}

/** Somebody begins to observe its end, or no longer does. */
export const observesEnd = (machine: Machine, it: Process): void => {
  if (machine.awaiting === null) machine.noteWaits(it.cells + EXIT)
}

/** Whoever waits for its end is woken. */
export const ends = (machine: Machine, it: Process): void => {
  machine.completes(it.cells + EXIT)
}

export const writeExit = (machine: Machine, it: Process): void => {
  machine.touch(it.cells + EXIT, WRITE)
}

export const readCause = (machine: Machine, it: Process): void => {
  machine.note(it.cells + INTERRUPT, READ)
}

/** Whoever would have woken it comes too late from now on: that is an access to all that it waits for. */
export const interrupts = (machine: Machine, it: Process): void => {
  machine.touch(it.cells + INTERRUPT, WRITE)
  machine.interruptions++
  machine.wakes++
  if (it.fiber?.interruptible !== true) {
    if (machine.current !== null && !machine.inline) machine.nesting.interruptsMasked(machine.current, it)
    return
  }
  if (!it.pending && it.register !== undefined && !it.tracked)
    machine.abandoned ??= { process: it, register: it.register }
  it.unwinds = true
  for (const cell of it.awaited) {
    machine.note(cell, READ)
    machine.noteWaits(cell)
  }
  if (it.waits !== undefined) {
    for (const access of it.waits) machine.note(access >> 3, READ)
    if (it.observing > 0 || it.written) machine.note(it.cells + INBOX, READ)
  }
}

export const readChildren = (machine: Machine, it: Process): void => {
  machine.note(it.cells + CHILDREN, READ)
}

export const leaveParent = (machine: Machine, parent: Process): void => {
  machine.note(parent.cells + CHILDREN, ADD)
}

/** An observer is about to run for a fiber. */
export const tellInbox = (machine: Machine, it: Process): void => {
  machine.nesting.noted(it.cells + INBOX, WRITE)
  if (machine.current !== null && !machine.inline) machine.nesting.tells(machine.current, it)
}

/** An observer that runs for a fiber writes what that fiber will find; one of many whose order is lost adds to it. */
export const writeInbox = (machine: Machine, it: Process, mode: number, waiting: boolean): void => {
  machine.footprint.note(it.cells + INBOX, mode)
  it.written = true
  if (mode === ADD && waiting) it.required.push(machine.stepIndex)
}

/** One of those that it waits for has ended. Where it counts who was waiting it counts who ends last, too. */
export const endsWait = (machine: Machine, it: Process): void => {
  if (it.awaited.length < 2 || !it.awaited.some((cell) => machine.names.ordered.has(cell))) return
  countsLast(machine, it)
}

/** Whether it counts who of those that tell it something is the last. */
export const endsLast = (machine: Machine, it: Process): boolean => {
  const counts = machine.names.ordered.has(it.cells + INBOX)
  if (counts) countsLast(machine, it)
  return counts
}

const countsLast = (machine: Machine, it: Process): void => {
  machine.footprint.note(machine.names.waits(it.cells + INBOX), WRITE)
}
