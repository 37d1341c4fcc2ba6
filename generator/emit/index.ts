import type { Diagnostic } from '../../runtime/config/diagnostic.js';
import type { AppliedPolicies, ServicePolicies } from '../../runtime/config/types.js';
import { flag } from '../../runtime/errors/checks.js';
import { givenFunction } from '../../runtime/errors/given.js';
import { givenOptions, type OptionTable } from '../../runtime/errors/option-table.js';
import type { ServiceModel } from '../model/types.js';
import { emitClient } from './client/client.js';
import { emitConfig } from './client/config.js';
import { checkFallbackValues, type LocateFallback } from './client/fallback-values.js';
import { emitIndex } from './client/index-file.js';
import { emitNamesLock } from './client/names-lock.js';
import { emitNamespace } from './client/namespaces.js';
import { emitOperations } from './client/operations.js';
import { emitResultSchemas } from './client/result-schemas.js';
import { emitContext } from './context.js';
import { Examples } from './examples/examples.js';
import { emitMsw } from './mocks/msw.js';
import { operationsOf } from './names.js';
import { emitTypes } from './schemas/types.js';
import { emitTests } from './tests/tests.js';

export interface EmitOptions {
  /** True to write `msw.ts`. Default true. */
  readonly msw?: boolean;
  /** True to write `<service>.test.ts`, which needs `msw.ts`. Default true. */
  readonly tests?: boolean;
  /** Returns the place of a fallback in the YAML, for messages. */
  readonly locate?: LocateFallback | undefined;
}

const OPTIONS: OptionTable<EmitOptions> = { msw: flag, tests: flag, locate: givenFunction };

export interface EmittedService {
  /** Text by path within the service's folder, with forward slashes. */
  readonly files: ReadonlyMap<string, string>;
  readonly diagnostics: readonly Diagnostic[];
}

/** Returns faults of a service's settings that only its documents reveal. Writes no code. */
export function checkService(model: ServiceModel, policies: AppliedPolicies, locate: LocateFallback): readonly Diagnostic[] {
  const context = emitContext(model, policies);
  return checkFallbackValues(context, new Examples(context).validator, locate);
}

/** Returns all files of one service, in memory. */
export async function emitService(model: ServiceModel, policies: ServicePolicies, options: EmitOptions = {}): Promise<EmittedService> {
  const { msw = true, tests = true } = givenOptions('emitService', options, OPTIONS);
  const context = emitContext(model, policies);
  const examples = new Examples(context);
  const files = new Map<string, string>();
  files.set('index.ts', emitIndex(context));
  files.set('client.ts', emitClient(context));
  files.set('config.ts', emitConfig(context));
  files.set('operations.ts', emitOperations(context));
  files.set('result-schemas.ts', emitResultSchemas(context));
  files.set('types.ts', await emitTypes(model, context.header));
  for (const namespace of model.namespaces) {
    files.set(
      `namespaces/${namespace.name}.ts`,
      emitNamespace(context, namespace, (operation) => examples.usage(operation)),
    );
  }
  const mocked = msw && operationsOf(model).length > 0;
  if (mocked) files.set('msw.ts', emitMsw(context, examples));
  if (mocked && tests) files.set(`${model.name}.test.ts`, emitTests(context, examples));
  files.set('names.lock.json', emitNamesLock(model));
  const fallbacks = checkFallbackValues(context, examples.validator, options.locate);
  return { files, diagnostics: [...examples.diagnostics, ...fallbacks] };
}
