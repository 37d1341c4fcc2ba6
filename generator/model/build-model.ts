import type { Diagnostic } from '../../runtime/config/diagnostic.js';
import { Cursor } from '../read/cursor.js';
import { own, text } from '../read/json.js';
import type { Refs } from '../read/refs.js';
import { clientWord } from './names/client-word.js';
import { NameRegistry } from './names/name-registry.js';
import { className } from './names/namespace-name.js';
import { RESERVED_CONSTANTS, RESERVED_TYPES } from './names/reserved.js';
import { assignNames, type PlaceOfName } from './operation/assign-names.js';
import { type BuiltOperation, buildOperation } from './operation/build-operation.js';
import { deriveNamespaces } from './operation/namespaces.js';
import { rawOperations } from './operation/raw-operation.js';
import { reportReserved } from './operation/report-reserved.js';
import { SchemaBundle } from './schema/bundle.js';
import { openCircles } from './schema/circles.js';
import { SchemaConverter } from './schema/convert-schema.js';
import { nameSchemas } from './schema/name-schemas.js';
import { targetName } from './schema/target-name.js';
import { commonSecurity, commonServers } from './service-defaults.js';
import type { JsonSchema, NamespaceModel, ServiceModel } from './types.js';

export interface BuildInput {
  readonly service: string;
  readonly names: Readonly<Record<string, string>>;
  readonly lock: Readonly<Record<string, string>>;
  readonly placeOfName: PlaceOfName;
}

export interface BuiltModel {
  readonly model: ServiceModel;
  /** Faults in `names` of the input. */
  readonly diagnostics: readonly Diagnostic[];
  /** True if every operation already has the name that it will have when all faults are fixed. */
  readonly named: boolean;
}

/** Makes the model of one service from its documents. Also makes it from documents with faults, so that all faults are found in one run. */
export function buildModel(refs: Refs, input: BuildInput): BuiltModel {
  const documents = refs.documents.listed;
  const reporter = refs.documents.reporter;
  const bundle = new SchemaBundle();
  const converter = new SchemaConverter(refs, bundle);
  const { operations: raws, complete } = rawOperations(refs);
  const derived = deriveNamespaces(raws, documents, input.service);
  const { names: given, diagnostics } = assignNames({ ...input, operations: raws, namespaceOf: derived.of });

  for (const document of documents) {
    for (const at of Cursor.root(document).child('components').child('schemas').entries()) bundle.entry(at, targetName(at), document);
  }

  const infos = documents.map((document) => own(document.root, 'info'));
  const titles = infos.flatMap((info) => text(own(info, 'title')) ?? []);
  const word = clientWord(input.service, titles);
  const names = serviceNames(word);
  const servers = commonServers(documents, reporter);
  const security = commonSecurity(raws, refs);
  reportReserved({ given, chosen: input.names, derived, reporter });
  const constants = new NameRegistry(RESERVED_CONSTANTS);
  const built = new Map<string, BuiltOperation[]>();
  const taken = new NameRegistry();
  const named = raws.flatMap((raw) => {
    const name = given.get(raw);
    return name === undefined ? [] : [{ raw, name, typeName: typeNameFor(name, taken, constants) }];
  });
  for (const { typeName } of named) for (const kind of ['Params', 'Body', 'Result', 'Error']) names.take(typeName + kind);
  const classNames = new Map(
    [...new Set(named.map(({ name }) => name.namespace))].sort().map((namespace) => [namespace, names.claim(className(namespace))]),
  );
  for (const { raw, name, typeName } of named) {
    const operation = buildOperation({ raw, name, typeName, converter, names, baseUrl: servers.baseUrl, security: security.of(raw) });
    built.set(name.namespace, [...(built.get(name.namespace) ?? []), operation]);
  }
  bundle.drain((entry) => converter.convert(entry.at));
  openCircles(bundle, reporter);
  const entries = nameSchemas({ bundle, reporter, names, prefix: word, stems: derived.stems });

  const ownSchemas = [...built.values()].flat().flatMap((operation) => operation.ownSchemas);
  const schemas: [string, JsonSchema][] = [
    ...entries.map((entry): [string, JsonSchema] => [entry.name, entry.schema]),
    ...ownSchemas.map(({ name, schema }): [string, JsonSchema] => [name, schema]),
  ];
  const namespaces: NamespaceModel[] = [...built.keys()].sort().map((name) => ({
    name,
    className: classNames.get(name) ?? className(name),
    description: derived.descriptions.get(name),
    operations: (built.get(name) ?? []).map((operation) => operation.finish()),
  }));
  const versions = [...new Set(infos.flatMap((info) => (own(info, 'version') === undefined ? [] : [String(own(info, 'version'))])))];
  const model: ServiceModel = {
    name: input.service,
    clientName: `${word}Client`,
    title: titles.length === 1 ? (titles[0] ?? word) : word,
    description: documents.length === 1 ? text(own(infos[0], 'description')) : undefined,
    version: versions.join(', '),
    baseUrl: servers.baseUrl,
    otherServers: servers.others,
    security: security.service,
    namespaces,
    schemas: Object.fromEntries(schemas.sort(([a], [b]) => (a < b ? -1 : 1))),
    diagnostics: [],
  };
  return { model, diagnostics, named: complete && diagnostics.length === 0 };
}

/** The names that generated modules export or import, apart from the types of schemas. */
function serviceNames(word: string): NameRegistry {
  const names = new NameRegistry(RESERVED_TYPES);
  for (const kind of ['Client', 'ClientOptions', 'Fallbacks', 'OperationId', 'Service', 'Policies', 'Handlers']) names.take(word + kind);
  return names;
}

function typeNameFor({ namespace, name }: { namespace: string; name: string }, taken: NameRegistry, constants: NameRegistry): string {
  const pascal = (part: string): string => part.charAt(0).toUpperCase() + part.slice(1);
  const wanted = pascal(namespace) + pascal(name);
  let found = taken.claim(wanted);
  // The constant has the same name with a lower-case first letter.
  while (constants.has(found.charAt(0).toLowerCase() + found.slice(1))) found = taken.claim(`${wanted}Operation`);
  constants.take(found);
  return found;
}
