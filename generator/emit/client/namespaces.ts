import type { NamespaceModel, OperationModel, ResponseModel, ServiceModel } from '../../model/types.js';
import { commentLine, commentLines, identifier, jsDoc, memberName } from '../code/escape.js';
import type { Imports } from '../code/imports.js';
import { sourceText } from '../code/source.js';
import { type EmitContext, importsOf } from '../context.js';
import { constantName, errorName, hasParams, needsParams, paramsType, typeText } from '../names.js';
import { resultAlias } from '../result-type.js';
import { policyHints } from './policy.js';

const WIDTH = 140;
/** The number of description lines that go into JSDoc. More would fill a hover. */
const DESCRIPTION_LINES = 6;

/** Returns a short usage example of an operation, such as `await ghl.contacts.get({ contactId: 'con_1' })`. */
export type UsageOf = (operation: OperationModel) => string | undefined;

/** Writes `namespaces/<name>.ts`: the class whose methods users call, and the types that only this class needs. */
export function emitNamespace(context: EmitContext, namespace: NamespaceModel, usage: UsageOf): string {
  const imports = importsOf(context);
  const aliases = namespace.operations.flatMap((operation) => typeAliases(context.model, operation, imports));
  const methods = namespace.operations.map((operation) => method(context, operation, imports, usage(operation)));
  const caller = imports.type('fuseline', 'Caller');
  const description = namespace.description === undefined ? [] : commentLines(namespace.description).slice(0, DESCRIPTION_LINES);
  const start = `export class ${identifier(namespace.className)} {`;
  const body = [`  readonly #client: ${caller};`, '', `  constructor(client: ${caller}) {`, '    this.#client = client;', '  }'].join('\n');
  const text = `${jsDoc(description)}${start}\n${body}\n${methods.map((code) => `\n${code}`).join('')}}`;
  return sourceText({ header: context.header, imports: imports.structures(), declarations: [...aliases, text] });
}

function typeAliases(model: ServiceModel, operation: OperationModel, imports: Imports): string[] {
  const use = (name: string): string => imports.own('../types.js', name);
  const alias = (name: string, type: string, doc: string): string =>
    `${jsDoc([doc])}export type ${name} =${type.startsWith('\n') ? '' : ' '}${type};`;
  const label = `\`${operation.id.replaceAll('`', '')}\``;
  const aliases = [alias(errorName(operation), errorText(operation, imports, use), `The error responses that ${label} throws.`)];
  const result = resultAlias(model, operation);
  if (result !== undefined) aliases.unshift(alias(result, typeText(operation.resultType, use), `The result of ${label}.`));
  return aliases;
}

const RANGES: Readonly<Record<string, readonly number[]>> = {
  '1XX': [100, 101, 102, 103],
  '2XX': [200, 201, 202, 203, 204, 205, 206, 207, 208, 226],
  '3XX': [300, 301, 302, 303, 304, 307, 308],
  '4XX': [
    400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 418, 421, 422, 423, 424, 425, 426, 428, 429,
    431, 451,
  ],
  '5XX': [500, 501, 502, 503, 504],
};

function errorText(operation: OperationModel, imports: Imports, use: (name: string) => void): string {
  const httpError = imports.type('fuseline', 'HttpError');
  const errors = operation.responses.filter(({ success }) => !success);
  if (errors.length === 0) return `${httpError}<number, unknown>`;
  const exact = new Set(operation.responses.map(({ status }) => status));
  const parts = errors.map((response) => `${httpError}<${statusText(response, exact)}, ${typeText(response.type, use)}>`);
  const flat = parts.join(' | ');
  return flat.length + operation.typeName.length + 22 <= WIDTH ? flat : parts.map((part) => `\n  | ${part}`).join('');
}

function statusText({ status }: ResponseModel, exact: ReadonlySet<ResponseModel['status']>): string {
  if (typeof status === 'number') return String(status);
  const range = RANGES[status]?.filter((code) => !exact.has(code)) ?? [];
  return range.length === 0 ? 'number' : range.join(' | ');
}

function method(context: EmitContext, operation: OperationModel, imports: Imports, usage: string | undefined): string {
  const params = paramsType(operation);
  const use = (name: string): void => void imports.own('../types.js', name);
  if (hasParams(operation)) use(params);
  const result = resultAlias(context.model, operation) ?? typeText(operation.resultType, use);
  const descriptor = imports.own('../operations.js', constantName(operation), 'value');
  const first = hasParams(operation) ? [needsParams(operation) ? `params: ${params}` : `params: ${params} = {}`] : [];
  const given = [...first, `options?: ${imports.type('fuseline', 'CallOptions')}<${result}, ${params}>`];
  const returns = `${imports.type('fuseline', 'ApiPromise')}<${result}, ${errorName(operation)}>`;
  const flat = `  ${memberName(operation.name)}(${given.join(', ')}): ${returns} {`;
  const start =
    flat.length <= WIDTH ? flat : `  ${memberName(operation.name)}(\n${given.map((param) => `    ${param},\n`).join('')}  ): ${returns} {`;
  const call = `    return this.#client.call(${descriptor}, ${hasParams(operation) ? 'params' : 'undefined'}, options);`;
  return `${methodDoc(context, operation, usage)}${start}\n${call}\n  }\n`;
}

function methodDoc(context: EmitContext, operation: OperationModel, usage: string | undefined): string {
  const summary = operation.summary === undefined ? [] : commentLines(operation.summary);
  const description = operation.description === undefined ? [] : commentLines(operation.description);
  const told = description.join(' ') === summary.join(' ') ? [] : description;
  const lines = [...summary];
  if (told.length > 0) lines.push(...(lines.length > 0 ? [''] : []), ...told.slice(0, DESCRIPTION_LINES));
  if (told.length > DESCRIPTION_LINES) lines.push('…');
  if (lines.length > 0) lines.push('');
  lines.push(
    [
      `\`${operation.method} ${commentLine(operation.path).replaceAll('`', "'")}\``,
      ...policyHints(context.model, context.policies, operation),
    ].join(' · '),
  );
  if (usage !== undefined) lines.push(`@example ${commentLine(usage)}`);
  lines.push(`@throws {${errorName(operation)} | TimeoutError | CircuitOpenError}`);
  if (operation.deprecated) lines.push('@deprecated');
  return jsDoc(lines, '  ');
}
