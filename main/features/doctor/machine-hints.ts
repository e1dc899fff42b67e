import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { SiteSide } from '#contract/model/doctor.ts'

type Firewall = SiteSide['firewalls'][number]

export interface Machine {
  platform: NodeJS.Platform
  /** `/`, but in tests. */
  root: string
}

/** What can be told of this machine's firewalls without more rights than the site has. */
export async function firewallHints(
  { platform, root }: Machine,
  ports: readonly number[],
): Promise<Firewall[]> {
  if (platform === 'win32') {
    const command = `netsh advfirewall firewall add rule name="Millwright" dir=in action=allow protocol=TCP localport=${ports.join(',')}`
    return [{ name: 'windows', active: null, command }]
  }
  if (platform !== 'linux') return []
  const hints: Firewall[] = []
  const ufw = await readFile(join(root, 'etc/ufw/ufw.conf'), 'utf8').catch(() => null)
  if (ufw !== null) {
    const command = ports.map((port) => `sudo ufw allow ${port}/tcp`).join(' && ')
    hints.push({ name: 'ufw', active: /^\s*ENABLED\s*=\s*yes/im.test(ufw), command })
  }
  if (await exists(join(root, 'usr/sbin/firewalld'))) {
    const opened = ports.map((port) => `--add-port=${port}/tcp`).join(' ')
    const command = `sudo firewall-cmd --permanent ${opened} && sudo firewall-cmd --reload`
    hints.push({ name: 'firewalld', active: await exists(join(root, 'run/firewalld.pid')), command })
  }
  if (await exists(join(root, 'etc/nftables.conf'))) {
    const command = `sudo nft add rule inet filter input tcp dport { ${ports.join(', ')} } accept`
    hints.push({ name: 'nftables', active: null, command })
  }
  if (await exists(join(root, 'etc/iptables/rules.v4'))) {
    const command = `sudo iptables -I INPUT -p tcp -m multiport --dports ${ports.join(',')} -j ACCEPT`
    hints.push({ name: 'iptables', active: null, command })
  }
  return hints
}

const timeServices = [
  { service: 'chrony', sign: 'run/chrony/chronyd.pid' },
  { service: 'ntpd', sign: 'run/ntpd.pid' },
  { service: 'ntpsec', sign: 'run/ntpsec/ntpd.pid' },
]

/** Which service keeps the clock, and whether it has done so; null where that cannot be read. */
export async function timeService({ platform, root }: Machine): Promise<{
  service: string | null
  synchronized: boolean | null
}> {
  if (platform !== 'linux') return { service: null, synchronized: null }
  // systemd-timesyncd.service(8): the file is there once the clock was set.
  if (await exists(join(root, 'run/systemd/timesync')))
    return {
      service: 'systemd-timesyncd',
      synchronized: await exists(join(root, 'run/systemd/timesync/synchronized')),
    }
  for (const { service, sign } of timeServices)
    if (await exists(join(root, sign))) return { service, synchronized: null }
  return { service: null, synchronized: null }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
