/**
 * What a line of a board can mean, with its data; the UI words each and says what to do.
 *
 * `reset`: code, name (as the chip words it), cause ({@link ResetCause}). `boot_loop`: the same, with count, seconds
 * and after (a meaning of this list, or `unknown`). `panic`: core, cause. `abort`: pc, core. `assert`: what.
 * `stack_overflow`: task. `registers`: each by its name. `backtrace`: addresses (space between), isCorrupted (0, 1).
 * `no_app`: header, where it is told. `flash_error`: code, where it is told. `flash_size`: detectedKiB, wantedKiB.
 * `noise`: bytes. `gateway_boot`: version. `settings_failed`: reason. `wifi_connecting`: ssid. `wifi_connected`: ip. `wifi_failed`: reason
 * (`not-found`, `wrong-password`, `no-address`). `broker_connecting`: uri. `broker_failed`: reason. The others: nothing.
 */
export type LineMeaning =
  | 'reset'
  | 'boot_loop'
  | 'download_mode'
  | 'download_disabled'
  | 'no_app'
  | 'flash_error'
  | 'flash_size'
  | 'secure_boot'
  | 'brownout'
  | 'panic'
  | 'registers'
  | 'backtrace'
  | 'abort'
  | 'assert'
  | 'stack_overflow'
  | 'watchdog'
  | 'rebooting'
  | 'noise'
  | 'gateway_boot'
  | 'setup_waiting'
  | 'settings_failed'
  | 'wifi_connecting'
  | 'wifi_connected'
  | 'wifi_failed'
  | 'broker_connecting'
  | 'broker_connected'
  | 'broker_failed'
  | 'published'

/** Why a chip started anew. */
export type ResetCause =
  | 'power'
  | 'software'
  | 'watchdog'
  | 'brownout'
  | 'deep-sleep'
  | 'usb'
  | 'external'
  | 'glitch'
  | 'unknown'
