import type { ConnectionFault } from '../../../runtime/errors/connection-fault.js';
import type { Fault } from './types.js';

/** When a request that meets a fault ends: without being sent, after the transport's limit for connecting, or when an answer would come. */
type FaultTime = 'unsent' | 'connecting' | 'answer';

/** One way in which a connection fails. */
export interface ConnectionTrouble {
  /** The code of Node or undici. */
  readonly code: string;
  readonly ends: FaultTime;
  /** For the schema and the docs. */
  readonly about: string;
}

/** Other names of faults: each is the cause that events report. */
export const FAULT_ALIASES = { timeout: 'hang', reset: 'network' } as const satisfies { readonly [F in ConnectionFault]?: Fault };

/** The connection faults that a service can show, by their names in events and metrics. */
export const CONNECTION_TROUBLES: { readonly [F in Exclude<ConnectionFault, keyof typeof FAULT_ALIASES>]: ConnectionTrouble } = {
  network: { code: 'ECONNRESET', ends: 'answer', about: 'The connection breaks.' },
  refused: { code: 'ECONNREFUSED', ends: 'unsent', about: 'The connection is refused immediately. No request is sent.' },
  connect_timeout: { code: 'UND_ERR_CONNECT_TIMEOUT', ends: 'connecting', about: 'No connection within 10 seconds. No request is sent.' },
  unreachable: { code: 'EHOSTUNREACH', ends: 'unsent', about: 'There is no route to the host. No request is sent.' },
  dns: { code: 'ENOTFOUND', ends: 'unsent', about: 'The name of the host has no address. No request is sent.' },
  tls: { code: 'CERT_HAS_EXPIRED', ends: 'unsent', about: 'The certificate has expired. No request is sent.' },
  body_timeout: { code: 'UND_ERR_BODY_TIMEOUT', ends: 'answer', about: 'The body stalls, and the transport gives up.' },
  protocol: { code: 'HPE_INVALID_CONSTANT', ends: 'answer', about: 'The answer is not valid HTTP.' },
  proxy: { code: 'EPROXY_502', ends: 'unsent', about: 'Our proxy opens no tunnel to the service. No request is sent.' },
  local: { code: 'EMFILE', ends: 'unsent', about: 'Our own machine lacks something. No request is sent, and no circuit counts it.' },
};

/** Returns the fault with this name or alias. */
export function faultNamed(name: string): Fault {
  return Object.hasOwn(FAULT_ALIASES, name) ? FAULT_ALIASES[name as keyof typeof FAULT_ALIASES] : (name as Fault);
}

/** The names of all faults that are no status. */
export const FAULT_NAMES: readonly string[] = ['hang', ...Object.keys(FAULT_ALIASES), ...Object.keys(CONNECTION_TROUBLES)];
