import { describe } from "@effect/vitest"
import { exhibited } from "./exhibited.ts"
import { logon } from "./logon.ts"

describe("the museum: logon", () => logon.forEach(exhibited))
