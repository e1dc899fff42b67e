import type { RestClient } from '#client/rest-client.ts'
import { GatewayImportResultSchema } from '#contract/model/gateway-import.ts'
import { given } from '../arguments.ts'
import type { CommandContext, SiteFlags } from '../command-context.ts'
import { ExitCode } from '../exit-code.ts'
import { uploadFile } from '../files/upload-file.ts'
import { waitForJob } from '../jobs/wait-for-job.ts'
import type { Output } from '../output.ts'
import type { SiteConnection } from '../site/connect-site.ts'
import { makeCredentialFolder, unpackCredentials } from './credential-folder.ts'

export interface ImportGatewaysFlags extends SiteFlags {
  tenant?: string
  group?: string
  profile?: string
  createGroups?: boolean
  dryRun?: boolean
  out?: string
  force?: boolean
  wait: boolean
}

type Check = Awaited<ReturnType<RestClient['gateways']['importCheck']>>

/** Sends a CSV of gateways to the site, has it looked at or carried out, and fetches what came of it. */
export async function importGateways(
  context: CommandContext,
  site: SiteConnection,
  path: string,
  flags: ImportGatewaysFlags,
): Promise<void> {
  const { output } = context
  const { client } = site
  if (flags.out !== undefined && flags.dryRun !== true) await makeCredentialFolder(flags.out)
  const source = await uploadFile(context, site, path)
  const { tenant, group, profile, createGroups } = flags
  const request = { source, ...given({ tenant, group, profile, createGroups }) }
  if (flags.dryRun === true) {
    const check = await client.gateways.importCheck(request)
    if (flags.json) output.json(check)
    else printCheck(output, check)
    if (check.counts.problem > 0) context.exitCode = ExitCode.failed
    return
  }
  const started = await client.gateways.importStart(request)
  if (!flags.wait) {
    if (flags.json) output.json(started)
    else output.line(`Job ${started.id}: millwright jobs show ${started.id}`)
    return
  }
  const { id } = await waitForJob(context, site, started)
  const { job, rows } = await client.gateways.importResult({ jobId: id })
  const counts = GatewayImportResultSchema.parse(job.result)
  const isWaiting = rows.some(({ credentialWaiting }) => credentialWaiting)
  const files = flags.out !== undefined && isWaiting ? await fetchAll(client, id, flags) : []
  if (flags.json) output.json({ job, rows, files })
  else {
    output.facts(Object.entries(counts))
    printProblems(output, rows)
    output.note(handOver(flags, id, isWaiting, files.length))
  }
  if (counts.failed > 0) context.exitCode = ExitCode.failed
}

/** On disk first, then confirmed: with the power cut anywhere before, the keys still wait at the site. */
async function fetchAll(
  client: RestClient,
  jobId: string,
  { out = '.', force = false }: ImportGatewaysFlags,
): Promise<string[]> {
  const zip = await client.gateways.importCredentials({ jobId })
  const names = await unpackCredentials(Buffer.from(await zip.arrayBuffer()), out, force)
  await client.gateways.importReceived({ jobId })
  return names
}

function handOver(flags: ImportGatewaysFlags, id: string, isWaiting: boolean, files: number): string {
  if (files > 0)
    return `Wrote ${files} files to ${flags.out}: keep them secret. The site has erased its copies of the private keys.`
  if (!isWaiting) return 'No private key waits: nothing to fetch.'
  return `The private keys wait, sealed, for 24 hours: with --out DIR, or GET /api/v1/gateways/imports/${id}/credentials`
}

function printCheck(
  output: Output,
  { counts, rows, newGroups, ignoredColumns, encoding, separator }: Check,
): void {
  output.facts([
    ['new', counts.new ?? 0],
    ['again', counts.again ?? 0],
    ['there already', counts.same ?? 0],
    ['problems', counts.problem ?? 0],
    ['groups to make', newGroups.length === 0 ? null : newGroups.join(', ')],
    ['ignored columns', ignoredColumns.length === 0 ? null : ignoredColumns.join(', ')],
    ['read as', `${encoding}, separator ${separator === '\t' ? 'tab' : separator}`],
  ])
  output.line()
  output.table(
    ['LINE', 'CODE', 'MAC', 'NAME', 'GROUP', 'VERDICT', 'PROBLEM'],
    rows.map(({ line, code, mac, name, group, verdict, problem }) => [
      line,
      code,
      mac ?? '-',
      name,
      group ?? '-',
      verdict,
      problem?.message ?? '',
    ]),
  )
}

function printProblems(
  output: Output,
  rows: Awaited<ReturnType<RestClient['gateways']['importResult']>>['rows'],
): void {
  const failed = rows.filter(({ problem }) => problem !== null)
  if (failed.length === 0) return
  output.line()
  output.table(
    ['LINE', 'CODE', 'PROBLEM'],
    failed.map(({ line, code, problem }) => [line, code, problem?.message ?? '']),
  )
}
