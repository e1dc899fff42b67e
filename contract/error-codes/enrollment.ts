/** Boxes that bring a key of their own: certificate requests, binding, EST. */
export const enrollmentErrors = {
  csr_refused: { status: 400, message: 'The certificate request is refused: {cause}' },
  bind_refused: {
    status: 404,
    message:
      'No box waits here with this device id, fingerprint and public key: compare the QR code with the box',
  },
  bind_conflict: { status: 409, message: 'The box {box} cannot be bound: it is {state}' },
  est_password_refused: {
    status: 401,
    message: 'User name or password is wrong, used, or past its time: have a new one made',
  },
  est_certificate_refused: {
    status: 401,
    message: 'The certificate that was shown does not count here: {cause}',
  },
} as const
