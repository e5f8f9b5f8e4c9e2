/**
 * The CRC-32 of Outlook's files: polynomial 0xEDB88320 reflected, start value 0, no final xor.
 *
 * One checksum, two uses: it seals every page and block of a file, and it is all that a file keeps of its password. Pure.
 * Source: [MS-PST] 5.3.
 */

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = (value & 1) === 0 ? value >>> 1 : (value >>> 1) ^ 0xedb88320
  return value
})

/** The checksum of these bytes, unsigned; of none, 0. */
export const crc32 = (bytes: Uint8Array): number => {
  let crc = 0
  for (const byte of bytes) crc = (table[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8)
  return crc >>> 0
}
