import { resolve } from 'node:path';
import type { Diagnostic } from '../../runtime/config/diagnostic.js';
import { loadBreakers } from '../../runtime/config/index.js';
import type { Paths } from '../generate/paths.js';
import { loadOver, shippedServices } from '../generate/shipped.js';
import { opsFiles } from '../ops/ops-files.js';
import { planOf } from '../ops/service-plan.js';
import { displayName } from '../read/read-document.js';
import { type Change, writeOutput } from '../write/write-output.js';

export interface OpsOptions {
  /** The path of the breaker YAML. */
  readonly breakersFile: string;
  /** The folder of the documents. Services without any are taken for the clients that fuseline ships. */
  readonly specsDir: string;
  readonly shipped: Paths | undefined;
  /** The output folder. Default `ops`. */
  readonly out?: string | undefined;
  /** The block of `environments` in the YAML. Default: `production` if the YAML has it. */
  readonly environment?: string | undefined;
  /** The prefix that was given to `collectMetrics`. Default: none. */
  readonly prefix?: string | undefined;
  /** True to compare with the files in the folder and write nothing. */
  readonly check?: boolean | undefined;
  /** The base of relative paths. */
  readonly cwd: string;
}

export interface OpsResult {
  /** True if no diagnostic is an error. If false, nothing was written. */
  readonly ok: boolean;
  /** The output folder's name in messages. */
  readonly out: string;
  readonly services: readonly string[];
  readonly environment: string | undefined;
  readonly changes: readonly Change[];
  readonly unchanged: number;
  readonly diagnostics: readonly Diagnostic[];
}

/** Dashboards and alerts watch production, so its settings are the default. */
const USUAL_ENVIRONMENT = 'production';

/** Writes a Grafana dashboard, alert rules and their tests from the breaker YAML. */
export async function writeOps(options: OpsOptions): Promise<OpsResult> {
  const { cwd, breakersFile, prefix = '', check = false } = options;
  const folder = resolve(cwd, options.out ?? 'ops');
  const out = displayName(folder, cwd);
  const file = displayName(breakersFile, cwd);
  const read = await loadBreakers(file, { cwd });
  const shipped = read.draft === undefined ? undefined : await shippedServices(read.draft, options);
  const { config, diagnostics } = shipped?.generated === undefined ? read : await loadOver(shipped, file, cwd);
  const nothing = { ok: false, out, services: [], environment: options.environment, changes: [], unchanged: 0, diagnostics };
  if (config === undefined) return nothing;
  const usual = config.environments.includes(USUAL_ENVIRONMENT) ? USUAL_ENVIRONMENT : undefined;
  const environment = options.environment ?? usual;
  if (environment !== undefined && !config.environments.includes(environment)) {
    const message = `There is no environment \`${environment}\`.`;
    const hint = config.environments.length === 0 ? 'The file has no `environments`.' : `There are ${config.environments.join(', ')}.`;
    return { ...nothing, diagnostics: [{ severity: 'error', code: 'unknown-environment', message, file: config.file, hint }] };
  }
  const plan = planOf(config, environment, prefix, (service) => (shipped?.services.has(service) ? shipped.generated : undefined));
  const written = await writeOutput({ out: folder, label: out, files: opsFiles(plan), check });
  const all = [...diagnostics, ...written.diagnostics];
  return {
    ok: !all.some(({ severity }) => severity === 'error'),
    out,
    services: plan.services.map(({ name }) => name),
    environment,
    changes: written.changes,
    unchanged: written.unchanged,
    diagnostics: all,
  };
}
