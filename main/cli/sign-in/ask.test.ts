import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { readHidden } from './ask.ts'

const keys = (...chunks: (string | Buffer)[]) => Readable.from(chunks.map((chunk) => Buffer.from(chunk)))

test('a password as it is typed: corrected, pasted, in any language', async () => {
  expect(await readHidden(keys('s', 'e', 'x', '\u007f', 'n', 'ha', '\r'))).toBe('senha')
  expect(await readHidden(keys('pasted at once 7\nand more'))).toBe('pasted at once 7')
  const bytes = Buffer.from('café\r')
  expect(await readHidden(keys(bytes.subarray(0, 4), bytes.subarray(4)))).toBe('café')
})

test('Ctrl-C and an end without a line are no password', async () => {
  await expect(readHidden(keys('ab', '\u0003'))).rejects.toMatchObject({ code: 'interrupted' })
  await expect(readHidden(keys('ab'))).rejects.toMatchObject({ code: 'interrupted' })
})
