import { Button, FileButton, Loader } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useSite } from '#renderer/api/use-session.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { Note } from '#renderer/ui/note.tsx'
import { type CameraProblem, cameraIds, closeCamera, openCamera, watchVideo } from './camera.ts'
import css from './qr.module.css'
import { type QrContent, readQrContent } from './qr-content.ts'
import { type PhotoProblem, readPhoto } from './read-photo.ts'

type Found = Exclude<QrContent, { kind: 'unknown' }>

/** Reads the QR code of a box by camera, or from a photo where there is none. `onFound` is told once a code. */
export function QrScanner({ onFound }: { onFound(content: Found): void }) {
  const { t } = useTranslation('qr')
  const [told, setTold] = useState<PhotoProblem | 'unknown' | null>(null)
  const [reading, setReading] = useState(false)
  const last = useRef('')
  const take = (text: string) => {
    // A camera sees the same code many times.
    if (text === last.current) return
    last.current = text
    const content = readQrContent(text)
    setTold(content.kind === 'unknown' ? 'unknown' : null)
    if (content.kind !== 'unknown') onFound(content)
  }
  const read = async (file: File | null) => {
    if (file === null) return
    setReading(true)
    setTold(null)
    last.current = ''
    const photo = await readPhoto(file)
    setReading(false)
    if ('text' in photo) take(photo.text)
    else setTold(photo.problem)
  }
  return (
    <div className={css.scanner}>
      <Camera onText={take} />
      {told !== null && (
        <Note tone="yellow" title={t(`problem.${told}.what`)}>
          {t(`problem.${told}.todo`)}
        </Note>
      )}
      <FileButton
        accept="image/*"
        onChange={(file) => void read(file)}
        inputProps={{ 'aria-label': t('photo') }}
      >
        {(props) => (
          <Button {...props} loading={reading} leftSection={<Icon name="camera" />}>
            {t('photo')}
          </Button>
        )}
      </FileButton>
    </div>
  )
}

function Camera({ onText }: { onText(text: string): void }) {
  const { t } = useTranslation(['qr', 'common'])
  const video = useRef<HTMLVideoElement>(null)
  const [state, setState] = useState<'opening' | 'open' | CameraProblem>('opening')
  const [wanted, setWanted] = useState<{ id: string | null }>({ id: null })
  const [cameras, setCameras] = useState<readonly string[]>([])
  // The same host over HTTPS: where a browser would open the camera.
  const address = `https://${globalThis.location.hostname}:${useSite()?.network.ports.https ?? ''}`
  const tell = useRef(onText)
  tell.current = onText
  useEffect(() => {
    const controller = new AbortController()
    let open: MediaStream | null = null
    const start = async () => {
      const opened = await openCamera(wanted.id)
      if ('problem' in opened) return setState(opened.problem)
      open = opened.stream
      // Closed meanwhile: the lamp must not stay on.
      if (controller.signal.aborted || video.current === null) return closeCamera(open)
      video.current.srcObject = open
      await video.current.play().catch(() => {})
      setState('open')
      setCameras(await cameraIds(open))
      await watchVideo(video.current, controller.signal, (text) => tell.current(text))
    }
    void start().catch(() => setState('failed'))
    return () => {
      controller.abort()
      if (open !== null) closeCamera(open)
    }
  }, [wanted])
  const isShown = state === 'opening' || state === 'open'
  return (
    <>
      {isShown && (
        <div className={css.picture}>
          <video ref={video} className={css.video} muted playsInline aria-label={t('camera')} />
          {state === 'opening' && <Loader className={css.wait ?? ''} size="sm" aria-label={t('opening')} />}
          <span className={css.frame} aria-hidden="true" />
        </div>
      )}
      {isShown ? (
        <p className="sec" role="status">
          {t(state === 'open' ? 'hold' : 'opening')}
        </p>
      ) : (
        <Note
          tone="yellow"
          title={t(`problem.${state}.what`)}
          action={
            state !== 'insecure' && (
              <button
                type="button"
                className="link-button"
                onClick={() => {
                  setState('opening')
                  setWanted({ id: null })
                }}
              >
                {t('common:action.retry')}
              </button>
            )
          }
        >
          {t(`problem.${state}.todo`, { address })}
        </Note>
      )}
      {cameras.length > 1 && (
        <Button leftSection={<Icon name="refresh" />} onClick={() => setWanted({ id: cameras[1] ?? null })}>
          {t('otherCamera')}
        </Button>
      )}
    </>
  )
}
