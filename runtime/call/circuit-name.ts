import type { PolicyValues } from '../config/types.js';
import type { Operation } from './client/descriptor.js';

/** Returns `ghl`, or `ghl@host` if the origin is not the document's or the document names none, narrowed by the policy's scope. */
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
