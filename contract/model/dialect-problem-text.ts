import type { DialectProblem, DialectProblemCode } from './dialect-problems.ts'

/** What is wrong and what to do, in English; the UI has its own words (`resources/locales/<language>/dialects.json`). */
const texts: Record<DialectProblemCode, string> = {
  pattern_invalid:
    '"{subject}" is no topic: write levels between slashes, a name or an open level in braces alone in its level, and # only as the last one',
  too_many_levels: '"{subject}" has more than 16 levels: shorten it',
  no_name:
    '"{subject}" does not say whose it is: put {gateway}, {wire}, {mac}, {id}, {label} or {device} into it',
  open_before_name: 'in "{subject}" an open level stands before the last name: put it behind the names',
  open_twice: 'the open level {{subject}} stands there twice: give one another name',
  root_reserved: 'topics that begin with {subject} belong to the site: begin with another level',
  overlaps_dialect:
    'its names would lie where the dialect {subject} reads others: begin with another level, or name the gateway at the same level',
  overlaps_topic:
    'its names would lie where those of "{subject}" lie: name the gateway at the same level in both',
  unreachable: '"{subject}" takes every message of this one: remove one of the two',
  both_directions: '"{subject}" is the same topic and goes the other way: tell the two apart by a level',
  subtree_kind: '"{subject}" ends in #: only events, logs and commands may',
  codec_missing: '"{subject}" brings readings: say how its payload is read',
  codec_unexpected: '"{subject}" brings no readings: leave its payload out',
  channel_invalid: 'the channel "{subject}" has a brace too many or too few',
  channel_field_unknown: 'nothing fills {subject} of the channel: it is no open level of the topic',
  channel_not_distinct: 'put {subject} into the channel, or different values would be one channel',
  no_telemetry: 'no topic brings readings: add one of the kind telemetry',
}

/** @example dialectProblemText(problem) // 'topic 2: "a/#" does not say whose it is …' */
export function dialectProblemText({ code, topic, subject }: DialectProblem): string {
  const text = texts[code].replace('{{subject}}', `{${subject}}`).replace('{subject}', subject)
  return topic === null ? text : `topic ${topic + 1}: ${text}`
}
