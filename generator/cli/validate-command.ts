import { validate } from '../generate/generate.js';
import type { Parsed } from './args.js';
import { EXIT, type Io } from './io.js';
import { generateOptions } from './options.js';
import { count, Report } from './report.js';
import { variableWarnings } from './variable-warnings.js';

export async function validateCommand(parsed: Parsed, io: Io): Promise<number> {
  const report = new Report(io, parsed);
  const result = await validate({ ...generateOptions(parsed, io), onProgress: report.progress });
  const json = parsed.flag('json');
  const variables = variableWarnings(
    result.services.map(({ name }) => name),
    io.env,
  );
  report.diagnostics([...result.diagnostics, ...variables], json);
  if (json) io.stdout(`${JSON.stringify({ ...result, diagnostics: [...result.diagnostics, ...variables] }, null, 2)}\n`);
  if (!result.ok) return EXIT.error;
  for (const { name, operations, documents } of result.services) {
    report.say(`${report.paint('green', '✓')} ${name}: ${count(operations, 'operation')} in ${count(documents, 'document')}`);
  }
  return EXIT.done;
}
