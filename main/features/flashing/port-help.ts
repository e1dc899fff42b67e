/** What keeps serial ports of this machine from being listed or opened, and the command that helps. */
export interface PortHelp {
  problem: 'no_udevadm' | 'not_in_group' | 'no_rule' | 'no_driver'
  group: string | null
  command: string | null
}
