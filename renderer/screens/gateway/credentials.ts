import { useMutation } from '@tanstack/react-query'
import { credentialsFileName } from '#contract/model/ids.ts'
import { api } from '#renderer/api/client.ts'
import { saveFile } from '#renderer/ui/save-file.ts'
import { gatewayChanged } from './use-gateway.ts'

interface Holder {
  id: string
  mac: string | null
}

/** Fetches the ZIP of a gateway and saves it; the data is the path or name, or null where the person cancelled. */
export function useDownloadCredentials(gateway: Holder) {
  return useMutation({
    mutationFn: async () => {
      const file = await api.certificates.credentials({ gateway: gateway.id })
      return await saveFile(credentialsFileName(gateway), file, 'application/zip')
    },
    // A refusal because the key is gone is news about the gateway too.
    onError: () => gatewayChanged(gateway.id),
  })
}

/** Confirms that the files arrived: the site then erases its copy of the private key. */
export function useConfirmReceived(gateway: Holder) {
  return useMutation({
    mutationFn: () => api.certificates.received({ gateway: gateway.id }),
    onSettled: () => gatewayChanged(gateway.id),
  })
}
