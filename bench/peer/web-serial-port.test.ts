import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openPseudoTerminal, type PseudoTerminal } from '#firmware/transport/pty.fixture.ts'
import { openSerialLine, type SerialLine } from '#firmware/transport/serial-line.ts'
import { WebSerialPort } from '#tests/fixtures/web-serial-port.ts'

let pty: PseudoTerminal
let line: SerialLine
let port: WebSerialPort

beforeEach(async () => {
  pty = await openPseudoTerminal()
  line = await openSerialLine({ path: pty.path, baud: 115_200 })
  port = new WebSerialPort(line, { usbVendorId: 0x10c4, usbProductId: 0xea60 })
})
afterEach(async () => {
  await line.close()
  await pty.stop()
})

/** As esptool-js reads: a new reader for each chunk. */
async function readOnce(): Promise<string> {
  const reader = port.readable?.getReader()
  try {
    return Buffer.from((await reader?.read())?.value ?? []).toString()
  } finally {
    reader?.releaseLock()
  }
}

describe('a serial line as a Web Serial port', () => {
  it('has streams only while it is open', async () => {
    expect([port.readable, port.writable]).toEqual([null, null])
    await port.open({ baudRate: 230_400 })
    expect(line.baud).toBe(230_400)
    expect(port.readable).toBe(port.readable)
    await expect(port.open({ baudRate: 9600 })).rejects.toMatchObject({ name: 'InvalidStateError' })
    await port.close()
    expect([port.readable, port.writable]).toEqual([null, null])
    expect(line.isOpen).toBe(true)
    expect(port.getInfo()).toEqual({ usbVendorId: 0x10c4, usbProductId: 0xea60 })
  })

  it('reads chunk by chunk with a reader each', async () => {
    await port.open({ baudRate: 115_200 })
    pty.send('one')
    expect(await readOnce()).toBe('one')
    pty.send('two')
    expect(await readOnce()).toBe('two')
  })

  it('makes a fresh stream after cancel, and loses nothing between', async () => {
    await port.open({ baudRate: 115_200 })
    const first = port.readable
    const reader = first?.getReader()
    const pending = reader?.read()
    await reader?.cancel()
    reader?.releaseLock()
    expect((await pending)?.done).toBe(true)
    pty.send('between')
    expect(port.readable).not.toBe(first)
    expect(await readOnce()).toBe('between')
  })

  it('makes a fresh stream after close and after abort', async () => {
    await port.open({ baudRate: 115_200 })
    const first = port.writable
    const writer = first?.getWriter()
    await writer?.write(Buffer.from('a'))
    await writer?.close()
    writer?.releaseLock()
    const second = port.writable
    expect(second).not.toBe(first)
    await second?.abort()
    await port.writable?.getWriter().write(Buffer.from('b'))
    await expect.poll(() => pty.received().toString()).toBe('ab')
  })

  it('passes on partial signals with the other lines as they are', async () => {
    const set = vi.spyOn(line, 'setSignals')
    await port.open({ baudRate: 115_200 })
    await port.setSignals({ dataTerminalReady: true, requestToSend: undefined })
    await port.setSignals({ requestToSend: false, break: true })
    expect(set.mock.calls).toEqual([[{ dtr: true }], [{ rts: false, brk: true }]])
  })

  it('changes its speed without opening anew', async () => {
    await port.open({ baudRate: 115_200 })
    const stream = port.readable
    await port.setBaudRate(921_600)
    expect(line.baud).toBe(921_600)
    expect(port.readable).toBe(stream)
  })

  it('pauses the line when nobody takes the bytes, and brings them all later', async () => {
    await port.open({ baudRate: 115_200 })
    const pause = vi.spyOn(line, 'pause')
    expect(port.readable?.locked).toBe(false)
    const sent = Buffer.alloc(600_000, 'x')
    pty.send(sent)
    await vi.waitFor(() => expect(pause).toHaveBeenCalled(), { timeout: 5000 })
    let got = 0
    while (got < sent.length) got += (await readOnce()).length
    expect(got).toBe(sent.length)
  })

  it('fails reads and has no streams when the cable is pulled', async () => {
    await port.open({ baudRate: 115_200 })
    const reader = port.readable?.getReader()
    const pending = reader?.read()
    pty.unplug()
    await expect(pending).rejects.toMatchObject({
      name: 'NetworkError',
      message: 'The device has been lost.',
    })
    reader?.releaseLock()
    expect([port.readable, port.writable]).toEqual([null, null])
  })
})
