import { count, DAY, expecting, type Schema, share } from '../../../runtime/config/schema-kinds.js';
import { SCENARIO_DEFAULTS } from './types.js';

/** Longest scenario, in seconds: a week. */
export const LONGEST = 7 * DAY;

/** What an operation may be called by. */
export const METHODS = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'POST', 'PATCH', 'DELETE', 'TRACE', 'QUERY'];

const NAME = '[\\p{L}_$][\\p{L}\\p{Mn}\\p{Mc}\\p{Nd}_$]*';
const operationId: Schema = { pattern: `^${NAME}\\.${NAME}$`, ...expecting('an operation id, such as contacts.get') };

const mapping = (
  description: string,
  what: string,
  properties: Readonly<Record<string, Schema>>,
  required: readonly string[] = [],
): Schema => ({
  description,
  type: 'object',
  additionalProperties: false,
  properties,
  ...(required.length === 0 ? {} : { required }),
  ...expecting(`a mapping of ${what}`),
});

const seconds = (description: string, least: number, most: number): Schema => ({
  description,
  type: 'number',
  minimum: least,
  maximum: most,
  ...expecting(`a number of seconds from ${least} to ${most.toLocaleString('en')}`),
});

const milliseconds: Schema = {
  type: 'number',
  minimum: 0,
  maximum: DAY * 1_000,
  ...expecting('a number of milliseconds, 0 or more'),
};

const latency = (description: string): Schema => ({
  description,
  type: ['number', 'object'],
  minimum: 0,
  maximum: DAY * 1_000,
  additionalProperties: false,
  properties: {
    p50: { description: 'Half of the answers come within this time, in milliseconds.', ...milliseconds },
    p99: { description: 'Ninety-nine of a hundred come within this time, in milliseconds; the times are log-normal.', ...milliseconds },
  },
  required: ['p50', 'p99'],
  ...expecting('a number of milliseconds, or a mapping with p50 and p99'),
});

const weight = (description: string): Schema => ({
  description,
  type: 'number',
  minimum: 0,
  maximum: 1_000_000,
  ...expecting('a weight, 0 or more'),
});

const traffic: Schema = {
  description: 'Calls a second.',
  type: 'number',
  minimum: 0,
  maximum: 100_000,
  ...expecting('calls a second from 0 to 100,000'),
};

/** How a service does; in a phase only what is different is said. */
const conditions: Readonly<Record<string, Schema>> = {
  error_rate: share('Share of requests that the service does not answer well.', SCENARIO_DEFAULTS.errorRate),
  errors: {
    description: 'What those requests meet, with weights: statuses, hang, network, refused, connect_timeout. Default: 503.',
    type: 'object',
    additionalProperties: false,
    minProperties: 1,
    properties: {
      hang: weight('No answer ever comes: a time limit ends the request.'),
      timeout: weight('Another name of `hang`.'),
      network: weight('The connection breaks.'),
      refused: weight('The connection is refused at once: nothing was sent.'),
      connect_timeout: weight('No connection within 10 seconds: nothing was sent.'),
    },
    patternProperties: { '^[45][0-9][0-9]$': weight('A status.') },
    ...expecting('a mapping of weights, such as { 503: 8, hang: 2 }'),
  },
  latency_ms: latency('Time to an answer, in milliseconds. Default: 100.'),
  error_latency_ms: latency('Time to a status that is an error, or until the connection breaks, in milliseconds. Default: latency_ms.'),
  retry_after: {
    description: 'What 429 and 503 say in Retry-After, in whole seconds. Default: nothing.',
    type: 'integer',
    minimum: 0,
    maximum: DAY,
    ...expecting(`a whole number of seconds from 0 to ${DAY.toLocaleString('en')}`),
  },
};

/** Written once, and named where they stand. */
const refs = (schemas: Readonly<Record<string, Schema>>): Readonly<Record<string, Schema>> =>
  Object.fromEntries(Object.keys(schemas).map((name) => [name, { $ref: `#/definitions/${name}` }]));

const phase: Schema = mapping(
  'A span of time in which something is different.',
  'what is different',
  {
    name: { description: 'What people call it.', type: 'string', minLength: 1, maxLength: 80, ...expecting('a short text') },
    at: seconds('When it begins, in seconds from the start.', 0, LONGEST),
    for: seconds('How long it lasts, in seconds. Default: to the end.', 0.001, LONGEST),
    ...refs({ traffic, ...conditions }),
    operations: {
      description: 'Only requests of these operations meet it. Default: all.',
      type: 'array',
      minItems: 1,
      uniqueItems: true,
      items: { type: 'string', ...operationId },
      ...expecting('a list of operation ids'),
    },
  },
  ['at'],
);

