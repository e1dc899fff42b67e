import { type Command, Option } from 'commander'
import { BindCodeSchema } from '#contract/model/box-names.ts'
import { type CredentialKind, credentialKinds } from '#contract/model/gateway.ts'
import { given } from '../arguments.ts'
import { CliError } from '../cli-error.ts'
import type { CommandContext, SiteFlags } from '../command-context.ts'
import { readBounded } from '../files/read-bounded.ts'
import { gatewayFacts } from '../gateway-lines.ts'
import { addSiteOptions } from '../site-options.ts'

interface BecomesFlags extends SiteFlags {
  tenant?: string
  group?: string
  profile?: string
  dialect?: string
  credential?: CredentialKind
  code?: string
  name?: string
}

interface SignFlags extends BecomesFlags {
  mac?: string
  deviceId?: string
  label?: string
  bind?: boolean
}

/** Bytes. */
const CSR_FILE_MOST = 64 * 1024
const CODE_FILE_MOST = 16 * 1024

/** `millwright gateways bind` and `sign-csr`: gateways that made their own key. */
export function addOwnKeyCommands(group: Command, context: CommandContext): void {
  addBecomes(
    addSiteOptions(group.command('bind').argument('[code]', 'JSON of the QR code, or a file that holds it')),
  )
    .summary('bind a box by the QR code on it')
    .option('--again <gateway>', 'send the command "bind" again to a gateway that did not acknowledge it')
    .action((code: string | undefined, flags: BecomesFlags & { again?: string }, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const { tenant } = flags
        const bound =
          flags.again === undefined
            ? await client.gateways.bindBox({ ...(await readCode(code)), ...becomes(flags) })
            : await client.gateways.resendBind({ gateway: flags.again, ...given({ tenant }) })
        if (flags.json) return context.output.json(bound)
        context.output.facts(await gatewayFacts(client, bound))
        if (bound.bindState === 'pending')
          context.output.note('It is active once it has acknowledged the command "bind".')
      }),
    )

  addBecomes(addSiteOptions(group.command('sign-csr').argument('<files...>', 'certificate requests, PEM')))
    .summary('make gateways of boxes that made their own key, from their certificate requests')
    .option('--mac <address>', 'aa:bb:cc:dd:ee:ff; of one file')
    .option('--device-id <id>', 'what the box calls itself; of one file')
    .option('--label <label>', 'printed on the box; of one file')
    .option('--bind', 'signed ahead: it waits for somebody who binds it by its QR code')
    .action((files: string[], flags: SignFlags, command: Command) =>
      context.withSite(command, async ({ client }) => {
        const { mac: mac_address, deviceId: device_id, label, bind, code, name } = flags
        if (files.length > 1 && [mac_address, device_id, label, code, name].some((one) => one !== undefined))
          throw new CliError('usage', 'Of several files each says by its common name which box it is of')
        const signed = []
        for (const file of files) {
          const csr = (await readBounded(file, CSR_FILE_MOST)).toString()
          const of = given({ mac_address, device_id, label, bind })
          signed.push(await client.gateways.signCsr({ csr, ...of, ...becomes(flags) }))
        }
        if (flags.json) return context.output.json({ signed })
        for (const one of signed) {
          context.output.line(one.certificate_pem.trim())
          context.output.note(`${one.code}: certificate ${one.serial_number}`)
          if (one.qr !== null) context.output.note(`QR code: ${JSON.stringify(one.qr)}`)
        }
      }),
    )
}

function addBecomes(command: Command): Command {
  return command
    .option('--code <code>', 'of the gateway; its label where left out')
    .option('--name <name>', 'what people call it')
    .option('--tenant <slug>', 'may be left out where there is one tenant')
    .option('--group <group>', 'id, or path: "Plant 1/Line 2"')
    .option('--profile <profile>', 'name or id of a gateway profile')
    .option('--dialect <name>', 'topics and payloads it speaks')
    .addOption(new Option('--credential <kind>', 'what it proves itself with').choices(credentialKinds))
}

function becomes({ tenant, group, profile, dialect, credential, code, name }: BecomesFlags) {
  return given({ tenant, group, profile, dialect, credential, code, name })
}

/** What the QR code holds, as it was typed or from a file. */
async function readCode(text: string | undefined) {
  if (text === undefined)
    throw new CliError('usage', 'Give what the QR code of the box holds, or --again GW001')
  const json = text.trimStart().startsWith('{') ? text : (await readBounded(text, CODE_FILE_MOST)).toString()
  const code = BindCodeSchema.safeParse(parse(json))
  if (!code.success)
    throw new CliError(
      'usage',
      'The QR code of a box holds {"deviceId": …, "fingerprint": …, "publicKey": …}',
    )
  return code.data
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return null
  }
}
