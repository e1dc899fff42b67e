/** Where a Linux machine tells of its devices and programs; tests give a copy. */
export interface SystemPaths {
  readonly sys: string
  readonly dev: string
  readonly proc: string
  readonly etc: string
  /** Lock files of programs that follow the old custom (`LCK..ttyUSB0`). */
  readonly locks: string
}

export const systemPaths: SystemPaths = {
  sys: '/sys',
  dev: '/dev',
  proc: '/proc',
  etc: '/etc',
  locks: '/var/lock',
}
