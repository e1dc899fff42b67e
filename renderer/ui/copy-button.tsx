import { ActionIcon, Button } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Icon } from './icon.tsx'

/** Puts text on the clipboard and says so for two seconds. */
export function CopyButton({
  value,
  label,
  size = 'xs',
}: {
  value: string
  label?: string
  size?: 'xs' | 'sm'
}) {
  const { t } = useTranslation('common')
  const [copied, copy] = useCopied(value)
  return (
    <Button size={size} leftSection={<Icon name={copied ? 'check' : 'copy'} size={14} />} onClick={copy}>
      <span aria-live="polite">{copied ? t('action.copied') : (label ?? t('action.copy'))}</span>
    </Button>
  )
}

/** The same without words, where there is little room. */
export function CopyIconButton({ value, label }: { value: string; label: string }) {
  const { t } = useTranslation('common')
  const [copied, copy] = useCopied(value)
  return (
    <ActionIcon
      size="xs"
      variant="transparent"
      color="gray"
      aria-label={copied ? t('action.copied') : label}
      title={label}
      onClick={copy}
    >
      <Icon name={copied ? 'check' : 'copy'} />
    </ActionIcon>
  )
}

function useCopied(value: string): [boolean, () => void] {
  const [copied, setCopied] = useState(false)
  const copy = async () => {
    if (!(await writeClipboard(value))) return
    setCopied(true)
    setTimeout(() => setCopied(false), 2_000)
  }
  return [copied, () => void copy()]
}

/** Works on plain HTTP in a plant network too, where the browser hides its clipboard API. */
export async function writeClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    const area = document.createElement('textarea')
    area.value = text
    area.style.position = 'fixed'
    area.style.opacity = '0'
    document.body.append(area)
    area.select()
    const done = document.execCommand('copy')
    area.remove()
    return done
  }
}
