import { readFile } from 'node:fs/promises'
import { extname, join, normalize, sep } from 'node:path'
import { originOf, SHELL_ORIGIN, UI_ORIGIN } from './origins.ts'

/** Of the UI: its own files, its styles by attribute (the component library sets them), images it makes itself. */
const uiPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** Of the shell's pages: no script at all. */
const shellPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
}

export interface AppPages {
  /** Folder of the built UI. */
  rendererDir: string
  /** HTML of the crash page as things are now. */
  crashPage(): string
}

/** Answers requests of the `app:` scheme: the built UI on `app://ui`, the crash page on `app://shell/crash`. */
export function createAppHandler(
  pages: AppPages,
): (request: Pick<Request, 'url' | 'method'>) => Promise<Response> {
  return async ({ url, method }) => {
    if (method !== 'GET' && method !== 'HEAD') return new Response(null, { status: 405 })
    switch (originOf(url)) {
      case UI_ORIGIN:
        return uiFile(pages.rendererDir, new URL(url).pathname)
      case SHELL_ORIGIN:
        return new URL(url).pathname === '/crash' ? html(pages.crashPage(), shellPolicy) : notFound()
      default:
        return notFound()
    }
  }
}

async function uiFile(rendererDir: string, pathname: string): Promise<Response> {
  const path = localPath(pathname)
  if (path === null) return notFound()
  // Addresses of screens (`/fleet`) are not files: the UI's router reads them.
  const extension = extname(path)
  const file = extension === '' ? 'index.html' : path
  try {
    const content = await readFile(join(rendererDir, file))
    const type = types[extname(file)]
    // No type, no file: the build writes only what is listed here.
    if (!type) return notFound()
    return new Response(content, { headers: headers(type, uiPolicy, file.startsWith('assets')) })
  } catch {
    return notFound()
  }
}

/** The path below the UI's folder, or null where it would leave it. */
function localPath(pathname: string): string | null {
  let decoded: string
  try {
    decoded = decodeURIComponent(pathname)
  } catch {
    return null
  }
  if (decoded.includes('\0') || decoded.includes('\\')) return null
  const path = normalize(decoded.slice(1))
  return path === '..' || path.startsWith(`..${sep}`) || path.startsWith(sep) || /^[A-Za-z]:/.test(path)
    ? null
    : path
}

function html(content: string, policy: string): Response {
  return new Response(content, { headers: headers('text/html; charset=utf-8', policy, false) })
}

function headers(type: string, policy: string, immutable: boolean): Record<string, string> {
  return {
    'content-type': type,
    'content-security-policy': policy,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    // The names in `assets` carry a hash of their content.
    'cache-control': immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
  }
}

function notFound(): Response {
  return new Response('Not found', {
    status: 404,
    headers: headers('text/plain; charset=utf-8', shellPolicy, false),
  })
}
