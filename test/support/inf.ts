/** What is read in a MAPISVC.INF, as plain data that a test can pin. */
import * as Hex from "effect/encoding/Hex"
import type * as MapiSvcInf from "../../src/MapiSvcInf.ts"

/** What it says, with bytes as hex; complaints aside. */
export const said = (inf: MapiSvcInf.MapiSvcInf) => {
  const plain = <S extends MapiSvcInf.Section>({ properties, ...section }: S) => ({
    ...section,
    properties: properties.map(
      ({ tag, value }) => `${tag}=${typeof value === "string" ? value : `<${Hex.encode(value)}>`}`
    )
  })
  const { helpFiles, providers, sections, services } = inf
  return {
    services: services.map(plain),
    providers: providers.map(plain),
    sections: sections.map(plain),
    helpFiles
  }
}

export const complaints = (inf: MapiSvcInf.MapiSvcInf) =>
  inf.complaints.map(({ advice, detail, kind, line, severity }) => `${line} ${severity} ${kind}: ${detail}. ${advice}`)
