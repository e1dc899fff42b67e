import { join } from 'node:path'
import type { Command } from 'commander'
import { MemoryParts } from '#firmware/bundle/part-store.ts'
import { readBundle } from '#firmware/bundle/read-bundle.ts'
import { signBundle } from '#firmware/bundle/sign-bundle.ts'
import { keyFingerprint } from '#firmware/bundle/signature.ts'
import { given } from '../arguments.ts'
import type { CommandContext, SiteFlags } from '../command-context.ts'
import { openOutputFile } from '../files/output-file.ts'
import { bundleHeader, bundleRow, showBuilds, showBundle } from '../firmware/bundle-lines.ts'
import { bundlePath, openBundle } from '../firmware/bundle-path.ts'
import { findBundle } from '../firmware/find-bundle.ts'
import { importBundle } from '../firmware/import-bundle.ts'
import { makePublisherKey, publicFacts, readPublisherKey } from '../firmware/publisher-key.ts'
import { addSiteOptions } from '../site-options.ts'
import { addFirmwarePublisherCommands } from './firmware-publishers.command.ts'

interface FirmwareFlags extends SiteFlags {
  tenant?: string
  key?: string
  force?: boolean
}

/** `millwright firmware …` */
export function addFirmwareCommands(program: Command, context: CommandContext): void {
  const group = program.command('firmware').summary('firmware bundles, and who may have signed them')
  addCatalogueCommands(group, context)
  addFirmwarePublisherCommands(group, context)
  addBundleTools(group, context)
}

function addCatalogueCommands(group: Command, context: CommandContext): void {
  const { output } = context
  addSiteOptions(group.command('list'))
    .summary('firmware bundles, newest first')
    .option('--tenant <slug>', 'what is of use to this tenant')
    .action((flags: FirmwareFlags, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const { bundles } = await client.firmware.list(given({ tenant: flags.tenant }))
        if (flags.json) output.json({ bundles })
        else output.table(bundleHeader, bundles.map(bundleRow))
      }),
    )

  addSiteOptions(
    group.command('show').argument('<bundle>', 'id, name, name@version, or the start of its hash'),
  )
    .summary('everything about one bundle')
    .option('--tenant <slug>', 'whose it is')
    .action((reference: string, flags: FirmwareFlags, command: Command) =>
      context.withSite(command, async (site) => {
        const { id } = await findBundle(site, reference, flags.tenant)
        const bundle = await site.client.firmware.show({ bundleId: id })
        if (flags.json) output.json(bundle)
        else showBundle(output, bundle)
      }),
    )

  addSiteOptions(
    group.command('import').argument('<path>', 'a ZIP, a folder, or a manifest.json of ESP Web Tools'),
  )
    .summary('check a bundle and take it into the catalogue')
    .option('--tenant <slug>', 'whose it is; left out: the own tenant, or all of the site')
    .action((path: string, flags: FirmwareFlags, command: Command) =>
      context.withSite(command, async (site) => {
        const bundle = await importBundle(context, site, path, flags.tenant)
        if (flags.json) output.json(bundle)
        else showBundle(output, bundle)
      }),
    )

  addSiteOptions(
    group.command('remove').argument('<bundle>', 'id, name, name@version, or the start of its hash'),
  )
    .summary('delete a bundle that no open run uses')
    .option('--tenant <slug>', 'whose it is')
    .action((reference: string, flags: FirmwareFlags, command: Command) =>
      context.withSite(command, async (site) => {
        const { id, name, version } = await findBundle(site, reference, flags.tenant)
        const removed = await site.client.firmware.remove({ bundleId: id })
        if (flags.json) output.json(removed)
        else output.line(`${name} ${version} is deleted`)
      }),
    )
}

/** What needs no site. */
function addBundleTools(group: Command, context: CommandContext): void {
  const { output } = context
  group
    .command('check')
    .argument('<path>', 'a ZIP, a folder, or a manifest.json of ESP Web Tools')
    .summary('say what is in a bundle, or what is wrong with it; needs no site')
    .option('--json', 'one JSON value')
    .action(async (path: string, flags: FirmwareFlags) => {
      const source = await openBundle(path)
      try {
        const { facts } = await readBundle(source, { store: new MemoryParts(), signal: context.interrupt })
        if (flags.json) return output.json(facts)
        output.facts([
          ['bundle', `${facts.name} ${facts.version}`],
          ['signature', facts.signer === null ? 'unsigned' : `of ${keyFingerprint(facts.signer)}`],
          ['hash', facts.contentHash],
        ])
        showBuilds(output, facts.builds)
      } finally {
        await source.close()
      }
    })

  group
    .command('sign')
    .argument('<folder>', 'with manifest.json and the parts that it names')
    .summary('write hashes into manifest.json, and signature.json beside it; needs no site')
    .requiredOption('--key <file>', 'Ed25519 private key, PEM; "-" for standard input')
    .option('--json', 'one JSON value')
    .action(async (folder: string, flags: FirmwareFlags & { key: string }) => {
      const { path } = await bundlePath(folder)
      const key = await readPublisherKey(flags.key)
      const { manifest, signature } = await signBundle(path, key)
      // Between the two the signature does not fit: signing again mends it.
      await write(join(path, 'manifest.json'), manifest)
      await write(join(path, 'signature.json'), signature)
      const { publicKey, fingerprint } = publicFacts(key)
      if (flags.json) output.json({ publicKey, fingerprint })
      else output.line(`${path} is signed with the key ${fingerprint}`)
    })

  group
    .command('keygen')
    .summary('make the key that a publisher signs bundles with; needs no site')
    .requiredOption('--out <file>', 'where the private key goes, for its owner only')
    .option('--force', 'replace a file that is there')
    .option('--json', 'one JSON value')
    .action(async (flags: FirmwareFlags & { out: string }) => {
      const { publicKey, fingerprint, pem } = await makePublisherKey(flags.out, flags.force === true)
      if (flags.json) return output.json({ publicKey, fingerprint })
      output.facts([
        ['private key', flags.out],
        ['fingerprint', fingerprint],
      ])
      output.line(pem.trimEnd())
    })
}

async function write(path: string, content: string): Promise<void> {
  const file = await openOutputFile(path, { mode: 0o644, overwrite: true })
  try {
    await file.write(content)
    await file.commit()
  } finally {
    await file.discard()
  }
}
