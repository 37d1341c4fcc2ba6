import type { BreakersConfig } from '../../config/breakers-config.js';
import { type CheckedOperation, misfitFallbacks, pathOfStep, resultErrors } from '../../config/check-fallbacks.js';
import type { Diagnostic } from '../../config/diagnostic.js';
import { over } from '../../config/layers.js';
import type { LoadResult } from '../../config/load.js';
import type { ResultSchema } from '../../config/result-validator.js';
import { diagnostic, inFileOrder } from '../../config/source.js';
import type { ServicePolicies, ServiceSettings } from '../../config/types.js';
import { CURRENT, userFunction } from '../../user-code.js';

/** The file that the generator writes beside each client. */
const FILE = './result-schemas.js';

interface ResultSchemas {
  readonly service: string;
  readonly components: Readonly<Record<string, ResultSchema>>;
  readonly operations: Readonly<Record<string, readonly ResultSchema[]>>;
}

/**
 * Checks that the fallback values of a file are possible results of the clients' operations, as the generator does. Loads the schemas only if
 * the file has a fixed value. Adds a warning if the schemas are missing, as in a bundle.
 */
export async function withResultChecks(loaded: LoadResult, services: Iterable<ServiceSettings>): Promise<LoadResult> {
  const { draft } = loaded;
  if (draft === undefined) return loaded;
  const found: Diagnostic[] = [];
  for (const service of services) {
    const { policies } = draft.service(service.name);
    if (service.load === undefined || !hasFallbackValue(policies)) continue;
    found.push(...(await check(service, policies, service.load, draft)));
  }
  if (found.length === 0) return loaded;
  const failed = found.some(({ severity }) => severity === 'error');
  return { ...loaded, config: failed ? undefined : loaded.config, diagnostics: inFileOrder([...loaded.diagnostics, ...found]) };
}

async function check(
  { name, policies: generated }: ServiceSettings,
  policies: ServicePolicies,
  load: NonNullable<ServiceSettings['load']>,
  config: BreakersConfig,
): Promise<readonly Diagnostic[]> {
  const unchecked = (why: string, hint: string): readonly Diagnostic[] => {
    const message = `the fallback values of \`${name}\` are not checked: ${why}`;
    return [diagnostic(config.file, { severity: 'warning', code: 'unchecked-fallback', message, hint })];
  };
  const schemas = await schemasFrom(load);
  if (schemas?.service !== name) return unchecked(`the file ${FILE.slice(2)} is not beside its client`, 'A bundle has no such file.');
  if (!canGenerateCode()) return unchecked('this process forbids code generation', 'Run `fuseline validate` where it is allowed.');
  const { ResultValidator } = await import('../../config/result-validator.js');
  const validator = new ResultValidator(schemas.components);
  const operations = Object.entries(schemas.operations).map(([id, results]): CheckedOperation => {
    return { id, errors: (value) => resultErrors(results, value, (schema, data) => validator.errors(schema, data)) };
  });
  return misfitFallbacks(over(generated, policies), name, operations).flatMap(({ layer, step, finding }) => {
    const path = pathOfStep(config, layer, step);
    // The generator has checked the values that the client was generated with.
    return path === undefined ? [] : [config.source.diagnose(path, 'key', finding)];
  });
}

/** Whether functions can be made from text, which the checks of results need. Node with a flag, and some platforms, forbid it. */
function canGenerateCode(): boolean {
  try {
    return new Function('return true')() as boolean;
  } catch {
    return false;
  }
}

/** Returns the schemas beside a client. Undefined if there is no such file. */
async function schemasFrom(load: NonNullable<ServiceSettings['load']>): Promise<ResultSchemas | undefined> {
  try {
    const module = await CURRENT.call(userFunction(load), FILE);
    return (module as { readonly resultSchemas?: ResultSchemas }).resultSchemas;
  } catch {
    return undefined;
  }
}

/** Returns true if a fallback of a file has a fixed value. */
function hasFallbackValue({ environments, ...levels }: ServicePolicies): boolean {
  return [levels, ...Object.values(environments ?? {})].some(({ defaults, service, resources, operations }) =>
    [defaults, service, ...Object.values(resources ?? {}), ...Object.values(operations ?? {})].some(
      (layer) => layer?.fallback?.some(({ kind }) => kind === 'value') === true,
    ),
  );
}
