import { StructureKind } from 'ts-morph';
import type { SecurityDescriptor } from '../../../runtime/call/client/descriptor.js';
import { commentLine, identifier, jsDoc, memberName, propertyName, stringLiteral } from '../code/escape.js';
import { Code, literal } from '../code/literal.js';
import { sourceText } from '../code/source.js';
import { type EmitContext, importsOf } from '../context.js';
import { namedCredentials } from '../credentials.js';
import { hasParams, operationsOf, paramsType } from '../names.js';
import { importedResult } from '../result-type.js';
import { credentialsType } from './credentials-type.js';

const WIDTH = 140;

/** Writes `client.ts`: the client class with its namespaces, its options, and the service's definition. */
export function emitClient(context: EmitContext): string {
  const { model, names } = context;
  const imports = importsOf(context);
  const fallback = imports.type('fuseline', 'Fallback');
  const fallbacks = operationsOf(model).map((operation) => {
    if (hasParams(operation)) imports.own('./types.js', paramsType(operation));
    const result = importedResult(model, operation, imports);
    const start = `  readonly ${propertyName(operation.id)}?:`;
    const type = `${fallback}<${result}, ${paramsType(operation)}>`;
    const flat = `${start} ${type} | false;\n`;
    return flat.length <= WIDTH + 1 ? flat : `${start}\n    | ${type}\n    | false;\n`;
  });
  const clientOptions = imports.type('fuseline', 'ClientOptions');
  const serviceClient = imports.value('fuseline', 'ServiceClient');
  const definition = imports.type('fuseline', 'ServiceDefinition');
  imports.own('./config.js', names.policies, 'value');
  const namespaces = model.namespaces.map(({ name, className, description }) => {
    imports.own(`./namespaces/${name}.js`, identifier(className), 'value');
    return { name: memberName(name), className, doc: description === undefined ? [] : [commentLine(description)] };
  });
  const credentials = credentialsType(model, (name) => imports.type('fuseline', name));
  const types = {
    fallbacks: `${names.typePrefix}Fallbacks`,
    id: `${names.typePrefix}OperationId`,
    options: `${names.client}Options`,
  };
  const service = {
    name: model.name,
    baseUrl: model.baseUrl,
    security: model.security,
    policies: new Code(names.policies),
    load: new Code('(file: string) => import(/* webpackIgnore: true */ /* @vite-ignore */ file)'),
  };
  const title = commentLine(model.title) || model.name;
  const declarations = [
    `${jsDoc(serverDoc(context, title))}export const ${names.service}: ${definition} = ${literal(service, 200)};`,
    `${jsDoc(['Fallbacks by operation id. Each overrides the fallback in the YAML. `false` turns that fallback off.'])}export interface ${types.fallbacks} {\n${fallbacks.join('')}}`,
    `${jsDoc(['Ids of all operations, as in the breaker YAML.'])}export type ${types.id} = keyof ${types.fallbacks};`,
    `${jsDoc([`Options of \`${names.client}\`. Each overrides the environment and the YAML.`])}export interface ${types.options} extends ${clientOptions} {\n${credentials}  readonly fallbacks?: ${types.fallbacks} | undefined;\n}`,
    classText(context, title, serviceClient, types, namespaces),
  ];
  const descriptors = { kind: StructureKind.ImportDeclaration, moduleSpecifier: './operations.js', namespaceImport: 'operations' } as const;
  return sourceText({ header: context.header, imports: [...imports.structures(), descriptors], declarations });
}

function serverDoc({ model }: EmitContext, title: string): string[] {
  const lines = [`${title}.`];
  if (model.baseUrl === undefined) lines.push('', 'The document names no server: give the client a `baseUrl`.');
  if (model.otherServers.length > 0) {
    lines.push('', 'Other servers, for the `baseUrl` option:');
    for (const { url, description } of model.otherServers) {
      lines.push(`- ${commentLine(url)}${description === undefined ? '' : `: ${commentLine(description)}`}`);
    }
  }
  return lines;
}

interface NamespaceProperty {
  readonly name: string;
  readonly className: string;
  readonly doc: readonly string[];
}

function classText(
  { model, names }: EmitContext,
  title: string,
  base: string,
  types: { readonly options: string; readonly id: string },
  namespaces: readonly NamespaceProperty[],
): string {
  const doc = jsDoc([
    `Client of ${title}. Every operation has a circuit breaker, timeouts and retries, and a fallback if the breaker YAML or \`fallbacks\` names one.`,
    '',
    '@example',
    `const ${names.variable} = new ${names.client}({ ${exampleOptions(model.security[0], model.baseUrl)} });`,
  ]);
  const properties = namespaces
    .map(({ name, className, doc: lines }) => `${jsDoc(lines, '  ')}  readonly ${name}: ${className};\n`)
    .join('');
  const assignments = namespaces.map(({ name, className }) => `    this.${name} = new ${className}(this);\n`).join('');
  return `${doc}export class ${names.client} extends ${base}<${types.options}, ${types.id}> {
${properties}${properties === '' ? '' : '\n'}  constructor(options: ${types.options} = {}) {
    super(${names.service}, options, operations);
${assignments}  }
}`;
}

function exampleOptions(security: SecurityDescriptor | undefined, baseUrl: string | undefined): string {
  const options: string[] = [];
  if (baseUrl === undefined) options.push(`baseUrl: ${stringLiteral('https://api.example.com')}`);
  if (security?.type === 'basic') options.push('credentials: { username, password }');
  else if (security?.type === 'all') options.push(namedCredentials(security, '…'));
  else if (security !== undefined) options.push('token');
  return options.length === 0 ? 'onEvent: console.log' : options.join(', ');
}
