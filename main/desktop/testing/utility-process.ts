import { fork } from 'node:child_process'
import { EventEmitter } from 'node:events'
import type { MessagePortMain } from 'electron'
import type { EngineProcess } from '../shell/engine-process.ts'
import { type Frame, PortBridge } from './bridge.ts'
import type { PortMain } from './port-main.ts'

/**
 * Stands in for `utilityProcess.fork` in tests: a real child process that really dies, with ports that cross.
 *
 * @param entry absolute path of the module to run, which finds `process.parentPort` as in Electron
 */
export function forkUtility(entry: string, args: string[] = []): EngineProcess {
  const child = fork(entry, args, {
    execArgv: [
      '--import',
      new URL('./parent-port.ts', import.meta.url).href,
      '--disable-warning=ExperimentalWarning',
    ],
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const events = new EventEmitter()
  const bridge = new PortBridge((frame) => send(frame))
  let ports = 0

  function send(frame: Frame): void {
    // Electron drops messages to a process that is gone; so does this.
    if (child.connected) child.send(frame, () => undefined)
  }

  child.on('message', (frame: Frame) => {
    if (frame.kind === 'message') events.emit('message', frame.data)
    else bridge.received(frame)
  })
  child.on('exit', (code) => {
    bridge.closeAll()
    // Electron reports a signal as a code other than 0.
    events.emit('exit', code ?? 1)
  })

  return {
    get pid() {
      return child.pid
    },
    stdout: child.stdout,
    stderr: child.stderr,
    kill: () => child.kill('SIGTERM'),
    postMessage(data: unknown, transfer: MessagePortMain[] = []) {
      const numbers = transfer.map((port) => {
        ports += 1
        bridge.carry(ports, port as unknown as PortMain)
        return ports
      })
      send({ kind: 'message', data, ports: numbers })
    },
    on: (event: string, listener: (...values: never[]) => void) =>
      events.on(event, listener as (...values: unknown[]) => void),
  }
}
