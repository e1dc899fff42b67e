/** Labels that cannot be printed as asked for. */
export const labelErrors = {
  labels_none: { status: 404, message: 'No gateway matches: there is nothing to make labels of' },
  labels_too_many: {
    status: 400,
    message: 'One file takes {most} labels at the most, these are {count}: take fewer gateways at a time',
  },
  label_too_small: {
    status: 400,
    message:
      'The QR code of {code} would be too fine to read on {size}: choose a larger label, or less in the code',
  },
  label_format_unfit: {
    status: 400,
    message: 'Label printers take labels from a roll: choose a roll instead of {size}, or a PDF',
  },
} as const
