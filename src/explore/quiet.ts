/**
 * Quiescence: when nobody else can go on, those that waited for it do, all at once, in a step that belongs to nobody and
 * comes after all that went before it. Inside the package only.
 */
import type { Names } from "./names.ts"
import { Process } from "./process.ts"

/** What it is born in. */
interface Birthplace {
  readonly epoch: number
  readonly names: Names
  readonly processes: Array<Process>
}

export class Quiet {
  private waiting: Array<() => void> = []
  private process: Process | undefined = undefined

  wait(resume: () => void): void {
    this.waiting.push(resume)
  }

  get isAwaited(): boolean {
    return this.waiting.length > 0
  }

  /** Whose step it is. There is one in an execution, whoever waits and how often. */
  next(birthplace: Birthplace): Process {
    const it = this.process ?? this.born(birthplace)
    it.task = () => {
      for (const resume of this.waiting.splice(0)) resume()
    }
    this.process = it
    return it
  }

  private born({ epoch, names, processes }: Birthplace): Process {
    const id = names.process(-1, 0, "quiescence")
    const it = new Process(id, processes.length, "quiescence", epoch, names.processes[id]?.cells ?? 0)
    processes.push(it)
    return it
  }
}
