import { ConfigurationError, Wording } from '../../errors/configuration-error.js';
import { unknownName } from '../../errors/known-options.js';
import { schemesOf } from '../request/auth.js';
import type { ClientCredentials } from '../request/signing.js';
import type { Operation } from './descriptor.js';
import type { ServiceDefinition } from './options.js';

/**
 * Checks that credentials were given for schemes that exist.
 *
 * @throws {ConfigurationError} that suggests the nearest known name, and never shows the credential.
 */
export function checkSchemeNames(credentials: ClientCredentials, service: ServiceDefinition, operations: Iterable<Operation>): void {
  const given = credentials.names;
  if (given.length === 0) return;
  const all = [...service.security, ...[...operations].flatMap(({ security }) => security ?? [])];
  const known = new Set(all.flatMap(schemesOf).flatMap(({ scheme }) => scheme ?? []));
  if (known.size === 0) {
    const hint = `Its document has no security schemes, or the client was generated before they had names.`;
    throw new ConfigurationError('credentials', new Wording(`for ${given.join(', ')}`), `{ username, password } for ${service.name}`, hint);
  }
  for (const name of given) {
    if (!known.has(name))
      throw unknownName(`credentials.${name}`, `no security scheme of ${service.name}`, name, known, 'the name of a security scheme');
  }
}
