import type { FastifyInstance } from 'fastify'

export interface PublicFiles {
  crlDer(): Promise<Uint8Array>
  crlPem(): Promise<string>
  caPem(): Promise<string>
  webCaPem(): Promise<string>
}

/** What everyone may fetch: certificates to trust and the list of revoked ones. RFC 2585 names the media types. */
export function addPublicRoutes(app: FastifyInstance, files: () => PublicFiles | null): void {
  const route = (path: string, type: string, read: (files: PublicFiles) => Promise<string | Uint8Array>) =>
    app.get(path, async (_request, reply) => {
      const available = files()
      if (!available) return reply.status(404).send()
      return reply
        .type(type)
        .header('cache-control', 'no-cache')
        .send(Buffer.from(await read(available)))
    })
  route('/pki/crl', 'application/pkix-crl', (pki) => pki.crlDer())
  route('/pki/crl.der', 'application/pkix-crl', (pki) => pki.crlDer())
  route('/pki/crl.pem', 'application/x-pem-file', (pki) => pki.crlPem())
  route('/pki/ca.crt', 'application/x-pem-file', (pki) => pki.caPem())
  route('/pki/web-ca.crt', 'application/x-pem-file', (pki) => pki.webCaPem())
}
