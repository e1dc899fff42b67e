import { resolve } from 'node:path'
import { ExpectedError } from '#contract/errors.ts'
import type { AuditFinding, AuditReport } from '#contract/model/audit.ts'
import { defaultDataDir } from '#site/data-dir.ts'
import { given } from '../arguments.ts'
import type { CommandContext, SiteFlags } from '../command-context.ts'
import { ExitCode } from '../exit-code.ts'
import { readSecretFile } from '../files/secret-file.ts'
import { connectSite, type SiteOptions } from '../site/connect-site.ts'
import { isoTime } from '../time-argument.ts'

export interface VerifyFlags extends SiteFlags {
  passphraseFile?: string
  recoveryCodeFile?: string
}

/**
 * Proves the audit in the folder by itself, beside a running site or without one; by `--url`, or where only the running
 * site has the key, the site does it.
 */
export async function verifyAudit(
  context: CommandContext,
  site: SiteOptions,
  flags: VerifyFlags,
): Promise<void> {
  const report = site.url === undefined ? await verifyFolder(context, site, flags) : await askSite(site)
  if (flags.json) context.output.json(report)
  else show(context, report)
  if (!report.sound) context.exitCode = ExitCode.failed
}

async function verifyFolder(
  { output, interrupt, now }: CommandContext,
  site: SiteOptions,
  flags: VerifyFlags,
): Promise<AuditReport> {
  const dataDir = resolve(site.data ?? defaultDataDir())
  const passphrase = await secret(flags.passphraseFile, 'passphrase')
  const recoveryCode = await secret(flags.recoveryCodeFile, 'recovery code')
  const { verifyAuditOf } = await import('#engine/verify-audit.ts')
  let told = now()
  try {
    return await verifyAuditOf({
      dataDir,
      openers: given({ passphrase, recoveryCode }),
      signal: interrupt,
      onProgress: (done) => {
        if (now() - told < 1_000) return
        told = now()
        output.note(`${done} entries`)
      },
    })
  } catch (error) {
    if (!(error instanceof ExpectedError && error.code === 'site_key_missing')) throw error
    // The keychain of a desktop, or a passphrase that nobody gave: the site that runs has the key open.
    return askSite(site).catch((away: unknown) => {
      throw away instanceof ExpectedError && away.code === 'site_not_running' ? error : away
    })
  }
}

async function askSite(options: SiteOptions): Promise<AuditReport> {
  const site = await connectSite(options)
  try {
    return await site.client.audit.verify()
  } finally {
    await site.close()
  }
}

async function secret(file: string | undefined, what: string): Promise<string | undefined> {
  return file === undefined ? undefined : readSecretFile(file, what)
}

function show({ output }: CommandContext, report: AuditReport): void {
  const { entries, firstSeq, lastSeq, checkpoint, erased, findings, found, sound } = report
  for (const finding of findings) output.line(`${where(finding)}: ${words[finding.kind]}`)
  if (found > findings.length) output.line(`and ${found - findings.length} more`)
  if (!sound) output.line()
  const first = findings.find(({ seq }) => seq !== null)
  output.line(
    sound
      ? `Sound: ${entries} entries, ${firstSeq} to ${lastSeq}`
      : `Changed from outside: ${found} found in ${entries} entries${first ? `, the first at entry ${first.seq}` : ''}`,
  )
  output.facts([
    ['last link', report.chain],
    ['sealed up to', report.sealedSeq === null ? null : String(report.sealedSeq)],
    [
      'cut by retention',
      checkpoint && `${checkpoint.entries} entries, up to ${checkpoint.seq}, at ${isoTime(checkpoint.at)}`,
    ],
    ['erased on request', erased === 0 ? null : `in ${erased} entries`],
  ])
}

function where({ seq, toSeq }: AuditFinding): string {
  if (seq === null) return 'audit.head'
  return toSeq === null || toSeq === seq ? `entry ${seq}` : `entries ${seq} to ${toSeq}`
}

const words: Record<AuditFinding['kind'], string> = {
  changed: 'not what the site wrote: changed, added, or in another place',
  missing: 'missing: taken out of the store',
  personal_changed: 'the name, address or personal details are not those that were written',
  personal_missing: 'the name, address or personal details were taken away, without an erasure on request',
  checkpoint_changed: 'where retention cut is not what the site wrote',
  checkpoint_missing: 'missing: cut off the oldest end, and not by retention',
  truncated: 'missing: cut off the newest end',
  head_differs: 'not the entry that the sealed head names: the store was replaced',
  head_missing: 'the sealed head is missing; it is written at every start, so it was taken away',
  head_changed: 'the sealed head is not what this site wrote',
  recorded:
    'the site found at a start that the newest entries or the sealed head were changed; the entry says what',
}
