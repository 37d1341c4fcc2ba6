/** `npm run bench:wire`: the same faults against our clients and against the vendors' SDKs, seen from a server on loopback. */
import { fileURLToPath } from 'node:url';
import { installTools } from '../../.ci/install-tools.js';
import type { Candidate } from './candidate.js';
import { ABORT_AFTER_MS, FAULTS, SHORT_TIMEOUT_MS } from './faults.js';
import { CAP_MS, observe } from './observe.js';
import { OURS } from './ours.js';
import { type Column, joined, markdown } from './table.js';

// Some of the SDKs ask a proxy even for loopback.
for (const name of Object.keys(process.env)) if (/^(?:https?|all)_proxy$/i.test(name)) delete process.env[name];
installTools(fileURLToPath(new URL('.', import.meta.url)));
const { vendors } = await import('./vendors.js');

/** One after another within a library, so that its calls do not disturb each other. */
async function column(candidate: Candidate): Promise<Column> {
  const cells = [];
  for (const fault of FAULTS) cells.push(await observe(candidate, fault));
  return { title: candidate.name, cells };
}

/** The first call of a process loads and compiles. */
async function warmUp(candidates: readonly Candidate[]): Promise<void> {
  const [good] = FAULTS;
  for (const candidate of candidates) if (good !== undefined) await observe(candidate, good);
}

const sdks = vendors();
await warmUp([...OURS, ...sdks]);
const ours = await Promise.all(OURS.map(column));
const others = await Promise.all(sdks.map(column));
process.stdout.write(`${markdown(FAULTS, [...joined('fuseline (all three clients)', ours), ...others])}

Requests that the server saw until the call settled, and when that was. One call per fault, on a new client; the cap is ${CAP_MS / 1_000} s.
Everything at its defaults, but for two things. Where an answer or a body never comes, the timeout is ${SHORT_TIMEOUT_MS / 1_000} s for all that have
such an option (by default: fuseline 10 s for these reads, retell-sdk 60 s, @gohighlevel/api-client 30 s; @sendgrid/client has none). The caller's
own signal aborts after ${ABORT_AFTER_MS / 1_000} s. Node ${process.version}.
`);
// Not before: some of the calls are still waiting.
process.exit(0);
