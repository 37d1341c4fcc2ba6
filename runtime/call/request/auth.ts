import type { SecurityDescriptor } from '../client/descriptor.js';
import { ParamFault } from './url.js';

/** What credentials add to a request. */
export interface AuthParts {
  /** Names and values in turn. */
  readonly headers: readonly string[];
  /** `name=value`, encoded, or nothing. */
  readonly query: string;
}

const NONE: AuthParts = { headers: [], query: '' };

/**
 * Applies the first of the operation's schemes that the given credentials fit. No credentials add nothing: something else may add them, and
 * `MissingCredentials` looks for what could.
 *
 * @throws {ParamFault} where the token is not a string: `Bearer null` would only bring a puzzling 401.
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
      return scheme.type === 'bearer' ? { headers: ['authorization', `Bearer ${token}`], query: '' } : apiKey(scheme, token);
    }
  }
  return NONE;
}

/** Does the scheme's credential come from the option `token`? */
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
