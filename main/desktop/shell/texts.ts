/** The words of the shell itself: menu, tray, dialogs, crash page. The UI has its own in `resources/locales`. */
export interface ShellTexts {
  open: string
  about: string
  quit: string
  file: string
  edit: string
  view: string
  help: string
  openDataFolder: string
  chooseDataFolder: string
  openLog: string
  starting: string
  running: string
  restarting: string
  stopped: string
  attached: string
  keepsRunningTitle: string
  keepsRunning: string
  keepRunning: string
  crashTitle: string
  crashWhy: string
  crashWhatNow: string
  crashLog: string
  retry: string
  otherDataFolder: string
  aboutText: string
}

const english: ShellTexts = {
  open: 'Open Millwright',
  about: 'About Millwright',
  quit: 'Quit',
  file: 'File',
  edit: 'Edit',
  view: 'View',
  help: 'Help',
  openDataFolder: 'Open data folder',
  chooseDataFolder: 'Choose data folder…',
  openLog: 'Open log',
  starting: 'Site is starting',
  running: 'Site is running',
  restarting: 'Site is restarting',
  stopped: 'Site does not run',
  attached: 'Window on a site that runs outside this window',
  keepsRunningTitle: 'The site keeps running',
  keepsRunning:
    'Gateways stay connected while this window is closed. Open it again from the tray, or by starting Millwright. To stop the site, quit Millwright.',
  keepRunning: 'Keep running',
  crashTitle: 'The site does not run',
  crashWhy: 'Cause',
  crashWhatNow: 'Acknowledged readings are on disk. Remove the cause, then try again. The log says more.',
  crashLog: 'Log',
  retry: 'Try again',
  otherDataFolder: 'Choose another data folder',
  aboutText: 'From USB port to trusted telemetry',
}

const portuguese: ShellTexts = {
  open: 'Abrir o Millwright',
  about: 'Sobre o Millwright',
  quit: 'Sair',
  file: 'Arquivo',
  edit: 'Editar',
  view: 'Exibir',
  help: 'Ajuda',
  openDataFolder: 'Abrir a pasta de dados',
  chooseDataFolder: 'Escolher a pasta de dados…',
  openLog: 'Abrir o log',
  starting: 'O site está iniciando',
  running: 'O site está em execução',
  restarting: 'O site está reiniciando',
  stopped: 'O site não está em execução',
  attached: 'Janela de um site que já está em execução fora dela',
  keepsRunningTitle: 'O site continua em execução',
  keepsRunning:
    'Os gateways continuam conectados com esta janela fechada. Abra-a de novo pela bandeja ou iniciando o Millwright. Para parar o site, saia do Millwright.',
  keepRunning: 'Manter em execução',
  crashTitle: 'O site não está em execução',
  crashWhy: 'Causa',
  crashWhatNow: 'As leituras confirmadas estão em disco. Remova a causa e tente de novo. O log diz mais.',
  crashLog: 'Log',
  retry: 'Tentar de novo',
  otherDataFolder: 'Escolher outra pasta de dados',
  aboutText: 'Da porta USB à telemetria confiável',
}

/** @param locale BCP 47, as the system says it: `pt-BR`, `en-GB` */
export function textsFor(locale: string): ShellTexts {
  return locale.toLowerCase().startsWith('pt') ? portuguese : english
}
