import { join } from 'node:path'
import {
  app,
  dialog,
  ipcMain,
  Menu,
  MessageChannelMain,
  powerMonitor,
  safeStorage,
  shell,
  utilityProcess,
} from 'electron'
import { assertNever } from '#contract/errors.ts'
import { type EngineState, shellChannels } from '#contract/shell.ts'
import { runningSite } from './attach.ts'
import { renderCrashPage } from './crash-page.ts'
import { chosenDataDir } from './data-folder.ts'
import { EngineSupervisor } from './engine-supervisor.ts'
import { guardContents } from './guard-contents.ts'
import { IpcGate } from './ipc-gate.ts'
import { electronKeychain, keychainKey } from './keychain-key.ts'
import { LogFile } from './log-file.ts'
import { MainWindow } from './main-window.ts'
import { createMenu } from './menu.ts'
import type { ShellCommand } from './navigation.ts'
import { paths } from './paths.ts'
import { QuitSequence } from './quit-sequence.ts'
import { readSaveRequest } from './save-request.ts'
import { prepareAttachedSession, prepareUiSession } from './sessions.ts'
import { askForFolder, openPath, saveFile } from './shell-calls.ts'
import { ShellSettingsFile } from './shell-settings.ts'
import { addressesOf, portsOf } from './site-flags.ts'
import { textsFor } from './texts.ts'
import { SiteTray, statusLine } from './tray.ts'

/** The desktop host, wired together: one window, one tray icon, one supervised engine. */
export class Desktop {
  readonly #userData = app.getPath('userData')
  readonly #log = new LogFile(join(this.#userData, 'logs', 'desktop.log'))
  readonly #settings = new ShellSettingsFile(join(this.#userData, 'shell.json'))
  readonly #texts = textsFor(app.getLocale())
  readonly #write = (line: string): void => this.#log.write(line)
  #dataDir = chosenDataDir(process.argv, process.env, this.#settings.settings.dataDir)

