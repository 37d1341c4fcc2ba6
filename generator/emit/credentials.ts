import type { SchemeDescriptor, SecurityDescriptor } from '../../runtime/call/client/descriptor.js';
import { propertyName, stringLiteral } from './code/escape.js';

/** The schemes of an alternative. */
export function schemesIn(alternative: SecurityDescriptor): readonly SchemeDescriptor[] {
  if (alternative.type === 'none') return [];
  return alternative.type === 'all' ? alternative.of : [alternative];
}

/** Writes the option `credentials` with a secret for each scheme of an alternative. */
export function namedCredentials(alternative: SecurityDescriptor, secret: string): string {
  const text = stringLiteral(secret);
  const given = schemesIn(alternative).map(
    ({ scheme = '', type }) => `${propertyName(scheme)}: ${type === 'basic' ? `{ username: ${text}, password: ${text} }` : text}`,
  );
  return `credentials: { ${given.join(', ')} }`;
}
