import { type ClientSetting, clientSettings } from '../../runtime/call/client/client-settings.js';
import { IDEMPOTENT_METHODS } from '../../runtime/config/defaults.js';
import { type ExplainedSetting, explainService, nearest } from '../../runtime/config/index.js';
import { ConfigurationError } from '../../runtime/errors/configuration-error.js';
import { loadProject } from '../generate/load.js';
import type { Paths } from '../generate/paths.js';
import type { OperationModel, ServiceModel } from '../model/types.js';
import { type Parsed, UsageError } from './args.js';
import { withoutOff } from './explain-rows.js';
import { EXIT, type Io, type Paint, painter, wantsColor } from './io.js';
import { generateOptions } from './options.js';
import { readOnlyPaths } from './read-only-paths.js';
import { Report } from './report.js';
import { type ShippedClient, shippedClient } from './shipped-client.js';
import { variableWarnings } from './variable-warnings.js';

/** The most names that a message lists. */
const LISTED = 12;

/** `fuseline explain ghl contacts.get`: shows each effective value, and the layer and line that sets it. */
export async function explainCommand(parsed: Parsed, io: Io): Promise<number> {
  const [service, operation] = parsed.positionals;
  if (service === undefined) throw new UsageError('Which service? For example: fuseline explain ghl contacts.get', 'explain');
  const report = new Report(io, parsed);
  const shipped = await shippedClient(generateOptions(parsed, io), service, report.progress);
  const { config, model, diagnostics } = shipped ?? (await generatedClient(service, await readOnlyPaths(parsed, io, report), report));
  const generated = shipped?.generated;
  const json = parsed.flag('json');
  if (config === undefined || model === undefined) {
    report.diagnostics(
      diagnostics.filter(({ severity }) => severity === 'error'),
      false,
    );
    return EXIT.error;
  }
  const operations = new Map(model.namespaces.flatMap((namespace) => namespace.operations.map((each) => [each.id, each])));
  const found = operation === undefined ? undefined : operations.get(operation);
  if (operation !== undefined && found === undefined) {
    const ids = [...operations.keys()];
    const neighbours = ids.filter((id) => id.startsWith(`${operation.split('.')[0]}.`));
    io.stderr(`${service} has no operation "${operation}".${suggestion(operation, ids, neighbours)}\n`);
    return EXIT.error;
  }
  const asked = parsed.text('environment');
  const environments = [...new Set([...config.environments, ...(generated?.environments ?? [])])];
  if (asked !== undefined && !environments.includes(asked)) {
    io.stderr(`${config.file} has no environment "${asked}".${suggestion(asked, environments)}\n`);
    return EXIT.error;
  }
  const environment = asked ?? io.env['FUSELINE_ENV'] ?? io.env['NODE_ENV'];
  let rows: readonly ExplainedSetting[];
  try {
    rows = explainService(config, service, { operation, environment, env: io.env, generated }).map((row) => withMethod(row, found));
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    io.stderr(`${error.message}\n`);
    return EXIT.error;
  }
  report.diagnostics(variableWarnings([service], io.env), json);
  if (json) {
    io.stdout(
      `${JSON.stringify({ service, operation, environment, generatedFrom: generated?.file, settings: rows, client: clientSettings({ environment, env: io.env }) }, null, 2)}\n`,
    );
    return EXIT.done;
  }
  const title = [service, operation].filter((part) => part !== undefined).join(' ');
  const where = environment !== undefined && environments.includes(environment) ? `, environment ${environment}` : '';
  const paint = painter(wantsColor(io, parsed.choice('color')));
  const client = clientSettings({ environment, env: io.env });
  const shown = parsed.flag('all') ? { rows, off: [] } : withoutOff(rows);
  const off = shown.off.length === 0 ? '' : `${paint('dim', `  off: ${shown.off.join(', ')}`)}\n`;
  const how =
    generated === undefined
      ? ''
      : `\n${config.file} takes effect in a process that calls applyBreakers or watchBreakers (fuseline/config) with it. Without that, fuseline/${service} keeps the values that it was generated with.\n`;
  io.stdout(
    `${title}${where}\n${table([...shown.rows.map(cellsOf), ...client.map(clientCells)], paint)}  ${paint('dim', CODE_ONLY)}\n${off}${how}`,
  );
  return EXIT.done;
}

/** The client that the project generates, or a shipped one that no file of the project applies to. */
async function generatedClient(
  service: string,
  paths: Paths,
  report: Report,
): Promise<Pick<ShippedClient, 'config' | 'diagnostics'> & { readonly model: ServiceModel | undefined }> {
  const { config, services, diagnostics } = await loadProject({ ...paths, services: [service], onProgress: report.progress });
  return { config, model: services[0]?.model, diagnostics };
}

/** Without an `idempotent` setting, the HTTP method decides. Only the documents contain the method. */
function withMethod(row: ExplainedSetting, operation: OperationModel | undefined): ExplainedSetting {
  if (row.key !== 'idempotent' || row.origin !== 'built-in default' || operation === undefined) return row;
  const { method, idempotencyHeader } = operation;
  const why = idempotencyHeader === undefined ? method : `${method} with ${idempotencyHeader}`;
  return { ...row, shown: `${IDEMPOTENT_METHODS.has(method) || idempotencyHeader !== undefined} (${why})` };
}

/** Returns the nearest name as a suggestion. If no name is near, lists some names. */
function suggestion(name: string, all: readonly string[], neighbours: readonly string[] = []): string {
  const meant = nearest(name, all);
  if (meant !== undefined) return ` Did you mean ${meant}?`;
  const shown = neighbours.length > 0 ? neighbours : all;
  if (shown.length === 0) return ' It has none.';
  return ` There are ${shown.slice(0, LISTED).join(', ')}${shown.length > LISTED ? ` and ${shown.length - LISTED} more` : ''}.`;
}

/** The options that a client can override in code. */
const CODE_ONLY = 'set in code only: redirects, compression, captureStack, transport, dispatcher; ready and close take their own options';

interface Cells {
  readonly key: string;
  readonly value: string;
  readonly origin: string;
  readonly place: string;
}

function cellsOf({ yamlKey, shown, origin, location }: ExplainedSetting): Cells {
  return { key: yamlKey, value: shown, origin, place: location === undefined ? '' : `${location.file}:${location.line}` };
}

function clientCells({ option, shown, origin }: ClientSetting): Cells {
  return { key: `client: ${option}`, value: shown, origin, place: '' };
}

function table(cells: readonly Cells[], paint: Paint): string {
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
