import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { quantile } from '../measure.js';
import type { Report } from '../report.js';
import { hand, QUICK } from '../settings.js';

const RUNS = QUICK ? 5 : 11;
const here = (path: string): string => new URL(path, import.meta.url).href;

/** What is imported, each time in a fresh process. */
const modules: (readonly [string, string])[] = [
  ['nothing (node itself)', ''],
  ['fuseline', here('../../runtime/index.js')],
  ['undici', 'undici'],
  ['cockatiel', 'cockatiel'],
  ['opossum', 'opossum'],
];
const ghl = here('../../generated/ghl/index.js');
const hasGhl = existsSync(fileURLToPath(ghl));
if (hasGhl) modules.splice(2, 0, ['fuseline/ghl', ghl]);

/** Milliseconds that the import took (wall) and CPU that the whole process took. */
function importOnce(specifier: string): { readonly wall: number; readonly cpu: number } {
  const script = `
    const start = performance.now();
    const cpu = process.cpuUsage();
    ${specifier === '' ? '' : `await import(${JSON.stringify(specifier)});`}
    const used = process.cpuUsage(cpu);
    console.log(JSON.stringify({ wall: performance.now() - start, cpu: (used.user + used.system) / 1000 }));`;
  const text = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    encoding: 'utf8',
  });
  return JSON.parse(text) as { wall: number; cpu: number };
}

const samples = new Map<string, { readonly wall: number; readonly cpu: number }[]>(modules.map(([name]) => [name, []]));
for (let run = 0; run < RUNS; run++) {
  for (const [name, specifier] of modules) samples.get(name)?.push(importOnce(specifier));
}
const report: Report = {
  tables: [
    {
      title: `Import time in a fresh process (median of ${RUNS})`,
      columns: ['wall ms', 'CPU ms'],
      rows: [...samples].map(([name, runs]) => [
        name,
        quantile(
          runs.map((run) => run.wall),
          0.5,
        ).toFixed(1),
        quantile(
          runs.map((run) => run.cpu),
          0.5,
        ).toFixed(1),
      ]),
    },
  ],
  notes: hasGhl ? [] : ['fuseline/ghl is not measured: generated/ghl is not there (npm run generate).'],
};
hand(report);
