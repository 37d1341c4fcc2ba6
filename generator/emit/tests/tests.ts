import type { OperationModel } from '../../model/types.js';
import { effectivePolicy } from '../client/policy.js';
import { propertyKey } from '../code/escape.js';
import { Code, literal } from '../code/literal.js';
import { sourceText } from '../code/source.js';
import { type EmitContext, importsOf } from '../context.js';
import type { Examples } from '../examples/examples.js';
import { constantName, hasParams, operationsOf } from '../names.js';
import { testBody } from './tests-support.js';

/** Writes `<service>.test.ts`. The tests show for every operation that its circuit opens and recovers, and that its fallback answers. */
export function emitTests(context: EmitContext, examples: Examples): string {
  const { names } = context;
  const imports = importsOf(context);
  for (const name of ['describe', 'expect', 'test']) imports.value('vitest', name);
  for (const name of ['BreakerRegistry', 'CircuitOpenError']) imports.value('fuseline', name);
  imports.type('fuseline', 'CallOptions');
  for (const name of ['FakeClock', 'mockTransport']) imports.value('fuseline/testing', name);
  imports.own('./client.js', names.client, 'value');
  for (const name of [`${names.client}Options`, `${names.typePrefix}Fallbacks`, `${names.typePrefix}OperationId`])
    imports.own('./client.js', name);
  imports.own('./msw.js', `${names.prefix}MocksAt`, 'value');
  imports.own('./msw.js', `${names.typePrefix}Mock`);
  const operations = operationsOf(context.model);
  const settings = operations.map((operation) => settingsOf(context, operation));
  const usual = usualSettings(settings);
  const rows = operations.map((operation, at) => row(operation, examples, settings[at] ?? usual, usual));
  const { before, after } = testBody(names, context.model.security[0]);
  return sourceText({
    header: context.header,
    imports: imports.structures(),
    declarations: [
      before,
      `/** Settings that most operations have. */\nconst usual = ${literal(usual, 14)};`,
      `const cases: readonly Case[] = [\n${rows.join('')}];`,
      after,
    ],
  });
}

type Settings = Readonly<Record<string, string | number | boolean | null>>;

/**
 * Returns the settings that the test expects. The test contains them as numbers instead of reading the configuration: a wrong setting must
 * fail the test.
 */
function settingsOf(context: EmitContext, operation: OperationModel): Settings {
  const values = effectivePolicy(context.policies, context.model.name, operation);
  return {
    failure: values.failureStatuses.find((status) => status >= 400) ?? null,
    enabled: values.enabled,
    failureThreshold: values.failureThreshold,
    successThreshold: values.successThreshold,
    recoveryTimeoutMs: values.recoveryTimeoutMs,
  };
}

/** Returns the most frequent value of each setting. A changed threshold of a service is then one changed line. */
function usualSettings(all: readonly Settings[]): Settings {
  const usual: Record<string, Settings[string]> = {};
  for (const key of Object.keys(all[0] ?? {})) {
    const counts = new Map<Settings[string], number>();
    for (const settings of all) counts.set(settings[key] ?? null, (counts.get(settings[key] ?? null) ?? 0) + 1);
    const [most] = [...counts].sort(([, a], [, b]) => b - a);
    usual[key] = most?.[0] ?? null;
  }
  return usual;
}

function row(operation: OperationModel, examples: Examples, settings: Settings, usual: Settings): string {
  const call = `(client, options) => client.${operation.id}(`;
  // The column of the params: `    run: ` before them and `, options),` after them.
  const params = hasParams(operation) ? `${literal(examples.params(operation), call.length + 20, '    ')}, ` : '';
  const data = {
    id: operation.id,
    status: examples.answer(operation).status,
    ...Object.fromEntries(Object.entries(settings).filter(([key, value]) => value !== usual[key])),
    mock: new Code(`mocks.${constantName(operation)}`),
    run: new Code(`${call}${params}options)`),
  };
  const lines = Object.entries(data).map(([key, value]) => `    ${propertyKey(key)}: ${literal(value, key.length + 6, '    ')},\n`);
  return `  {\n    ...usual,\n${lines.join('')}  },\n`;
}
