/** CSV files of gateways, and what may be wrong with a row. */
export const gatewayImportErrors = {
  csv_invalid: { status: 400, message: 'The file is no CSV of gateways: {cause} (line {line})' },
  csv_columns_missing: {
    status: 400,
    message:
      'The file has no column {columns}: write "mac_address,code,name" into its first line, or begin each line with a MAC address',
  },
  csv_too_large: {
    status: 413,
    message: 'The file is larger than {limit} bytes, {rows} lines so far: split it',
  },
  csv_too_many_rows: { status: 413, message: 'The file has {count} rows: {limit} at a time, split it' },
  csv_formula: {
    status: 400,
    message: 'The cell {column} begins like a formula, "{text}": write it without',
  },
  csv_code_invalid: {
    status: 400,
    message: '"{code}" is no code: use 1 to 30 letters, digits, dots, dashes or underscores',
  },
  csv_name_invalid: { status: 400, message: 'The name is empty, longer than 100 letters or not plain text' },
  csv_duplicate: { status: 409, message: 'The {column} {text} is on line {line} already' },
  csv_group_unknown: {
    status: 404,
    message: 'There is no group {group}: make it first, or have the import make it',
  },
  csv_profile_unknown: { status: 404, message: 'There is no gateway profile {profile}' },
  import_credentials_gone: {
    status: 410,
    message: 'No key of this import waits any more: each was handed over, and erased here',
  },
} as const
