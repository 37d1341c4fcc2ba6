import { JSON_CONTENT_TYPE } from '../../model/kinds.js';
import type { OperationModel } from '../../model/types.js';
import { commentLine, jsDoc, stringLiteral } from '../code/escape.js';
import type { Imports } from '../code/imports.js';
import { Code, literal } from '../code/literal.js';
import { sourceText } from '../code/source.js';
import { type EmitContext, importsOf } from '../context.js';
import { type Examples, statusOf } from '../examples/examples.js';
import { constantName, lowerFirst, operationsOf } from '../names.js';
import { importedResult } from '../result-type.js';
import { comparePaths, mswPath } from './msw-path.js';
import { mswFunctions, mswTypes } from './msw-support.js';

/** Writes `msw.ts`: MSW handlers for every operation, with example data that satisfies the schemas. */
export function emitMsw(context: EmitContext, examples: Examples): string {
  const { model, names } = context;
  const imports = importsOf(context);
  imports.value('msw', 'HttpHandler');
  imports.value('msw', 'HttpResponse');
  const constants = new ExampleConstants(context, imports);
  const result = (operation: OperationModel): string => importedResult(model, operation, imports);
  const properties = operationsOf(model).map((operation) => {
    const doc = jsDoc([`\`${operation.method} ${commentLine(operation.path).replaceAll('`', "'")}\``], '  ');
    return `${doc}  readonly ${constantName(operation)}: ${names.typePrefix}Mock<${result(operation)}>;\n`;
  });
  const sorted = [...operationsOf(model)].sort(
    (a, b) => comparePaths(a.path, b.path) || (a.method < b.method ? -1 : a.method > b.method ? 1 : 0),
  );
  const entries = sorted.map(
    (operation) => `    ${constantName(operation)}: ${mockCall(operation, result(operation), examples, constants)},\n`,
  );
  const base = model.baseUrl ?? '*';
  const mocks = `${names.typePrefix}Mocks`;
  const anywhere = model.baseUrl === undefined ? 'any server' : 'the servers of the document';
  const declarations = [
    mswTypes(names),
    `${jsDoc([`One mock per operation of \`${names.client}\`.`])}export interface ${mocks} {\n${properties.join('')}}`,
    ...constants.statements,
    `${jsDoc([`Mocks for a server at \`baseUrl\`. Default: ${anywhere}.`])}export function ${names.prefix}MocksAt(baseUrl?: string): ${mocks} {
  const at = (path: string, server = ${stringLiteral(base)}): string => (baseUrl?.replace(/\\/+$/, '') ?? server) + path;
  return {
${entries.join('')}  };
}`,
    `${jsDoc([
      model.baseUrl === undefined ? 'Mocks for any server.' : `Mocks for ${commentLine(model.baseUrl)}.`,
      '',
      '@example',
      `mock.use(${names.prefix}Mocks.${constantName(sorted[0] ?? firstOperation(context))}.error(503));`,
    ])}export const ${names.prefix}Mocks: ${mocks} = ${names.prefix}MocksAt();`,
    `${jsDoc(['Handlers for all operations. Each answers with its example. If paths overlap, the more specific path comes first.'])}export function ${names.prefix}Handlers(baseUrl?: string): HttpHandler[] {
  const mocks: ${mocks} = ${names.prefix}MocksAt(baseUrl);
  return Object.values(mocks).map((mockOf: () => HttpHandler) => mockOf());
}`,
    mswFunctions(names),
  ];
  return sourceText({ header: context.header, imports: imports.structures(), declarations });
}

function firstOperation({ model }: EmitContext): OperationModel {
  const [first] = operationsOf(model);
  if (first === undefined) throw new Error(`The service ${model.name} has no operation`);
  return first;
}

function mockCall(operation: OperationModel, result: string, examples: Examples, constants: ExampleConstants): string {
  const { status, value, contentType, headers } = examples.answer(operation);
  const errors = operation.responses.filter(({ success, schema }) => !success && schema !== undefined);
  const answer = {
    status,
    example: value === undefined ? new Code('undefined') : constants.result(operation, result, value),
    contentType: value === undefined || contentType === JSON_CONTENT_TYPE ? undefined : contentType,
    headers,
    errors:
      errors.length === 0
        ? undefined
        : Object.fromEntries(
            errors.map((response) => [
              statusOf(response.status, 500),
              response.type.kind === 'schema'
                ? constants.error(response.type.name, () => examples.body(operation, response))
                : examples.body(operation, response),
            ]),
          ),
  };
  const server = operation.server === undefined ? '' : `, ${stringLiteral(operation.server.replace(/\/+$/, ''))}`;
  const url = `at(${stringLiteral(mswPath(operation.path))}${server})`;
  const start = `mock<${result}>(${stringLiteral(operation.method)}, ${url}, `;
  return `${start}${literal(answer, start.length + constantName(operation).length + 8, '    ')})`;
}

/** Declares example data as constants: one per type, shared by the operations with that type. */
class ExampleConstants {
  readonly statements: string[] = [];
  readonly #byType = new Map<string, Code>();

  constructor(
    private readonly context: EmitContext,
    private readonly imports: Imports,
  ) {}

  result(operation: OperationModel, type: string, value: unknown): unknown {
    if (value instanceof Uint8Array || operation.resultType.kind === 'builtin') return value;
    const named = operation.resultType.kind === 'schema';
    return this.#constant(named ? type : `${operation.typeName}Result`, type, () => value);
  }

  error(type: string, make: () => unknown): unknown {
    this.imports.own('./types.js', type);
    return this.#constant(type, type, make);
  }

  #constant(key: string, type: string, make: () => unknown): Code {
    const known = this.#byType.get(key);
    if (known !== undefined) return known;
    let name = `${lowerFirst(key)}Example`;
    while (this.context.declared.has(name)) name += '_';
    const start = `const ${name}: ${type} = `;
    const code = new Code(name);
    this.#byType.set(key, code);
    this.statements.push(`${start}${literal(make(), start.length)};`);
    return code;
  }
}
