import type { CloudAddress } from '#contract/model/cloud.ts'

/** The fields of the login as typed. */
export interface LoginForm {
  url: string
  password: string
  /** PEM; empty: a public CA. */
  ca: string
  insideNetwork: boolean
}

export const noLogin: LoginForm = { url: '', password: '', ca: '', insideNetwork: false }

export type LoginField = keyof LoginForm
type LoginProblem = 'urlMissing' | 'urlForm' | 'passwordMissing' | 'caForm'

/** What is wrong with the form before anything is asked of the server. */
export function loginProblems(form: LoginForm): Partial<Record<LoginField, LoginProblem>> {
  const url = form.url.trim()
  const ca = form.ca.trim()
  return {
    ...(url === '' && { url: 'urlMissing' as const }),
    ...(url !== '' && !/^postgres(ql)?:\/\/[^\s/]+/i.test(url) && { url: 'urlForm' as const }),
    ...(form.password === '' && { password: 'passwordMissing' as const }),
    ...(ca !== '' && !ca.includes('-----BEGIN CERTIFICATE-----') && { ca: 'caForm' as const }),
  }
}

/** As the contract takes it. */
export function loginInput(form: LoginForm) {
  const ca = form.ca.trim()
  return {
    url: form.url.trim(),
    password: form.password,
    caCertificate: ca === '' ? null : `${ca}\n`,
    insideNetwork: form.insideNetwork,
  }
}

/** An address with a password in it, as people copy it: the password goes into its own field. Null: it has none. */
export function splitPassword(url: string): { url: string; password: string } | null {
  const match = /^(postgres(?:ql)?:\/\/[^\s:/@]+):([^\s/]*)@(.*)$/i.exec(url.trim())
  if (match === null) return null
  const [, before = '', password = '', behind = ''] = match
  return { url: `${before}@${behind}`, password: decoded(password) }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** The address of a cloud as one types it. */
export function urlOf({ username, host, port, database }: CloudAddress): string {
  const name = host.includes(':') ? `[${host}]` : host
  return `postgres://${encodeURIComponent(username)}@${name}:${port}/${encodeURIComponent(database)}`
}

export function loginOf(address: CloudAddress): LoginForm {
  return {
    url: urlOf(address),
    password: '',
    ca: address.caCertificate ?? '',
    insideNetwork: address.insideNetwork,
  }
}

/** Which answer a refusal is about: its words stand there. Null: none of them. */
export function fieldOf(code: string): LoginField | null {
  switch (code) {
    case 'cloud_url_invalid':
    case 'cloud_host_unknown':
    case 'cloud_address_refused':
    case 'cloud_unreachable':
    case 'cloud_silent':
    case 'cloud_not_postgres':
    case 'cloud_tls_refused':
    case 'cloud_database_unknown':
    case 'cloud_certificate_name':
    case 'cloud_another':
    case 'cloud_another_site':
      return 'url'
    case 'cloud_login_refused':
      return 'password'
    case 'cloud_ca_invalid':
    case 'cloud_certificate_unknown':
      return 'ca'
    case 'cloud_inside_network':
      return 'insideNetwork'
    default:
      return null
  }
}