  readonly #supervisor = new EngineSupervisor({
    fork: () => this.#fork(),
    startOptions: async () => ({
      dataDir: this.#dataDir,
      externalKey: await this.#externalKey(),
      ports: portsOf(process.argv, process.env),
      addresses: addressesOf(process.env),
    }),
    log: this.#write,
  })
  readonly #quit = new QuitSequence({ stop: () => this.#supervisor.stop(), quit: () => app.quit() })
  readonly #tray = new SiteTray(this.#texts, { open: () => this.open(), quit: () => app.quit() })
  readonly #window = new MainWindow({
    version: app.getVersion(),
    developer: !app.isPackaged,
    savedState: () => this.#settings.settings.window,
    saveState: (window) => this.#settings.update({ window }),
    closing: () => this.#closing(),
    log: this.#write,
  })

  start(): void {
    this.#log.write(`Millwright ${app.getVersion()} starts on ${this.#dataDir}`)
    prepareUiSession({ rendererDir: paths.rendererDir, crashPage: () => this.#crashPage() })
    this.#serveCalls()
    Menu.setApplicationMenu(this.#menu())
    this.#tray.start(this.#texts.starting)
    app.on('before-quit', (event) => this.#quit.beforeQuit(event))
    // The window may be hidden while the site runs: only quitting ends the program.
    app.on('window-all-closed', () => undefined)
    app.on('activate', () => this.open())
    // The system shuts down: the engine gets its time, as with any quit.
    powerMonitor.on('shutdown', () => app.quit())
    this.#supervisor.listen((state) => this.#engineChanged(state))
    this.#window.showUi()
    this.#supervisor.start()
  }

  /** Shows the window, making it again if it was closed. */
  open(): void {
    if (!this.#window.browserWindow) this.#show(this.#supervisor.state)
    this.#window.focus()
  }

  guard(contents: Electron.WebContents): void {
    guardContents(contents, {
      context: () => ({
        siteOrigins: this.#supervisor.addresses.urls,
        attachedOrigin: this.#window.attachedOrigin,
      }),
      obey: (decision) => {
        if (decision.kind === 'command') this.#obey(decision.command)
        else void shell.openExternal(decision.url)
      },
      log: this.#write,
    })
    contents.on('did-fail-load', (_event, code, description, url, isMainFrame) => {
      // The site that the window was attached to has ended: try to run the data folder here.
      // -3 is ERR_ABORTED: the policy or the person stopped the load.
      if (isMainFrame && code !== -3 && this.#window.attachedOrigin !== null) {
        this.#log.write(`${url} could not be loaded: ${description}`)
        this.#supervisor.start()
      }
    })
  }

  #fork(): Electron.UtilityProcess {
    const engine = utilityProcess.fork(paths.utilityEntry, [], {
      serviceName: 'Millwright engine',
      stdio: 'pipe',
    })
    this.#log.copy(engine)
    return engine
  }

  #externalKey(): Promise<Uint8Array | null> {
    const keychain = electronKeychain(safeStorage, process.platform)
    return keychainKey(join(this.#userData, 'site-key.bin'), keychain, this.#write)
  }

  #engineChanged(state: EngineState): void {
    this.#window.send(shellChannels.engineState, state)
    this.#tray.show(statusLine(state, this.#texts))
    this.#show(state)
  }

  #show(state: EngineState): void {
    if (this.#quit.quitting) return
    if (state.state !== 'failed') {
      this.#window.showUi()
      return
    }
    void this.#attachOrExplain()
  }

  async #attachOrExplain(): Promise<void> {
    const site = await runningSite(this.#supervisor.refusal, this.#dataDir)
    // A person may have retried or quit meanwhile.
    if (this.#quit.quitting || this.#supervisor.state.state !== 'failed') return
    if (site) {
      this.#log.write(`Another Millwright runs on the data folder: attached to ${site.origin}`)
      this.#tray.show(this.#texts.attached)
      this.#window.showSite(prepareAttachedSession(site), site.origin)
    } else {
      this.#window.showCrashPage()
    }
  }

  #serveCalls(): void {
    const gate = new IpcGate({ ipcMain, windowIds: () => this.#window.contentIds, log: this.#write })
    gate.on(shellChannels.connect, ({ sender }) => {
      const { port1, port2 } = new MessageChannelMain()
      this.#supervisor.connect(sender.id, port2)
      sender.postMessage(shellChannels.port, null, [port1])
    })
    gate.on(shellChannels.watchEngineState, ({ sender }) =>
      sender.send(shellChannels.engineState, this.#supervisor.state),
    )
    gate.handle(shellChannels.saveFile, readSaveRequest, async (request) => {
      const window = this.#window.browserWindow
      return window ? saveFile(window, request) : null
    })
    gate.handle(
      shellChannels.openDataFolder,
      () => null,
      () => openPath(this.#dataDir, this.#write),
    )
    gate.handle(
      shellChannels.chooseDataFolder,
      () => null,
      () => this.#chooseDataFolder(),
    )
  }

  async #chooseDataFolder(): Promise<string | null> {
    const dataDir = await askForFolder(this.#window.browserWindow, this.#dataDir)
    if (dataDir === null || dataDir === this.#dataDir) return dataDir
    this.#settings.update({ dataDir })
    this.#dataDir = dataDir
    this.#log.write(`The data folder is now ${dataDir}`)
    await this.#supervisor.stop()
    this.#supervisor.start()
    return dataDir
  }

  #obey(command: ShellCommand): void {
    switch (command) {
      case 'retry':
        this.#supervisor.start()
        return
      case 'open-log':
        void openPath(this.#log.path, this.#write)
        return
      case 'open-data-folder':
        void openPath(this.#dataDir, this.#write)
        return
      case 'choose-data-folder':
        void this.#chooseDataFolder()
        return
      case 'quit':
        app.quit()
        return
      default:
        assertNever(command)
    }
  }

  #menu(): Menu {
    return createMenu(
      this.#texts,
      {
        openDataFolder: () => void openPath(this.#dataDir, this.#write),
        chooseDataFolder: () => void this.#chooseDataFolder(),
        openLog: () => void openPath(this.#log.path, this.#write),
        showAbout: () => this.#showAbout(),
        quit: () => app.quit(),
      },
      process.platform,
      !app.isPackaged,
    )
  }

  #showAbout(): void {
    app.setAboutPanelOptions({
      applicationName: 'Millwright',
      applicationVersion: app.getVersion(),
      copyright: this.#texts.aboutText,
      iconPath: paths.icon,
    })
    app.showAboutPanel()
  }

  /** A closed window hides while the site runs; the first time, the person learns that. */
  #closing(): boolean {
    if (this.#quit.quitting) return true
    if (this.#supervisor.state.state === 'failed') {
      app.quit()
      return true
    }
    if (!this.#settings.settings.knowsBackground) {
      this.#settings.update({ knowsBackground: true })
      const { keepsRunningTitle, keepsRunning, keepRunning, quit } = this.#texts
      const answer = dialog.showMessageBoxSync({
        type: 'info',
        message: keepsRunningTitle,
        detail: keepsRunning,
        buttons: [keepRunning, quit],
        defaultId: 0,
        cancelId: 0,
      })
      if (answer === 1) app.quit()
    }
    return false
  }

  #crashPage(): string {
    const { state } = this.#supervisor
    const cause = state.state === 'failed' ? state.cause : ''
    return renderCrashPage(
      { cause, logFile: this.#log.path, dataDir: this.#dataDir, locale: app.getLocale() },
      this.#texts,
    )
  }
}
