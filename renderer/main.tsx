declare global {
  /** zod reads its configuration from here when it loads. */
  var __zod_globalConfig: { jitless: boolean } | undefined
}

// The content security policy forbids `eval`, and zod tries it when the first schema is made, unless told not to.
// Imports run before the lines of a module, and a bundler may put zod and schemas into one file: so this file
// imports nothing, and the program follows by itself.
globalThis.__zod_globalConfig = { jitless: true }

await import('./app/start.tsx')
