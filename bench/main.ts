import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from './build.js';
import { type Mark, print, printMarks, type Report } from './report.js';

interface Section {
  readonly name: string;
  readonly file: string;
  /** Options of the section's process. */
  readonly flags?: readonly string[];
  readonly needsServer?: true;
}

const SECTIONS: readonly Section[] = [
  // The warning is cockatiel's: it adds a listener per call to one signal that is never aborted.
  { name: 'http', file: 'http.js', flags: ['--expose-gc', '--disable-warning=MaxListenersExceededWarning'], needsServer: true },
  { name: 'dispatch', file: 'dispatch.js', flags: ['--expose-gc'], needsServer: true },
  { name: 'options', file: 'options.js', flags: ['--expose-gc'] },
  { name: 'policies', file: 'policies.js', flags: ['--expose-gc'] },
  { name: 'clients', file: 'clients.js', flags: ['--expose-gc'] },
  { name: 'noop', file: 'noop.js', flags: ['--expose-gc'] },
  { name: 'refusal', file: 'refusal.js', flags: ['--expose-gc'] },
  // A young generation that holds a whole window: no collection falls into it, so the difference of the heap's size is what was allocated.
  { name: 'memory', file: 'memory.js', flags: ['--expose-gc', '--min-semi-space-size=128', '--max-semi-space-size=128'] },
  { name: 'metrics', file: 'metrics.js', flags: ['--expose-gc'] },
  { name: 'import', file: 'import-time.js' },
  { name: 'generate', file: 'generation.js' },
  { name: 'simulate', file: 'simulate.js' },
];

const HELP = `npm run bench -- [--quick] [--only ${SECTIONS.map(({ name }) => name).join(',')}] [--json]

Ratios are of CPU time, taken within interleaved rounds of one process; "A/A" rows measure the same thing twice and show the noise.
On another Node: npx --yes --package node@24 -- npm run bench
`;

const { values } = parseArgs({
  options: { quick: { type: 'boolean' }, only: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean' } },
});
if (values.help === true) {
  process.stdout.write(HELP);
} else {
  await main(values.only?.split(','), values.quick === true, values.json === true);
}

async function main(only: readonly string[] | undefined, quick: boolean, json: boolean): Promise<void> {
  for (const name of only ?? []) {
    if (!SECTIONS.some((section) => section.name === name))
      throw new Error(`--only: no section '${name}', expected ${SECTIONS.map((section) => section.name).join(', ')}`);
  }
  const started = performance.now();
  const folder = join(build(), 'bench');
  const marks: Mark[] = [];
  const reports: Record<string, Report> = {};
  for (const section of SECTIONS) {
    if (only !== undefined && !only.includes(section.name)) continue;
    process.stderr.write(`bench: ${section.name} ...\n`);
    const report = await run(section, folder, quick);
    reports[section.name] = report;
    marks.push(...(report.marks ?? []));
    if (!json) process.stdout.write(`${print(report)}\n`);
  }
  if (json) {
    process.stdout.write(`${JSON.stringify({ node: process.version, reports }, null, 2)}\n`);
    return;
  }
  if (marks.length > 0) process.stdout.write(`${printMarks(marks)}\n\n`);
  const seconds = ((performance.now() - started) / 1_000).toFixed(0);
  process.stdout.write(`Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? 'unknown CPU'}, ${seconds} s\n`);
}

/** The variables of this process without those that npm adds to scripts. A client reads all variables, and a server has none of npm's. */
function variables(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_')));
}

async function run(section: Section, folder: string, quick: boolean): Promise<Report> {
  const server = section.needsServer === true ? await startServer(folder) : undefined;
  try {
    const child = spawn(process.execPath, [...(section.flags ?? []), join(folder, 'sections', section.file)], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...variables(), FUSELINE_BENCH_QUICK: quick ? '1' : '0', FUSELINE_BENCH_URL: server?.url ?? '' },
    });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) throw new Error(`the section '${section.name}' ended with ${code}`);
    return JSON.parse(text) as Report;
  } finally {
    server?.process.stdin?.end();
  }
}

async function startServer(folder: string): Promise<{ readonly process: ChildProcess; readonly url: string }> {
  const child = spawn(process.execPath, [join(folder, 'server.js')], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [url] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
  return { process: child, url: url.trim() };
}