/** What may be said of a service, and at the top of all of them. */
const service: Readonly<Record<string, Schema>> = {
  traffic,
  arrivals: {
    description: 'How calls come: at random (poisson), like clockwork (even), or like clockwork with uneven gaps (jitter).',
    enum: ['poisson', 'even', 'jitter'],
    default: SCENARIO_DEFAULTS.arrivals,
    ...expecting('poisson, even or jitter'),
  },
  operations: {
    description: 'Which operations are called, with weights. Default: one of which only the settings of the service are known.',
    type: 'object',
    minProperties: 1,
    propertyNames: operationId,
    additionalProperties: {
      type: ['number', 'object'],
      minimum: 0,
      maximum: 1_000_000,
      additionalProperties: false,
      properties: {
        weight: weight('How many of the calls are its, relative to the others.'),
        method: {
          description: 'HTTP method, where no document says it.',
          enum: METHODS,
          ...expecting('an HTTP method in capitals, such as GET'),
        },
      },
      ...expecting('a weight, or a mapping with weight and method'),
    },
    ...expecting('a mapping of operation ids and weights, such as { contacts.get: 9 }'),
  },
  method: {
    description: 'HTTP method of calls where nothing else says it.',
    enum: METHODS,
    default: 'GET',
    ...expecting('an HTTP method in capitals, such as GET'),
  },
  distinct_requests: count(
    'Different requests that callers make of each operation. It decides how often a last good response is at hand.',
    SCENARIO_DEFAULTS.distinctRequests,
    100_000,
  ),
  senders: count('Callers with credentials of their own; each has a rate limit of its own.', SCENARIO_DEFAULTS.senders, 1_000),
  vendor_limit: mapping(
    'Requests that the service itself allows each sender; beyond them it answers 429 with Retry-After.',
    'requests and per_seconds',
    {
      requests: count('Requests in each span.', 100, 1_000_000),
      per_seconds: { ...seconds('Length of the span, in seconds.', 0.001, DAY), default: 1 },
    },
    ['requests'],
  ),
  ...conditions,
  phases: {
    description: 'What is different for a while. A later one is stronger where two overlap.',
    type: 'array',
    maxItems: 1_000,
    items: { $ref: '#/definitions/phase' },
    ...expecting('a list of phases, such as - { at: 60, for: 300, error_rate: 1 }'),
  },
};

/** A scenario, as the loader checks it and as editors complete it. */
export const SCENARIO_SCHEMA: Schema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'fuseline scenario',
  description:
    'What happens to services, for `fuseline simulate`. Times are seconds, latencies milliseconds. With `services`, what stands at the top holds for each of them.',
  type: 'object',
  additionalProperties: false,
  required: ['duration'],
  properties: {
    name: {
      description: 'What people call it. Default: the name of the file.',
      type: 'string',
      minLength: 1,
      maxLength: 80,
      ...expecting('a short text'),
    },
    seed: {
      description: 'Where chance begins: the same seed gives the same run.',
      type: 'integer',
      minimum: 0,
      maximum: 4_294_967_295,
      default: SCENARIO_DEFAULTS.seed,
      ...expecting('a whole number from 0 to 4,294,967,295'),
    },
    duration: seconds('How long it lasts, in seconds.', 1, LONGEST),
    healthy_below: {
      description: 'A service whose true error rate is below this is well: a circuit that opens then opened without need.',
      type: 'number',
      exclusiveMinimum: 0,
      maximum: 1,
      default: SCENARIO_DEFAULTS.healthyBelow,
      ...expecting('a share above 0, up to 1, such as 0.1'),
    },
    service: {
      description: 'The one service, as breakers.yaml names it.',
      type: 'string',
      minLength: 1,
      ...expecting('the name of a service'),
    },
    services: {
      description: 'Several services, by name.',
      type: 'object',
      minProperties: 1,
      additionalProperties: {
        ...mapping('What happens to this service.', 'what happens to the service', refs(service)),
        type: ['object', 'null'],
      },
      ...expecting('a mapping of services'),
    },
    ...refs(service),
  },
  patternProperties: { '^x-': { description: 'Ignored: a place for anchors.' } },
  ...expecting('a mapping with duration and traffic'),
  definitions: { ...service, phase },
};
