#!/usr/bin/env node
/**
 * The executable: finds the services that the command runs on, runs it, and sets the exit code: 0 for success, 2 for bad
 * usage, 3 for a search that was not finished, 4 for a program that cannot be searched, 1 for every other failure, 130 when
 * interrupted.
 *
 * The services come from an optional peer, `@effect/platform-node-shared`, which works on Node, Deno and Bun alike; without
 * it the command says what to install. Nothing is decided here about message stores.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Predicate from "effect/Predicate"
import * as Runtime from "effect/Runtime"
import { command } from "./command.ts"

const load = async () => {
  const [spawner, files, path, runtime, stdio, terminal] = await Promise.all([
    import("@effect/platform-node-shared/NodeChildProcessSpawner"),
    import("@effect/platform-node-shared/NodeFileSystem"),
    import("@effect/platform-node-shared/NodePath"),
    import("@effect/platform-node-shared/NodeRuntime"),
    import("@effect/platform-node-shared/NodeStdio"),
    import("@effect/platform-node-shared/NodeTerminal")
  ])
  const services = Layer.mergeAll(files.layer, path.layer, stdio.layer, terminal.layer)
  return { runMain: runtime.runMain, services: Layer.provideMerge(spawner.layer, services) }
}

const missing = (cause: unknown): string =>
  `effect-mapi needs @effect/platform-node-shared for its command line, and could not load it. To install it:

  npm install @effect/platform-node-shared

(${Predicate.isError(cause) ? cause.message : String(cause)})`

/** What was printed goes out before the process does. */
const teardown: Runtime.Teardown = (exit, onExit) =>
  Runtime.defaultTeardown(exit, (code) => {
    process.stdout.write("", () => onExit(code))
  })

const platform = await load().catch((cause: unknown) => {
  console.error(missing(cause))
  process.exitCode = 1
})

if (platform !== undefined) {
  process.stdout.on("error", () => {}) // a reader that has seen enough, such as `head`, is no failure of ours
  const program = command(process.argv.slice(2)).pipe(
    Effect.provide(platform.services),
    Effect.provideService(Logger.LogToStderr, true)
  )
  platform.runMain(program, { teardown })
}
