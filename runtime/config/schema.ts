import { ALERT_DEFINITIONS, ALERTS_SCHEMA } from './schema-alerts.js';
import { expecting, type Schema, SETTINGS } from './schema-settings.js';

/** The settings of every level, in the order in which editors suggest them. */
const COMMON = [
  'enabled',
  'failure_threshold',
  'success_threshold',
  'recovery_timeout_seconds',
  'half_open_max_calls',
  'window_size',
  'sliding_window',
  'reopen_backoff',
  'ramp',
  'adaptive',
  'timeout_seconds',
  'total_timeout_seconds',
  'failure_statuses',
  'ignored_statuses',
  'retry',
  'bulkhead',
  'rate_limit',
  'coalesce',
  'fallback',
] as const;

const ref = (name: keyof typeof SETTINGS): Schema => ({ $ref: `#/definitions/${name}` });

const common: Readonly<Record<string, Schema>> = {
  ...Object.fromEntries(COMMON.map((name) => [name, ref(name)])),
  // Old names come last, so that editors suggest them last.
  recovery_timeout: ref('recovery_timeout'),
  reset_timeout: ref('reset_timeout'),
};

/** The settings that do not configure the circuit. */
const OF_CALLS = ['timeout_seconds', 'total_timeout_seconds', 'retry', 'bulkhead', 'rate_limit', 'coalesce', 'fallback'];

/** The settings of the circuit only, for the `resilience:` form. */
const circuit: Readonly<Record<string, Schema>> = Object.fromEntries(Object.entries(common).filter(([name]) => !OF_CALLS.includes(name)));

/** Returns the schema of a mapping with only these keys. A key without a value is an empty mapping. */
const settings = (description: string, properties: Readonly<Record<string, Schema>>): Schema => ({
  description,
  type: ['object', 'null'],
  additionalProperties: false,
  properties,
  ...expecting('a mapping of settings'),
});

/** Returns the schema of a mapping whose keys are chosen by the user. */
const named = (description: string, keys: Schema, values: Schema): Schema => ({
  description,
  type: ['object', 'null'],
  propertyNames: keys,
  additionalProperties: values,
  ...expecting('a mapping'),
});

// Letters of any script, as in identifiers.
const NAME = '[\\p{L}_$][\\p{L}\\p{Mn}\\p{Mc}\\p{Nd}_$]*';
// The name of a service becomes the name of a folder and part of the names of variables and types.
const serviceName: Schema = {
  pattern: '^[A-Za-z][A-Za-z0-9]*(?:[_-][A-Za-z0-9]+)*$',
  maxLength: 60,
  ...expecting('a service name of letters, digits, - and _, such as ghl'),
};
const resourceName: Schema = { pattern: `^${NAME}$`, ...expecting('the name of a namespace, such as contacts') };
const operationId: Schema = { pattern: `^${NAME}\\.${NAME}$`, ...expecting('an operation id, such as contacts.get') };
const route: Schema = {
  pattern: '^(?:GET|HEAD|OPTIONS|PUT|POST|PATCH|DELETE|TRACE|QUERY) /',
  ...expecting('a method and a path, such as GET /contacts/{contactId}'),
};
const environmentName: Schema = { pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]*$', ...expecting('the name of an environment, such as production') };

const text: Schema = { type: 'string', minLength: 1, ...expecting('a file, folder or glob') };

const layers: Readonly<Record<string, Schema>> = {
  preset: ref('preset'),
  ...common,
  scope: ref('scope'),
  follows: {
    description: 'Services that this one cannot work without: while a circuit of theirs is open, calls of this one are refused.',
    type: ['string', 'array'],
    items: { type: 'string', ...serviceName },
    uniqueItems: true,
    ...expecting('the name of a service, or a list of them'),
  },
  resources: named('Settings of all operations of a namespace.', resourceName, { $ref: '#/definitions/operation' }),
  operations: named('Settings of single operations, by id: `contacts.get`.', operationId, { $ref: '#/definitions/operation' }),
};

