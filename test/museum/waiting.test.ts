import { describe } from "@effect/vitest"
import { exhibited } from "./exhibited.ts"
import { waiting } from "./waiting.ts"

describe("the museum: waiting", () => waiting.forEach(exhibited))
