import { ConfigurationError } from '../../errors/configuration-error.js';
import type { Operation, ParamDescriptor, SecurityDescriptor } from './descriptor.js';
import type { ClientOptions, ServiceDefinition } from './options.js';

/** The parts of a client that are checked. */
interface Client {
  readonly options: ClientOptions;
  readonly service: ServiceDefinition;
  readonly mayBeSignedOutside: boolean;
}

/** The credentials that an operation needs and its client does not have. */
export class MissingCredentials {
  constructor(
    readonly place: string,
    readonly option: 'token' | 'credentials',
    /** Headers that can carry the credentials, in lower case. */
    readonly headers: ReadonlySet<string>,
  ) {}

  /** @throws {ConfigurationError} if no header of the call carries the credentials. */
  check(headers: Readonly<Record<string, string>> | undefined): void {
    if (carries(headers, this.headers)) return;
    const expected = this.option === 'token' ? 'a token, or a function that fetches one' : 'a username and a password';
    throw new ConfigurationError(
      this.option,
      undefined,
      `${expected}: ${this.place} needs credentials`,
      'If something else adds them, give `headers`, or the `baseUrl` or `dispatcher` of the proxy that does.',
    );
  }
}

/**
 * Returns the credentials that every call of an operation would lack. Returns undefined if the client has credentials for one of its schemes, or if
 * they can come from elsewhere: headers of the client, a parameter, a dispatcher, an instrumentation, a patched `fetch`, or a proxy at another base
 * URL.
 */
export function missingCredentials(
  operation: Operation,
  schemes: readonly SecurityDescriptor[],
  { options, service, mayBeSignedOutside }: Client,
): MissingCredentials | undefined {
  const { token, credentials, headers, baseUrl } = options;
  const fits = ({ type }: SecurityDescriptor): boolean => type === 'none' || (type === 'basic' ? credentials : token) !== undefined;
  if (schemes.length === 0 || schemes.some(fits) || mayBeSignedOutside) return undefined;
  if (baseUrl !== undefined && originOf(baseUrl) !== originOf(operation.server ?? service.baseUrl)) return undefined;
  const names = new Set(schemes.flatMap(headerOf));
  if (carries(headers, names)) return undefined;
  if (operation.params?.some((param) => schemes.some((scheme) => isParameter(scheme, param))) === true) return undefined;
  const option = schemes.every(({ type }) => type === 'basic') ? 'credentials' : 'token';
  return new MissingCredentials(`${operation.id} of ${operation.service}`, option, names);
}

/** Returns the header that carries the credentials of a scheme, if there is one. */
function headerOf(scheme: SecurityDescriptor): readonly string[] {
  if (scheme.type !== 'apiKey') return ['authorization'];
  if (scheme.in === 'query') return [];
  return [scheme.in === 'cookie' ? 'cookie' : scheme.name.toLowerCase()];
}

/** Returns true if a parameter is the header or query of a scheme. Some documents declare it twice. */
function isParameter(scheme: SecurityDescriptor, { in: place, wire, key }: ParamDescriptor): boolean {
  const name = (wire ?? key).toLowerCase();
  if (scheme.type !== 'apiKey') return place === 'header' && name === 'authorization';
  return place === scheme.in && name === scheme.name.toLowerCase();
}

function carries(headers: Readonly<Record<string, string | undefined>> | undefined, names: ReadonlySet<string>): boolean {
  return headers !== undefined && Object.entries(headers).some(([name, value]) => value !== undefined && names.has(name.toLowerCase()));
}

function originOf(url: string | undefined): string | undefined {
  return url === undefined ? undefined : new URL(url).origin;
}
