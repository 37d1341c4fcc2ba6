import type { BreakersConfig, NameUse, ServiceConfig } from './breakers-config.js';
import { checkRetry } from './check-retry.js';
import { KnownNames } from './known-names.js';
import type { KnownOperations } from './known-operations.js';
import { quote } from './quote.js';
import type { ServicePolicies } from './types.js';
import type { PlacedFinding } from './validate.js';

/**
 * Finds unknown services. Without `known`, an environment can only name services that the file names outside of environments, and those in `inUse`.
 */
export function checkServices(
  config: BreakersConfig,
  known: Iterable<string> | undefined,
  inUse: readonly string[] = [],
): readonly PlacedFinding[] {
  const documented = known === undefined ? undefined : new KnownNames(known);
  const services = [...config.services.values()];
  const listed = new KnownNames([
    ...services.filter(({ namedAt }) => namedAt.some(([top]) => top === 'circuit_breaker')).map(({ name }) => name),
    ...inUse,
  ]);
  return services.flatMap((service) => {
    const exists = documented === undefined ? listed.has(service.name) : documented.has(service.name) || service.specs !== undefined;
    if (exists) return [];
    const expected = documented ?? listed;
    return service.namedAt.map((path) => ({
      code: 'unknown-service',
      message: `there is no service ${quote(service.name)}, expected ${expected.list('a service with a document')}`,
      hint: expected.meant(service.name) ?? 'A service of another name needs `specs:` with its documents.',
      path: path.map(String),
      anchor: 'key' as const,
    }));
  });
}

/** Finds unknown resources and operations, and retry settings of operations that must not be repeated. */
export function checkOperations(
  service: ServiceConfig,
  known: KnownOperations | undefined,
  generated?: ServicePolicies,
): readonly PlacedFinding[] {
  if (known === undefined) return [];
  const operations = new Map(
    known.operations.map((operation) => (typeof operation === 'string' ? [operation, { id: operation }] : [operation.id, operation])),
  );
  const [ids, namespaces] = [new KnownNames(operations.keys()), new KnownNames(known.namespaces)];
  return service.uses.flatMap((use): PlacedFinding[] => {
    if (use.kind === 'resource') return namespaces.has(use.name) ? [] : [unknown(service, use, namespaces)];
    const operation = operations.get(use.name);
    return operation === undefined ? [unknown(service, use, ids)] : checkRetry(service, use, operation, generated);
  });
}

function unknown(service: ServiceConfig, use: NameUse, known: KnownNames): PlacedFinding {
  const others = (): string => (use.kind === 'operation' ? known.listBeginning(`${use.name.split('.')[0]}.`, 'none') : known.list('none'));
  return {
    code: `unknown-${use.kind}`,
    message: `service \`${service.name}\` has no ${use.kind} ${quote(use.name)}, expected ${known.size === 1 ? 'the one' : `one of the ${known.size}`} that its documents have`,
    hint: known.meant(use.name) ?? `There are ${others()}.`,
    path: use.path.map(String),
    anchor: 'key',
  };
}
