import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const folder = import.meta.dirname
const read = (file: string): string => readFileSync(join(folder, file), 'utf8')
const files = globSync(['*', '.env.example', '{emqx,grafana,helm,postgres}/**'], { cwd: folder }).filter(
  (file) => /\.\w+$/.test(file) && !file.endsWith('.test.ts') && file !== '.env',
)

describe('compose.yaml', () => {
  const compose = read('compose.yaml')
  const prepare = read('prepare.sh')

  test('names each image with its exact version', () => {
    const images = [...compose.matchAll(/^ +image: (.+)$/gm)].map(([, image]) => image)
    expect(images).toHaveLength(3)
    for (const image of images) expect(image).toMatch(/^[a-z]+\/[a-z]+:\d+\.\d+\.\d+(-pg\d\d)?$/)
  })

  test('mounts only what is here, or what prepare.sh makes', () => {
    const mounted = [...compose.matchAll(/\.\/([\w./-]+)(?=:| \}|$)/gm)].map(([, path = '']) => path)
    expect(mounted).toEqual(
      expect.arrayContaining(['emqx/emqx.conf', 'certs/postgres.key', 'secrets/grafana_admin']),
    )
    for (const path of new Set(mounted)) {
      const [place, name = ''] = path.split('/')
      const made = place === 'certs' || place === 'secrets'
      const known = made
        ? prepare.includes(name.replace(/\.(?:crt|key)$/, ''))
        : existsSync(join(folder, path))
      expect([path, known]).toEqual([path, true])
    }
  })

  test('asks for every variable that has no default in .env.example', () => {
    const wanted = [...compose.matchAll(/\$\{(\w+)/g)].map(([, name = '']) => name)
    const given = [...read('.env.example').matchAll(/^(\w+)=/gm)].map(([, name = '']) => name)
    expect(given.toSorted()).toEqual([...new Set(wanted)].toSorted())
  })
})

test.each(files)('%s holds no secret', (file) => {
  const lines = read(file)
    .split('\n')
    .filter((line) => !/^\s*#/.test(line))
  // A password is named by the file or the Kubernetes secret that it is in, or left to a variable.
  const given = lines.flatMap((line) => {
    const [, key = '', value = ''] =
      /^\s*(?:- )?"?([\w.]*(?:password|cookie))"?\s*[:=]\s*(\S.*)$/i.exec(line) ?? []
    return key === '' || /^["']?(?:file:\/\/\/|\$|\/run\/)/.test(value) ? [] : [line]
  })
  expect(given).toEqual([])
  expect(lines.filter((line) => /PRIVATE KEY-----|\b[0-9a-f]{24,}\b/.test(line))).toEqual([])
})

describe('certificates are checked by name', () => {
  test('EMQX: verify_peer and the name, for each connection to Postgres', () => {
    const conf = read('emqx/emqx.conf')
    const servers = conf.match(/server = "postgres:5432"/g)?.length
    expect(
      conf.match(/verify = verify_peer\n(?:\s*##[^\n]*\n)*\s*server_name_indication = "postgres"/g)?.length,
    ).toBe(servers)
  })

  test.each(['grafana/provisioning/datasources/millwright.yaml', 'helm/grafana.values.yaml'])(
    '%s',
    (file) => {
      expect(read(file)).toMatch(/sslmode: verify-full/)
    },
  )

  test('Postgres lets nobody in without TLS, and nobody without SCRAM', () => {
    const rules = read('postgres/pg_hba.conf')
      .split('\n')
      .filter((line) => /^\w/.test(line))
    expect(rules.filter((rule) => !/scram-sha-256$|^hostnossl.+reject$/.test(rule))).toEqual([])
  })
})
