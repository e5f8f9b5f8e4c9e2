/** Stores that are not the in-memory provider's own: wrapped, or with children that they know of. */
import * as Effect from "effect/Effect"
import * as Ref from "effect/Ref"
import type { InMemory, StoreProvider } from "../../src/index.ts"

/** What a provider adds to each child object of its stores: when it is opened, and after its client has released it. */
export interface Children {
  readonly opened: (
    child: StoreProvider.IMAPIFolder | StoreProvider.IMessage,
    store: StoreProvider.IMsgStore
  ) => Effect.Effect<void>
  readonly released: (
    child: StoreProvider.IMAPIFolder | StoreProvider.IMessage,
    store: StoreProvider.IMsgStore
  ) => Effect.Effect<void>
  /** Before a Release of the store. */
  readonly closing: Effect.Effect<void>
}

const dressedChild = <A extends StoreProvider.IMAPIFolder | StoreProvider.IMessage>(
  child: A,
  store: StoreProvider.IMsgStore,
  children: Children
): A => ({ ...child, release: (by: string) => Effect.tap(child.release(by), () => children.released(child, store)) })

/** A script whose stores know of their children in this way. */
export const knowing = (children: Children): InMemory.Script => ({
  logon: (_, answer) =>
    Effect.map(answer, (given) => ({
      ...given,
      store: {
        ...given.store,
        openEntry: (id, holder) =>
          Effect.map(
            Effect.tap(given.store.openEntry(id, holder), (child) => children.opened(child, given.store)),
            (child) => dressedChild(child, given.store, children)
          ),
        release: (by) => Effect.andThen(children.closing, given.store.release(by))
      }
    }))
})

type Child = StoreProvider.IMAPIFolder | StoreProvider.IMessage

/**
 * A store that holds a reference on each of its children until either goes: the child's last client, or the store. Whoever
 * takes the child off the list gives that reference up.
 */
export const listing = (unlist: (list: Ref.Ref<ReadonlyArray<Child>>, child: Child) => Effect.Effect<void>) =>
  Effect.map(Ref.make<ReadonlyArray<Child>>([]), (list) =>
    knowing({
      opened: (child) =>
        Effect.andThen(
          Effect.ignore(child.addRef("provider")),
          Ref.update(list, (all) => [...all, child])
        ),
      released: (child) => unlist(list, child),
      closing: Effect.flatMap(Ref.get(list), (all) =>
        Effect.forEach(all, (child) => unlist(list, child), { discard: true })
      )
    })
  )
