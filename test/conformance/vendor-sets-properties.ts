import { asList, asObject, asStrings } from './json.js';
import { type Content, type Located, type Operation, operationsOf, Resolver, readDocument } from './openapi.js';
import type { DocumentSet } from './vendor-sets.js';
import type { GeneratedClient } from './vendor-sets-client.js';

/** Properties of an object, as far as a document declares them. */
interface Shape {
  readonly properties: Set<string>;
  readonly required: Set<string>;
}

/**
 * A TypeScript module that compiles where the bodies and results of a client have the properties that the vendor's documents declare, and
 * require those that these require.
 */
export function propertyChecks({ name, client }: DocumentSet, { operations }: GeneratedClient, files: readonly string[]): string {
  const resolver = new Resolver();
  const vendor = new Map(
    files.flatMap((file) => operationsOf(readDocument(file), resolver)).map((found) => [`${found.method} ${found.path}`, found]),
  );
  const lines = Object.values(operations).flatMap(({ id, method, path }) => {
    const operation = vendor.get(`${method} ${path}`);
    if (operation === undefined) return [];
    const [namespace = '', member = ''] = id.split('.');
    const type = `${client}['${namespace}']['${member}']`;
    return [
      ...line(`Body<${type}>`, shapeOf(operation.body?.content, resolver)),
      ...line(`Result<${type}>`, shapeOf(successOf(operation), resolver)),
    ];
  });
  return `${[`import type { ${client} } from '../out/${name}/index.js';`, ...HELPERS, ...lines.map((text) => `checks.push(true satisfies ${text});`)].join('\n')}\n`;
}

const HELPERS = [
  'type Method = (...args: never[]) => unknown;',
  'type Params<M extends Method> = NonNullable<Parameters<M>[0]>;',
  "type Body<M extends Method> = NonNullable<Params<M>['body' & keyof Params<M>]>;",
  'type Result<M extends Method> = NonNullable<Awaited<ReturnType<M>>>;',
  'type Names<T> = keyof { [K in keyof T as string extends K ? never : K]: T[K] };',
  'type Required<T> = { [K in Names<T>]-?: object extends Pick<T, K> ? never : K }[Names<T>];',
  'type Differ<A, B> = { surplus: Exclude<A, B>; missing: Exclude<B, A> };',
  'type Same<A, B> = [A, B] extends [B, A] ? true : Differ<A, B>;',
  'export const checks: true[] = [];',
];

function line(type: string, shape: Shape | undefined): string[] {
  if (shape === undefined) return [];
  // A name that is required and nowhere declared is a slip: it may be given, and is not asked for.
  const required = [...shape.required].filter((name) => shape.properties.has(name));
  const names = new Set([...shape.properties, ...shape.required]);
  return [`Same<Names<${type}>, ${union(names)}>`, `Same<Required<${type}>, ${union(required)}>`];
}

function union(names: Iterable<string>): string {
  return (
    [...names]
      .sort()
      .map((name) => JSON.stringify(name))
      .join(' | ') || 'never'
  );
}

/** The only success with a body; with several the result is a union. */
function successOf({ responses }: Operation): Content | undefined {
  const found = [...responses].filter(([status, content]) => status.startsWith('2') && (content?.size ?? 0) > 0);
  return found.length === 1 ? found[0]?.[1] : undefined;
}

function shapeOf(content: Content | undefined, resolver: Resolver): Shape | undefined {
  const schema = content?.get('application/json');
  const shape = { properties: new Set<string>(), required: new Set<string>() };
  return schema !== undefined && collect(schema, resolver, shape) && shape.properties.size > 0 ? shape : undefined;
}

/** False where the schema is more than properties and what it is combined with by `allOf`. */
function collect(schema: Located, resolver: Resolver, shape: Shape): boolean {
  const target = resolver.follow(schema);
  if (target === undefined) return false;
  const { document } = target;
  const { properties, required, allOf, oneOf, anyOf, type } = asObject(target.value);
  if (oneOf !== undefined || anyOf !== undefined || (type !== undefined && type !== 'object')) return false;
  for (const key of Object.keys(asObject(properties))) shape.properties.add(key);
  for (const key of asStrings(required)) shape.required.add(key);
  return asList(allOf).every((member) => collect({ value: member, document }, resolver, shape));
}
