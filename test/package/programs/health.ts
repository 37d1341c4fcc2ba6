import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BreakerRegistry } from 'fuseline';
import { type CircuitBreakersReport, healthHandler, nodeListener, type Route } from 'fuseline/health';

const registry = new BreakerRegistry();
registry.obtain('ghl@a/b', 'ghl', {});
const twice: Route = {
  method: 'GET',
  path: '/twice/{word}',
  permission: 'none',
  handle: (_request, { word = '' }) =>
    new Response(
      new ReadableStream({
        start(controller) {
          for (let turn = 0; turn < 2; turn++) controller.enqueue(new TextEncoder().encode(word));
          controller.close();
        },
      }),
    ),
};
const health = healthHandler({ registry, token: 'read-token-0123456789', adminToken: 'admin-token-0123456789', routes: [twice] });
const server = createServer(nodeListener(health)).listen(0, '127.0.0.1');
await new Promise((resolve) => server.once('listening', resolve));

const ask = (path: string, method = 'GET', token = 'admin-token-0123456789') =>
  fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, { method, headers: { authorization: `Bearer ${token}` } });
const opened = await ask(`/circuit-breakers/${encodeURIComponent('ghl@a/b')}/force-open`, 'POST');
const report = (await (await ask('/health/circuit-breakers')).json()) as CircuitBreakersReport;
const refused = await ask('/circuit-breakers/reset-all', 'POST', 'read-token-0123456789');
const streamed = await (await ask('/twice/tick')).text();
console.log(JSON.stringify({ opened: opened.status, status: report.overall_status, refused: refused.status, streamed }));
server.closeAllConnections();
server.close();
