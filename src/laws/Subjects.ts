/**
 * What each event is about: its subjects, which it changes or only uses.
 *
 * Two events are independent where neither changes a subject of the other. What contains a subject (a session its calls
 * and objects, a provider object its logons) is used by every event of it, so that a change to the container, such as
 * IMAPISession::Logoff, stands in one order with them all. Reads a log from its beginning, and remembers only what lives.
 */
import * as Result from "effect/Result"
import { type Event, isFailure } from "../CallLog.ts"
import * as EntryId from "../EntryId.ts"
import { is, type Kind } from "./Law.ts"

/** One subject of an event. */
export interface Access {
  readonly subject: string
  readonly kinds: ReadonlyArray<Kind>
  readonly mode: "uses" | "changes"
  /** What contains the subject. */
  readonly within: ReadonlyArray<string>
}

/** What is numbered comes once, after its maker's path too: `IMsgStore#main.2:1`. A store id comes again with its store. */
export const isNumbered = (subject: string): boolean => /^(call |logon |(.* in )?[A-Z]\w*#(\S+:)?)\d+$/.test(subject)

/** What is said of one event. */
export interface Told {
  readonly accesses: ReadonlyArray<Access>
  /** The subjects whose last event this was. */
  readonly over: ReadonlyArray<string>
}

/** One Logon or SpoolerLogon, and the open store that it makes: its objects, and the ticket under which it is spooled. */
interface Pair {
  readonly subject: string
  readonly within: ReadonlyArray<string>
  readonly storeId: string | null
  /** Its Logon until that has returned, and those of its objects that live. */
  readonly alive: Set<string>
  /** Those that have died too: what is said of their clients is over with the pair. */
  readonly stores: Set<string>
}

interface Call {
  readonly call: string
  readonly above: number | null
  readonly pair: Pair | null
  /** The store that it takes the last client of. */
  lastOf: string | null
  /** Calls within it that have not returned. */
  inside: number
  returned: boolean
}

const kindOf = (object: string): string => object.slice(0, Math.max(0, object.indexOf("#")))

const isLogon = ({ call }: Event): boolean => call === "IMSProvider::Logon" || call === "IMSProvider::SpoolerLogon"

const callKinds = (call: string): ReadonlyArray<Kind> =>
  call === "IMAPISession::OpenMsgStore" ? ["call", "OpenMsgStore"] : ["call"]

const objectKinds = (object: string): ReadonlyArray<Kind> => {
  if (kindOf(object) === "Ticket") return ["ticket"]
  return kindOf(object) === "IMSProvider" ? ["object", "IMSProvider"] : ["object"]
}

const counting = /::(AddRef|Release)$|^hand over /

/** A reference was given back, or handed on, in the first half of the call. */
const isAfterwards = ({ call, phase, refs, result }: Event): boolean =>
  phase === "return" && /::Release$|^hand over /.test(call) && refs.length === 0 && !isFailure(result)

/** Its references, its validity, or what it is good for. */
const changesObject = (event: Event, object: string): boolean =>
  kindOf(object) === "Ticket" ||
  event.refs.some((change) => change.object === object) ||
  (event.object === object && (counting.test(event.call) || /::Shutdown$|^new /.test(event.call))) ||
  (event.call === "IMAPISupport::MakeInvalid" && event.passed?.includes(object) === true) ||
  (event.call === "MSProviderInit" && event.returned.includes(object))

/** What an open store goes through; the rest, such as GetProps, or one reference more on it, only uses it. */
const changesPair = (event: Event): boolean =>
  isLogon(event) ||
  /^(new|remove|give|withdraw) |^IMSLogon::Logoff$|^IMAPISession::OpenMsgStore$/.test(event.call) ||
  /^(IMAPISupport|IMSLogon)::(AddRef|Release)$|::(StoreLogoffTransports|MakeInvalid)$|^IMsgStore::Release$/.test(
    event.call
  )

/** Which store is open under its id: what a Logon answers, and the references of the store. */
const changesStoreId = (event: Event): boolean =>
  is(event, "return", "IMSProvider::Logon") || event.refs.some(({ object }) => kindOf(object) === "IMsgStore")

/** MAPI, too, until it hands its reference over. What the provider or the spooler holds keeps no store open. [R7] */
const isClient = (holder: string): boolean => holder !== "provider" && holder !== "spooler"

const clientsOf = (store: string): string => `clients of ${store}`

/** The DLL that the event is about, within its session. */
const registrationOf = (event: Event): string | null => {
  if (event.session === null) return null
  if (event.dll !== undefined) return EntryId.dllKey(event.dll)
  if (event.error === undefined || event.call !== "IMAPISession::OpenMsgStore") return null
  const id = Result.flatMap(EntryId.fromHex(event.entryId ?? ""), EntryId.unwrap)
  return Result.isSuccess(id) ? EntryId.dllKey(id.success.dllFileName) : null
}

/** Whether the provider may be called: what makes it, fails it for the session, or mends it. [R4] */
const changesRegistration = (event: Event): boolean =>
  /^(MSProviderInit|MSG_SERVICE_CONFIGURE)$/.test(event.call) ||
  (is(event, "return", "IMSProvider::Logon") && isFailure(event.result)) ||
  (is(event, "return", "IMAPISession::OpenMsgStore") && event.error === "Unconfigured")

/** Every name of an object in the event. */
const namesIn = ({ object, passed = [], refs, returned }: Event): ReadonlySet<string> =>
  new Set([...(object === null ? [] : [object]), ...returned, ...passed, ...refs.map((change) => change.object)])

/** A log that is being read. */
export interface Reading {
  readonly tell: (event: Event) => Told
  /** The subject is over, though no event said so. */
  readonly forget: (subject: string) => void
}

/** Reads a log, from its first event on. */
export const reading = (): Reading => {
  const calls = new Map<number, Call>()
  const pairOf = new Map<string, Pair>()
  const dllOf = new Map<string, string>() // of a provider object
  const joined = new Set<string>() // objects that the event at hand is the first to place
  const registrations = new Map<string, Set<string>>() // of a session
  const dying = new Map<number, Set<string>>() // objects without references, by the call that took the last one
  const pairsOf = new Map<string, number>() // living pairs, by their store id
  const clients = new Map<string, Set<string>>() // of a store

  const makePair = ({ callId, dll, entryId, object, session }: Event): Pair => {
    const key = dll === undefined ? (object === null ? undefined : dllOf.get(object)) : EntryId.dllKey(dll)
    const storeId = object === null || entryId === undefined ? null : `${object} ${entryId}`
    if (storeId !== null) pairsOf.set(storeId, (pairsOf.get(storeId) ?? 0) + 1)
    return {
      subject: `logon ${callId}`,
      within: [session, object, key].filter((it) => it != null),
      storeId,
      alive: new Set([`call ${callId}`]),
      stores: new Set()
    }
  }

  /** These belong to the pair, unless they are another's already; whoever says so changes them. */
  const join = (pair: Pair | null | undefined, names: ReadonlyArray<string>): void => {
    for (const name of names) {
      if (pair == null || pairOf.has(name)) continue
      pairOf.set(name, pair)
      joined.add(name)
      if (kindOf(name) !== "Ticket") pair.alive.add(name)
      if (kindOf(name) === "IMsgStore") pair.stores.add(name)
    }
  }

  /** A call that the log does not have is over with what is made in it. */
  const unseen = (callId: number): Call => {
    const call = { call: "", above: null, pair: null, lastOf: null, inside: 0, returned: true }
    calls.set(callId, call)
    return call
  }

  /** A Release belongs to its pair until it returns: what it is made of may be gone by then. */
  const releasing = ({ call, callId, object }: Event): Pair | null => {
    const pair = /^(IMSLogon|IMsgStore)::Release$/.test(call) ? pairOf.get(object ?? "") : undefined
    pair?.alive.add(`call ${callId}`)
    return pair ?? null
  }

  const learn = (event: Event): Call => {
    joined.clear()
    const { callId, object, passed = [], phase, within } = event
    const known = calls.get(callId)
    const above = within === null ? undefined : (calls.get(within) ?? unseen(within))
    const begun = () => (isLogon(event) ? makePair(event) : releasing(event))
    const pair = known?.pair ?? (phase === "call" ? begun() : null)
    const call = known ?? { call: event.call, above: within, pair, lastOf: null, inside: 0, returned: false }
    if (known === undefined) {
      calls.set(callId, call)
      if (above !== undefined) above.inside++
    }
    // The support object of a logon, what the logon makes, and the ticket of the store that it has made.
    if (isLogon(event)) join(pair, phase === "call" ? passed : event.returned)
    if (object !== null && /^new (IMSLogon|IMsgStore)$/.test(event.call)) join(above?.pair, [object])
    if (object !== null && event.call === "give entry id")
      join(passed.map((it) => pairOf.get(it)).find(Boolean), [object])
    if (event.call === "MSProviderInit" && event.dll !== undefined) {
      for (const name of event.returned) dllOf.set(name, EntryId.dllKey(event.dll))
    }
    return call
  }

  /** The stores that the event brings the first client, or takes the last one. */
  const comesOrGoes = ({ refs }: Event): ReadonlyArray<string> => {
    const stores = Array.from(new Set(refs.flatMap(({ object }) => (kindOf(object) === "IMsgStore" ? [object] : []))))
    return stores.filter((store) => {
      const all = clients.get(store) ?? new Set()
      const had = all.size > 0
      for (const { count, holder, object } of refs) {
        if (object === store && isClient(holder)) count > 0 ? all.add(holder) : all.delete(holder)
      }
      clients.set(store, all)
      return had !== all.size > 0
    })
  }

  const accesses = (event: Event, call: Call): ReadonlyArray<Access> => {
    const found = new Map<string, Access>()
    const put = (subject: string, kinds: ReadonlyArray<Kind>, changes: boolean, within: ReadonlyArray<string> = []) => {
      const mode = changes || found.get(subject)?.mode === "changes" ? "changes" : "uses"
      found.set(subject, { subject, kinds, mode, within })
      for (const container of within) if (!found.has(container)) put(container, containerKinds(container), false)
    }
    const containerKinds = (container: string): ReadonlyArray<Kind> => {
      if (kindOf(container) === "IMAPISession") return ["session"]
      return dllOf.has(container) ? objectKinds(container) : ["dll"]
    }
    const { callId, dll, session, within } = event
    const inSession = session === null ? [] : [session]
    put(`call ${callId}`, callKinds(event.call), true, inSession)
    if (call.pair !== null) put(`inside ${callId}`, ["inside"], true, call.pair.within)
    if (within !== null) put(`call ${within}`, callKinds(calls.get(within)?.call ?? ""), true, inSession)

    const pairs = new Set(call.pair === null ? [] : [call.pair])
    for (const name of namesIn(event)) {
      const pair = pairOf.get(name)
      if (pair !== undefined) pairs.add(pair)
      const from = pair?.within ?? [...inSession, dllOf.get(name)].filter((it) => it !== undefined)
      if (name === session) put(name, ["session"], event.call === "IMAPISession::Logoff")
      // That a Release returns is its own affair, unless it was the last: the object is gone then.
      else if (!isAfterwards(event) || joined.has(name) || dying.has(callId)) {
        put(name, objectKinds(name), joined.has(name) || changesObject(event, name), from)
      }
    }
    for (const store of comesOrGoes(event)) {
      const pair = pairOf.get(store)
      if (pair !== undefined) put(clientsOf(store), ["clients"], true, pair.within)
      if (event.call === "IMsgStore::Release" && event.object === store) call.lastOf = store
    }
    if (call.lastOf !== null && call.pair !== null && event.phase === "return") {
      put(clientsOf(call.lastOf), ["clients"], false, call.pair.within)
    }
    for (const pair of pairs) {
      if (is(event, "call", "IMAPISupport::StoreLogoffTransports")) {
        for (const store of pair.stores) put(clientsOf(store), ["clients"], true, pair.within)
      }
      const changes = changesPair(event)
      if (changes || !counting.test(event.call)) put(pair.subject, ["logon"], changes, pair.within)
      if (pair.storeId !== null && changesStoreId(event)) put(pair.storeId, ["store id"], true, pair.within)
    }
    const registration = registrationOf(event) ?? (event.object === null ? undefined : dllOf.get(event.object))
    if (registration !== undefined) {
      const subject = `${registration} in ${session}`
      put(subject, ["registration"], changesRegistration(event), inSession)
      if (session !== null) registrations.set(session, (registrations.get(session) ?? new Set()).add(subject))
    }
    if (dll !== undefined) put(EntryId.dllKey(dll), ["dll"], /^(Load|Free)Library$/.test(event.call))
    return Array.from(found.values())
  }

  /** A call is over once it and all within it have returned. */
  const callsOver = (callId: number, call: Call): ReadonlyArray<string> => {
    const over: Array<string> = []
    let [id, last]: readonly [number | null, Call | undefined] = [callId, call]
    while (id !== null && last?.returned === true && last.inside === 0) {
      calls.delete(id)
      over.push(`call ${id}`)
      id = last.above
      last = id === null ? undefined : calls.get(id)
      if (last !== undefined) last.inside--
    }
    return over
  }

  const objectsOver = (event: Event): ReadonlyArray<string> => {
    const { callId, object, passed = [], phase, refs } = event
    for (const change of refs) {
      if (change.total <= 0) dying.set(callId, (dying.get(callId) ?? new Set()).add(change.object))
    }
    if (phase === "call") return []
    if (is(event, "return", "IMSProvider::SpoolerLogon", "withdraw entry id")) {
      return [...(object === null ? [] : [object]), ...passed].filter((name) => kindOf(name) === "Ticket")
    }
    if (event.call === "IMAPISession::Logoff" && event.session !== null) {
      const over = [event.session, ...(registrations.get(event.session) ?? [])]
      registrations.delete(event.session)
      return over
    }
    const dead = Array.from(dying.get(callId) ?? [])
    dying.delete(callId)
    return dead
  }

  const forget = (event: Event, call: Call): ReadonlyArray<string> => {
    const objects = objectsOver(event)
    if (event.phase === "return") call.returned = true
    const leftProvider = event.phase === "return" && call.pair !== null ? [`inside ${event.callId}`] : []
    const over = [...objects, ...leftProvider, ...callsOver(event.callId, call)]
    for (const name of over) {
      const pair = pairOf.get(name)
      pairOf.delete(name)
      dllOf.delete(name)
      clients.delete(name)
      if (pair !== undefined && leaves(pair, name)) over.push(...pairOver(pair))
    }
    if (event.phase === "return" && call.pair !== null && leaves(call.pair, `call ${event.callId}`)) {
      over.push(...pairOver(call.pair))
    }
    return over
  }

  const leaves = ({ alive }: Pair, name: string): boolean => alive.delete(name) && alive.size === 0
  /** A store id is over with the last of its pairs. */
  const pairOver = ({ storeId, stores, subject }: Pair): ReadonlyArray<string> => {
    const over = [subject, ...Array.from(stores, clientsOf)]
    if (storeId === null) return over
    const left = (pairsOf.get(storeId) ?? 1) - 1
    if (left > 0) pairsOf.set(storeId, left)
    else pairsOf.delete(storeId)
    return left > 0 ? over : [...over, storeId]
  }

  return {
    tell: (event) => {
      const call = learn(event)
      const told = accesses(event, call)
      return { accesses: told, over: forget(event, call) }
    },
    forget: (subject) => {
      pairOf.delete(subject)
      dllOf.delete(subject)
      pairsOf.delete(subject)
      if (subject.startsWith("call ")) calls.delete(Number(subject.slice(5)))
    }
  }
}
