import type { Pool } from 'undici';
import { connectionFault } from '../../errors/connection-fault.js';
import type { Connector } from './connector.js';
import type { Undici } from './undici.js';

/** An answer of undici to CONNECT. */
interface Tunnel {
  readonly statusCode: number;
  readonly socket: { on(event: 'error', listener: () => void): { destroy(): unknown } };
}

/**
 * Returns the `clientFactory` of a `ProxyAgent`: makes the connections to the proxy, and tells its failures apart from those of the service. undici
 * itself would connect again without end after a proxy that closes the connection, even when the call is over: it takes that for a service that closed
 * a connection between two requests.
 */
export function tunnelsThrough(
  { Pool }: Undici,
  host: string,
  limitMs: number,
): (origin: URL, options: { readonly connect: Connector }) => Pool {
  return (origin, options) => {
    // A proxy that never answers would otherwise hold the connection for 300 seconds.
    const pool = new Pool(origin, { ...options, headersTimeout: limitMs });
    const connect = pool.connect.bind(pool) as (params: unknown) => Promise<Tunnel>;
    const open = async (params: unknown): Promise<Tunnel> => {
      let tunnel: Tunnel;
      try {
        tunnel = await connect(params);
      } catch (error) {
        throw proxyFailure(host, error);
      }
      if (tunnel.statusCode === 200) return tunnel;
      tunnel.socket.on('error', () => undefined).destroy();
      throw proxyError(`${tunnel.statusCode}`, `the proxy ${host} answered ${tunnel.statusCode} to CONNECT`);
    };
    return Object.assign(pool, { connect: open as Pool['connect'] });
  };
}

/** A shortage of our own machine, such as no free file descriptor or no name server, says nothing about the proxy. */
function proxyFailure(host: string, error: unknown): unknown {
  const { code, name, syscall } = error as { readonly code?: unknown; readonly name?: unknown; readonly syscall?: string };
  const reason = typeof code === 'string' ? code : String(name);
  if (reason.startsWith('EAI_') || connectionFault(reason, syscall) === 'local') return error;
  return proxyError(reason.replace(/^UND_ERR_/, ''), `the proxy ${host} opened no tunnel`, error);
}

function proxyError(reason: string, message: string, cause?: unknown): Error {
  return Object.assign(new Error(message, cause === undefined ? undefined : { cause }), { code: `EPROXY_${reason}` });
}
