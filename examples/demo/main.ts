/**
 * An outage of a CRM, seen from a bot. Starts a mock vendor on loopback from the generated handlers, breaks it in three ways, and prints what
 * the generated client does. No network, no account: `npm run demo`. With `-- --dashboard` it goes on for ever, in a browser; `--port 0` is any
 * free port.
 */
import { parseArgs } from 'node:util';
import { type AnswerSource, BreakerRegistry } from 'fuseline';
import { GhlClient } from 'fuseline/ghl';
import { MockServer } from 'fuseline/testing';
import { ghlHandlers } from '../../generated/ghl/msw.js';
import { bold, dim, green, red, Timeline } from './timeline.js';

const { values: flags } = parseArgs({ options: { dashboard: { type: 'boolean' }, port: { type: 'string' } } });
if (flags.dashboard === true) {
  const { live } = await import('./live.js');
  await live(flags.port === undefined ? undefined : Number(flags.port));
  process.exit();
}

const RECOVERY_MS = 1_200;
const CALLS_WHILE_OPEN = 10_000;

const vendor = await MockServer.start((baseUrl) => ghlHandlers(baseUrl));
const timeline = new Timeline();
const ghl = new GhlClient({
  baseUrl: vendor.url,
  token: 'demo-token',
  registry: new BreakerRegistry(),
  // Thresholds, retries and the fallback of contacts.get are those of specs/breakers.yaml; only the times are shortened for the show.
  timeoutMs: 300,
  totalTimeoutMs: 1_000,
  retry: { baseDelayMs: 20 },
  breaker: { recoveryTimeoutMs: RECOVERY_MS },
  fallbacks: { 'users.get': ({ params }) => ({ id: params.userId, name: 'on duty' }) },
  onEvent: timeline.event,
});
const contactId = 'cnt_demo_1';
const counts: Record<AnswerSource | 'error', number> = { network: 0, cache: 0, fallback: 0, error: 0 };

async function lookUp(): Promise<void> {
  const start = performance.now();
  const result = await ghl.contacts.get({ contactId }).result();
  const took = `${(performance.now() - start).toFixed(1)} ms`;
  counts[result.ok ? result.source : 'error']++;
  if (!result.ok) timeline.line(red(`  contacts.get: ${result.error.message}`));
  else if (result.source === 'cache')
    timeline.line(
      `  contacts.get: last good response, ${Math.round(result.ageMs ?? 0)} ms old, after ${result.attempts} attempt(s), ${took}`,
    );
  else timeline.line(green(`  contacts.get: ${result.status} from the vendor, ${took}`));
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

console.log(bold(`fuseline demo: GhlClient against a mock vendor at ${vendor.url}`));
console.log(dim('● closed: calls pass   ○ open: nothing is sent   ◐ half-open: a probe decides'));

timeline.heading('1. All is well');
for (let n = 0; n < 3; n++) await lookUp();

timeline.heading('2. The vendor answers 500');
vendor.outage = 'errors';
let before = vendor.requests;
const created = await ghl.contacts.create({ body: { locationId: 'loc_demo', firstName: 'Mara' } }).result();
timeline.line(`  contacts.create: ${created.ok ? 'created' : created.error.message}`);
timeline.line(bold(`  a write is never repeated: the vendor saw ${vendor.requests - before} request`));
await lookUp();

timeline.heading(`3. Open: ${CALLS_WHILE_OPEN.toLocaleString('en')} calls, none leaves the process`);
before = vendor.requests;
const start = performance.now();
for (let n = 0; n < CALLS_WHILE_OPEN; n++) {
  const result = await ghl.contacts.get({ contactId }).result();
  counts[result.ok ? result.source : 'error']++;
}
const each = ((performance.now() - start) / CALLS_WHILE_OPEN) * 1_000;
timeline.line(
  `  each answered in ${bold(`${each.toFixed(1)} µs`)} from the last good response; the vendor saw ${vendor.requests - before} requests`,
);
const duty = await ghl.users.get({ userId: 'usr_demo' }).result();
if (duty.ok) {
  counts[duty.source]++;
  timeline.line(`  users.get: ${JSON.stringify(duty.data)} from the fallback function given to the client`);
}
const refused = await ghl.contacts.create({ body: { locationId: 'loc_demo', firstName: 'Mara' } }).result();
if (!refused.ok) timeline.line(`  ${refused.error.message}`);

timeline.heading('4. The vendor hangs: the probe is cut off, the circuit stays open');
vendor.outage = 'hang';
await wait(RECOVERY_MS);
await lookUp();

timeline.heading('5. The vendor sends half a body and stalls: the time limit covers the body');
vendor.outage = 'stall';
await wait(RECOVERY_MS);
await lookUp();

timeline.heading('6. The vendor is back');
vendor.outage = undefined;
await wait(RECOVERY_MS);
for (let n = 0; n < 4; n++) await lookUp();

console.log('');
console.log(bold('What the bot got'));
console.table({
  'from the vendor': counts.network,
  'last good response': counts.cache,
  'another fallback': counts.fallback,
  'an error': counts.error,
});
const { stats, state } = ghl.breaker().snapshot();
console.log(bold(`Circuit ghl is ${state}`));
console.table({
  requests: stats.totalRequests,
  succeeded: stats.successfulRequests,
  failed: stats.failedRequests,
  'of them timed out': stats.timeoutRequests,
  'refused while open': stats.rejectedRequests,
  opened: stats.circuitOpens,
  'answered by a fallback': stats.fallbackCalls,
});
await vendor.close();
console.log(dim('`npm run demo -- --dashboard` shows outages of four vendors live in a browser.'));
