/**
 * What the core takes for granted of a runtime beyond ECMAScript: Node, Deno, Bun and browsers all have it.
 *
 * Read by tsconfig.src.json alone, in place of the DOM's or Node's thousands of names, so that using any other of them in
 * the core does not compile. Everywhere else these names come from the runtime's own types.
 */
interface TextEncoder {
  encode(input?: string): Uint8Array<ArrayBuffer>
}
declare const TextEncoder: new () => TextEncoder

interface TextDecoder {
  decode(input?: Uint8Array): string
}
declare const TextDecoder: new (label?: string, options?: { readonly fatal?: boolean }) => TextDecoder

interface URL {
  readonly href: string
}
