import { type ChildProcess, spawn } from 'node:child_process'

export interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
  /** ms */
  ran: number
}

/** Runs a program in the foreground: its output is ours, and a signal to us goes on to it. */
export async function runChild(file: string, args: readonly string[], cwd: string): Promise<Ended> {
  const started = performance.now()
  const child = spawn(file, args, { cwd, stdio: 'inherit' })
  const forget = forwardSignals(child)
  try {
    return await new Promise((resolve, reject) => {
      child.on('error', reject)
      child.on('exit', (code, signal) => resolve({ code, signal, ran: performance.now() - started }))
    })
  } finally {
    forget()
  }
}

function forwardSignals(child: ChildProcess): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  // A terminal sends Ctrl-C to the child as well: a second SIGINT from here could cut its clean stop short.
  const listeners = signals.map((signal) => {
    const forward = (): void => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
    }
    process.on(signal, forward)
    return () => process.off(signal, forward)
  })
  return () => {
    for (const stop of listeners) stop()
  }
}
