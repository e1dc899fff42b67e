import type { GatewayImportOptions } from '#contract/model/gateway-import.ts'

/** What goes with a file. */
export interface ImportChoices {
  tenant: string | null
  group: string | null
  profile: string | null
  createGroups: boolean
}

export function optionsOf({ tenant, group, profile, createGroups }: ImportChoices): GatewayImportOptions {
  return {
    createGroups,
    ...(tenant !== null && { tenant }),
    ...(group !== null && { group }),
    ...(profile !== null && { profile }),
  }
}

/** Pasted text as the file that it stands for; null where there is none. */
export function fileOf(file: File | null, pasted: string): File | null {
  if (file !== null) return file
  return pasted.trim() === '' ? null : new File([pasted], 'gateways.csv', { type: 'text/csv' })
}
