import { contextBridge, type IpcRendererEvent, ipcRenderer } from 'electron'
import {
  type EngineState,
  PORT_MESSAGE,
  type ShellApi,
  shellChannels,
  VERSION_ARGUMENT,
} from '#contract/shell.ts'

/**
 * All that the page gets of the desktop: one port to the engine and a few named calls. The script runs in a
 * sandbox, so it is built into one file and can require nothing but `electron`.
 */
const api: ShellApi = {
  host: 'desktop',
  platform: process.platform,
  versions: { app: appVersion(), electron: process.versions['electron'] ?? '' },
  connect: () => ipcRenderer.send(shellChannels.connect),
  onEngineState: (listener) => {
    const forward = (_event: IpcRendererEvent, state: EngineState) => listener(state)
    ipcRenderer.on(shellChannels.engineState, forward)
    // The shell answers with the present state, so a page that loads late knows it too.
    ipcRenderer.send(shellChannels.watchEngineState)
    return () => {
      ipcRenderer.off(shellChannels.engineState, forward)
    }
  },
  saveFile: (name, content) => ipcRenderer.invoke(shellChannels.saveFile, name, content),
  openDataFolder: () => ipcRenderer.invoke(shellChannels.openDataFolder),
  chooseDataFolder: () => ipcRenderer.invoke(shellChannels.chooseDataFolder),
}

// A port cannot cross the context bridge; a message event can carry it.
ipcRenderer.on(shellChannels.port, (event) => {
  window.postMessage(PORT_MESSAGE, window.location.origin, event.ports)
})

contextBridge.exposeInMainWorld('millwright', api)

function appVersion(): string {
  const argument = process.argv.find((value) => value.startsWith(VERSION_ARGUMENT))
  return argument?.slice(VERSION_ARGUMENT.length) ?? ''
}
