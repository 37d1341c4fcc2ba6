import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BreakerRegistry } from 'fuseline';
import { type Dashboard, dashboard } from 'fuseline/dashboard';
import { healthHandler, nodeListener } from 'fuseline/health';

const registry = new BreakerRegistry();
registry.obtain('ghl', 'ghl', {}).forceOpen();
const routes: Dashboard = dashboard({ registry, instance: 'packed' });
const health = healthHandler({ registry, token: 'read-token-0123456789', routes });
const server = createServer(nodeListener(health)).listen(0, '127.0.0.1');
await new Promise((resolve) => server.once('listening', resolve));

const ask = (path: string, headers = {}) => fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, { headers });
const page = await ask('/dashboard');
const script = /<script type="module">(.*?)<\/script>/s.exec(await page.text())?.[1] ?? '';
const digest = Buffer.from(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(script))).toString('base64');
const refused = await ask('/dashboard/events');
const events = await ask('/dashboard/events', { authorization: 'Bearer read-token-0123456789' });
const reader = events.body?.getReader();
const first = new TextDecoder().decode((await reader?.read())?.value);
await reader?.cancel();
console.log(
  JSON.stringify({
    page: page.status,
    allowed: page.headers.get('content-security-policy')?.includes(digest),
    refused: refused.status,
    first: first.split('\n')[0],
    state: /"state":"(\w+)"/.exec(first)?.[1],
  }),
);
routes[Symbol.dispose]();
server.closeAllConnections();
server.close();
