/** Looking at topics, and publishing to them. */
export const topicsErrors = {
  topic_invalid: { status: 400, message: 'Nothing can be published to "{topic}": {cause}' },
  topic_not_yours: {
    status: 403,
    message:
      'The topic {topic} is not one that a gateway in reach receives on, nor in the topic space of an MQTT client in reach',
  },
  topic_retain_refused: {
    status: 409,
    message:
      'A retained command would be carried out again whenever {code} connects: publish to {topic} without retain',
  },
  retained_full: {
    status: 409,
    message: 'There is no room for another retained message at {topic}: clear some first',
  },
  too_many_watchers: {
    status: 429,
    message: '{limit} views of topics are open already: close one first',
  },
} as const
