import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type Dashboard, type DashboardOptions, dashboard } from '../../../../runtime/operate/dashboard/index.js';
import { type HealthOptions, healthHandler, nodeListener } from '../../../../runtime/operate/health/index.js';
import type { CircuitBreaker } from '../../../../runtime/policies/circuit-breaker/breaker.js';
import { BreakerRegistry } from '../../../../runtime/policies/circuit-breaker/registry.js';

export const TOKEN = 'read-token-of-the-tests';
export const ADMIN_TOKEN = 'admin-token-of-the-tests';

/** A real server on loopback with a dashboard over a registry of its own. */
export class PageServer {
  readonly registry = new BreakerRegistry();
  readonly #routes: Dashboard;
  readonly #listener: ReturnType<typeof nodeListener>;
  /** Every connection that came, in order. */
  readonly sockets: Socket[] = [];
  #server: Server | undefined;
  #port = 0;

  constructor(options: Pick<HealthOptions, 'token' | 'adminToken'> = {}, more: DashboardOptions = {}) {
    this.#routes = dashboard({ registry: this.registry, instance: 'test process', ...more });
    this.#listener = nodeListener(healthHandler({ registry: this.registry, token: false, ...options, routes: this.#routes }));
  }

  /** Listens; after `stop` on the same port again. */
  async start(): Promise<this> {
    this.#server = createServer(this.#listener);
    this.#server.on('connection', (socket: Socket) => this.sockets.push(socket));
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
    return this;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get url(): string {
    return `${this.origin}/dashboard`;
  }

  /** Cuts every connection. The circuits live on. */
  async stop(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#routes[Symbol.dispose]();
    await this.stop();
  }

  /** A circuit that opens after 3 failures and waits a minute. */
  circuit(name: string, service = name): CircuitBreaker {
    return this.registry.obtain(name, service, { failureThreshold: 3, recoveryTimeoutMs: 60_000 });
  }
}

/** Runs that end so, one after the other. */
export async function run(circuit: CircuitBreaker, good: number, bad = 0): Promise<void> {
  for (let n = 0; n < good; n++) await circuit.call(() => undefined).catch(() => undefined);
  for (let n = 0; n < bad; n++) await circuit.call(() => Promise.reject(new Error('down'))).catch(() => undefined);
}
