import type { ParamStyle } from '../../../runtime/call/client/descriptor.js';
import { quote } from '../../../runtime/config/quote.js';
import { nearest } from '../../../runtime/errors/nearest.js';
import type { Cursor } from '../../read/cursor.js';
import { isObject, own, text } from '../../read/json.js';
import type { Reporter } from '../../read/reporter.js';
import type { SchemaConverter } from '../schema/convert-schema.js';
import type { JsonSchema, ParamModel } from '../types.js';
import type { RawOperation } from './raw-operation.js';

/** A parameter as the document declares it, before it has a key. */
export interface WireParam extends Omit<ParamModel, 'key'> {
  readonly at: Cursor;
}

const PLACES = ['path', 'query', 'header', 'cookie'] as const;
const STYLES: readonly string[] = ['simple', 'form', 'spaceDelimited', 'pipeDelimited', 'deepObject'];

/** Returns the names between braces in a path template, each once. */
export function placeholders(path: string): string[] {
  return [...new Set([...path.matchAll(/\{([^{}]+)\}/g)].map((match) => match[1] ?? ''))];
}

/**
 * Reads the parameters of an operation and of its path. Those of the operation override those of the path. Adds parameters for placeholders
 * of the path that none declares.
 */
export function readParameters(raw: RawOperation, converter: SchemaConverter): WireParam[] {
  const reporter = converter.refs.documents.reporter;
  const wanted = placeholders(raw.path);
  const found = new Map<string, WireParam>();
  for (const list of [raw.item.child('parameters'), raw.at.child('parameters')]) {
    if (list.value !== undefined && !Array.isArray(list.value)) {
      reporter.fault(list, {
        code: 'invalid-parameters',
        message: `Expected \`parameters\` to be a list, found ${quote(list.value)}`,
        done: 'left out',
      });
    }
    const own = new Set<string>();
    for (const item of list.items()) {
      const at = converter.refs.follow(item, 'left out');
      const param = at && readParameter(at, raw.path, wanted, converter);
      if (param === undefined) continue;
      // Header names are case-insensitive.
      const key = `${param.in} ${param.in === 'header' ? param.wire.toLowerCase() : param.wire}`;
      if (own.has(key)) {
        reporter.fault(item, {
          code: 'duplicate-parameter',
          message: `The ${param.in} parameter ${quote(param.wire)} is declared twice`,
          done: 'read as declared first',
        });
        continue;
      }
      own.add(key);
      found.set(key, param);
    }
  }
  const declared = [...found.values()].filter((param) => param.in === 'path').map((param) => param.wire);
  for (const name of wanted) {
    if (declared.includes(name)) continue;
    const close = nearest(name, namesOfPathParameters(raw, converter, wanted));
    reporter.fault(raw.at, {
      code: 'undeclared-path-parameter',
      message: `The path ${quote(raw.path)} has the parameter ${quote(name)}, which \`parameters\` does not declare`,
      hint: close === undefined ? undefined : `Did you mean ${quote(close)}?`,
      done: 'declared as a required string',
      once: `${raw.key} ${name}`,
    });
    found.set(`path ${name}`, { ...NOTHING, at: raw.at, wire: name, in: 'path', required: true, schema: { type: 'string' } });
  }
  return sorted([...found.values()], wanted);
}

const NOTHING = { description: undefined, deprecated: false, style: undefined, explode: undefined, allowReserved: false } as const;

/** Puts path parameters first, in the order of the path. The others keep their order. */
function sorted(params: WireParam[], wanted: readonly string[]): WireParam[] {
  const inPath = params.filter((param) => param.in === 'path').sort((a, b) => wanted.indexOf(a.wire) - wanted.indexOf(b.wire));
  return [...inPath, ...params.filter((param) => param.in !== 'path')];
}

/** Returns declared path parameters that the path does not contain. One of them may be the correct name of a misspelt placeholder. */
function namesOfPathParameters(raw: RawOperation, converter: SchemaConverter, wanted: readonly string[]): string[] {
  return [raw.item, raw.at]
    .flatMap((holder) => holder.child('parameters').items())
    .map((item) => converter.refs.follow(item, 'left out')?.value)
    .filter((value) => own(value, 'in') === 'path')
    .map((value) => String(own(value, 'name')))
    .filter((name) => !wanted.includes(name));
}

