import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { asList, asObject, isObject, type JsonObject } from './json.js';
import { type OpenApiDocument, parameterNames, readDocument } from './openapi.js';
import { type Path, type Place, Places } from './vendor-sets-places.js';

/** A fault that a document has: what the generator must say of it once, and where. */
export interface Fault {
  readonly code: string;
  /** Absolute. */
  readonly file: string;
  /** Any of these: a reference that leads nowhere may be written many times. */
  readonly places: readonly Place[];
}

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];
const TYPES = ['string', 'number', 'integer', 'boolean', 'object', 'array', 'null'];
/** Keywords that give an object a shape of its own. */
const SHAPED = ['additionalProperties', 'patternProperties', 'allOf', 'anyOf', 'oneOf', 'const', 'not'];

/** Finds the faults of a set of documents by other means than the generator's: what its repairs are compared with. */
export class FaultFinder {
  readonly #faults: Fault[] = [];
  readonly #dangling = new Map<string, { file: string; places: Place[] }>();
  readonly #documents = new Map<string, OpenApiDocument>();
  readonly #places = new Map<string, Places>();
  readonly #seen = new Set<string>();

  /** @param files - the listed documents, absolute; those that they refer to are read as well */
  static find(files: readonly string[]): Fault[] {
    const finder = new FaultFinder();
    for (const file of files) finder.#document(finder.#read(file));
    const dangling = [...finder.#dangling.values()].map((found) => ({ code: 'dangling-ref', ...found }));
    return [...finder.#faults, ...dangling];
  }

  #document(document: OpenApiDocument): void {
    for (const name of Object.keys(asObject(asObject(document.root['components'])['schemas']))) {
      this.#schema(document, ['components', 'schemas', name]);
    }
    for (const [path, item] of Object.entries(asObject(document.root['paths']))) {
      for (const method of METHODS) if (isObject(asObject(item)[method])) this.#operation(document, path, method, asObject(item));
    }
  }

  #operation(document: OpenApiDocument, path: string, method: string, item: JsonObject): void {
    const at = ['paths', path, method];
    const operation = asObject(item[method]);
    const declared = new Set<unknown>();
    for (const base of [at.slice(0, 2), at]) {
      const holder = asObject(base === at ? operation : item);
      asList(holder['parameters']).forEach((_, index) => {
        const parameter = this.#follow(document, [...base, 'parameters', String(index)]);
        if (parameter === undefined) return;
        const { name, in: place, required } = asObject(valueAt(parameter.document.root, parameter.path));
        if (place === 'path') declared.add(name);
        if (place === 'path' && required !== true && this.#first(parameter, 'required')) {
          const key = required === undefined ? parameter.path : [...parameter.path, 'required'];
          this.#faults.push({
            code: 'path-parameter-not-required',
            file: parameter.document.file,
            places: [this.#placesOf(parameter.document)[required === undefined ? 'key' : 'value'](key)],
          });
        }
        this.#holder(parameter.document, parameter.path);
      });
    }
    for (const name of parameterNames(path)) {
      if (!declared.has(name)) this.#add('undeclared-path-parameter', document, at, 'key');
    }
    if (operation['requestBody'] !== undefined) this.#followed(document, [...at, 'requestBody']);
    for (const status of Object.keys(asObject(operation['responses']))) this.#followed(document, [...at, 'responses', status]);
  }

  #followed(document: OpenApiDocument, path: Path): void {
    const target = this.#follow(document, path);
    if (target !== undefined) this.#holder(target.document, target.path);
  }

  /** A parameter, body or response: schemas stand in it or in its media types. */
  #holder(document: OpenApiDocument, path: Path): void {
    const { schema, content } = asObject(valueAt(document.root, path));
    if (schema !== undefined) this.#schema(document, [...path, 'schema']);
    for (const type of Object.keys(asObject(content))) {
      // XML beside JSON is never asked for, so its schema is not read.
      if (!type.endsWith('/xml') && asObject(asObject(content)[type])['schema'] !== undefined)
        this.#schema(document, [...path, 'content', type, 'schema']);
    }
  }

  #schema(document: OpenApiDocument, path: Path): void {
    const node = valueAt(document.root, path);
    if (!isObject(node) || !this.#first({ document, path }, 'schema')) return;
    const old = String(document.root['openapi']).startsWith('3.0');
    if (typeof node['$ref'] === 'string') {
      const target = this.#target(document, path);
      if (target !== undefined) this.#schema(target.document, target.path);
      if (old) return;
    }
    const { type, items, prefixItems } = node;
    if (typeof type === 'string' && !TYPES.includes(type)) this.#add('invalid-type', document, [...path, 'type'], 'value');
    if (type === 'array' && old && items === undefined && prefixItems === undefined)
      this.#add('array-without-items', document, path, 'key');
    this.#enum(document, path, node);
    this.#object(document, path, node);
    for (const key of ['properties', 'patternProperties']) {
      for (const name of Object.keys(asObject(node[key]))) this.#schema(document, [...path, key, name]);
    }
    for (const key of ['items', 'additionalProperties', 'not']) this.#schema(document, [...path, key]);
    for (const key of ['allOf', 'anyOf', 'oneOf', 'prefixItems']) {
      asList(node[key]).forEach((_, index) => void this.#schema(document, [...path, key, String(index)]));
    }
  }

  #enum(document: OpenApiDocument, path: Path, { enum: list, type }: JsonObject): void {
    let values = asList(list);
    const [inner] = values;
    if (values.length === 1 && Array.isArray(inner) && type !== 'array') {
      this.#add('invalid-enum', document, [...path, 'enum'], 'key');
      values = inner;
    }
    if (new Set(values.map((value) => JSON.stringify(value))).size < values.length) {
      this.#add('duplicate-enum-value', document, [...path, 'enum'], 'key');
    }
    const [first] = values;
    if (type === 'number' && typeof first === 'string') this.#add('widened-type', document, path, 'key');
  }

  /** An object of which nothing is said but an example that is none, or that it has no properties. */
  #object(document: OpenApiDocument, path: Path, node: JsonObject): void {
    const { type, properties, example } = node;
    if (type !== 'object' || Object.keys(asObject(properties)).length > 0 || 'enum' in node) return;
    if (SHAPED.some((key) => key in node)) return;
    const written = typeof example === 'string' && example.trimStart().startsWith('{');
    if (example !== undefined && example !== null && !isObject(example) && !written) {
      this.#add('widened-type', document, [...path, 'example'], 'value');
    } else if (properties !== undefined) this.#add('empty-object', document, path, 'key');
  }

  #follow(document: OpenApiDocument, path: Path): Spot | undefined {
    let here: Spot | undefined = { document, path };
    while (here !== undefined && typeof asObject(valueAt(here.document.root, here.path))['$ref'] === 'string') {
      here = this.#target(here.document, here.path);
    }
    return here;
  }

  /** Where the reference at a path leads; where it leads nowhere, that is noted. */
  #target(document: OpenApiDocument, path: Path): Spot | undefined {
    const ref = String(asObject(valueAt(document.root, path))['$ref']);
    const [name = '', pointer = ''] = ref.split('#');
    let file = name === '' ? document.file : resolve(dirname(document.file), name);
    if (!existsSync(file)) {
      this.#lost(document, path, name);
      file = resolve(dirname(document.file), name.replace('../', ''));
      if (!existsSync(file)) return undefined;
    }
    const target = { document: this.#read(file), path: pointer.split('/').slice(1) };
    if (valueAt(target.document.root, target.path) !== undefined) return target;
    this.#lost(document, path, ref);
    return undefined;
  }

  /** Told once for a document, wherever in it. */
  #lost(document: OpenApiDocument, path: Path, what: string): void {
    const key = `${document.file} ${what}`;
    const found = this.#dangling.get(key) ?? { file: document.file, places: [] };
    found.places.push(this.#placesOf(document).value([...path, '$ref']));
    this.#dangling.set(key, found);
  }

  #add(code: string, document: OpenApiDocument, path: Path, anchor: 'key' | 'value'): void {
    this.#faults.push({ code, file: document.file, places: [this.#placesOf(document)[anchor](path)] });
  }

  #first({ document, path }: Spot, what: string): boolean {
    const key = JSON.stringify([what, document.file, ...path]);
    if (this.#seen.has(key)) return false;
    this.#seen.add(key);
    return true;
  }

  #read(file: string): OpenApiDocument {
    const document = this.#documents.get(file) ?? readDocument(file);
    this.#documents.set(file, document);
    return document;
  }

  #placesOf({ file }: OpenApiDocument): Places {
    const places = this.#places.get(file) ?? new Places(file);
    this.#places.set(file, places);
    return places;
  }
}

interface Spot {
  readonly document: OpenApiDocument;
  readonly path: Path;
}

function valueAt(root: unknown, path: Path): unknown {
  return path.reduce((value: unknown, step) => (Array.isArray(value) ? value[Number(step)] : asObject(value)[step]), root);
}
