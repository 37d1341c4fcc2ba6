import type { SchemeDescriptor, SecurityDescriptor } from '../client/descriptor.js';
import { ParamFault } from './url.js';

/** What credentials add to a request. */
export interface AuthParts {
  /** Names and values in turn; names in lower case. */
  readonly headers: readonly string[];
  /** `name=value`, encoded, joined by `&`, or nothing. */
  readonly query: string;
}

/** Nothing is added. */
export const NO_AUTH: AuthParts = { headers: [], query: '' };

/** The secret of one scheme, or of several that are sent together, in their order. For basic authentication, user name and password in base64. */
export type Secrets = string | readonly string[];

/**
 * What the secrets add to a request, by the schemes that say where they belong.
 *
 * @throws {ParamFault} if a secret is not a string, or blank. Sending `Bearer null` would only lead to a 401 without a clear reason.
 */
export function authParts(schemes: readonly SchemeDescriptor[], secrets: Secrets): AuthParts {
  const headers: string[] = [];
  let query = '';
  for (const [at, scheme] of schemes.entries()) {
    const secret: unknown = Array.isArray(secrets) ? secrets[at] : secrets;
    if (typeof secret !== 'string') throw new ParamFault('the token is not a string');
    if (secret.trim() === '') throw new ParamFault('the token is empty');
    if (scheme.type === 'bearer') headers.push('authorization', `Bearer ${secret}`);
    else if (scheme.type === 'basic') headers.push('authorization', `Basic ${secret}`);
    else if (scheme.in === 'header') headers.push(scheme.name.toLowerCase(), secret);
    else if (scheme.in === 'cookie') headers.push('cookie', `${scheme.name}=${encodeURIComponent(secret)}`);
    else query += `${query === '' ? '' : '&'}${encodeURIComponent(scheme.name)}=${encodeURIComponent(secret)}`;
  }
  return { headers, query };
}

/** The schemes that an alternative needs, all of them. */
export function schemesOf(alternative: SecurityDescriptor): readonly SchemeDescriptor[] {
  if (alternative.type === 'none') return [];
  return alternative.type === 'all' ? alternative.of : [alternative];
}
