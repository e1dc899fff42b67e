import { createConnection, type Socket } from 'node:net'

/** The two lines that reset a board; true is asserted, which on the chip's pins is low. */
export interface LineSignals {
  dtr: boolean
  rts: boolean
  brk: boolean
}

/** Where lines and speed of a port go beside its bytes. */
export interface SignalPath {
  set(signals: LineSignals): Promise<void>
  /** Told of the speed at opening and at each change. */
  setBaud(baud: number): Promise<void>
  /** Settles when the other side is gone; never, where that is not known here. */
  readonly gone: Promise<void>
  /** Settles when it has given back what it holds. */
  close(): Promise<void>
}

const never = new Promise<void>(() => undefined)

/** A pseudo terminal has no modem lines: the ioctl fails, so nothing is sent. */
export const noSignals: SignalPath = {
  set: async () => undefined,
  setBaud: async () => undefined,
  gone: never,
  close: async () => undefined,
}

/**
 * The lines of a real port.
 *
 * @param set by serialport
 * @param otherwise another way, made where serialport's does not work on this port
 */
export function portSignals(
  set: (signals: LineSignals) => Promise<void>,
  otherwise: () => Promise<SignalPath>,
): SignalPath {
  let other: SignalPath | undefined
  return {
    ...noSignals,
    set: async (signals) => {
      if (other === undefined) {
        try {
          await set(signals)
          return
        } catch (cause) {
          if (!(cause instanceof Error && notSupported.test(cause.message))) throw cause
        }
        other = await otherwise()
      }
      await other.set(signals)
    },
    close: async () => other?.close(),
  }
}

/** EOPNOTSUPP, ENOTTY and EINVAL: the port is there, and does not know this request. */
const notSupported = /Operation not supported|Inappropriate ioctl|Invalid argument/

/**
 * The lines of a simulated port: JSON lines to its control socket.
 *
 * @throws the socket's error where no simulator listens there
 */
export async function simulatedSignals(control: string): Promise<SignalPath> {
  const socket = await connect(control)
  const send = (message: object): Promise<void> =>
    new Promise((done) => {
      // A simulator that is gone ends the line by `gone`; that is no failure of this write.
      if (socket.destroyed) done()
      else socket.write(`${JSON.stringify(message)}\n`, () => done())
    })
  return {
    set: ({ dtr, rts }) => send({ signals: { dtr, rts } }),
    setBaud: (baud) => send({ baud }),
    gone: new Promise((done) => socket.once('close', () => done())),
    close: async () => void socket.destroy(),
  }
}

function connect(path: string): Promise<Socket> {
  return new Promise((done, failed) => {
    const socket = createConnection(path)
    socket.once('error', failed)
    socket.once('connect', () => {
      socket.off('error', failed)
      socket.on('error', () => undefined)
      // What the simulator tells about its state is for tests, not for the line.
      socket.resume()
      done(socket)
    })
  })
}
