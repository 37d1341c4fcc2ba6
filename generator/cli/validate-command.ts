import { validatePaths } from '../generate/generate.js';
import type { Parsed } from './args.js';
import { EXIT, type Io } from './io.js';
import { generateOptions } from './options.js';
import { readOnlyPaths, sayWhichFile } from './read-only-paths.js';
import { count, Report } from './report.js';
import { shippedPaths } from './shipped-paths.js';
import { variableWarnings } from './variable-warnings.js';

export async function validateCommand(parsed: Parsed, io: Io): Promise<number> {
  const report = new Report(io, parsed);
  const options = generateOptions(parsed, io);
  const paths = await readOnlyPaths(parsed, io, report);
  // A folder of documents that is named is meant to have them all.
  const shipped = options.specs === undefined ? await shippedPaths(paths.cwd) : undefined;
  const result = await validatePaths(paths, { services: options.services, onProgress: report.progress, shipped });
  const json = parsed.flag('json');
  const variables = variableWarnings(
    result.services.map(({ name }) => name),
    io.env,
  );
  report.diagnostics([...result.diagnostics, ...variables], json);
  if (json) io.stdout(`${JSON.stringify({ ...result, diagnostics: [...result.diagnostics, ...variables] }, null, 2)}\n`);
  if (!result.ok) return EXIT.error;
  for (const { name, operations, documents, shipped: isShipped } of result.services) {
    const where = isShipped === true ? `of fuseline/${name}` : `in ${count(documents, 'document')}`;
    report.say(`${report.paint('green', '✓')} ${name}: ${count(operations, 'operation')} ${where}`);
  }
  sayWhichFile(paths, options, report);
  return EXIT.done;
}
