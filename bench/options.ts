/** What `ingest` and `latency` run beside the load. */
export const beside = {
  /** Charts that are open and asked for again once a second. */
  charts: 0,
  /** Readings of past hours that wait to be folded when the site starts. */
  folding: 0,
}

/** `ingest latency --charts 12 --folding 20000000`: names, and numbers that are put into `beside`. */
export function readOptions(args: readonly string[]): { names: string[]; problem: string | null } {
  const names: string[] = []
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? ''
    if (arg !== '--charts' && arg !== '--folding') {
      names.push(arg)
      continue
    }
    const text = args[++at] ?? ''
    if (!/^\d+$/.test(text)) return { names, problem: `${arg} takes a number` }
    beside[arg === '--charts' ? 'charts' : 'folding'] = Number(text)
  }
  return { names, problem: null }
}

/** As a figure's `how` tells it. */
export function besideInWords(): string {
  const { charts, folding } = beside
  const parts = [charts > 0 ? `${charts} open charts` : '', folding > 0 ? `folding ${folding} readings` : '']
  const told = parts.filter((part) => part !== '')
  return told.length === 0 ? '' : `, beside ${told.join(' and ')}`
}
