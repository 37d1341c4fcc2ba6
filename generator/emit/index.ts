import type { Diagnostic } from '../../runtime/config/diagnostic.js';
import type { AppliedPolicies, ServicePolicies } from '../../runtime/config/types.js';
import type { ServiceModel } from '../model/types.js';
import { emitClient } from './client.js';
import { emitConfig } from './config.js';
import { emitContext } from './context.js';
import { Examples } from './examples.js';
import { checkFallbackValues, type LocateFallback } from './fallback-values.js';
import { emitIndex } from './index-file.js';
import { emitMsw } from './msw.js';
import { operationsOf } from './names.js';
import { emitNamesLock } from './names-lock.js';
import { emitNamespace } from './namespaces.js';
import { emitOperations } from './operations.js';
import { emitResultSchemas } from './result-schemas.js';
import { emitTests } from './tests.js';
import { emitTypes } from './types.js';

export interface EmitOptions {
  /** Write `msw.ts`. Default true. */
  readonly msw?: boolean;
  /** Write `<service>.test.ts`, which needs `msw.ts`. Default true. */
  readonly tests?: boolean;
  /** Where a fallback of the policies stands in the YAML, for messages. */
  readonly locate?: LocateFallback | undefined;
}

export interface EmittedService {
  /** Text by path within the service's folder, with forward slashes. */
  readonly files: ReadonlyMap<string, string>;
  readonly diagnostics: readonly Diagnostic[];
}

/** What is wrong with settings of a service that only its documents can tell, without writing code. */
export function checkService(model: ServiceModel, policies: AppliedPolicies, locate: LocateFallback): readonly Diagnostic[] {
  const context = emitContext(model, policies);
  return checkFallbackValues(context, new Examples(context).validator, locate);
}

/** All files of one service, in memory. */
export async function emitService(model: ServiceModel, policies: ServicePolicies, options: EmitOptions = {}): Promise<EmittedService> {
  const { msw = true, tests = true } = options;
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
