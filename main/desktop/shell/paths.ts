import { fileURLToPath } from 'node:url'

/** Where the build put what the shell opens by path; the folders are those of `vite.config.ts`. */
export const paths = {
  rendererDir: fromHere('../../../renderer'),
  preload: fromHere('../../../preload/index.cjs'),
  utilityEntry: fromHere('../utility/main.js'),
  icon: fromHere('../../../../resources/icons/icon.png'),
  // macOS colours an image of this name itself.
  trayIcon: fromHere(
    `../../../../resources/icons/${process.platform === 'darwin' ? 'trayTemplate' : 'tray'}.png`,
  ),
}

function fromHere(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url))
}
