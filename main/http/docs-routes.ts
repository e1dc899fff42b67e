import type { FastifyInstance } from 'fastify'

/** The API's description and a page to read it with; the reader is served from here, nothing from elsewhere. */
export function addDocsRoutes(app: FastifyInstance, describe: () => Promise<object>): void {
  app.get('/api/openapi.json', () => describe())
  app.get('/api/docs', (_request, reply) => reply.type('text/html').send(page))
}

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>API – Millwright</title>
</head>
<body>
<script id="api-reference" data-url="/api/openapi.json" data-configuration='{"withDefaultFonts":false,"hideClientButton":true,"agent":{"disabled":true},"telemetry":false}' src="/api-docs/standalone.js"></script>
</body>
</html>
`
