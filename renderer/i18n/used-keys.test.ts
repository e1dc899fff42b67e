import { expect, it } from 'vitest'
import { usedKeys } from './used-keys.ts'

it('finds plain keys, choices and templates', () => {
  const source = `
    const { t } = useTranslation(['fleet', 'common'])
    t('title'); t("filter.all", { count: f(1, 2) })
    t(open ? 'close' : \`view.\${view === 'x' ? 1 : 2}\`)
    t(state === 'on' ? 'yes' : 'no', {})
    <Trans i18nKey="rich.text" />
    set('not.a.key'); this.t('nor.this')
  `
  expect(usedKeys(source)).toEqual({
    namespaces: ['fleet', 'common'],
    keys: ['title', 'filter.all', 'close', 'view.*', 'yes', 'no', 'rich.text'],
  })
})

it('reads one namespace, and none', () => {
  expect(usedKeys("useTranslation('login')").namespaces).toEqual(['login'])
  expect(usedKeys('useTranslation()').namespaces).toEqual([])
})
