import openapiTS from 'openapi-typescript';
import ts from 'typescript';
import { BYTES_SCHEMA, isBytes } from '../../model/kinds.js';
import type { JsonSchema, ServiceModel } from '../../model/types.js';
import { identifier } from '../code/escape.js';
import { Imports } from '../code/imports.js';
import { sourceText } from '../code/source.js';
import { schemaDoc } from './doc.js';
import { declaredByMembers, requiredOfAll } from './required.js';
import { isObject, mapSubschemas, reachable, type SchemaObject } from './schema.js';
import { TypePrinter } from './type-printer.js';

/**
 * Writes `types.ts`: every schema of the service as a named, exported type. openapi-typescript makes one `components` interface of the
 * schemas. Each of its members becomes one declaration.
 */
export async function emitTypes(model: ServiceModel, header: string): Promise<string> {
  const imports = new Imports(new Set(Object.keys(model.schemas)));
  const { document, docs } = prepare(model);
  const nodes = await openapiTS(document as unknown as string, {
    alphabetize: false,
    defaultNonNullable: false,
    emptyObjectsUnknown: true,
    silent: true,
    transform: (schema) => (schema.format === BYTES_SCHEMA.format ? ts.factory.createTypeReferenceNode(FILE_INPUT) : undefined),
  });
  const printer = new TypePrinter({
    declared: new Set(Object.keys(model.schemas)),
    reference: (name) => (name === FILE_INPUT ? imports.type('fuseline', 'FileInput') : identifier(name)),
    doc: (id) => docs[id] ?? [],
  });
  const declarations = schemaMembers(nodes).map((member) => printer.declaration(member));
  return sourceText({ header, imports: imports.structures(), declarations: [...declarations, ...printer.helpers()] });
}

/** No schema can have this name, because it is not an identifier. */
const FILE_INPUT = '#file-input';

/** Returns the document for openapi-typescript, and the JSDoc lines of each schema in it. A number in the document refers to the lines. */
function prepare(model: ServiceModel): { document: object; docs: string[][] } {
  const docs: string[][] = [];
  const requests = reachable(
    model.namespaces.flatMap(({ operations }) =>
      operations.flatMap((operation) => [
        { $ref: `#/components/schemas/${operation.typeName}Params` },
        ...operation.params.map((param) => param.schema),
        ...(operation.body === undefined ? [] : [operation.body.schema]),
      ]),
    ),
    model.schemas,
  );
  const schemas: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(model.schemas)) {
    const upload = requests.has(name);
    schemas[name] = copy(schema, { upload, docs, schemas: model.schemas });
  }
  return { document: { openapi: '3.1.0', info: { title: 'schemas', version: '1' }, paths: {}, components: { schemas } }, docs };
}

/** Keywords that openapi-typescript would write into comments without escaping, or does not need. */
const DROPPED = [
  'title',
  'summary',
  'description',
  'example',
  'examples',
  'default',
  'deprecated',
  'format',
  'xml',
  'externalDocs',
  'discriminator',
  'not',
  '$comment',
  '$defs',
];

interface CopyContext {
  /** True for types of requests: callers may give bytes as `FileInput`. */
  readonly upload: boolean;
  readonly docs: string[][];
  readonly schemas: ServiceModel['schemas'];
}

function copy(schema: JsonSchema, context: CopyContext): JsonSchema {
  if (!isObject(schema)) return schema;
  const { upload, docs, schemas } = context;
  const clean = mapSubschemas(requiredOfAll(schema, schemas), (child) => copy(child, context));
  for (const key of DROPPED) delete clean[key];
  if (upload && isBytes(schema)) clean['format'] = BYTES_SCHEMA.format;
  if (clean['const'] === null) {
    delete clean['const'];
    clean['type'] = 'null';
  }
  declareRequired(clean, declaredByMembers(schema, schemas));
  const doc = schemaDoc(schema);
  const result = composed(clean);
  // A number is safe in a comment.
  if (doc.length > 0) result['description'] = String(docs.push(doc) - 1);
  return result;
}

/**
 * Makes a name that `required` lists and no property declares an optional property of any type. Such a name is more often a misspelling
 * than a property.
 */
function declareRequired(schema: Record<string, unknown>, elsewhere: ReadonlySet<string>): void {
  const { required, properties } = schema;
  if (!Array.isArray(required) || !isObject(properties) || schema['additionalProperties'] === false) return;
  const missing = required.filter(
    (name): name is string => typeof name === 'string' && !Object.hasOwn(properties, name) && !elsewhere.has(name),
  );
  if (missing.length === 0) return;
  const declared: Record<string, unknown> = Object.assign(Object.create(null), properties);
  for (const name of missing) declared[name] = {};
  schema['properties'] = declared;
  // With `allOf`, the names may belong to another member, where they stay required.
  if (!('allOf' in schema)) schema['required'] = required.filter((name) => !missing.includes(name));
}

const SHAPE = ['properties', 'additionalProperties', 'patternProperties', 'allOf'];

/**
 * Rewrites a schema so that openapi-typescript reads it as JSON Schema defines it. openapi-typescript makes `anyOf` beside `properties` a
 * union although both apply, and lets an alternative that only lists `required` allow anything.
 */
function composed(schema: Record<string, unknown>): Record<string, unknown> {
  for (const key of ['anyOf', 'oneOf']) {
    const members = schema[key];
    if (Array.isArray(members) && members.length > 0 && members.every(saysNoType)) delete schema[key];
  }
  if (Array.isArray(schema['anyOf']) && SHAPE.some((key) => key in schema)) {
    const { anyOf, allOf, ...base } = schema;
    const own = Object.keys(base).some((key) => SHAPE.includes(key)) ? [base] : [];
    return { allOf: [...own, ...(Array.isArray(allOf) ? allOf : []), { anyOf }] };
  }
  return schema;
}

const SAYS_TYPE = [
  '$ref',
  'type',
  'properties',
  'additionalProperties',
  'enum',
  'const',
  'allOf',
  'anyOf',
  'oneOf',
  'items',
  'patternProperties',
];

function saysNoType(member: unknown): boolean {
  return isObject(member) && !SAYS_TYPE.some((key) => key in (member as SchemaObject));
}

/** Returns the members of `components['schemas']`. */
function schemaMembers(nodes: readonly ts.Node[]): readonly ts.PropertySignature[] {
  const named = (members: ts.NodeArray<ts.TypeElement>, name: string): ts.TypeElement | undefined =>
    members.find((member) => member.name !== undefined && ts.isIdentifier(member.name) && member.name.text === name);
  for (const node of nodes) {
    if (!ts.isInterfaceDeclaration(node) || node.name.text !== 'components') continue;
    const schemas = named(node.members, 'schemas');
    if (schemas === undefined || !ts.isPropertySignature(schemas) || schemas.type === undefined) continue;
    return ts.isTypeLiteralNode(schemas.type) ? schemas.type.members.filter(ts.isPropertySignature) : [];
  }
  return [];
}
