/** Which execution runs now. Inside the package only. */

import { READ } from "./access.ts"
import { stale } from "./execution.ts"
import type { Machine } from "./machine.ts"
import type { FiberView, Process } from "./process.ts"
import { process } from "./process.ts"

/** The machine whose execution runs now: executions are synchronous, so there is one at most. */
export let active: Machine | null = null

export const activate = (machine: Machine | null): void => {
  active = machine
}

/** Our process of a fiber, where this execution bore it. */
export const ours = (machine: Machine | null, fiber: FiberView): Process | undefined => {
  const it = fiber[process]
  return machine !== null && it !== undefined && it.epoch === machine.epoch ? it : undefined
}

/** The machine that runs, for what that execution of it bore: null where nobody runs, or another, which may only read it. */
export const living = (kind: string, bore: Machine | null, epoch: number, mode: number): Machine | null => {
  if (active === null || (active === bore && active.epoch === epoch)) return active
  if (mode !== READ) active.refuse(stale(kind))
  return null
}
