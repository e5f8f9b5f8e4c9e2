/** Names from birth: by the creator's path and count, the same in every execution. Inside the package only. */
import type { ProcessKind } from "./process.ts"

const nameOfKind: Record<ProcessKind, string> = {
  fiber: "",
  task: "task ",
  timer: "timer ",
  interrupter: "interrupter ",
  quiescence: "quiescence of "
}
/** Cells of who waits for what. They are accesses only where their order has turned out to count. */
export const whoWaits = "who waits for"

const ofProcess = ["the end of", "the interruption of", "the callbacks of", "the children of"]

/** Names that outlive an execution: a process is its parent and its count, a cell is its creator and its count. */
export class Names {
  readonly processes: Array<{
    readonly parent: number
    readonly nth: number
    readonly cells: number
    kind: ProcessKind
  }> = []
  readonly kids: Array<Array<number>> = []
  readonly births: Array<Array<number>> = []
  readonly cells: Array<{ readonly owner: number; readonly nth: number; kind: string }> = []
  readonly subjects = new Map<string, number>()
  /** Tables whose order somebody has seen, and the waits of those for whom it counts who waited first. */
  readonly ordered = new Set<number>()
  /** Who may go on at once when woken by whom. */
  private readonly atOnce = new Set<string>()

  /** How much was learnt in all. What was searched with less is to be searched again. */
  get learnt(): number {
    return this.ordered.size + this.atOnce.size
  }

  /** From now on the order of its entries counts. */
  learn(cell: number): void {
    this.ordered.add(cell)
  }

  /** From now on it counts whether the one goes on within the step of the other that wakes it. */
  learnAtOnce(by: number, woken: number): void {
    this.atOnce.add(`${by} ${woken}`)
  }

  mayGoAtOnce(by: number, woken: number): boolean {
    return this.atOnce.size > 0 && this.atOnce.has(`${by} ${woken}`)
  }

  /** Who waits for this, as a cell: to begin to wait is to write it. */
  waits(cell: number): number {
    return this.subject(`${whoWaits} ${this.cellName(cell)}`)
  }

  process(parent: number, nth: number, kind: ProcessKind): number {
    this.kids[parent + 1] ??= []
    const row = this.kids[parent + 1] ?? []
    const known = row[nth]
    if (known !== undefined) {
      const it = this.processes[known]
      if (it !== undefined) it.kind = kind
      return known
    }
    const id = this.processes.length
    row[nth] = id
    const cells = this.cells.length
    for (const kind of ofProcess) this.cells.push({ owner: id, nth: 0, kind })
    this.processes.push({ parent, nth, cells, kind })
    return id
  }

  cell(owner: number, nth: number, kind: string): number {
    this.births[owner + 1] ??= []
    const row = this.births[owner + 1] ?? []
    const known = row[nth]
    if (known !== undefined) {
      const it = this.cells[known]
      if (it !== undefined) it.kind = kind
      return known
    }
    const id = this.cells.length
    row[nth] = id
    this.cells.push({ owner, nth, kind })
    return id
  }

  subject(name: string): number {
    const known = this.subjects.get(name)
    if (known !== undefined) return known
    const id = this.cells.length
    this.subjects.set(name, id)
    this.cells.push({ owner: -2, nth: 0, kind: name })
    return id
  }

  /** A cell that was there before the program began. */
  given(kind: string): number {
    this.cells.push({ owner: -2, nth: 0, kind })
    return this.cells.length - 1
  }

  path(id: number): string {
    const it = this.processes[id]
    if (it === undefined) return "?"
    const name = it.parent < 0 ? "main" : `${this.path(it.parent)}.${it.nth}`
    return name
  }

  pathHash(id: number): number {
    const it = this.processes[id]
    return it === undefined ? 1 : (Math.imul(this.pathHash(it.parent), 31) + it.nth) | 0
  }

  processName(id: number): string {
    return `${nameOfKind[this.processes[id]?.kind ?? "fiber"]}${this.path(id)}`
  }

  cellName(id: number): string {
    const it = this.cells[id]
    if (it === undefined) return "?"
    if (it.owner === -2) return it.kind
    if (it.nth === 0) return `${it.kind} ${this.processName(it.owner)}`
    return `${it.kind} #${it.nth} of ${this.path(it.owner)}`
  }
}