function readParameter(at: Cursor, path: string, wanted: readonly string[], converter: SchemaConverter): WireParam | undefined {
  const reporter = converter.refs.documents.reporter;
  const wire = text(own(at.value, 'name'));
  if (!isObject(at.value) || wire === undefined) {
    reporter.fault(at, { code: 'invalid-parameter', message: 'Expected a parameter to be a mapping with a `name`', done: 'left out' });
    return undefined;
  }
  const place = readPlace(at, wire, wanted, reporter);
  if (place === undefined) return undefined;
  if (place === 'path') {
    if (!wanted.includes(wire)) {
      const close = nearest(wire, wanted);
      reporter.fault(at.child('name'), {
        code: 'path-parameter-not-in-path',
        message: `The path parameter ${quote(wire)} does not occur in the path ${quote(path)}`,
        hint: close === undefined ? undefined : `Did you mean ${quote(close)}?`,
        done: 'left out',
        once: `${at.id} ${path}`,
      });
      return undefined;
    }
    if (own(at.value, 'required') !== true) {
      const required = at.child('required');
      reporter.fault(required.value === undefined ? at.child('name') : required, {
        code: 'path-parameter-not-required',
        message: `Expected \`required: true\` for the path parameter ${quote(wire)}, found ${required.value === undefined ? 'none' : quote(required.value)}`,
        done: 'read as required',
      });
    }
  }
  if (place === 'header' && !/^[\w!#$%&'*+.^`|~-]+$/.test(wire)) {
    reporter.fault(at.child('name'), {
      code: 'invalid-header-name',
      message: `Expected the name of a header, found ${quote(wire)}`,
      done: 'left out',
    });
    return undefined;
  }
  const explode = own(at.value, 'explode');
  const json = own(at.value, 'content') !== undefined && own(at.value, 'schema') === undefined;
  return {
    at,
    wire,
    in: place,
    required: place === 'path' || own(at.value, 'required') === true,
    description: text(own(at.value, 'description')),
    deprecated: own(at.value, 'deprecated') === true,
    schema: readSchema(at, converter),
    style: json ? 'json' : readStyle(at, place, reporter),
    explode: typeof explode === 'boolean' ? explode : undefined,
    allowReserved: own(at.value, 'allowReserved') === true,
  };
}

function readPlace(at: Cursor, wire: string, wanted: readonly string[], reporter: Reporter): WireParam['in'] | undefined {
  const place = own(at.value, 'in');
  const known = PLACES.find((name) => name === place);
  if (known !== undefined) return known;
  const close = typeof place === 'string' ? nearest(place, PLACES) : undefined;
  const meant = wanted.includes(wire) ? 'path' : PLACES.find((name) => name === close);
  reporter.fault(place === undefined ? at : at.child('in'), {
    code: 'invalid-parameter-place',
    message: `Expected \`in\` of the parameter ${quote(wire)} to be one of ${PLACES.join(', ')}, found ${place === undefined ? 'none' : quote(place)}`,
    hint: meant === undefined ? undefined : `Did you mean "${meant}"?`,
    done: meant === undefined ? 'left out' : `read as "${meant}"`,
  });
  return meant;
}

function readStyle(at: Cursor, place: WireParam['in'], reporter: Reporter): ParamStyle | undefined {
  const style = own(at.value, 'style');
  if (style === undefined) return undefined;
  const known = typeof style === 'string' && STYLES.includes(style) ? (style as ParamStyle) : undefined;
  if (known === undefined) {
    const close = typeof style === 'string' ? nearest(style, STYLES) : undefined;
    reporter.fault(at.child('style'), {
      code: 'unsupported-style',
      message: `Expected \`style\` to be one of ${STYLES.join(', ')}, found ${quote(style)}`,
      hint: close === undefined ? undefined : `Did you mean "${close}"?`,
      done: 'read as the default',
    });
  }
  const normal = place === 'path' || place === 'header' ? 'simple' : 'form';
  return known === normal ? undefined : known;
}

function readSchema(at: Cursor, converter: SchemaConverter): JsonSchema {
  const schema = at.child('schema');
  const content = at.child('content').entries()[0]?.child('schema');
  const reporter = converter.refs.documents.reporter;
  let found: JsonSchema = { type: 'string' };
  if (schema.value !== undefined) found = converter.convert(schema);
  else if (content?.value !== undefined) found = converter.convert(content);
  else if (at.child('content').value === undefined) {
    const type = own(at.value, 'type');
    const usable = typeof type === 'string' && /^(string|number|integer|boolean)$/.test(type) ? type : 'string';
    reporter.fault(at, {
      code: 'parameter-without-schema',
      message: `Expected a \`schema\` for the parameter ${quote(own(at.value, 'name'))}, found none`,
      done: `read as a ${usable}`,
    });
    found = { type: usable };
  }
  const example = own(at.value, 'example');
  return example === undefined ? found : converter.bundle.annotated(found, { example });
}
