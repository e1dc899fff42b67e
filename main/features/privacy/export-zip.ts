import { Readable } from 'node:stream'
import { ZipFile } from 'yazl'
import type { JobContext } from '#platform/jobs/job-kind.ts'
import { jsonArray } from './plain-json.ts'

interface Entry {
  name: string
  what: string
  chunks: () => AsyncIterable<string | Uint8Array> | Iterable<string>
}

/** A ZIP that is written as it is read: files of years of readings are never in memory. */
export class ExportZip {
  readonly #entries: Entry[] = []
  readonly #title: string

  /** The first line of its README. */
  constructor(title: string) {
    this.#title = title
  }

  /** `what`: a line of the README. */
  add(name: string, what: string, chunks: Entry['chunks']): void {
    this.#entries.push({ name, what, chunks })
  }

  addRows(name: string, what: string, rows: () => AsyncIterable<object> | Iterable<object>): void {
    this.add(name, what, () => jsonArray(rows()))
  }

  addObject(name: string, what: string, value: object): void {
    this.add(name, what, () => [`${JSON.stringify(value, null, 2)}\n`])
  }

  /** @throws ExpectedError `job_disk_full`; the signal's reason */
  async write(context: JobContext, fileName: string, now: number): Promise<{ files: number; bytes: number }> {
    const file = await context.makeFile(fileName, 'application/zip')
    const zip = new ZipFile()
    const options = { mtime: new Date(now), mode: 0o100600 }
    const output = zip.outputStream as Readable
    // A file that fails ends the whole.
    zip.on('error', (error: Error) => output.destroy(error))
    zip.addBuffer(Buffer.from(this.#readme(now)), 'README.txt', options)
    let written = 0
    for (const { name, chunks } of this.#entries)
      zip.addReadStreamLazy(name, options, (give) => {
        context.progress(written++, this.#entries.length)
        give(null, Readable.from(bytesOf(chunks()), { objectMode: false }))
      })
    zip.end()
    for await (const chunk of output) {
      context.signal.throwIfAborted()
      await file.write(chunk as Uint8Array)
    }
    context.progress(this.#entries.length, this.#entries.length)
    return { files: this.#entries.length + 1, bytes: file.bytes }
  }

  #readme(now: number): string {
    const width = Math.max(...this.#entries.map(({ name }) => name.length))
    const lines = this.#entries.map(({ name, what }) => `${name.padEnd(width)}  ${what}`)
    return [
      this.#title,
      `Made by Millwright on ${new Date(now).toISOString()}.`,
      '',
      ...lines,
      '',
      'JSON files are lists of records (RFC 8259, UTF-8); times are ISO 8601 in UTC. Passwords, keys and other',
      'secrets are not in this file: the site keeps hashes of them only, or seals them.',
      '',
    ].join('\r\n')
  }
}

async function* bytesOf(
  chunks: AsyncIterable<string | Uint8Array> | Iterable<string>,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk
}
