import { count, DAY, expecting, type Schema, share } from '../../../runtime/config/schema-kinds.js';
import { CONNECTION_TROUBLES, FAULT_ALIASES } from './faults.js';
import { SCENARIO_DEFAULTS } from './types.js';

/** The longest scenario in seconds: a week. */
export const LONGEST = 7 * DAY;

/** The HTTP methods that an operation can have. */
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
    p99: { description: '99 % of the answers come within this time, in milliseconds. The times are log-normal.', ...milliseconds },
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
  description: 'Calls per second.',
  type: 'number',
  minimum: 0,
  maximum: 100_000,
  ...expecting('calls per second from 0 to 100,000'),
};

/** The state of a service. A phase contains only the differences. */
const conditions: Readonly<Record<string, Schema>> = {
  error_rate: share('Share of requests that get no good answer.', SCENARIO_DEFAULTS.errorRate),
  errors: {
    description: 'Faults of those requests, with weights: statuses, hang, or the cause of a connection that fails. Default: 503.',
    type: 'object',
    additionalProperties: false,
    minProperties: 1,
    properties: {
      hang: weight('No answer comes. A timeout ends the request.'),
      ...Object.fromEntries(Object.entries(FAULT_ALIASES).map(([alias, name]) => [alias, weight(`Another name of \`${name}\`.`)])),
      ...Object.fromEntries(Object.entries(CONNECTION_TROUBLES).map(([name, { about }]) => [name, weight(about)])),
    },
    patternProperties: { '^[45][0-9][0-9]$': weight('A status.') },
    ...expecting('a mapping of weights, such as { 503: 8, hang: 2 }'),
  },
  latency_ms: latency('Time to an answer, in milliseconds. Default: 100.'),
  error_latency_ms: latency('Time to a status that is an error, or until the connection breaks, in milliseconds. Default: latency_ms.'),
  retry_after: {
    description: 'Retry-After of 429 and 503, in whole seconds. Default: no header.',
    type: 'integer',
    minimum: 0,
    maximum: DAY,
    ...expecting(`a whole number of seconds from 0 to ${DAY.toLocaleString('en')}`),
  },
};

/** Schemas that are written once and referred to by name. */
const refs = (schemas: Readonly<Record<string, Schema>>): Readonly<Record<string, Schema>> =>
  Object.fromEntries(Object.keys(schemas).map((name) => [name, { $ref: `#/definitions/${name}` }]));

const phase: Schema = mapping(
  'A span of time with different conditions.',
  'the differences',
  {
    name: { description: 'Name of the phase in reports.', type: 'string', minLength: 1, maxLength: 80, ...expecting('a short text') },
    at: seconds('Begin of the phase, in seconds from the start.', 0, LONGEST),
    for: seconds('Length of the phase in seconds. Default: to the end.', 0.001, LONGEST),
    ...refs({ traffic, ...conditions }),
    operations: {
      description: 'The phase applies only to requests of these operations. Default: all.',
      type: 'array',
      minItems: 1,
      uniqueItems: true,
      items: { type: 'string', ...operationId },
      ...expecting('a list of operation ids'),
    },
  },
  ['at'],
);

/** Settings that a service and the top of the file can have. */
const service: Readonly<Record<string, Schema>> = {
  traffic,
  arrivals: {
    description: 'Distribution of calls: random (poisson), regular (even), or regular with uneven gaps (jitter).',
    enum: ['poisson', 'even', 'jitter'],
    default: SCENARIO_DEFAULTS.arrivals,
    ...expecting('poisson, even or jitter'),
  },
  operations: {
    description: 'Operations with weights. Default: one operation with the settings of the service.',
    type: 'object',
    minProperties: 1,
    propertyNames: operationId,
    additionalProperties: {
      type: ['number', 'object'],
      minimum: 0,
      maximum: 1_000_000,
      additionalProperties: false,
      properties: {
        weight: weight('Share of the calls, relative to the other weights.'),
        method: {
          description: 'HTTP method of the operation, if no document contains it.',
          enum: METHODS,
          ...expecting('an HTTP method in capitals, such as GET'),
        },
      },
      ...expecting('a weight, or a mapping with weight and method'),
    },
    ...expecting('a mapping of operation ids and weights, such as { contacts.get: 9 }'),
  },
  method: {
    description: 'HTTP method of operations for which nothing else gives it.',
    enum: METHODS,
    default: 'GET',
    ...expecting('an HTTP method in capitals, such as GET'),
  },
  distinct_requests: count(
    'Distinct requests that callers make of each operation. The number decides how often a last good response is available.',
    SCENARIO_DEFAULTS.distinctRequests,
    100_000,
  ),
  senders: count('Callers with credentials of their own. Each has its own rate limit.', SCENARIO_DEFAULTS.senders, 1_000),
  vendor_limit: mapping(
    'Rate limit of the service for each sender. Further requests get a 429 with Retry-After.',
    'requests and per_seconds',
    {
      requests: count('Requests in each span.', 100, 1_000_000),
      per_seconds: { ...seconds('Length of the span, in seconds.', 0.001, DAY), default: 1 },
    },
    ['requests'],
  ),
  ...conditions,
  phases: {
    description: 'Spans with different conditions. If two overlap, the later one in the list overrides the other.',
    type: 'array',
    maxItems: 1_000,
    items: { $ref: '#/definitions/phase' },
    ...expecting('a list of phases, such as - { at: 60, for: 300, error_rate: 1 }'),
  },
};

/** The schema of a scenario, for the loader and for editors. */
export const SCENARIO_SCHEMA: Schema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'fuseline scenario',
  description:
    'The course of services, for `fuseline simulate`. Times are in seconds, latencies in milliseconds. With `services`, the settings at the top apply to each service.',
  type: 'object',
  additionalProperties: false,
  required: ['duration'],
  properties: {
    name: {
      description: 'Name of the scenario in reports. Default: the name of the file.',
      type: 'string',
      minLength: 1,
      maxLength: 80,
      ...expecting('a short text'),
    },
    seed: {
      description: 'Seed of all random values. The same seed gives the same run.',
      type: 'integer',
      minimum: 0,
      maximum: 4_294_967_295,
      default: SCENARIO_DEFAULTS.seed,
      ...expecting('a whole number from 0 to 4,294,967,295'),
    },
    duration: seconds('Length of the scenario in seconds.', 1, LONGEST),
    healthy_below: {
      description: 'A service is healthy while its true error rate is below this share. A circuit that opens then is a false open.',
      type: 'number',
      exclusiveMinimum: 0,
      maximum: 1,
      default: SCENARIO_DEFAULTS.healthyBelow,
      ...expecting('a share above 0, up to 1, such as 0.1'),
    },
    service: {
      description: 'The only service, by its name in breakers.yaml.',
      type: 'string',
      minLength: 1,
      ...expecting('the name of a service'),
    },
    services: {
      description: 'Several services, by name.',
      type: 'object',
      minProperties: 1,
      additionalProperties: {
        ...mapping('Settings of this service.', 'settings of the service', refs(service)),
        type: ['object', 'null'],
      },
      ...expecting('a mapping of services'),
    },
    ...refs(service),
  },
  patternProperties: { '^x-': { description: 'Ignored. Can hold YAML anchors.' } },
  ...expecting('a mapping with duration and traffic'),
  definitions: { ...service, phase },
};
