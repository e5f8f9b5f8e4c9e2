/** Replacing properties of Effect's prototypes, and putting them back. Inside the package only. */

export const protoOf = (value: object): object => {
  const proto: unknown = Object.getPrototypeOf(value)
  return typeof proto === "object" && proto !== null ? proto : {}
}

/** Gives an object the field that its prototype's accessor stands for, as a plain assignment would without the patch. */
export const own = (target: object, key: PropertyKey, value: unknown): void => {
  Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true })
}

/** Replaces properties and puts them back. */
export class Patches {
  private readonly undo: Array<() => void> = []

  replace(target: object, key: PropertyKey, descriptor: PropertyDescriptor): void {
    const before = Object.getOwnPropertyDescriptor(target, key)
    Object.defineProperty(target, key, { configurable: true, ...descriptor })
    this.undo.push(() => {
      if (before === undefined) Reflect.deleteProperty(target, key)
      else Object.defineProperty(target, key, before)
    })
  }

  remove(): void {
    for (const undo of this.undo.splice(0).reverse()) undo()
  }
}
