import { resolve } from 'node:path';
import type { Diagnostic } from '../../runtime/config/diagnostic.js';
import { loadBreakers } from '../../runtime/config/index.js';
import { opsFiles } from '../ops/ops-files.js';
import { planOf } from '../ops/service-plan.js';
import { displayName } from '../read/read-document.js';
import { type Change, writeOutput } from '../write/write-output.js';

export interface OpsOptions {
  /** The breaker YAML. */
  readonly breakersFile: string;
  /** Where the files are written. Default `ops`. */
  readonly out?: string | undefined;
  /** The YAML's block of `environments`. Default: `production` where there is one. */
  readonly environment?: string | undefined;
  /** As it was given to `collectMetrics`. Default: none. */
  readonly prefix?: string | undefined;
  /** Compare with what is there; write nothing. */
  readonly check?: boolean | undefined;
  /** What relative paths are relative to. */
  readonly cwd: string;
}

export interface OpsResult {
  /** No diagnostic is an error. Where false, nothing was written. */
  readonly ok: boolean;
  /** The output folder, as messages name it. */
  readonly out: string;
  readonly services: readonly string[];
  readonly environment: string | undefined;
  readonly changes: readonly Change[];
  readonly unchanged: number;
  readonly diagnostics: readonly Diagnostic[];
}

/** What holds in production is what is looked at there. */
const USUAL_ENVIRONMENT = 'production';

/** Writes a Grafana dashboard, alert rules and their tests from the breaker YAML. */
export async function writeOps(options: OpsOptions): Promise<OpsResult> {
  const { cwd, breakersFile, prefix = '', check = false } = options;
  const folder = resolve(cwd, options.out ?? 'ops');
  const out = displayName(folder, cwd);
  const { config, diagnostics } = await loadBreakers(displayName(breakersFile, cwd), { cwd });
  const nothing = { ok: false, out, services: [], environment: options.environment, changes: [], unchanged: 0, diagnostics };
  if (config === undefined) return nothing;
  const usual = config.environments.includes(USUAL_ENVIRONMENT) ? USUAL_ENVIRONMENT : undefined;
  const environment = options.environment ?? usual;
  if (environment !== undefined && !config.environments.includes(environment)) {
    const message = `There is no environment \`${environment}\`.`;
    const hint = config.environments.length === 0 ? 'The file has no `environments`.' : `There are ${config.environments.join(', ')}.`;
    return { ...nothing, diagnostics: [{ severity: 'error', code: 'unknown-environment', message, file: config.file, hint }] };
  }
  const plan = planOf(config, environment, prefix);
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
