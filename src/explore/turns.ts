/** Who may take the next step of an execution, and who comes to interrupt. Inside the package only. */
import type { Machine } from "./machine.ts"
import { exitSlot, type Process } from "./process.ts"

/** When the first timer is due. */
export const firstDeadline = ({ timers }: Machine): number => {
  let first = Number.POSITIVE_INFINITY
  for (const { deadline } of timers) if (deadline < first) first = deadline
  return first
}

/** All that may take the next step: what is pending, then the timers that are due first. */
export const mayGoOn = (machine: Machine): Array<Process> => {
  const { quiet, timers } = machine
  const ready = machine.inline ? inTurn(machine) : machine.ready
  if (timers.length === 0) {
    return ready.length === 0 && quiet.isAwaited ? [quiet.next(machine)] : ready
  }
  const first = firstDeadline(machine)
  return [...ready, ...timers.filter(({ deadline }) => deadline === first)]
}

/** As Effect's own scheduler has them: one after the other, and whoever interrupts at any moment. */
const inTurn = ({ ready }: Machine): Array<Process> => {
  const next = ready.find(({ kind }) => kind !== "interrupter")
  const interrupters = ready.filter(({ kind }) => kind === "interrupter")
  return next === undefined ? interrupters : [next, ...interrupters]
}

/** A process that interrupts a fiber, or does not: that is a choice. */
export const interruptLater = (machine: Machine, target: Process): void => {
  const it = machine.bear("interrupter")
  it.target = target
  it.task = () => {
    // One that comes after the end is none.
    const isLate = target.fiber?.[exitSlot] !== undefined
    if (isLate) machine.chooser.tooLate(target)
    const options = isLate ? ["no"] : ["no", "yes"]
    const fires = machine.chooser.choose(`interrupt ${machine.names.processName(target.id)}`, options, "interruption")
    if (fires === 1) target.fiber?.interruptUnsafe()
  }
  machine.enqueue(it)
}
