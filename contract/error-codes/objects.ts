/** Objects of the domain, and what is asked about them. */
export const objectsErrors = {
  not_found: { status: 404, message: 'There is no {what} {id}' },
  input_invalid: { status: 400, message: 'The input is not valid: {issues}' },
  json_invalid: { status: 400, message: 'The body is not JSON: {cause}' },
  body_too_large: { status: 413, message: 'The body is larger than {limit} bytes' },
  media_type_unsupported: { status: 415, message: 'Send the body as application/json' },
  mac_invalid: { status: 400, message: '"{mac}" is not a MAC address: write it as aa:bb:cc:dd:ee:ff' },
  mac_taken: { status: 409, message: 'The MAC {mac} already belongs to gateway {code}' },
  label_taken: { status: 409, message: 'The label {label} is already used on this site: give another' },
  claim_window_closed: {
    status: 403,
    message: 'No claim window is open for {tenant}: open one, or claim with the activation token of the box',
  },
  self_test_running: { status: 409, message: 'A self-test of {code} runs already: wait until it ends' },
  claim_conflict: {
    status: 409,
    message: 'The box {box} was claimed or dismissed meanwhile: it is {state}',
  },
  claim_ambiguous: {
    status: 409,
    message: '{count} boxes knock as {label}: choose the right one in the list, or use its activation token',
  },
  activation_token_invalid: {
    status: 404,
    message: 'This activation token is wrong, used or older than 24 hours: let the box knock again',
  },
  knocks_too_many: {
    status: 429,
    message: 'Too many boxes of this {where} ask to be enrolled: come again in {seconds} seconds',
  },
  knock_dismissed: {
    status: 429,
    message: 'This box was taken off the list: it may knock again in {seconds} seconds',
  },
  knock_gone: {
    status: 410,
    message: 'Nothing waits for this poll secret any more: knock again without it',
  },
  dialect_unknown: { status: 400, message: 'There is no dialect "{dialect}": choose one of {known}' },
  alias_taken: { status: 409, message: 'The {kind} {value} already belongs to somebody else on this site' },
  code_taken: { status: 409, message: 'The code {code} is already used in this tenant' },
  mqtt_username_taken: {
    status: 409,
    message: 'The MQTT user name {username} is already used on this site: choose another',
  },
  mqtt_client_personal: {
    status: 409,
    message:
      'These are the own MQTT credentials of {name}: {name} renews them, and their rights follow those of {name}',
  },
  too_many_mqtt_clients: {
    status: 409,
    message: 'This tenant has {limit} MQTT clients already: delete one first',
  },
  tenant_unknown: { status: 404, message: 'There is no tenant {tenant}' },
  last_tenant: { status: 409, message: 'This is the only tenant of the site: add another one first' },
  tenant_export_missing: {
    status: 409,
    message: 'Nobody exported {tenant} in the last 7 days: export it first, or say that it shall go without',
  },
  tenant_deletion_conflict: {
    status: 409,
    message: '{tenant} is to be deleted already, or is not, or it is too late to keep it',
  },
  confirmation_wrong: { status: 400, message: 'What was typed to confirm is not what was asked for' },
  tenant_state_conflict: { status: 409, message: 'The tenant {tenant} is {state} already' },
  slug_taken: {
    status: 409,
    message: 'The short name "{slug}" is already used by another tenant: {suggestion} is free',
  },
  slug_reserved: {
    status: 400,
    message: 'The short name "{slug}" is reserved: {suggestion} is free',
  },
  quota_gateways: {
    status: 409,
    message:
      'The tenant {tenant} has {count} of {quota} gateways: ask the administrator of the site for more',
  },
  group_circular: { status: 400, message: 'The group "{group}" cannot be put below itself' },
  group_name_taken: { status: 409, message: 'There is already a group "{name}" there: choose another name' },
  group_too_deep: { status: 400, message: 'Groups go {most} levels deep at the most' },
  too_many_groups: { status: 409, message: 'A tenant has {limit} groups at the most: delete some first' },
  group_not_empty: {
    status: 409,
    message:
      'The group "{group}" holds {gateways} gateways and {groups} groups: move them first, or one level up',
  },
  group_in_use: {
    status: 409,
    message: 'The group "{group}" bounds {apiKeys} API keys and {mqttClients} MQTT clients: end these first',
  },
  owner_unknown: { status: 400, message: 'The owner is no active person of this tenant' },
  gateway_state_conflict: { status: 409, message: 'Gateway {code} is {state}: it cannot be {action}' },
  credential_gone: {
    status: 410,
    message: 'The private key of {code} was handed over and erased: revoke and enroll again for a new one',
  },
  idempotency_conflict: { status: 409, message: 'The Idempotency-Key {key} was used for another request' },
  range_invalid: { status: 400, message: 'The range is not valid: {cause}' },
  cursor_invalid: { status: 400, message: 'The page cursor is not valid: start again without it' },
  view_changed: {
    status: 409,
    message: '"{name}" was changed by {by} meanwhile: load it again, or save a copy',
  },
  view_name_taken: { status: 409, message: 'There is already a view named "{name}": choose another name' },
  too_many_views: { status: 409, message: 'There are {limit} views already: delete one first' },
  annotation_changed: {
    status: 409,
    message: 'The annotation was changed by somebody else meanwhile: look at it again',
  },
  retention_class_taken: { status: 409, message: 'There already is a retention class {id}' },
  retention_class_default: {
    status: 409,
    message: 'The retention class {id} is the default of the site: choose another default first',
  },
  retention_class_in_use: {
    status: 409,
    message:
      'The retention class {id} is in use (tenants: {tenants}; channels: {channels}; stored months: {files}): give them another class first',
  },
  calendar_invalid: { status: 400, message: 'The calendar is not valid: {cause}' },
  channel_not_numeric: {
    status: 400,
    message: 'The channel {channel} holds text: it has no numbers to count with',
  },
  expression_invalid: {
    status: 400,
    message: 'The expression is not valid at character {position}: {cause}',
  },
  calculation_circular: { status: 400, message: 'The calculated channel would need itself: {cycle}' },
  calculation_name_taken: {
    status: 409,
    message: 'There is already a calculated channel named "{name}": choose another name',
  },
  calculation_in_use: { status: 409, message: '{name} is used by {users}: change these first' },
  calculation_without_readings: {
    status: 400,
    message: 'A calculated channel has no single readings: ask for buckets or an interval',
  },
  too_many_calculations: {
    status: 409,
    message: 'There are {limit} calculated channels already: delete one first',
  },
  remote_read_invalid: { status: 400, message: 'The remote read request is not valid: {cause}' },
  too_many_samples: {
    status: 422,
    message:
      'The answer would have more than {limit} samples: ask for fewer series, a shorter range or a longer step',
  },
  export_too_wide: {
    status: 400,
    message: 'A wide file takes {most} channels at the most, these are {count}: choose the long layout',
  },
  export_too_many_channels: {
    status: 400,
    message: 'An export takes {most} channels at the most, these are {count}: take fewer gateways at a time',
  },
  import_too_large: { status: 413, message: 'The file is larger than {limit} bytes: split it' },
  import_file_invalid: { status: 400, message: 'The file is no CSV of readings: {cause}' },
  import_file_gone: { status: 410, message: 'The file of job {id} was deleted: upload it again' },
  time_zone_unknown: {
    status: 400,
    message: '"{zone}" is not a time zone: write it as in America/Sao_Paulo',
  },
  job_disk_full: {
    status: 507,
    message: 'The disk has no room for the file of this job: {bytes} bytes were written and removed again',
  },
  job_interrupted: {
    status: 503,
    message: 'The site ended while this job ran ({attempts} times): start it again',
  },
  job_ended: { status: 409, message: 'Job {id} has ended already: it is {state}' },
  job_running: { status: 409, message: 'Job {id} is {state}: cancel it first' },
  too_many_jobs: {
    status: 429,
    message: 'There are {limit} jobs waiting already: let some of them end first',
  },
  channel_limits_invalid: { status: 400, message: 'The low limit {low} is not below the high limit {high}' },
} as const
