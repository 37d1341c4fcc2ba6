import { type GenerateResult, generate } from '../generate/generate.js';
import { resolvePaths } from '../generate/paths.js';
import type { Change } from '../write/write-output.js';
import { type Parsed, UsageError } from './args.js';
import { EXIT, type Io } from './io.js';
import { generateOptions } from './options.js';
import { exists, sayWhichFile } from './read-only-paths.js';
import { count, Report } from './report.js';

/** The number of files whose diff is shown. Others are only listed. */
const SHOWN_FILES = 10;

/** The user of a shipped client may take `check` for a check of the breaker YAML. */
const NOTHING_GENERATED =
  'There is no folder specs here. A project that uses only the clients that fuseline ships has no generated files to check. To check its breaker YAML, run `fuseline validate`.';

export function generateCommand(parsed: Parsed, io: Io): Promise<number> {
  return run(parsed, io, parsed.flag('check'));
}

export function checkCommand(parsed: Parsed, io: Io): Promise<number> {
  return run(parsed, io, true);
}

async function run(parsed: Parsed, io: Io, check: boolean): Promise<number> {
  const options = generateOptions(parsed, io);
  if (options.tests === true && options.msw === false) throw new UsageError('--tests needs the mocks that --no-msw turns off.');
  const report = new Report(io, parsed);
  const started = performance.now();
  const result = await generate({ ...options, check, onProgress: report.progress });
  const json = parsed.flag('json');
  report.diagnostics(result.diagnostics, json);
  if (json) io.stdout(`${JSON.stringify(result, null, 2)}\n`);
  if (!result.ok) {
    if (!check) report.say('Nothing was written.');
    else if (options.specs === undefined && !(await exists((await resolvePaths(options)).specsDir))) report.say(NOTHING_GENERATED);
    return EXIT.error;
  }
  for (const note of result.notes) report.say(`Note: ${note}`);
  if (check) return reportCheck(result, io, report, json);
  for (const { name, client, operations, documents } of result.services) {
    report.say(`${report.paint('green', '✓')} ${name}: ${client}, ${count(operations, 'operation')} from ${count(documents, 'document')}`);
  }
  sayWhichFile(await resolvePaths(options), options, report);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  report.say(`${tally(result)} in ${result.out}/, ${seconds} s`);
  return EXIT.done;
}

/** Returns `2 files added, 1 changed, 40 unchanged`. */
function tally({ changes, unchanged }: GenerateResult): string {
  const parts = (['added', 'changed', 'removed'] as const).flatMap((kind) => {
    const number = changes.filter((change) => change.kind === kind).length;
    return number === 0 ? [] : [`${number} ${kind}`];
  });
  return [...parts, `${unchanged} unchanged`].join(', ');
}

function reportCheck(result: GenerateResult, io: Io, report: Report, json: boolean): number {
  if (result.changes.length === 0) {
    report.say(`${report.paint('green', '✓')} ${result.out}/ is up to date (${count(result.unchanged, 'file')})`);
    return EXIT.done;
  }
  if (!json) io.stdout(result.changes.map((change, at) => diffText(result.out, change, at < SHOWN_FILES)).join(''));
  report.say(`${report.paint('red', '✗')} ${result.out}/ is stale: ${tally(result)}. Run \`fuseline generate\`.`);
  return EXIT.drift;
}

const WORDS = { added: 'missing', changed: 'differs', removed: 'no longer generated' } as const;

function diffText(out: string, { kind, path, diff }: Change, whole: boolean): string {
  const lines = whole ? diff.map((line) => `  ${line}\n`) : [];
  return `${out}/${path}: ${WORDS[kind]}\n${lines.join('')}`;
}
