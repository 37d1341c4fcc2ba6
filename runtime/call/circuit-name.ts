import type { PolicyValues } from '../config/types.js';
import type { Operation } from './client/descriptor.js';

/**
 * Returns the name of an operation's circuit: `ghl`, or `ghl@host` if the origin differs from that of the OpenAPI document or the document has none.
 * The scopes `namespace` and `operation` append `/` and the name of the namespace or operation.
 */
export function circuitName(
  { id, namespace, service }: Pick<Operation, 'id' | 'namespace' | 'service'>,
  scope: PolicyValues['scope'],
  origin: string,
  baseUrl: string | undefined,
): string {
  const usual = baseUrl === undefined ? undefined : new URL(baseUrl).origin;
  const name = origin === usual ? service : `${service}@${new URL(origin).host}`;
  if (scope === 'namespace') return `${name}/${namespace}`;
  return scope === 'operation' ? `${name}/${id}` : name;
}
