import { quote } from '../../../runtime/config/quote.js';
import type { Cursor } from '../../read/cursor.js';
import { isObject, own, text } from '../../read/json.js';
import { BODY_KINDS, bodyKind, exactType, isBytes, preferredBody, preferredResponse, RESPONSE_KINDS, responseKind } from '../kinds.js';
import type { SchemaConverter } from '../schema/convert-schema.js';
import { targetName } from '../schema/target-name.js';
import { parseStatus, statusClass } from '../status-names.js';
import type { BodyModel, JsonSchema, ResponseModel } from '../types.js';
import type { RawOperation } from './raw-operation.js';

/** A body before its type has a name. */
export type WireBody = Omit<BodyModel, 'type'>;
/** A response before its type has a name. */
export type WireResponse = Omit<ResponseModel, 'type'>;

/** Reads the request body in the media type that a client sends. */
export function readBody(raw: RawOperation, converter: SchemaConverter): WireBody | undefined {
  const start = raw.at.child('requestBody');
  if (start.value === undefined) return undefined;
  const reporter = converter.refs.documents.reporter;
  const at = converter.refs.follow(start, 'read as JSON of any shape');
  const content = at?.child('content');
  const chosen = content && preferredBody(content.entries().map((media) => media.key));
  const common = { required: own(at?.value, 'required') === true, description: text(own(at?.value, 'description')) };
  if (at === undefined || content === undefined || chosen === undefined) {
    if (at !== undefined)
      reporter.fault(at, {
        code: 'body-without-content',
        message: 'Expected a request body with a media type under `content`, found none',
        done: 'read as JSON of any shape',
      });
    return { ...common, kind: 'json', contentType: exactType('*/*', BODY_KINDS.json), schema: {} };
  }
  const kind = bodyKind(chosen);
  const meaning = BODY_KINDS[kind];
  const schema = content.child(chosen).child('schema');
  const converted = schema.value === undefined ? {} : namedWhereShared(schema, raw, converter);
  const jsonParts = meaning.hasEncodedParts ? jsonEncoded(content.child(chosen).child('encoding')) : [];
  return {
    ...common,
    kind,
    contentType: exactType(chosen, meaning),
    schema: meaning.schema ?? converted,
    ...(jsonParts.length === 0 ? {} : { jsonParts }),
  };
}

/** Returns the parts that the document encodes as JSON. Without `encoding`, a list becomes one part per item. */
function jsonEncoded(encoding: Cursor): string[] {
  const isJson = (part: Cursor): boolean => bodyKind(text(own(part.value, 'contentType')) ?? '') === 'json';
  return isObject(encoding.value)
    ? encoding
        .entries()
        .filter((part) => isJson(part))
        .map((part) => part.key)
    : [];
}

/** Reads every response. Its body is the one in the media type that a client reads. */
export function readResponses(raw: RawOperation, converter: SchemaConverter): WireResponse[] {
  const reporter = converter.refs.documents.reporter;
  const list = raw.at.child('responses');
  const found: WireResponse[] = [];
  if (!isObject(list.value) || list.entries().length === 0) {
    reporter.fault(list.value === undefined ? raw.at : list, {
      code: 'missing-responses',
      message: `Expected \`responses\` with a status in it for ${quote(raw.key)}`,
      done: 'read as having any response',
      once: `${raw.at.id} responses`,
    });
  }
  for (const item of list.entries()) {
    if (item.key.startsWith('x-')) continue;
    const status = parseStatus(item.key);
    if (status === undefined) {
      reporter.fault(item, {
        code: 'invalid-status',
        message: `Expected a status code, a range such as 4XX, or default, found ${quote(item.key)}`,
        done: 'left out',
        anchor: 'key',
      });
      continue;
    }
    found.push(readResponse(item, status, raw, converter));
  }
  return withSuccess(found);
}

/**
 * Marks the successes: all 2xx. If there are none, declared 3xx. If there are none, `default`. If there is none, a 2XX that this function
 * adds.
 */
function withSuccess(responses: readonly WireResponse[]): WireResponse[] {
  const tests = [
    (response: WireResponse) => statusClass(response.status) === 2,
    (response: WireResponse) => statusClass(response.status) === 3,
    (response: WireResponse) => response.status === 'default',
  ];
  const test = tests.find((candidate) => responses.some(candidate));
  if (test !== undefined) return responses.map((response) => ({ ...response, success: test(response) }));
  const unknown = {
    status: '2XX',
    success: true,
    kind: 'any',
    contentType: undefined,
    description: undefined,
    schema: undefined,
    headers: [],
  } as const;
  return [unknown, ...responses];
}

function readResponse(item: Cursor, status: ResponseModel['status'], raw: RawOperation, converter: SchemaConverter): WireResponse {
  const at = converter.refs.follow(item, 'read as having any response');
  const headers =
    at
      ?.child('headers')
      .entries()
      .map((header) => header.key.toLowerCase()) ?? [];
  const common = { status, success: false, description: text(own(at?.value, 'description')), headers };
  const content = at?.child('content');
  const chosen = content && preferredResponse(content.entries().map((media) => media.key));
  const bodiless = raw.method === 'HEAD' || [204, 205, 304].includes(Number(status));
  if (bodiless || content === undefined || chosen === undefined) {
    // Vendors often omit the schema of a JSON body, but rarely for a status that implies an empty body.
    const nothing = bodiless || status === 202 || statusClass(status) === 3;
    return { ...common, kind: nothing ? 'none' : 'any', contentType: undefined, schema: undefined };
  }
  const kind = responseKind(chosen);
  const meaning = RESPONSE_KINDS[kind];
  const contentType = exactType(chosen, meaning);
  const schema = content.child(chosen).child('schema');
  if (!meaning.hasSchema) return { ...common, kind, contentType, schema: undefined };
  if (schema.value === undefined) return { ...common, kind: 'any', contentType, schema: undefined };
  const converted = namedWhereShared(schema, raw, converter);
  if (isBytes(converted)) return { ...common, kind: 'binary', contentType, schema: undefined };
  return { ...common, kind, contentType, schema: converted };
}

/** A schema inside a shared response or request body becomes one type for all operations that use it. */
function namedWhereShared(schema: Cursor, raw: RawOperation, converter: SchemaConverter): JsonSchema {
  const [first, second] = schema.path;
  const shared = first === 'components' && (second === 'responses' || second === 'requestBodies');
  if (!shared || typeof own(schema.value, '$ref') === 'string' || !isStructured(schema)) return converter.convert(schema);
  return converter.bundle.reference(converter.bundle.entry(schema, targetName(schema), raw.document));
}

function isStructured(schema: Cursor): boolean {
  return ['properties', 'items', 'allOf', 'anyOf', 'oneOf', 'enum', 'additionalProperties'].some(
    (key) => own(schema.value, key) !== undefined,
  );
}
