import { POLICY_KEYS } from '../../../runtime/config/explain.js';
import type { FallbackStep, PolicyLayer, ServiceLayers } from '../../../runtime/config/types.js';
import { jsDoc } from '../code/escape.js';
import type { Imports } from '../code/imports.js';
import { Code, literal } from '../code/literal.js';
import { sourceText } from '../code/source.js';
import { type EmitContext, importsOf } from '../context.js';
import { constantName, operationsOf, upperFirst } from '../names.js';
import { importedResult } from '../result-type.js';

/**
 * Writes `config.ts`: the settings of the breaker YAML for the service, as data. TypeScript checks its fallback values against the types of
 * the operations.
 */
export function emitConfig(context: EmitContext): string {
  const { policies, names } = context;
  const imports = importsOf(context);
  const type = imports.type('fuseline', 'ServicePolicies');
  const constants = new FallbackConstants(context, imports);
  const { preset, environments, defaults } = policies;
  const data = {
    defaults: layer(defaults),
    preset: preset === undefined ? undefined : { name: preset.name, values: layer(preset.values) },
    ...levels(policies, '', constants),
    environments: byName(environments, (block, name) => ({
      defaults: layer(block.defaults),
      ...levels(block, upperFirst(name.replace(/[^A-Za-z0-9]+/g, '')), constants),
    })),
  };
  const doc = jsDoc([`Settings of the breaker YAML for the service \`${context.model.name.replaceAll('`', '')}\`.`]);
  const start = `export const ${names.policies}: ${type} = `;
  return sourceText({
    header: context.header,
    imports: imports.structures(),
    declarations: [...constants.statements, `${doc}${start}${literal(data, start.length)};`],
  });
}

function levels(level: ServiceLayers, environment: string, constants: FallbackConstants): object {
  return {
    service: layer(level.service),
    resources: byName(level.resources, (values) => layer(values)),
    operations: byName(level.operations, (values, id) => layer(values, (step, at) => constants.step(step, id, environment, at))),
  };
}

function layer(values: PolicyLayer | undefined, step?: (step: FallbackStep, at: number) => unknown): object | undefined {
  if (values === undefined) return undefined;
  // Always in the same order, so that the order in the YAML does not change the output.
  const known = POLICY_KEYS.filter((key) => values[key] !== undefined);
  return Object.fromEntries(known.map((key) => [key, key === 'fallback' && step !== undefined ? values.fallback?.map(step) : values[key]]));
}

/** Sorts the record and removes its prototype, because a name may be `__proto__`. */
function byName<T>(record: Readonly<Record<string, T>> | undefined, change: (value: T, name: string) => unknown): object | undefined {
  if (record === undefined) return undefined;
  const result: Record<string, unknown> = Object.create(null);
  for (const [name, value] of Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1))) result[name] = change(value, name);
  return result;
}

/** Makes the fallback values of single operations constants of the operation's result type. */
class FallbackConstants {
  readonly statements: string[] = [];
  readonly #names = new Set<string>();

  constructor(
    private readonly context: EmitContext,
    private readonly imports: Imports,
  ) {}

  step(step: FallbackStep, id: string, environment: string, at: number): unknown {
    if (step.kind !== 'value') return step;
    const { model } = this.context;
    const operation = operationsOf(model).find((candidate) => candidate.id === id);
    if (operation === undefined) return step;
    const base = `${constantName(operation)}${environment}Fallback`;
    const name = this.#names.has(base) ? `${base}${at + 1}` : base;
    this.#names.add(name);
    const type = importedResult(model, operation, this.imports);
    const value = type === 'undefined' ? new Code('undefined') : step.value;
    const start = `const ${name}: ${type} = `;
    this.statements.push(`${start}${literal(value, start.length)};`);
    return { kind: 'value', value: new Code(name) };
  }
}
