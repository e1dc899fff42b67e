import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { openSerialLine } from './serial-line.ts'

test('a write that waits goes on although bytes come in meanwhile', async () => {
  const socat = spawn('socat', ['-d', '-d', 'PTY,raw,echo=0', 'STDIO'])
  let said = ''
  let path: string | undefined
  while (path === undefined) {
    said += String((await once(socat.stderr, 'data'))[0])
    path = /PTY is (\S+)[\s\S]*starting data transfer/.exec(said)?.[1]
  }
  const line = await openSerialLine({ path, baud: 115_200 })
  try {
    const heard: string[] = []
    line.listen((bytes) => heard.push(Buffer.from(bytes).toString()))
    // Nobody takes these: the write comes to wait. Then the reading is woken, and waits again.
    const bytes = Buffer.alloc(400_000, 'x')
    const written = line.write(bytes)
    await new Promise((resolve) => setTimeout(resolve, 100))
    socat.stdin.write('ready')
    await expect.poll(() => heard.join('')).toBe('ready')
    await new Promise((resolve) => setTimeout(resolve, 50))
    let taken = 0
    socat.stdout.on('data', (chunk: Buffer) => (taken += chunk.length))
    await written
    await expect.poll(() => taken).toBe(bytes.length)
  } finally {
    await line.close()
    socat.kill('SIGKILL')
  }
})
