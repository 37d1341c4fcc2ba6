import { type ExplainedSetting, explainService, nearest } from '../../runtime/config/index.js';
import { ConfigurationError } from '../../runtime/errors/configuration-error.js';
import { resolvePaths } from '../generate/generate.js';
import { loadProject } from '../generate/load.js';
import { type Parsed, UsageError } from './args.js';
import { EXIT, type Io, type Paint, painter, wantsColor } from './io.js';
import { generateOptions } from './options.js';
import { Report } from './report.js';

/** `fuseline explain ghl contacts.get`: each effective value, and the layer and line it comes from. */
export async function explainCommand(parsed: Parsed, io: Io): Promise<number> {
  const [service, operation] = parsed.positionals;
  if (service === undefined) throw new UsageError('Which service? For example: fuseline explain ghl contacts.get', 'explain');
  const report = new Report(io, parsed);
  const paths = resolvePaths(generateOptions(parsed, io));
  const { config, services, diagnostics } = await loadProject({ ...paths, services: [service], onProgress: report.progress });
  const json = parsed.flag('json');
  const model = services[0]?.model;
  if (config === undefined || model === undefined || !config.services.has(service)) {
    report.diagnostics(
      diagnostics.filter(({ severity }) => severity === 'error'),
      false,
    );
    return EXIT.error;
  }
  const ids = model.namespaces.flatMap(({ operations }) => operations.map(({ id }) => id));
  if (operation !== undefined && !ids.includes(operation)) {
    const meant = nearest(operation, ids);
    io.stderr(`${service} has no operation "${operation}".${meant === undefined ? '' : ` Did you mean ${meant}?`}\n`);
    return EXIT.error;
  }
  const environment = parsed.text('environment') ?? io.env['FUSELINE_ENV'] ?? io.env['NODE_ENV'];
  let rows: readonly ExplainedSetting[];
  try {
    rows = explainService(config, service, { operation, environment, env: io.env });
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    io.stderr(`${error.message}\n`);
    return EXIT.error;
  }
  if (json) {
    io.stdout(`${JSON.stringify({ service, operation, environment, settings: rows }, null, 2)}\n`);
    return EXIT.done;
  }
  const title = [service, operation].filter((part) => part !== undefined).join(' ');
  const where = environment !== undefined && config.environments.includes(environment) ? `, environment ${environment}` : '';
  io.stdout(`${title}${where}\n${table(rows, painter(wantsColor(io, parsed.choice('color'))))}`);
  return EXIT.done;
}

function table(rows: readonly ExplainedSetting[], paint: Paint): string {
  const cells = rows.map(({ yamlKey, shown, origin, location }) => {
    const place = location === undefined ? '' : `${location.file}:${location.line}`;
    return { key: yamlKey, value: shown, origin, place };
  });
  const width = (column: 'key' | 'value' | 'origin'): number => Math.max(...cells.map((row) => row[column].length));
  const [key, value, origin] = [width('key'), width('value'), width('origin')];
  return cells
    .map((row) => {
      const set = row.origin !== 'built-in default';
      const text = `  ${row.key.padEnd(key)}  ${row.value.padEnd(value)}  ${row.origin.padEnd(origin)}  ${row.place}`.trimEnd();
      return `${set ? text : paint('dim', text)}\n`;
    })
    .join('');
}
