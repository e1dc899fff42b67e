import { useMutation } from '@tanstack/react-query'
import { api } from '#renderer/api/client.ts'
import { useTenants } from '#renderer/app/tenant-scope.ts'
import type { ActionDialogProps } from '../card-dialogs.tsx'

type Asked = Parameters<typeof api.bench.act>[0]
type Action = Asked['action']

/** Begins one thing with one board; `tenant` where the person acts in several. */
export function useAct({ port, onJob }: Pick<ActionDialogProps, 'port' | 'onJob'>) {
  const { acting } = useTenants()
  return useMutation({
    mutationFn: ({
      action,
      speed,
      tenant,
    }: {
      action: Action
      speed?: Asked['speed']
      tenant?: string | null
    }) => {
      const whose = tenant ?? acting?.id ?? null
      return api.bench.act({
        port: port.path,
        action,
        ...(speed !== undefined && { speed }),
        ...(whose !== null && { tenant: whose }),
      })
    },
    onSuccess: ({ id }) => onJob(id),
  })
}
