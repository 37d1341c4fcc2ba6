import type { Pool } from 'undici';
import { type Connector, endsWithAborted } from './connector.js';
import { type Bypass, readNoProxy } from './no-proxy.js';
import { type ProxyAddress, readProxy } from './proxy-url.js';
import { tunnelsThrough } from './tunnels.js';
import type { SharedAgent, TransportHandler, TransportRequest } from './types.js';
import type { Undici } from './undici.js';

/** Limit for the answer of a proxy to CONNECT, in milliseconds. As long as that for opening a connection. */
const CONNECT_LIMIT_MS = 10_000;

/** Origins whose agent is remembered. */
const MOST_KNOWN = 1_000;

/** Reaches each origin through the proxy that the environment names, or directly. The variables are read once. */
export class EnvironmentProxies implements SharedAgent {
  readonly #direct: SharedAgent;
  readonly #http: SharedAgent;
  readonly #https: SharedAgent;
  readonly #bypasses: Bypass;
  readonly #known = new Map<string, SharedAgent>();

  /**
   * `limits`: options of undici for the connections to services.
   *
   * @throws {ConfigurationError} naming the variable that is no URL of a proxy.
   */
  constructor(variables: Readonly<Record<string, string | undefined>>, direct: SharedAgent, undici: Undici, limits: object) {
    const agentOf = (upper: string): SharedAgent | undefined => {
      // An empty value in lower case switches the proxy off.
      const name = variables[upper.toLowerCase()] === undefined ? upper : upper.toLowerCase();
      const value = variables[name]?.trim() ?? '';
      return value === '' ? undefined : proxyAgent(undici, readProxy(name, value), limits);
    };
    this.#direct = direct;
    this.#http = agentOf('HTTP_PROXY') ?? direct;
    this.#https = agentOf('HTTPS_PROXY') ?? this.#http;
    this.#bypasses = readNoProxy(variables['no_proxy'] ?? variables['NO_PROXY'] ?? '');
  }

  dispatch(request: TransportRequest, handler: TransportHandler): boolean {
    return this.#agentOf(request.origin).dispatch(request, handler);
  }

  async close(): Promise<void> {
    const closing = [...new Set([this.#direct, this.#http, this.#https])].map((agent) => agent.close?.());
    for (const closed of closing) await closed;
  }

  #agentOf(origin: string): SharedAgent {
    let agent = this.#known.get(origin);
    if (agent === undefined) {
      const target = new URL(origin);
      const proxied = target.protocol === 'https:' ? this.#https : this.#http;
      agent = this.#bypasses(target) ? this.#direct : proxied;
      if (this.#known.size < MOST_KNOWN) this.#known.set(origin, agent);
    }
    return agent;
  }
}

function proxyAgent(undici: Undici, { url, host, username, password }: ProxyAddress, limits: object): SharedAgent {
  const { Pool, ProxyAgent } = undici;
  const clientFactory = tunnelsThrough(undici, host, CONNECT_LIMIT_MS);
  const factory = (origin: URL, options: Pool.Options): Pool =>
    new Pool(origin, { ...options, connect: endsWithAborted(options.connect as Connector) });
  const token = username === '' ? {} : { token: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
  // A SOCKS proxy has no headers, and takes user and password as they are. undici's types lack them.
  const options = { ...limits, uri: url, factory, clientFactory, username, password, ...token };
  return new ProxyAgent(options) as SharedAgent;
}
