import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { nearest } from '../../runtime/config/index.js';
import { ConfigurationError } from '../../runtime/errors/configuration-error.js';
import { compare, compareText } from '../simulator/report/compare.js';
import { htmlReport } from '../simulator/report/html/page.js';
import { textReport } from '../simulator/report/text.js';
import type { SimulationResult } from '../simulator/result/types.js';
import { simulate } from '../simulator/simulate.js';
import { type Parsed, UsageError } from './args.js';
import { EXIT, type Io, painter, wantsColor } from './io.js';
import { readOnlyPaths } from './read-only-paths.js';
import { Report } from './report.js';
import { readSimulateInput, type SimulateInput } from './simulate-input.js';

/** `fuseline simulate --scenario outage.yaml`: plays an outage against the policies and reports the outcome. */
export async function simulateCommand(parsed: Parsed, io: Io): Promise<number> {
  const scenario = parsed.text('scenario');
  if (scenario === undefined) throw new UsageError('Which scenario? For example: fuseline simulate --scenario outage.yaml', 'simulate');
  const report = new Report(io, parsed);
  const { input, diagnostics } = await readSimulateInput({
    paths: await readOnlyPaths(parsed, io, report),
    scenario,
    compare: parsed.text('compare'),
    service: parsed.list('service')?.[0],
    operation: parsed.text('operation'),
    seed: seedOf(parsed.text('seed')),
    onProgress: report.progress,
  });
  const json = parsed.flag('json');
  report.diagnostics(diagnostics, false);
  if (input === undefined) return EXIT.error;
  const environment = parsed.text('environment') ?? io.env['FUSELINE_ENV'] ?? io.env['NODE_ENV'];
  const unknown = unknownEnvironment(parsed.text('environment'), input);
  if (unknown !== undefined) {
    io.stderr(`${unknown}\n`);
    return EXIT.error;
  }
  for (const note of input.notes) report.say(`Note: ${note}`);
  const results: SimulationResult[] = [];
  try {
    for (const tested of [input.tested, ...(input.compared === undefined ? [] : [input.compared])]) {
      const progress = (part: number): void => report.progress(`simulating ${tested.config.file}: ${Math.round(part * 100)} %`);
      results.push(await simulate(input.played, { ...tested, operations: input.operations, environment, env: io.env }, progress));
    }
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    io.stderr(`${error.message}\n`);
    return EXIT.error;
  }
  const [result, other] = results;
  if (result === undefined) return EXIT.error;
  const page = parsed.text('html');
  const fault = page === undefined ? undefined : await writePage(resolve(io.cwd, page), htmlReport(result, other));
  if (page !== undefined && fault === undefined) report.say(`${report.paint('green', '✓')} wrote ${page}`);
  report.done();
  // The result is printed even if the page could not be written.
  io.stdout(json ? `${JSON.stringify(asData(result, other), null, 2)}\n` : asText(result, other, parsed, io));
  if (fault !== undefined) io.stderr(`--html ${page}: the page cannot be written (${fault}).\n`);
  return fault === undefined ? EXIT.done : EXIT.error;
}

/** Writes the page and creates its folder if necessary. Returns the error code, such as `EACCES`, if that fails. */
async function writePage(file: string, text: string): Promise<string | undefined> {
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'error';
  }
}

function asData(result: SimulationResult, other: SimulationResult | undefined): object {
  return other === undefined ? { result } : { result, compared: other, comparison: compare(result, other) };
}

function asText(result: SimulationResult, other: SimulationResult | undefined, parsed: Parsed, io: Io): string {
  const paint = painter(wantsColor(io, parsed.choice('color')));
  const options = { whole: parsed.flag('verbose'), paint };
  if (other === undefined) return textReport(result, options);
  return [textReport(result, options), textReport(other, options), compareText(result, other, options)].join('\n');
}

function seedOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seed = Number(text);
  if (!/^\d+$/.test(text) || seed > 0xffffffff)
    throw new UsageError(`--seed is ${JSON.stringify(text)}, expected a whole number from 0 to 4,294,967,295.`, 'simulate');
  return seed;
}

function unknownEnvironment(asked: string | undefined, { tested, compared }: SimulateInput): string | undefined {
  const all = [...new Set([...tested.environments, ...(compared?.environments ?? [])])];
  if (asked === undefined || all.includes(asked)) return undefined;
  const meant = nearest(asked, all);
  const hint = meant !== undefined ? ` Did you mean ${meant}?` : all.length === 0 ? ' It has none.' : ` There are ${all.join(', ')}.`;
  return `${tested.config.file} has no environment "${asked}".${hint}`;
}
