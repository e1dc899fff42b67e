import { loadFinder } from './find-qr.ts'

/**
 * Why there is no picture. `insecure`: browsers give the camera only to pages over HTTPS, or of this machine. `denied`:
 * somebody said no. `busy`: another program has it.
 */
export type CameraProblem = 'insecure' | 'none' | 'denied' | 'busy' | 'failed'

const problems: Record<string, CameraProblem> = {
  NotAllowedError: 'denied',
  SecurityError: 'denied',
  NotFoundError: 'none',
  OverconstrainedError: 'none',
  NotReadableError: 'busy',
  AbortError: 'busy',
}

/** The picture of a camera; of one with this id, else of the one at a phone's back. */
export async function openCamera(
  deviceId: string | null,
): Promise<{ stream: MediaStream } | { problem: CameraProblem }> {
  const devices = globalThis.navigator.mediaDevices as MediaDevices | undefined
  if (!globalThis.isSecureContext || devices === undefined) return { problem: 'insecure' }
  const which: MediaTrackConstraints =
    deviceId === null ? { facingMode: 'environment' } : { deviceId: { exact: deviceId } }
  try {
    const stream = await devices.getUserMedia({
      video: { ...which, width: { ideal: 1_280 }, height: { ideal: 720 } },
    })
    return { stream }
  } catch (error) {
    return { problem: (error instanceof DOMException && problems[error.name]) || 'failed' }
  }
}

/** Ids of the cameras, the one that is open first; known by name only once one was allowed. */
export async function cameraIds(stream: MediaStream): Promise<string[]> {
  const open = stream.getVideoTracks()[0]?.getSettings().deviceId
  const found = await navigator.mediaDevices.enumerateDevices()
  const ids = found.flatMap(({ kind, deviceId }) =>
    kind === 'videoinput' && deviceId !== '' ? [deviceId] : [],
  )
  const at = ids.indexOf(open ?? '')
  return at === -1 ? ids : [...ids.slice(at), ...ids.slice(0, at)]
}

export function closeCamera(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop()
}

/** Not in the types of the DOM yet, and not in every browser. */
interface Detector {
  detect(source: HTMLVideoElement): Promise<{ rawValue: string }[]>
}
type DetectorClass = {
  new (options: { formats: string[] }): Detector
  getSupportedFormats(): Promise<string[]>
}

/** A pause between two looks, ms: a phone's processor has other things to do. */
const PAUSE = 150
/** Longest side of what is looked at; a code that fills a fifth of it is still found. */
const SIDE = 800

/** Looks at a video until a code is in it, or `signal` aborts. */
export async function watchVideo(
  video: HTMLVideoElement,
  signal: AbortSignal,
  onText: (text: string) => void,
): Promise<void> {
  const look = (await browserDetector()) ?? (await ownDetector())
  while (!signal.aborted) {
    if (video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA && !document.hidden) {
      const text = await look(video).catch(() => null)
      if (signal.aborted) return
      if (text !== null) onText(text)
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE))
  }
}

type Look = (video: HTMLVideoElement) => Promise<string | null>

async function browserDetector(): Promise<Look | null> {
  const { BarcodeDetector: Class } = globalThis as { BarcodeDetector?: DetectorClass }
  if (Class === undefined) return null
  const formats = await Class.getSupportedFormats().catch((): string[] => [])
  if (!formats.includes('qr_code')) return null
  const detector = new Class({ formats: ['qr_code'] })
  return async (video) => (await detector.detect(video))[0]?.rawValue ?? null
}

async function ownDetector(): Promise<Look> {
  const find = await loadFinder()
  const canvas = document.createElement('canvas')
  const context = canvas.getContext('2d', { willReadFrequently: true })
  let count = 0
  return async (video) => {
    const { videoWidth, videoHeight } = video
    if (context === null || videoWidth === 0) return null
    const scale = Math.min(1, SIDE / Math.max(videoWidth, videoHeight))
    canvas.width = Math.round(videoWidth * scale)
    canvas.height = Math.round(videoHeight * scale)
    context.drawImage(video, 0, 0, canvas.width, canvas.height)
    count += 1
    // White on black, as some displays show it: looked for every third time, for it takes twice as long.
    return find(context.getImageData(0, 0, canvas.width, canvas.height), count % 3 === 0)
  }
}
