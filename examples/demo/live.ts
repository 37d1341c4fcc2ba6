/** `npm run demo -- --dashboard`: the dashboard in a browser, while vendors break and recover, until Ctrl+C. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BreakerRegistry } from 'fuseline';
import { dashboard } from 'fuseline/dashboard';
import { healthHandler, nodeListener } from 'fuseline/health';
import { collectMetrics } from 'fuseline/metrics';
import { Registry } from 'prom-client';
import { bold, dim, Timeline } from './timeline.js';
import { startVendors } from './vendors.js';

const ADMIN_TOKEN = 'demo-admin-token';
const FIRST_PORT = 4180;

/** Serves on a port, or a free one where that is taken, until the process is interrupted. */
export async function live(wanted = FIRST_PORT): Promise<void> {
  const registry = new BreakerRegistry();
  const routes = dashboard({ registry, instance: `demo, process ${process.pid}` });
  const metrics = new Registry();
  collectMetrics({ register: metrics, registry });
  // Reading is open because only this machine can; a service would give a token.
  const health = healthHandler({ registry, token: false, adminToken: ADMIN_TOKEN, metrics, routes });
  const server = createServer(nodeListener(health));
  const port = await listen(server, wanted);
  console.log(bold(`Dashboard: http://127.0.0.1:${port}/dashboard`));
  console.log(`Its actions ask for the admin token: ${ADMIN_TOKEN}`);
  for (const path of health.paths) {
    const method = path.startsWith('/circuit-breakers/') ? 'POST' : 'GET ';
    if (!path.startsWith('/dashboard')) console.log(dim(`  ${method} http://127.0.0.1:${port}${path}`));
  }
  console.log(dim('Ctrl+C ends it.\n'));
  const timeline = new Timeline();
  await startVendors(registry, (text) => timeline.line(text));
  await once(process, 'SIGINT');
}

async function listen(server: ReturnType<typeof createServer>, wanted: number): Promise<number> {
  for (const port of [wanted, 0]) {
    server.listen(port, '127.0.0.1');
    const failed = once(server, 'error').then(() => true);
    if (!(await Promise.race([failed, once(server, 'listening').then(() => false)]))) break;
  }
  return (server.address() as AddressInfo).port;
}
