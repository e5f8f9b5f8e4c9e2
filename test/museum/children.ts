/** Stores of the in-memory provider that keep account of their children: what a folder adds to its store, and takes along. */
import * as Effect from "effect/Effect"
import * as Ref from "effect/Ref"
import type { InMemory, StoreProvider } from "../../src/index.ts"

type Child = StoreProvider.IMAPIFolder | StoreProvider.IMessage

/** What a provider does about a child of a store. */
export interface Keeping {
  readonly opened: (child: Child, store: StoreProvider.IMsgStore) => Effect.Effect<void>
  /** After a Release of the child. */
  readonly released: (child: Child, store: StoreProvider.IMsgStore) => Effect.Effect<void>
  /** Before a Release of the store. */
  readonly closing: Effect.Effect<void>
}

/** A script whose stores keep account in this way. */
export const keeping = ({ closing, opened, released }: Keeping): InMemory.Script => {
  const kept = <A extends Child>(child: A, store: StoreProvider.IMsgStore): A => ({
    ...child,
    release: (by: string) => Effect.tap(child.release(by), () => released(child, store))
  })
  return {
    logon: (_, answer) =>
      Effect.map(answer, ({ store, ...rest }) => ({
        ...rest,
        store: {
          ...store,
          openEntry: (id, holder) =>
            store.openEntry(id, holder).pipe(
              Effect.tap((child) => opened(child, store)),
              Effect.map((child) => kept(child, store))
            ),
          release: (by) => Effect.andThen(closing, store.release(by))
        }
      }))
  }
}

/** The open children of a store. */
export type List = Ref.Ref<ReadonlyArray<Child>>

/**
 * A store that holds a reference on each of its children until either goes, the child's client or the store. Whoever takes
 * the child off the list gives that reference up.
 */
export const listing = (unlist: (list: List, child: Child) => Effect.Effect<void>) =>
  Effect.map(Ref.make<ReadonlyArray<Child>>([]), (list) =>
    keeping({
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
