const STORED = 'millwright.bench-sound'

let context: AudioContext | null = null

/** Whether the bench may be heard; on, until a person turns it off on this machine. */
export function isSoundOn(): boolean {
  return localStorage.getItem(STORED) !== 'off'
}

export function setSoundOn(on: boolean): void {
  localStorage.setItem(STORED, on ? 'on' : 'off')
}

/** Tones as a person hears them apart from three metres: Hz, and when each begins, s. */
const melodies = {
  passed: {
    wave: 'sine',
    tones: [
      [880, 0],
      [1_318.5, 0.12],
    ],
  },
  failed: {
    wave: 'square',
    tones: [
      [220, 0],
      [196, 0.22],
      [174.6, 0.44],
    ],
  },
} as const satisfies Record<string, { wave: OscillatorType; tones: readonly (readonly [number, number])[] }>

const LONG = { passed: 0.14, failed: 0.2 } as const

/**
 * Lets sounds be heard from the first click or key on: browsers keep pages silent before.
 * @returns how to stop waiting for it
 */
export function armSounds(): () => void {
  const arm = () => {
    context ??= new AudioContext()
    if (context.state === 'suspended') void context.resume()
  }
  document.addEventListener('pointerdown', arm, { passive: true })
  document.addEventListener('keydown', arm, { passive: true })
  return () => {
    document.removeEventListener('pointerdown', arm)
    document.removeEventListener('keydown', arm)
  }
}

/** Two rising tones for a board that passed, three falling ones for one that failed. */
export function beep(ending: 'passed' | 'failed'): void {
  if (context?.state !== 'running' || !isSoundOn()) return
  const { wave, tones } = melodies[ending]
  for (const [frequency, after] of tones) {
    const start = context.currentTime + after
    const tone = context.createOscillator()
    const volume = context.createGain()
    tone.type = wave
    tone.frequency.value = frequency
    // Without a slope at both ends a tone clicks.
    volume.gain.setValueAtTime(0, start)
    volume.gain.linearRampToValueAtTime(wave === 'square' ? 0.08 : 0.25, start + 0.01)
    volume.gain.linearRampToValueAtTime(0, start + LONG[ending])
    tone.connect(volume).connect(context.destination)
    tone.start(start)
    tone.stop(start + LONG[ending])
  }
}
