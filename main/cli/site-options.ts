import { type Command, Option } from 'commander'

/** `--json`, on every command. */
export function addJsonOption(command: Command): Command {
  return command.option('--json', 'print exactly one JSON value')
}

/** `--data`, for commands that work on a folder of this machine. */
export function dataOption(): Option {
  return new Option('--data <dir>', "data folder of the site; the user's own where left out").env(
    'MILLWRIGHT_DATA',
  )
}

/** The flags that say which site, and as whom. */
export function addSiteOptions(command: Command): Command {
  return addJsonOption(
    command
      .addOption(dataOption())
      .addOption(new Option('--url <address>', 'a site elsewhere: https://host:8443').env('MILLWRIGHT_URL'))
      .addOption(
        new Option('--ca <file>', "the site's web CA in PEM, trusted for this call").env('MILLWRIGHT_CA'),
      )
      .addOption(new Option('--user <email>', 'sign in as, with --url').env('MILLWRIGHT_USER'))
      .addOption(
        new Option('--password-file <file>', 'file with the password, - for standard input').env(
          'MILLWRIGHT_PASSWORD_FILE',
        ),
      ),
  )
}

export function addTenantOption(command: Command): Command {
  return command.option('--tenant <slug>', 'where several tenants use the same code')
}
