import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig, type EnvironmentOptions, type Plugin } from 'vite'

const root = dirname(fileURLToPath(import.meta.url))

/** The engine that `npm run dev` starts beside the UI: loopback HTTP, so that the proxy needs no certificate. */
const devEngine = process.env['MILLWRIGHT_DEV_ENGINE'] ?? 'http://localhost:8442'

/** Everything that Node or Electron starts by its path. */
const nodeEntries = [
  'main/site/main.ts',
  'main/cli/main.ts',
  'main/desktop/shell/main.ts',
  'main/desktop/utility/main.ts',
  ...globSync('{main,broker,firmware}/**/*.worker.ts', { cwd: root }),
]

/**
 * One configuration, three outputs: `client` (the UI, for Electron and browsers), `preload` (one CommonJS file, for
 * a sandboxed preload script can load nothing else) and `node` (both hosts, the command line, the engine and its workers).
 */
export default defineConfig({
  root: join(root, 'renderer'),
  // Absolute paths: the UI stands at the root of its origin in every host, and its addresses have depth.
  base: '/',
  publicDir: false,
  cacheDir: join(root, 'node_modules/.vite'),
  clearScreen: false,
  plugins: [react(), apiReference()],
  server: {
    host: '127.0.0.1',
    proxy: {
      // Only the engine's own paths: `/api/client.ts` is a module of the UI.
      '^/(rpc|api/(v1|docs|openapi)|pki|health|metrics)': { target: devEngine, ws: true },
    },
  },
  builder: {
    async buildApp(builder) {
      await Promise.all(Object.values(builder.environments).map((environment) => builder.build(environment)))
    },
  },
  environments: { client: client(), preload: preload(), node: node() },
})

function client(): EnvironmentOptions {
  return {
    build: {
      outDir: join(root, 'dist/renderer'),
      emptyOutDir: true,
      target: ['chrome122', 'firefox128', 'safari17.4'],
      // The CSP allows no inline script, and data: only for images that need it.
      modulePreload: { polyfill: false },
      assetsInlineLimit: 0,
      reportCompressedSize: false,
      // One lazy chart library is the largest chunk; the UI comes from this machine or the plant network.
      chunkSizeWarningLimit: 1_500,
      rolldownOptions: {
        output: {
          // What every screen needs is one file, not thirty: the first paint waits for one request.
          codeSplitting: {
            groups: [
              {
                name: 'vendor',
                test: /[\\/]node_modules[\\/](react|react-dom|scheduler|@mantine|@floating-ui|@tanstack[\\/](react-|)(router|query|history|store)[^\\/]*|i18next|react-i18next|@orpc|zod)[\\/]/,
              },
            ],
          },
        },
      },
    },
  }
}

function preload(): EnvironmentOptions {
  return {
    consumer: 'server',
    resolve: { noExternal: true },
    build: {
      ssr: true,
      outDir: join(root, 'dist/preload'),
      emptyOutDir: true,
      target: 'chrome140',
      minify: false,
      rolldownOptions: {
        input: join(root, 'preload/index.ts'),
        external: ['electron'],
        output: { format: 'cjs', entryFileNames: 'index.cjs', codeSplitting: false },
      },
    },
  }
}

function node(): EnvironmentOptions {
  return {
    consumer: 'server',
    build: {
      ssr: true,
      outDir: join(root, 'dist'),
      // `dist` also holds the other outputs: `tools/build` empties it before the build.
      emptyOutDir: false,
      target: 'node24',
      // Readable stack traces are worth more than bytes here: names and lines stay, so no source map is needed.
      minify: false,
      rolldownOptions: {
        input: nodeEntries.map((entry) => join(root, entry)),
        // node_modules stay as they are: native parts, workers and files beside modules break when bundled.
        external: (id) =>
          !id.startsWith('#') && !id.startsWith('.') && !id.startsWith('/') && !/^[A-Za-z]:[\\/]/.test(id),
        output: {
          format: 'es',
          // dist/main, dist/broker and dist/contract mirror the sources, so `workerUrl` means the same in both.
          preserveModules: true,
          preserveModulesRoot: root,
          entryFileNames: '[name].js',
        },
      },
    },
  }
}

/** Puts the API reference page's script beside the UI as a file: the CSP of `/api/docs` allows only own files. */
function apiReference(): Plugin {
  return {
    name: 'millwright-api-reference',
    applyToEnvironment: (environment) => environment.name === 'client',
    generateBundle() {
      const file = join(root, 'node_modules/@scalar/api-reference/dist/browser/standalone.js')
      this.emitFile({ type: 'asset', fileName: 'api-docs/standalone.js', source: readFileSync(file) })
    },
  }
}
