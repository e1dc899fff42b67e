import { useTranslation } from 'react-i18next'
import type { Dashboard } from '#contract/model/dashboard.ts'
import { api, readError } from '#renderer/api/client.ts'
import { copyDashboard, keepDashboard, type SavedDashboard, updateDashboard } from '../use-dashboards.ts'

/** Ways to keep a draft, and to let it go for what somebody else saved. */
export function useSaving(base: SavedDashboard, draft: { name: string; content: Dashboard }) {
  const { t } = useTranslation('dashboards')
  return {
    /** @throws `view_changed` where somebody else saved meanwhile */
    save: () =>
      updateDashboard(base.id, {
        version: base.version,
        ...(draft.name === base.name ? {} : { name: draft.name }),
        ...(draft.content === base.content ? {} : { content: draft.content }),
      }),
    /** As one's own, beside what somebody else saved. */
    saveCopy: () =>
      copyDashboard({ content: draft.content, tenant: base.tenant }, (count) =>
        count === 1 ? t('copyName', { name: draft.name }) : t('copyNameNth', { name: draft.name, count }),
      ),
    /** What the site has now. */
    load: async (): Promise<SavedDashboard> => {
      const view = (await api.views.get({ viewId: base.id })) as SavedDashboard
      keepDashboard(view)
      return view
    },
    isConflict: (error: unknown) => error !== null && readError(error).code === 'view_changed',
  }
}
