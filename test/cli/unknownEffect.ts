/** The command under a version of Effect that the explorer does not know: run by explore.test.ts. */
import * as Version from "effect/Version"

Version.setCurrentVersion("4.99.0")
await import("../../src/cli/main.ts")
