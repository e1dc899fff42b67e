import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { type LineSignals, noSignals, type SignalPath } from './line-signals.ts'
import { within } from './setup/call-timing.ts'

/** Linux TIOCMSET, on x86, ARM and RISC-V. asm-generic/ioctls.h */
const TIOCMSET = 0x5418
/** asm-generic/termios.h */
const TIOCM_DTR = 0x002
const TIOCM_RTS = 0x004

/** Both take the port as file 3 and read a number a line: the lines to assert. They answer 1, or 0 where that failed. */
const helpers: readonly { program: string; args: readonly string[] }[] = [
  {
    program: 'perl',
    args: [
      '-e',
      `$|=1; open(my $p,"+<&=3") or exit 1; while(<STDIN>){my $v=pack("i",$_); print(ioctl($p,${TIOCMSET},$v)?"1\\n":"0\\n")}`,
    ],
  },
  {
    program: 'python3',
    args: [
      '-c',
      [
        'import fcntl,struct,sys',
        'for line in iter(sys.stdin.readline, ""):',
        '  try:',
        `    fcntl.ioctl(3,${TIOCMSET},struct.pack("i",int(line))); print(1,flush=True)`,
        '  except OSError:',
        '    print(0,flush=True)',
      ].join('\n'),
    ],
  },
]

const ANSWER_MS = 2_000

/**
 * The lines of a port that serialport cannot set. Its `set` clears the break condition first; since 2024 Linux says
 * EOPNOTSUPP to that for USB CDC adapters that have no break (the chip's own USB of S3, C3, C6, CH343, CH9102), and
 * serialport then leaves DTR and RTS alone (serialport/bindings-cpp pull request 229). Node itself has no ioctl, so an
 * interpreter that is part of nearly every Linux makes the call on the same open port.
 *
 * @param descriptor of the open port
 * @returns a path that does nothing where the machine has no such interpreter: the board's buttons work still
 */
export async function interpreterSignals(descriptor: number): Promise<SignalPath> {
  for (const { program, args } of helpers) {
    const helper = await start(program, args, descriptor)
    if (helper !== undefined) return pathThrough(helper)
  }
  return noSignals
}

function start(
  program: string,
  args: readonly string[],
  descriptor: number,
): Promise<ChildProcess | undefined> {
  return new Promise((started) => {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'ignore', descriptor] })
    child.once('error', () => started(undefined))
    child.once('spawn', () => started(child))
    child.stdin?.on('error', () => undefined)
  })
}

function pathThrough(helper: ChildProcess): SignalPath {
  const exited = new Promise<void>((done) => helper.once('exit', () => done()))
  const answers: ((isSet: boolean) => void)[] = []
  if (helper.stdout) {
    createInterface({ input: helper.stdout }).on('line', (line) => answers.shift()?.(line === '1'))
  }
  return {
    ...noSignals,
    set: async ({ dtr, rts }: LineSignals) => {
      const answered = new Promise<boolean>((answer) => answers.push(answer))
      helper.stdin?.write(`${(dtr ? TIOCM_DTR : 0) | (rts ? TIOCM_RTS : 0)}\n`)
      const isSet = await within(Promise.race([answered, exited]), ANSWER_MS)
      if (isSet !== true) throw new Error('The system does not set DTR and RTS')
    },
    close: async () => {
      // It shares the open port and its lock: the port is not given back before it is gone.
      helper.kill('SIGKILL')
      await exited
    },
  }
}
