import { rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createBuilder } from 'vite'
import { type BuildStamp, measureSources, STAMP } from './sources.ts'

/** `npm run build`: everything that runs, into `dist`. */
const root = resolve(import.meta.dirname, '../..')
const began = Date.now()
const { files } = measureSources(root)
rmSync(join(root, 'dist'), { recursive: true, force: true })
const builder = await createBuilder({ configFile: join(root, 'vite.config.ts'), logLevel: 'warn' })
await builder.buildApp()
writeFileSync(join(root, STAMP), JSON.stringify({ startedAt: began, files } satisfies BuildStamp), {
  flush: true,
})
console.log(`Built in ${((Date.now() - began) / 1000).toFixed(1)} s`)
