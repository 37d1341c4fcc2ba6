import type { BreakersConfig, NameUse, ServiceConfig } from './breakers-config.js';
import { IDEMPOTENT_METHODS } from './defaults.js';
import { resolvePolicy } from './layers.js';
import { nearest } from './nearest.js';
import { quote } from './quote.js';
import type { HttpMethod, PolicyLayer, PolicyValues } from './types.js';
import type { PlacedFinding } from './validate.js';

/** The facts of a document about one operation. */
export interface KnownOperation {
  /** `namespace.name`. */
  readonly id: string;
  /** Left out: whether retries are allowed is not checked. */
  readonly method?: HttpMethod | undefined;
  /** Header with one key per call, by which the server recognises a repeated request. Operations with it may be retried with every method. */
  readonly idempotencyHeader?: string | undefined;
}

/** The names of a service that settings may be given for. */
export interface KnownOperations {
  readonly namespaces: readonly string[];
  readonly operations: readonly (string | KnownOperation)[];
}

const RETRY_SETTINGS: readonly (keyof PolicyValues)[] = [
  'retryEnabled',
  'maxAttempts',
  'baseDelayMs',
  'maxDelayMs',
  'exponentialBase',
  'jitter',
  'maxRetryAfterMs',
  'retryStatuses',
];

/** Longest list of names that a hint shows. */
const LISTED = 12;

/**
 * Finds services without a document. Without `known`, an environment may still name only services that the file itself has outside of
 * environments.
 */
export function checkServices(config: BreakersConfig, known: Iterable<string> | undefined): readonly PlacedFinding[] {
  const documented = known === undefined ? undefined : new Set(known);
  const services = [...config.services.values()];
  const listed = services.filter(({ namedAt }) => namedAt.some(([top]) => top === 'circuit_breaker')).map(({ name }) => name);
  return services.flatMap((service) => {
    const exists = documented === undefined ? listed.includes(service.name) : documented.has(service.name) || service.specs !== undefined;
    if (exists) return [];
    const expected = documented ?? new Set(listed);
    return service.namedAt.map((path) => ({
      code: 'unknown-service',
      message: `there is no service ${quote(service.name)}, expected ${list([...expected], 'a service with a document')}`,
      hint: meant(service.name, expected) ?? 'A service of another name needs `specs:` with its documents.',
      path: path.map(String),
      anchor: 'key' as const,
    }));
  });
}

/** Finds resources and operations that the service does not have, and retries of operations that must not be repeated. */
export function checkOperations(service: ServiceConfig, known: KnownOperations | undefined): readonly PlacedFinding[] {
  if (known === undefined) return [];
  const operations = new Map(
    known.operations.map((operation) => (typeof operation === 'string' ? [operation, { id: operation }] : [operation.id, operation])),
  );
  return service.uses.flatMap((use): PlacedFinding[] => {
    if (use.kind === 'resource') return known.namespaces.includes(use.name) ? [] : [unknown(service, use, known.namespaces)];
    const operation = operations.get(use.name);
    return operation === undefined ? [unknown(service, use, [...operations.keys()])] : checkRetry(service, use, operation);
  });
}

function unknown(service: ServiceConfig, use: NameUse, candidates: readonly string[]): PlacedFinding {
  const namespace = `${use.name.split('.')[0]}.`;
  const neighbours = candidates.filter((candidate) => use.kind === 'operation' && candidate.startsWith(namespace));
  return {
    code: `unknown-${use.kind}`,
    message: `service \`${service.name}\` has no ${use.kind} ${quote(use.name)}, expected ${candidates.length === 1 ? 'the one' : `one of the ${candidates.length}`} that its documents have`,
    hint: meant(use.name, candidates) ?? `There are ${list(neighbours.length > 0 ? neighbours : candidates, 'none')}.`,
    path: use.path.map(String),
    anchor: 'key',
  };
}

/**
 * Refuses retry settings of an operation that must not be repeated, unless the file says that it may be: a repetition sends a second e-mail
 * or makes a second call.
 */
function checkRetry(service: ServiceConfig, use: NameUse, operation: KnownOperation): PlacedFinding[] {
  const { policies } = service;
  const level = use.environment === undefined ? policies : policies.environments?.[use.environment];
  const layer: PolicyLayer | undefined = level?.operations?.[use.name];
  if (operation.method === undefined || layer === undefined || layer.retryEnabled === false) return [];
  if (!RETRY_SETTINGS.some((key) => layer[key] !== undefined)) return [];
  const values = resolvePolicy(policies, {
    service: service.name,
    namespace: use.name.split('.')[0] ?? '',
    id: use.name,
    environment: use.environment,
  });
  const safe = values.idempotent ?? (IDEMPOTENT_METHODS.has(operation.method) || operation.idempotencyHeader !== undefined);
  if (safe) return [];
  const why = values.idempotent === false ? 'is not idempotent, as the file says' : `is a ${operation.method}, which is not idempotent`;
  return [
    {
      code: 'unsafe-retry',
      message: `\`${use.name}\` of ${service.name} ${why}, so \`retry\` cannot be set for it; expected \`retry: false\` or \`idempotent: true\` beside it`,
      hint: 'Only if the server takes a repeated request for the same one, say `idempotent: true`. Connections that were refused are tried again in any case.',
      path: [...use.path.map(String), 'retry'],
      anchor: 'key',
    },
  ];
}

function meant(name: string, candidates: Iterable<string>): string | undefined {
  const found = nearest(name, candidates);
  return found === undefined ? undefined : `Did you mean \`${found}\`?`;
}

function list(names: readonly string[], none: string): string {
  if (names.length === 0) return none;
  const shown = names.slice(0, LISTED).join(', ');
  return names.length > LISTED ? `${shown} and ${names.length - LISTED} more` : shown;
}
