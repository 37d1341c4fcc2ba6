/** `npm run soak`: see HELP. */
import { parseArgs } from 'node:util';
import { SABOTAGES, type Sabotage } from './sabotage.js';
import { ServerProcess } from './server-process.js';
import { type Findings, type Plan, Soak } from './soak.js';

const HELP = `npm run soak -- [--seed 7] [--seconds 75] [--callers 1000] [--rounds 6] [--sabotage permit]

Callers use one service through clients such as the generator writes, all at once, while the server on loopback errors, hangs, resets, stalls,
drips and recovers at random. After each round nothing may be left: no permit, timer, listener or socket; every call must have settled once;
events must be in order; the server must have seen no non-idempotent request twice, and every request that it did not answer must have been
ended by the client. After the last the heap must be flat, and every circuit must close again. The exit code is 1 where anything was found.

Between rounds it waits for idle connections to close, about four seconds. It ends within two minutes, whatever happens.
With --sabotage (${SABOTAGES.join(', ')}) the runtime forgets some of its permits, timers or listeners: a run that must fail.
The seed decides what is drawn; which call meets which draw, the machine decides. What is asserted holds for every order.
`;

/** Whatever happens, it ends by then. */
const LIMIT_MS = 120_000;

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seconds: { type: 'string' },
    callers: { type: 'string' },
    rounds: { type: 'string' },
    sabotage: { type: 'string' },
    help: { type: 'boolean' },
  },
});

if (values.help === true) process.stdout.write(HELP);
else await main();

async function main(): Promise<void> {
  const rounds = whole('rounds', values.rounds, 6, 3);
  const seconds = whole('seconds', values.seconds, 75, 1);
  const plan: Plan = {
    seed: whole('seed', values.seed, Date.now() % 1_000_000, 0),
    callers: whole('callers', values.callers, 1_000, 1),
    rounds,
    roundMs: (seconds * 1_000) / rounds,
    sabotage: sabotageOf(values.sabotage),
  };
  const started = performance.now();
  process.stdout.write(`soak: seed ${plan.seed}, ${plan.callers} callers, ${rounds} rounds of ${(plan.roundMs / 1_000).toFixed(1)} s\n`);
  const watchdog = setTimeout(() => {
    process.stdout.write(`FAILED: not done after ${LIMIT_MS / 1_000} s (seed ${plan.seed})\n`);
    process.exit(1);
  }, LIMIT_MS).unref();
  const server = await ServerProcess.start(plan.seed);
  const soak = new Soak(plan, server);
  const findings = await soak.run((number) => {
    const { calls, requests, heap } = soak.findings;
    process.stdout.write(`  round ${number}: ${calls} calls and ${requests} requests so far, heap ${mebibytes(heap.at(-1) ?? 0)}\n`);
  });
  await server.stop();
  clearTimeout(watchdog);
  process.stdout.write(summary(findings, plan, (performance.now() - started) / 1_000));
  process.exitCode = findings.faults.length === 0 ? 0 : 1;
}

function summary({ faults, outcomes, serverDid, heap, events, calls, requests, timers }: Findings, plan: Plan, seconds: number): string {
  const lines = [
    `${calls} calls, ${requests} requests, ${seconds.toFixed(0)} s, ${timers} timers set by the runtime`,
    `calls ended      ${counts(outcomes)}`,
    `the server did   ${counts(serverDid)}`,
    `events           ${counts(events)}`,
    `heap per round   ${heap.map(mebibytes).join(', ')}`,
    ...(faults.length === 0
      ? ['nothing left, nothing twice, nothing out of order']
      : [`FAILED with seed ${plan.seed}:`, ...faults.map((fault) => `  ${fault}`)]),
  ];
  return `${lines.join('\n')}\n`;
}

function counts(record: Readonly<Record<string, number>>): string {
  const entries = Object.entries(record).sort(([, a], [, b]) => b - a);
  return entries.map(([name, count]) => `${name} ${count}`).join(', ');
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(2)} MiB`;
}

function sabotageOf(text: string | undefined): Sabotage | undefined {
  const found = SABOTAGES.find((name) => name === text);
  if (text !== undefined && found === undefined) throw new Error(`--sabotage: found '${text}', expected one of ${SABOTAGES.join(', ')}`);
  return found;
}

function whole(name: string, text: string | undefined, fallback: number, least: number): number {
  const value = text === undefined ? fallback : Number(text);
  if (!Number.isSafeInteger(value) || value < least)
    throw new Error(`--${name}: found '${text}', expected a whole number, ${least} or more`);
  return value;
}