const circuitBreaker = (description: string, service: string): Schema => ({
  description,
  type: ['object', 'null'],
  additionalProperties: false,
  properties: {
    enabled: ref('enabled'),
    defaults: { $ref: '#/definitions/defaults' },
    services: named('Settings of each service, by name.', serviceName, { $ref: `#/definitions/${service}` }),
  },
  ...expecting('a mapping with enabled, defaults and services'),
});

/** The schema of the breaker YAML. The loader checks files with it, and editors use it for completion. */
export const BREAKERS_SCHEMA: Schema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'fuseline breakers.yaml',
  description:
    'Circuit breaker, timeout, retry and fallback settings of every service and operation. Weakest first: defaults, preset, service, resource, operation, environment.',
  type: 'object',
  anyOf: [{ required: ['circuit_breaker'] }, { required: ['resilience'] }],
  additionalProperties: false,
  properties: {
    circuit_breaker: circuitBreaker('Settings that hold in every environment.', 'service'),
    resilience: {
      description: 'Another way to write the defaults of all services, and the timeout of each by its name.',
      type: ['object', 'null'],
      additionalProperties: false,
      properties: {
        circuit_breaker: settings('When circuits open and how they recover.', circuit),
        retry: ref('retry'),
        timeout: {
          description: 'Limits of one attempt, in seconds: `default`, and one for each service by its name.',
          type: ['object', 'null'],
          additionalProperties: ref('timeout_seconds'),
          ...expecting('a mapping of names and seconds'),
        },
      },
      ...expecting('a mapping with circuit_breaker, retry and timeout'),
    },
    environments: named('Settings that are stronger where FUSELINE_ENV or NODE_ENV names the environment.', environmentName, {
      type: ['object', 'null'],
      additionalProperties: false,
      properties: {
        circuit_breaker: circuitBreaker('Settings of this environment.', 'environment_service'),
        alerts: { ...ALERTS_SCHEMA, description: 'What is different in this environment; stronger than `alerts` at the top.' },
      },
      ...expecting('a mapping with circuit_breaker and alerts'),
    }),
    alerts: ALERTS_SCHEMA,
  },
  // Keys that start with `x-` are for anchors that several services share.
  patternProperties: { '^x-': { description: 'Ignored: a place for anchors.' } },
  ...expecting('a mapping with circuit_breaker'),
  definitions: {
    ...SETTINGS,
    ...ALERT_DEFINITIONS,
    defaults: settings('Settings of every service that does not say otherwise.', { ...common, scope: ref('scope') }),
    service: settings('Settings of one service.', {
      ...layers,
      specs: {
        description:
          'OpenAPI documents: files, folders or globs, relative to this file. Default: <service>.yaml beside it, or every document below <service>/.',
        type: ['string', 'array'],
        minLength: 1,
        minItems: 1,
        items: text,
        ...expecting('a file, folder or glob, or a list of them'),
      },
      repair: {
        description: 'True: what is wrong in the documents is repaired and reported instead of being an error.',
        type: 'boolean',
        default: false,
        ...expecting('true or false'),
      },
      names: named('Names of operations that are not to be derived: `GET /contacts/{contactId}: contacts.get`.', route, {
        type: 'string',
        ...operationId,
      }),
    }),
    environment_service: settings('Settings of one service in this environment.', layers),
    operation: settings('Settings of one operation or of all operations of a namespace.', { ...common, idempotent: ref('idempotent') }),
  },
};

/** Returns the text of a published schema. Default: that of `breakers.schema.json`. Short lists are on one line, as formatters write them. */
export function schemaText(schema: Schema = BREAKERS_SCHEMA): string {
  const expanded = JSON.stringify(schema, null, 2);
  const lines = expanded.replace(/^(.*)\[\n([^[\]{}]*)\n\s*\](,?)$/gm, (whole, start: string, items: string, end: string) => {
    const line = `${start}[${items.trim().replace(/\n\s*/g, ' ')}]${end}`;
    return line.length > 140 ? whole : line;
  });
  return `${lines}\n`;
}
