/**
 * The guards of a module, one by one: each condition, also one that a function answers with, each case of a switch, each
 * side of an `and` or `or`, each uninterruptible region, each finaliser. A guard is told with the source in which it is not there.
 */
import { parseSync, Visitor } from "rolldown/utils"

export interface Guard {
  readonly line: number
  readonly what: string
  /** What is never reached without it: from where to where in that source. */
  readonly dead?: readonly [start: number, end: number]
  /** The source without it. */
  readonly without: string
}

interface Node {
  readonly start: number
  readonly end: number
}

/** What runs in every case, or keeps others out; without it the effect that it stands around is left. */
const around =
  /^Effect\.(uninterruptible|ensuring|onError|onExit|ignore|catchTag|catchDefect|interruptible|acquireRelease)$/

/** What asks a function about one after another. */
const asking = /\.(filter|find|findLast|some|every)$/

/** Every guard of a source, in its order. */
export const guardsOf = (path: string, source: string): ReadonlyArray<Guard> => {
  const { errors, program } = parseSync(path, source)
  if (errors[0] !== undefined) throw new Error(`${path}: ${errors[0].message}`)
  const guards: Array<Guard & { readonly at: number }> = []
  const text = ({ end, start }: Node): string => source.slice(start, end)
  const words = (node: Node): string => text(node).replaceAll(/\s+/g, " ").slice(0, 90)
  const guard = (node: Node, what: string, instead: string, place: Node = node, unreached?: Node): void => {
    const line = source.slice(0, node.start).split("\n").length
    const more = instead.length - (place.end - place.start)
    guards.push({
      at: node.start,
      line,
      what,
      ...(unreached === undefined ? {} : { dead: [unreached.start + more, unreached.end + more] as const }),
      without: source.slice(0, place.start) + instead + source.slice(place.end)
    })
  }
  // As the types see them, too, nothing is known of what is always so, or never.
  const condition = (test: Node, consequent?: Node, alternate?: Node | null): void => {
    guard(test, `${words(test)}: always`, `((${text(test)}) || true)`, test, alternate ?? undefined)
    guard(test, `${words(test)}: never`, `((${text(test)}) && false)`, test, consequent)
  }
  new Visitor({
    IfStatement: ({ alternate, consequent, test }) => condition(test, consequent, alternate),
    ConditionalExpression: ({ alternate, consequent, test }) => condition(test, consequent, alternate),
    LogicalExpression: (node) => {
      guard(node.left, `${words(node.left)}, in ${words(node)}`, text(node.right), node)
      if (node.operator !== "??") guard(node.right, `${words(node.right)}, in ${words(node)}`, text(node.left), node)
    },
    SwitchCase: ({ test }) => {
      if (test !== null) guard(test, `case ${words(test)}: never`, `((${text(test)}) && false)`)
    },
    ArrowFunctionExpression: ({ body }) => {
      const compares = body.type === "BinaryExpression" && /^[=!<>]/.test(body.operator)
      if (compares || (body.type === "UnaryExpression" && body.operator === "!")) condition(body)
    },
    // `pipe` through a guard: without it, one argument less.
    CallExpression: (node) => {
      const { callee } = node
      const name = words(callee)
      const [first] = node.arguments
      if (name === "Effect.uninterruptibleMask") guard(node, "uninterruptibleMask", "Effect.suspend", callee)
      else if (name === "Scope.close") guard(node, `a scope is closed: ${words(node)}`, "Effect.void")
      else if (asking.test(name) && first?.type === "ArrowFunctionExpression" && first.body.type === "CallExpression")
        condition(first.body)
      else if (name === "Effect.addFinalizer") guard(node, `a finaliser: ${words(node)}`, "Effect.void")
      else if (around.test(name) && first !== undefined) {
        const alone = /^Effect\.(uninterruptible|interruptible|ignore)$/.test(name) || node.arguments.length === 2
        guard(node, `${name}: ${words(node)}`, alone ? text(first) : "(self) => self")
      }
    },
    MemberExpression: (node) => {
      // As a stage of a pipe, or as the last argument of a function that is made.
      if (/^Effect\.(uninterruptible|ignore)$/.test(text(node)) && /^\s*[,)]/.test(source.slice(node.end))) {
        guard(node, text(node), "((self) => self)")
      }
    },
    Property: ({ key, value }) => {
      if (text(key) === "uninterruptible" && text(value) === "true") guard(value, "forked uninterruptible", "false")
    }
  }).visit(program)
  return guards.toSorted((a, b) => a.at - b.at)
}
