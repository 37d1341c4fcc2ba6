/**
 * Why a connection failed. A closed set, so it can be a label of a metric.
 *
 * - `refused`: nothing listens at the address, or a firewall says so
 * - `dns`: the name of the host has no address, or no name server answers
 * - `tls`: the handshake failed, mostly because of a certificate
 * - `connect_timeout`: no connection within the limit
 * - `unreachable`: there is no route to the host
 * - `reset`: the other side, or a proxy between, ended the connection
 * - `timeout`, `body_timeout`: a limit of the transport's own: no answer, or a body that stalls
 * - `protocol`: the other side does not speak valid HTTP
 * - `proxy`: the proxy of the environment was not reached, or opened no tunnel
 * - `local`: our own machine or client lacks something: file descriptors, ports, permission, a file with certificates, a free connection
 * - `network`: anything else; the error's `reason` has the code
 */
export type ConnectionFault =
  | 'refused'
  | 'dns'
  | 'tls'
  | 'connect_timeout'
  | 'unreachable'
  | 'reset'
  | 'timeout'
  | 'body_timeout'
  | 'protocol'
  | 'proxy'
  | 'local'
  | 'network';

/** What each fault is called in messages. */
export const FAULT_TEXTS: Readonly<Record<ConnectionFault, string>> = {
  refused: 'the connection was refused',
  dns: 'the name of the host cannot be resolved',
  tls: 'the TLS handshake failed',
  connect_timeout: 'no connection within the limit',
  unreachable: 'the host cannot be reached',
  reset: 'the connection was reset',
  timeout: 'no answer within the limit of the transport',
  body_timeout: 'the body stalled',
  protocol: 'the answer cannot be read as HTTP',
  proxy: 'the proxy opened no tunnel to the service',
  local: 'our own machine or client could not open the connection, which says nothing about the service',
  network: 'the connection failed',
};

/** The words for why a connection failed. Every list of causes, in docs, metrics, alerts and the page, has all of them. */
export const CONNECTION_FAULTS = Object.keys(FAULT_TEXTS) as readonly ConnectionFault[];

/** Codes of Node and undici. */
const BY_CODE: ReadonlyMap<string, ConnectionFault> = new Map([
  ['ECONNREFUSED', 'refused'],
  ['ENOTFOUND', 'dns'],
  ['ENODATA', 'dns'],
  ['ESERVFAIL', 'dns'],
  ['EPROTO', 'tls'],
  ['HOSTNAME_MISMATCH', 'tls'],
  ['INVALID_CA', 'tls'],
  ['INVALID_PURPOSE', 'tls'],
  ['PATH_LENGTH_EXCEEDED', 'tls'],
  ['UND_ERR_CONNECT_TIMEOUT', 'connect_timeout'],
  ['EHOSTUNREACH', 'unreachable'],
  ['ENETUNREACH', 'unreachable'],
  ['EHOSTDOWN', 'unreachable'],
  ['ENETDOWN', 'unreachable'],
  ['EMFILE', 'local'],
  ['ENFILE', 'local'],
  ['ENOBUFS', 'local'],
  ['ENOMEM', 'local'],
  ['EADDRNOTAVAIL', 'local'],
  ['EADDRINUSE', 'local'],
  ['EPERM', 'local'],
  ['EACCES', 'local'],
  ['UND_ERR_MAX_ORIGINS_REACHED', 'local'],
  ['ECONNRESET', 'reset'],
  ['ECONNABORTED', 'reset'],
  ['EPIPE', 'reset'],
  ['ERR_STREAM_PREMATURE_CLOSE', 'reset'],
  ['UND_ERR_SOCKET', 'reset'],
  ['UNASKED_100_CONTINUE', 'protocol'],
  ['ETIMEDOUT', 'timeout'],
  ['UND_ERR_HEADERS_TIMEOUT', 'timeout'],
  ['UND_ERR_BODY_TIMEOUT', 'body_timeout'],
]);

/** Families of codes: certificates (X509_V_ERR_* without its prefix), the parser of undici, HTTP/2. */
const BY_FAMILY: readonly (readonly [RegExp, ConnectionFault])[] = [
  // A certificate, a key or a list of authorities of our own that OpenSSL cannot read.
  [/^ERR_OSSL_/, 'local'],
  [/^(ERR_TLS_|ERR_SSL_|CERT_|CRL_|ERROR_IN_C|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/, 'tls'],
  [/^EAI_/, 'dns'],
  [/^EPROXY_/, 'proxy'],
  [/^(HPE_|HTTPParserError|ERR_HTTP2_|UND_ERR_(RES_|HEADERS_OVERFLOW|HTTP_PARSER))/, 'protocol'],
];

/** Returns the fault that a code of Node or undici means. `syscall`: the system call that failed, if the error names it. */
export function connectionFault(code: string, syscall?: string): ConnectionFault {
  const fault = BY_CODE.get(code);
  // A file, such as one of certificates. `connect` has the same code for a Unix socket whose service is not there.
  if (fault === 'local' || (code === 'ENOENT' && syscall === 'open')) return 'local';
  if (syscall === 'getaddrinfo' || syscall?.startsWith('query') === true) return 'dns';
  if (code === 'ETIMEDOUT' && syscall === 'connect') return 'connect_timeout';
  return fault ?? BY_FAMILY.find(([family]) => family.test(code))?.[1] ?? 'network';
}

/** Whether a value is one of the words. */
export function isConnectionFault(value: unknown): value is ConnectionFault {
  return typeof value === 'string' && Object.hasOwn(FAULT_TEXTS, value);
}
