/** Ports, boards, firmware and what is written into them. */
export const flashingErrors = {
  port_unknown: {
    status: 404,
    message: 'There is no serial port {port}: plug the board in, or choose another port',
  },
  port_busy: {
    status: 409,
    message: '{port} is in use by {holder}: close that program, then try again',
  },
  port_denied: {
    status: 403,
    message: 'The site may not open {port}: {remedy}',
  },
  port_failed: {
    status: 502,
    message: '{port} does not open: {cause}. Plug it in again, or try another socket or cable',
  },
  port_lost: {
    status: 502,
    message: '{port} went away while {step}: plug the board in again and retry',
  },
  board_silent: {
    status: 502,
    message:
      'No board answers on {port} after {tries} tries (heard: {heard}): hold BOOT, press EN, release BOOT, and try another cable',
  },
  board_unsupported: {
    status: 422,
    message: '{chip} on {port} is not a chip that Millwright flashes: use ESP32, S2, S3, C3, C6, C2 or H2',
  },
  board_secured: {
    status: 422,
    message: 'The board on {port} has {what}: it takes only what its owner signed, so nothing was written',
  },
  flash_too_small: {
    status: 422,
    message:
      '{part} ends at {need} bytes, the flash of the board has {size}: choose a bundle for smaller flash',
  },
  flash_size_unknown: {
    status: 422,
    message: 'The flash of the board on {port} does not tell its size: it cannot be backed up whole',
  },
  nvs_encrypted_board: {
    status: 422,
    message:
      '{what} keeps its settings encrypted under keys of its own, which are not written: use firmware without NVS encryption',
  },
  nvs_moved: {
    status: 422,
    message:
      '{bundle} has NVS at {wanted}, the board at {found}: its settings would be lost. Flash it the whole way instead',
  },
  parts_overlap: {
    status: 422,
    message: '{first} and {second} overlap at {offset}: correct the offsets',
  },
  verify_failed: {
    status: 502,
    message: '{part} reads back as {actual} instead of {expected}: retry; if it stays, replace the board',
  },
  flash_command_failed: {
    status: 502,
    message: 'The board on {port} answered {answer} while {step}: retry at a slower speed',
  },
  run_open: {
    status: 409,
    message: 'The run {run} is open already: stop it before a new one begins',
  },
  run_ended: { status: 409, message: 'The run {run} has ended: begin a new one' },
  run_invalid: { status: 400, message: '{field}: {problem}' },
  plan_used_up: {
    status: 409,
    message: 'All {count} gateways of the plan have their board: add lines, or begin a new run',
  },
  plan_unknown_code: { status: 404, message: 'The plan of this run has no {code}' },
  flash_job_conflict: { status: 409, message: 'The job is {state}: it cannot be {action}' },
  file_missing: { status: 404, message: 'The uploaded file is not there any more: upload it again' },
  wifi_invalid: {
    status: 400,
    message: 'Wi-Fi: {problem}',
  },
  mac_twice: {
    status: 409,
    message:
      'Two boards say that they are {mac}: a copied chip, or one board on two ports; unplug one of them',
  },
  board_has_code: {
    status: 409,
    message:
      'The board {mac} is a gateway with another code than {code}: begin without a code, or with its own',
  },
  partition_missing: {
    status: 422,
    message: 'The partition table of {bundle} has no {partition}: the board would not find its settings',
  },
  board_brownout: {
    status: 502,
    message: 'The board restarts because its supply voltage drops: use another cable, port or a powered hub',
  },
  board_panicked: {
    status: 502,
    message:
      'The firmware crashes when it starts ({cause}): use another bundle, and keep the log for its publisher',
  },
  board_no_app: {
    status: 502,
    message: 'The board finds no firmware to start ({said}): erase the whole flash and retry',
  },
  board_boot_silent: {
    status: 502,
    message: 'After its restart the board says nothing within {seconds} s: press EN once, then retry',
  },
  board_wifi_failed: {
    status: 502,
    message:
      'The board does not join {ssid} ({reason}): check name and password, the antenna, and the distance',
  },
  board_broker_failed: {
    status: 502,
    message:
      'The board does not reach the broker ({reason}): check that {address} is reachable from its network',
  },
  contact_missed: {
    status: 504,
    message:
      'No first contact of {code} within {seconds} s: see what the board says in its log, then retry from here',
  },
  reading_missed: {
    status: 504,
    message: '{code} is connected, but sent no reading within {seconds} s: check what is wired to it',
  },
  reading_out_of_range: {
    status: 422,
    message:
      'The first reading of {channel} is {value}, expected {least} to {most}: check the wiring and the device profile',
  },
  csr_not_made: {
    status: 502,
    message: 'The board did not make its key ({reason}): let the site make it, or use other firmware',
  },
  setup_silent: {
    status: 504,
    message: 'The board on {port} does not speak Improv or the gateway setup: flash it first',
  },
  setup_failed: { status: 502, message: 'The board refused its settings: {reason}' },
  flasher_stopped: {
    status: 503,
    message: 'The job has lost its board: retry',
  },
  flash_cancelled: { status: 409, message: 'Cancelled while {step}: the board can be flashed again' },
  flash_interrupted: {
    status: 409,
    message: 'The site stopped while {step}: nothing of it counts, retry',
  },
  flash_failed: {
    status: 500,
    message:
      'It failed for no reason that the site knows: retry; the log of the site has the details under job {job}',
  },
} as const
