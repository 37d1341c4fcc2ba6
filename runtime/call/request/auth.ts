import type { SecurityDescriptor } from '../client/descriptor.js';
import { ParamFault } from './url.js';

/** The headers and the query that credentials add to a request. */
export interface AuthParts {
  /** Alternating names and values. */
  readonly headers: readonly string[];
  /** `name=value`, encoded; empty if nothing is added. */
  readonly query: string;
}

const NONE: AuthParts = { headers: [], query: '' };

/**
 * Applies the first security scheme of the operation for which there are credentials. Without credentials, adds nothing: other code can add them, and
 * `MissingCredentials` checks whether any could.
 *
 * @throws {ParamFault} if the token is not a string, or blank. Sending `Bearer null` would only lead to a 401 without a clear reason.
 */
export function authParts(
  schemes: readonly SecurityDescriptor[],
  token: string | undefined,
  credentials: { readonly username: string; readonly password: string } | undefined,
): AuthParts {
  for (const scheme of schemes) {
    if (scheme.type === 'none') continue;
    if (scheme.type === 'basic') {
      if (credentials !== undefined)
        return { headers: ['authorization', `Basic ${base64(`${credentials.username}:${credentials.password}`)}`], query: '' };
    } else if (token !== undefined) {
      if (typeof token !== 'string') throw new ParamFault('the token is not a string');
      if (token.trim() === '') throw new ParamFault('the token is empty');
      return scheme.type === 'bearer' ? { headers: ['authorization', `Bearer ${token}`], query: '' } : apiKey(scheme, token);
    }
  }
  return NONE;
}

/** Returns true if the credential of the scheme comes from the option `token`. */
export function takesToken({ type }: SecurityDescriptor): boolean {
  return type === 'bearer' || type === 'apiKey';
}

function apiKey(scheme: Extract<SecurityDescriptor, { type: 'apiKey' }>, token: string): AuthParts {
  if (scheme.in === 'query') return { headers: [], query: `${encodeURIComponent(scheme.name)}=${encodeURIComponent(token)}` };
  if (scheme.in === 'cookie') return { headers: ['cookie', `${scheme.name}=${encodeURIComponent(token)}`], query: '' };
  return { headers: [scheme.name.toLowerCase(), token], query: '' };
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
