import { createBuilder } from 'vite'
const b = await createBuilder({ configFile: 'vite.config.ts', environments: { client: { build: { outDir: '/tmp/zz-ui', emptyOutDir: true, minify: false } } }, logLevel: 'warn' })
await b.build(b.environments.client!)
