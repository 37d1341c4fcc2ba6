import { type Parsed, UsageError } from './args.js';
import { EXIT, type Io } from './io.js';
import { readOnlyPaths, sayWhichFile } from './read-only-paths.js';
import { count, Report } from './report.js';
import { shippedPaths } from './shipped-paths.js';
import { writeOps } from './write-ops.js';

/** `fuseline dashboards --out ops/`: writes the dashboard and the alert rules of the circuits. */
export async function dashboardsCommand(parsed: Parsed, io: Io): Promise<number> {
  const prefix = parsed.text('prefix');
  if (prefix !== undefined && !/^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(prefix))
    throw new UsageError(`--prefix takes letters, digits, _ and :, not beginning with a digit, found "${prefix}".`, 'dashboards');
  const report = new Report(io, parsed);
  const check = parsed.flag('check');
  const paths = await readOnlyPaths(parsed, io, report);
  const { cwd, breakersFile, specsDir } = paths;
  if (paths.ambiguous !== undefined) {
    report.diagnostics([paths.ambiguous], parsed.flag('json'));
    return EXIT.error;
  }
  const shipped = parsed.text('specs') === undefined ? await shippedPaths(cwd) : undefined;
  const asked = { out: parsed.text('out'), environment: parsed.text('environment') };
  const result = await writeOps({ cwd, breakersFile, specsDir, shipped, prefix, check, ...asked });
  const { ok, out, changes, unchanged, diagnostics, services, environment } = result;
  const json = parsed.flag('json');
  report.diagnostics(diagnostics, json);
  if (json) io.stdout(`${JSON.stringify(result, null, 2)}\n`);
  if (!ok) {
    if (!check) report.say('Nothing was written.');
    return EXIT.error;
  }
  if (check && changes.length > 0) {
    if (!json) io.stdout(changes.map(({ kind, path }) => `${out}/${path}: ${WORDS[kind]}\n`).join(''));
    report.say(`${report.paint('red', '✗')} ${out}/ is stale. Run \`fuseline dashboards\`.`);
    return EXIT.drift;
  }
  for (const { path, kind } of changes) report.say(`${report.paint('green', '✓')} ${out}/${path} ${kind}`);
  sayWhichFile(paths, { breakers: parsed.text('breakers') }, report);
  const where = environment === undefined ? '' : `, environment ${environment}`;
  report.say(`${count(services.length, 'service')}${where}: ${count(changes.length, 'file')} changed, ${unchanged} unchanged in ${out}/`);
  return EXIT.done;
}

const WORDS = { added: 'missing', changed: 'differs', removed: 'no longer written' } as const;
