import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openPseudoTerminal, type PseudoTerminal } from './pty.fixture.ts'
import { openSerialLine, type SerialLine } from './serial-line.ts'

let pty: PseudoTerminal
const lines: SerialLine[] = []

async function open(options: Partial<Parameters<typeof openSerialLine>[0]> = {}): Promise<SerialLine> {
  const line = await openSerialLine({ path: pty.path, baud: 115_200, ...options })
  lines.push(line)
  return line
}

beforeEach(async () => {
  pty = await openPseudoTerminal()
})
afterEach(async () => {
  await Promise.all(lines.splice(0).map((line) => line.close()))
  await pty.stop()
})

describe('a serial line', () => {
  it('carries bytes both ways', async () => {
    const line = await open()
    let got = ''
    line.listen((bytes) => (got += Buffer.from(bytes).toString()))
    pty.send('from the board')
    await expect.poll(() => got).toBe('from the board')
    const every = Uint8Array.from({ length: 256 }, (_, index) => index)
    await line.write(every)
    await expect.poll(() => pty.received()).toEqual(Buffer.from(every))
  })

  it('keeps what comes while nobody reads, and what comes while it is paused', async () => {
    const line = await open()
    let got = ''
    pty.send('one ')
    const stop = line.listen((bytes) => (got += Buffer.from(bytes).toString()))
    await expect.poll(() => got).toBe('one ')
    stop()
    pty.send('two ')
    line.listen((bytes) => (got += Buffer.from(bytes).toString()))
    await expect.poll(() => got).toBe('one two ')
    line.pause()
    pty.send('three')
    await new Promise((done) => setTimeout(done, 50))
    expect(got).toBe('one two ')
    line.resume()
    await expect.poll(() => got).toBe('one two three')
  })

  it('takes lines as done on a bare pseudo terminal, and changes speed while open', async () => {
    const line = await open()
    await line.setSignals({ rts: true })
    for (const baud of [921_600, 1_500_000, 250_000]) {
      await line.setBaud(baud)
      expect(line.baud).toBe(baud)
    }
    await line.write(Buffer.from('still here'))
    await expect.poll(() => pty.received().toString()).toBe('still here')
  })

  it('is for one program alone, and free again once it is closed', async () => {
    const first = await open()
    await expect(open()).rejects.toMatchObject({ code: 'port_busy', data: { port: pty.path } })
    await first.close()
    await first.close()
    await first.closed
    expect(first.end).toBe('closed')
    expect((await open()).isOpen).toBe(true)
  })

  it('says so at once when the cable is pulled, to whoever waits', async () => {
    const line = await open({ step: () => 'writing' })
    line.listen(() => undefined)
    const waiting = line.race(new Promise<never>(() => undefined))
    pty.unplug()
    await expect(waiting).rejects.toMatchObject({
      code: 'port_lost',
      data: { port: pty.path, step: 'writing' },
    })
    await line.closed
    expect(line.end).toBe('lost')
    await expect(line.write(Buffer.from('x'))).rejects.toMatchObject({ code: 'port_lost' })
    await expect(line.setBaud(9600)).rejects.toMatchObject({ code: 'port_lost' })
    await expect(line.setSignals({ dtr: true })).rejects.toMatchObject({ code: 'port_lost' })
  })

  it('notices the pulled cable while nobody reads', async () => {
    const line = await open()
    pty.unplug()
    await line.closed
    expect(line.end).toBe('lost')
  })

  it('ends a write that the board does not take', async () => {
    const line = await open()
    pty.freeze()
    const stuck = line.write(new Uint8Array(4_000_000))
    await line.close()
    await expect(stuck).rejects.toMatchObject({ code: 'port_lost' })
  })

  it('closes when its work is given up, before, while and after it opens', async () => {
    const late = new AbortController()
    const line = await open({ signal: late.signal })
    late.abort()
    await line.closed
    expect(line.end).toBe('closed')
    const meanwhile = new AbortController()
    const opening = open({ signal: meanwhile.signal })
    meanwhile.abort()
    await expect(opening).rejects.toMatchObject({ name: 'AbortError' })
    await expect(open({ signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' })
    // None of them kept the port.
    expect((await open()).isOpen).toBe(true)
  })

  it('names a port that is not there, and a file that is no port', async () => {
    await expect(open({ path: '/dev/ttyNOPE' })).rejects.toMatchObject({
      code: 'port_unknown',
      data: { port: '/dev/ttyNOPE' },
    })
    await expect(open({ path: import.meta.filename })).rejects.toMatchObject({ code: 'port_failed' })
  })
})

describe('a simulated port', () => {
  let folder: string
  let control: Server
  let heard: unknown[]

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mw-line-'))
    heard = []
    control = createServer((socket) => {
      let text = ''
      socket.on('error', () => undefined)
      socket.on('data', (bytes) => {
        text += bytes.toString()
        const parts = text.split('\n')
        text = parts.pop() ?? ''
        heard.push(...parts.map((part) => JSON.parse(part) as unknown))
      })
      sockets.push(() => socket.destroy())
    })
    await new Promise<void>((done) => control.listen(join(folder, 'c.sock'), done))
    await writeFile(
      join(folder, 'board-1.json'),
      JSON.stringify({ path: pty.path, control: join(folder, 'c.sock') }),
    )
    await writeFile(join(folder, 'half.json'), '{"path"')
  })
  const sockets: (() => void)[] = []
  afterEach(async () => {
    for (const end of sockets.splice(0)) end()
    await new Promise((done) => control.close(done))
    await rm(folder, { recursive: true })
  })

  it('sends speed and all lines to its control socket', async () => {
    const line = await open({ simulatedPorts: folder })
    await line.setSignals({ rts: true })
    await line.setSignals({ dtr: true })
    await line.setSignals({ rts: false })
    await line.setBaud(460_800)
    await expect
      .poll(() => heard)
      .toEqual([
        { baud: 115_200 },
        { signals: { dtr: false, rts: false } },
        { signals: { dtr: false, rts: true } },
        { signals: { dtr: true, rts: true } },
        { signals: { dtr: true, rts: false } },
        { baud: 460_800 },
      ])
  })

  it('is lost when its simulator ends', async () => {
    const line = await open({ simulatedPorts: folder })
    for (const end of sockets.splice(0)) end()
    await line.closed
    expect(line.end).toBe('lost')
  })

  it('is unknown when its simulator is gone', async () => {
    await new Promise((done) => control.close(done))
    await expect(open({ simulatedPorts: folder })).rejects.toMatchObject({ code: 'port_unknown' })
    control.listen(join(folder, 'again.sock'))
  })
})
