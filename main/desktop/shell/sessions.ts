import { protocol, type Session, session } from 'electron'
import { type AppPages, createAppHandler } from './app-protocol.ts'
import { isSiteRequest, type RunningSite } from './attach.ts'
import { isIssuedBy } from './certificate-pin.ts'
import { decidePermission } from './permissions.ts'

/** net::OK and net::ERR_FAILED, as `setCertificateVerifyProc` takes them. */
const ACCEPT = 0
const REFUSE = -2

/** Declares the `app:` scheme; must run before the application is ready. */
export function declareAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ])
}

/** The session of the UI on its own engine: it reaches the `app:` scheme and nothing on any network. */
export function prepareUiSession(pages: AppPages): void {
  const own = session.defaultSession
  own.protocol.handle('app', createAppHandler(pages))
  restrict(own, null, (url) => !/^(https?|wss?|ftp|file):/.test(url))
}

/** The session of a window on a running site: it reaches that site, known by its own CA, and nothing else. */
export function prepareAttachedSession(site: RunningSite): Session {
  const attached = session.fromPartition(site.partition)
  attached.setCertificateVerifyProc((request, callback) => {
    callback(isIssuedBy(site.caPem, request, new Date()) ? ACCEPT : REFUSE)
  })
  restrict(attached, site.origin, (url) => isSiteRequest(url, site.origin))
  return attached
}

function restrict(
  target: Session,
  attachedOrigin: string | null,
  mayRequest: (url: string) => boolean,
): void {
  target.setPermissionRequestHandler((_contents, permission, callback, details) => {
    const media = 'mediaTypes' in details ? details.mediaTypes : undefined
    callback(decidePermission(permission, details.requestingUrl, attachedOrigin, media))
  })
  target.setPermissionCheckHandler((_contents, permission, requestingOrigin, { mediaType }) =>
    decidePermission(
      permission,
      requestingOrigin,
      attachedOrigin,
      mediaType === undefined ? [] : [mediaType],
    ),
  )
  target.setDevicePermissionHandler(() => false)
  target.setUSBProtectedClassesHandler(() => [])
  // Chromium would fetch dictionaries from its maker's servers.
  target.setSpellCheckerEnabled(false)
  target.webRequest.onBeforeRequest((details, callback) => {
    callback({ cancel: !mayRequest(details.url) && !details.url.startsWith('devtools:') })
  })
}
