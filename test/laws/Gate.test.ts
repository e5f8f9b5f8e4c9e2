import { assert, describe, it } from "@effect/vitest"
import * as Example from "../../src/laws/Example.ts"
import { Gate } from "../../src/laws/Gate.ts"
import { outcome } from "./judged.ts"

type Calls = ReadonlyArray<Example.Call>

const support = "IMAPISupport#1"
const noMail = { flags: ["MDB_NO_MAIL"] }
const quiet = { logonFlags: ["MAPI_NO_MAIL"] }
const failed = { result: "MAPI_E_LOGON_FAILED", returned: [] }
const logon = (given: Partial<Example.Call> = {}): Example.Call => ({
  call: "IMSProvider::Logon",
  object: "IMSProvider#1",
  passed: [support],
  returned: ["IMSLogon#1", "IMsgStore#1"],
  ...given
})
const give = (given: Partial<Example.Call> = {}): Example.Call => ({
  call: "give entry id",
  object: "Ticket#1",
  passed: ["IMsgStore#1"],
  flags: [],
  logonFlags: [],
  ...given
})
const open = (given: Partial<Example.Call>, ...inside: Calls): Example.Call => ({
  call: "IMAPISession::OpenMsgStore",
  object: "IMAPISession#1",
  flags: [],
  logonFlags: [],
  returned: ["IMsgStore#1"],
  inside,
  ...given
})
/** The Logon that makes the store, with what happens before it answers. */
const maker = (inside: Calls, given: Partial<Example.Call> = {}): Example.Call =>
  logon({ inside: [{ call: "new IMsgStore", object: "IMsgStore#1" }, ...inside], ...given })
const repeat = logon({ passed: ["IMAPISupport#2"], returned: ["IMsgStore#1"] })
const transportsOff: Example.Call = { call: "IMAPISupport::StoreLogoffTransports", object: support }
const release: Example.Call = {
  call: "IMsgStore::Release",
  object: "IMsgStore#1",
  refs: Example.counted("IMsgStore#1", "client", 0, 0)
}
const logoff: Example.Call = { call: "IMAPISession::Logoff", object: "IMAPISession#1" }
const without = (name: "flags" | "logonFlags" | "passed", call: Example.Call): Example.Call => {
  const { [name]: _, ...rest } = call
  return rest
}
const said = (...calls: Calls) => outcome(Gate, Example.log(...calls))
const untold = "the spooler to be told of the store: neither MAPI_NO_MAIL nor MDB_NO_MAIL is set"

describe("Gate", () => {
  const holds: ReadonlyArray<readonly [string, Calls]> = [
    ["the spooler is told", [open({}, logon(), give()), transportsOff]],
    ["it is not told where the store is opened without mail", [open(noMail, logon()), transportsOff]],
    ["or its client logged on without", [open(quiet, logon()), transportsOff]],
    ["it is told at a later open that wants it", [open(noMail, logon()), open({}, repeat, give()), transportsOff]],
    ["an open that fails wants nothing", [open({ result: "interrupted" }, logon()), transportsOff]],
    ["nor does one of a store whose Logon fails", [open(failed, maker([open({}, repeat)], failed)), release]],
    ["whenever it comes", [open(failed, maker([open({}, repeat)], failed)), open({}, repeat), release]],
    ["a repeat that answers first leaves it to the Logon", [open(noMail, maker([open({}, repeat)]), give())]],
    [
      "also where the store closes before that answers",
      [open(noMail, maker([open({}, repeat), transportsOff]), give())]
    ]
  ]
  it.each(holds)("%s", (_, calls) => {
    assert.match(said(...calls), /^holds/)
  })

  const broken: ReadonlyArray<readonly [string, Calls, string]> = [
    [
      "a word to the spooler of a store without mail",
      [open(noMail, logon(), give(noMail))],
      "at 4 give entry id call: expected the spooler not to be told: the client has set MDB_NO_MAIL"
    ],
    [
      "or for a client without",
      [open(quiet, logon(), give(quiet))],
      "at 4 give entry id call: expected the spooler not to be told: the client has set MAPI_NO_MAIL"
    ],
    [
      "a second word",
      [open({}, logon(), give()), open({}, repeat, give({ object: "Ticket#2" }))],
      "at 10 give entry id call: expected the spooler to be told once per open store; it was told already"
    ],
    [
      "none, by the time that the store logs its transports off",
      [open({}, logon()), transportsOff],
      `at 4 IMAPISession::OpenMsgStore return: expected ${untold}`
    ],
    [
      "or is gone",
      [open({}, logon({ returned: ["IMsgStore#1"], passed: [] })), release],
      `at 4 IMAPISession::OpenMsgStore return: expected ${untold}`
    ],
    [
      "none for a repeat, though its Logon has answered",
      [open(noMail, logon()), open({}, repeat), open({}, repeat), transportsOff],
      `at 8 IMAPISession::OpenMsgStore return: expected ${untold}`
    ]
  ]
  it.each(broken)("is broken by %s", (_, calls, expected) => {
    assert.strictEqual(said(...calls), `Gate of logon 2, ${expected}`)
  })

  it("is broken by none after a warning, which is a success", () => {
    const expected = `at 4 IMAPISession::OpenMsgStore return: expected ${untold}`
    const warned = { result: "MAPI_W_ERRORS_RETURNED" }
    assert.strictEqual(said(open(warned, logon(warned)), transportsOff), `Gate of logon 2, ${expected}`)
  })

  it("asks for nothing once the session has ended, or ends before a Logon has answered", () => {
    const [call, end] = Example.log(logoff).map((event) => ({ ...event, callId: 99 }))
    if (call === undefined || end === undefined) throw new Error("a call has two halves")
    const late = Example.log(open({}, logon()), transportsOff).toSpliced(3, 0, call)
    assert.strictEqual(outcome(Gate, [...late, end]), "holds of 1")
    const early = Example.log(open(noMail, maker([open({}, repeat)]))).toSpliced(8, 0, call)
    assert.strictEqual(outcome(Gate, [...early, end]), "holds of 2")
  })

  const unsaid = "not judged: the log does not say with which flags a store was opened, and its client logged on"
  it.each(["flags", "logonFlags"] as const)("is not judged where the log does not say the %s", (name) => {
    assert.strictEqual(said(without(name, open({}, logon())), transportsOff), unsaid)
    assert.strictEqual(said(open({}, logon(), without(name, give()))), unsaid)
  })

  it("is not judged where the log does not say of which store the spooler was told, or ends too early", () => {
    const silent = [open({}, without("passed", logon({ returned: ["IMsgStore#1"] }))), release] as const
    assert.strictEqual(said(...silent), "not judged: the log does not say of which store the spooler is told")
    assert.strictEqual(said(open({}, logon())), "not judged: the log ends before its session does")
    const ended = "not judged: a session ended before the spooler was told of a store"
    assert.strictEqual(said(open({}, logon()), logoff), ended)
  })
})
