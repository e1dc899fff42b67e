import { app } from 'electron'
import { Desktop } from './desktop.ts'
import { declareAppScheme } from './sessions.ts'

/**
 * The desktop host's entry. One instance a person: a second start brings the first one's window forward.
 */
if (app.requestSingleInstanceLock()) {
  app.enableSandbox()
  // Chromium's own errands on the network: this program makes none unless a person turned one on.
  for (const errand of [
    'disable-background-networking',
    'disable-component-update',
    'disable-domain-reliability',
    'no-pings',
  ]) {
    app.commandLine.appendSwitch(errand)
  }
  app.setAppUserModelId('app.millwright')
  declareAppScheme()
  let desktop: Desktop | null = null
  // Before any page exists, so that none is without its guard.
  app.on('web-contents-created', (_event, contents) => desktop?.guard(contents))
  app.on('second-instance', () => desktop?.open())
  app.once('ready', () => {
    desktop = new Desktop()
    desktop.start()
  })
} else {
  app.quit()
}
