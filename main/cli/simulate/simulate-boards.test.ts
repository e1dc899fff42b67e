import { access, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { Output } from '../output.ts'
import { simulateBoards } from './simulate-boards.ts'

test('plugs boards in, names their ports, and pulls them out at the end', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mw-cli-boards-'))
  const [out, err, interrupt] = [new PassThrough(), new PassThrough(), new AbortController()]
  const said = text(out)
  const running = simulateBoards(
    { output: new Output(out, err), interrupt: interrupt.signal },
    { count: 2, folder, chip: ['ESP32', 'ESP32-C3'], flash: 4 << 20, native: true },
  )
  const files = async () => (await readdir(folder)).filter((name) => name.endsWith('.json'))
  await expect.poll(files).toEqual(['board-01.json', 'board-02.json'])
  interrupt.abort()
  await running
  out.end()
  const lines = (await said).trimEnd().split('\n')
  expect(lines).toEqual([
    expect.stringMatching(/^\/dev\/\S+ {2}ESP32 {2}24:6f:28:00:00:01$/),
    expect.stringMatching(/^\/dev\/\S+ {2}ESP32-C3 {2}24:6f:28:00:00:02$/),
  ])
  expect(await files()).toEqual([])
  await expect(access(lines[0]?.split(' ')[0] ?? '')).rejects.toThrow('ENOENT')
  await rm(folder, { recursive: true })
})
