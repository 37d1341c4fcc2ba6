import { ConfigurationError, Wording } from '../../errors/configuration-error.js';
import { schemesOf } from '../request/auth.js';
import type { ClientCredentials } from '../request/signing.js';
import type { Operation, ParamDescriptor, SchemeDescriptor, SecurityDescriptor } from './descriptor.js';
import type { ClientOptions, ServiceDefinition } from './options.js';

/** The parts of a client that are checked. */
interface Client {
  readonly options: ClientOptions;
  readonly credentials: ClientCredentials;
  readonly service: ServiceDefinition;
  readonly mayBeSignedOutside: boolean;
}

/** The credentials that an operation needs and its client does not have. */
export class MissingCredentials {
  constructor(
    readonly where: { readonly service: string; readonly operation: string },
    readonly option: 'token' | 'credentials',
    /** What of it the client has. */
    readonly found: string,
    /** What to give as the option. */
    readonly expected: string,
    /** Headers that can carry the credentials, in lower case. */
    readonly headers: ReadonlySet<string>,
  ) {}

  /** @throws {ConfigurationError} if no header of the call carries the credentials. */
  check(headers: Readonly<Record<string, string>> | undefined): void {
    if (carries(headers, this.headers)) return;
    throw new ConfigurationError(
      this.option,
      new Wording(this.found),
      `${this.expected}: ${this.where.operation} of ${this.where.service} needs credentials`,
      'If something else adds them, give `headers`, or the `baseUrl` or `dispatcher` of the proxy that does.',
      this.where,
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
  alternatives: readonly SecurityDescriptor[],
  { options, credentials, service, mayBeSignedOutside }: Client,
): MissingCredentials | undefined {
  const { headers, baseUrl } = options;
  if (alternatives.length === 0 || alternatives.some(({ type }) => type === 'none') || mayBeSignedOutside) return undefined;
  if (credentials.signing(alternatives) !== undefined) return undefined;
  const schemes = alternatives.flatMap(schemesOf);
  if (baseUrl !== undefined && originOf(baseUrl) !== originOf(operation.server ?? service.baseUrl)) return undefined;
  const names = new Set(schemes.flatMap(headerOf));
  if (carries(headers, names)) return undefined;
  if (operation.params?.some((param) => schemes.some((scheme) => isParameter(scheme, param))) === true) return undefined;
  const place = { service: operation.service, operation: operation.id };
  const given = credentials.names;
  if (given.length > 0 || alternatives.every(({ type }) => type === 'all'))
    return new MissingCredentials(place, 'credentials', found(given), `credentials for ${wanted(alternatives)}`, names);
  return schemes.every(({ type }) => type === 'basic')
    ? new MissingCredentials(place, 'credentials', found(given), 'a username and a password', names)
    : new MissingCredentials(place, 'token', found(given), 'a token, or a function that fetches one', names);
}

function found(names: readonly string[]): string {
  return names.length === 0 ? 'undefined' : `credentials for ${names.join(', ')}`;
}

/** The alternatives by the names of their schemes: `{ apiKey, secret } or { oauth }`. */
function wanted(alternatives: readonly SecurityDescriptor[]): string {
  const named = (scheme: SchemeDescriptor): string => scheme.scheme ?? (scheme.type === 'apiKey' ? scheme.name : scheme.type);
  return alternatives.map((alternative) => `{ ${schemesOf(alternative).map(named).join(', ')} }`).join(' or ');
}

/** Returns the header that carries the credentials of a scheme, if there is one. */
function headerOf(scheme: SchemeDescriptor): readonly string[] {
  if (scheme.type !== 'apiKey') return ['authorization'];
  if (scheme.in === 'query') return [];
  return [scheme.in === 'cookie' ? 'cookie' : scheme.name.toLowerCase()];
}

/** Returns true if a parameter is the header or query of a scheme. Some documents declare it twice. */
function isParameter(scheme: SchemeDescriptor, { in: place, wire, key }: ParamDescriptor): boolean {
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
