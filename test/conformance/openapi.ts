import { readFileSync } from 'node:fs';
import { dirname, resolve as resolvePath } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { asList, asObject, asStrings, isObject, type JsonObject } from './json.js';

/** One parsed OpenAPI file. */
export interface OpenApiDocument {
  readonly file: string;
  readonly root: JsonObject;
}

/** A value inside a document; the document is needed to follow its `$ref`s. */
export interface Located {
  readonly value: unknown;
  readonly document: OpenApiDocument;
}

/** A parameter of an operation, path-level ones included. */
export interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
  /** Absent where the document declares none (or only uses it in the path). */
  readonly schema: Located | undefined;
  /** How lists and objects are written, for example `form, exploded`. */
  readonly style: string;
}

/** Media type to schema; no schema where the document gives none. */
export type Content = ReadonlyMap<string, Located | undefined>;

/** What an operation accepts as its body; no content where its reference leads nowhere. */
export interface Body {
  readonly required: boolean;
  readonly content: Content | undefined;
}

/** An operation with its parameters, body and responses found through their references. */
export interface Operation {
  readonly method: string;
  /** The path as sent, the server's base path included. */
  readonly path: string;
  readonly tags: readonly string[];
  readonly parameters: readonly Parameter[];
  readonly body: Body | undefined;
  /** Status code, range (`5XX`) or `default` to its content; no content where its reference leads nowhere. */
  readonly responses: ReadonlyMap<string, Content | undefined>;
  /** References to parameters, bodies and responses that lead nowhere. */
  readonly dangling: readonly string[];
}

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'] as const;

/** Parses a `.json` file as JSON and every other file as YAML. */
export function readDocument(file: string): OpenApiDocument {
  const text = readFileSync(file, 'utf8');
  const root: unknown = file.endsWith('.json') ? JSON.parse(text) : parseYaml(text, { uniqueKeys: false });
  return { file, root: asObject(root) };
}

/** Follows `$ref`s within and across files, reading other files when they are first needed. */
export class Resolver {
  readonly #documents = new Map<string, OpenApiDocument | undefined>();

  /** Follows a chain of `$ref`s to a value that is not a reference; undefined where one leads nowhere. */
  follow(start: Located): Located | undefined {
    let here: Located | undefined = start;
    for (let hops = 0; here !== undefined && hops < 20; hops += 1) {
      const ref: unknown = asObject(here.value).$ref;
      if (typeof ref !== 'string') return here;
      here = this.target(ref, here.document);
    }
    return undefined;
  }

  /** The value that one reference names, seen from a document. */
  target(ref: string, from: OpenApiDocument): Located | undefined {
    const [file = '', pointer = ''] = ref.split('#');
    const document = file === '' ? from : this.#open(resolvePath(dirname(from.file), file));
    if (document === undefined) return undefined;
    let value: unknown = document.root;
    for (const step of pointer.split('/').slice(1)) {
      const key = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
      value = Array.isArray(value) ? value[Number(key)] : asObject(value)[key];
      if (value === undefined) return undefined;
    }
    return { value, document };
  }

  #open(file: string): OpenApiDocument | undefined {
    if (!this.#documents.has(file)) {
      let document: OpenApiDocument | undefined;
      try {
        document = readDocument(file);
      } catch {
        document = undefined;
      }
      this.#documents.set(file, document);
    }
    return this.#documents.get(file);
  }
}

/** The operations that a document declares. */
export function operationsOf(document: OpenApiDocument, resolver: Resolver): Operation[] {
  const operations: Operation[] = [];
  for (const [path, rawItem] of Object.entries(asObject(document.root.paths))) {
    const item = resolver.follow({ value: rawItem, document });
    const values = asObject(item?.value);
    for (const method of methods) {
      if (isObject(values[method]) && item !== undefined) {
        operations.push(operationAt(method, path, values, { value: values[method], document: item.document }, resolver));
      }
    }
  }
  return operations;
}

function operationAt(method: string, path: string, item: JsonObject, { value, document }: Located, resolver: Resolver): Operation {
  const operation = asObject(value);
  const servers = [operation.servers, item.servers, document.root.servers].find((list) => asList(list).length > 0);
  const dangling = new Set<string>();
  const followed = (part: unknown): Located | undefined => {
    const target = resolver.follow({ value: part, document });
    if (target === undefined) dangling.add(String(asObject(part).$ref));
    return target;
  };
  const parameters = new Map<string, Parameter>();
  for (const raw of [...asList(item.parameters), ...asList(operation.parameters)]) {
    const parameter = parameterAt(followed(raw));
    if (parameter !== undefined) parameters.set(`${parameter.in} ${parameter.name}`, parameter);
  }
  for (const name of parameterNames(path)) {
    const key = `path ${name}`;
    if (!parameters.has(key)) {
      parameters.set(key, { name, in: 'path', required: true, schema: undefined, style: 'simple' });
    }
  }
  const body = operation.requestBody === undefined ? undefined : bodyAt(followed(operation.requestBody));
  const responses = Object.entries(asObject(operation.responses)).map(
    ([code, raw]) => [code.toUpperCase().replace('DEFAULT', 'default'), contentOf(followed(raw))] as const,
  );
  return {
    method: method.toUpperCase(),
    path: basePath(servers) + path,
    tags: asStrings(operation.tags),
    parameters: [...parameters.values()],
    body,
    responses: new Map(responses),
    dangling: [...dangling],
  };
}

/** The names between braces in a path, in order. */
export function parameterNames(path: string): string[] {
  return [...path.matchAll(/\{([^}]+)\}/g)].map((match) => match[1] ?? '');
}

function basePath(servers: unknown): string {
  const url = asObject(asList(servers)[0]).url;
  return typeof url === 'string' ? url.replace(/^[a-z]+:\/\/[^/]*/i, '').replace(/\/$/, '') : '';
}

function parameterAt(located: Located | undefined): Parameter | undefined {
  const value = asObject(located?.value);
  if (located === undefined || typeof value.name !== 'string' || typeof value.in !== 'string') return undefined;
  const raw = value.schema ?? asObject(Object.values(asObject(value.content))[0]).schema;
  const style = typeof value.style === 'string' ? value.style : ['query', 'cookie'].includes(value.in) ? 'form' : 'simple';
  const explode = typeof value.explode === 'boolean' ? value.explode : style === 'form';
  return {
    name: value.name,
    in: value.in,
    required: value.required === true || value.in === 'path',
    schema: raw === undefined ? undefined : { value: raw, document: located.document },
    style: explode ? `${style}, exploded` : style,
  };
}

function bodyAt(located: Located | undefined): Body {
  return { required: asObject(located?.value).required === true, content: contentOf(located) };
}

function contentOf(located: Located | undefined): Content | undefined {
  if (located === undefined) return undefined;
  const content = new Map<string, Located | undefined>();
  for (const [type, media] of Object.entries(asObject(asObject(located.value).content))) {
    const schema = asObject(media).schema;
    content.set(
      type.split(';')[0]?.trim().toLowerCase() ?? type,
      schema === undefined ? undefined : { value: schema, document: located.document },
    );
  }
  return content;
}
