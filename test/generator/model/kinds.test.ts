import { describe, expect, it } from 'vitest';
import {
  BODY_KINDS,
  bodyKind,
  exactType,
  isBytes,
  preferredBody,
  preferredResponse,
  RESPONSE_KINDS,
  responseKind,
} from '../../../generator/model/kinds.js';

describe('the kind of a media type', () => {
  it.each([
    ['application/json; charset=utf-8', 'json', 'json'],
    ['Text/JSON', 'json', 'json'],
    ['application/problem+json', 'json', 'json'],
    ['*/*', 'json', 'json'],
    ['application/*', 'json', 'json'],
    ['multipart/form-data', 'multipart', 'binary'],
    ['multipart/mixed', 'binary', 'binary'],
    ['application/x-www-form-urlencoded', 'urlencoded', 'binary'],
    ['text/csv', 'text', 'text'],
    ['text/*', 'text', 'text'],
    ['application/x-ndjson', 'text', 'text'],
    ['application/jsonl', 'text', 'text'],
    ['application/atom+xml', 'text', 'text'],
    ['application/pdf', 'binary', 'binary'],
    ['audio/*', 'binary', 'binary'],
    ['', 'binary', 'binary'],
  ])('%j is %s as a request and %s as a response', (type, body, response) => {
    expect([bodyKind(type), responseKind(type)]).toEqual([body, response]);
  });

  it('is the first of the table that a document offers, plain JSON before other JSON', () => {
    const types = [
      'application/pdf',
      'text/csv',
      'application/x-www-form-urlencoded',
      'multipart/form-data',
      'a/b+json',
      'application/json',
    ];
    const sent = types.map((_, at) => preferredBody(types.slice(0, at + 1)));
    expect(sent).toEqual(types);
    expect(types.map((_, at) => preferredResponse(types.slice(0, at + 1)))).toEqual([
      'application/pdf',
      ...Array<string>(3).fill('text/csv'),
      'a/b+json',
      'application/json',
    ]);
    expect(preferredBody([])).toBeUndefined();
  });

  it('gives a range a type of its own', () => {
    expect(exactType('text/*', BODY_KINDS.text)).toBe('text/plain');
    expect(exactType('*/*', RESPONSE_KINDS.json)).toBe('application/json');
    expect(exactType('image/*', RESPONSE_KINDS.binary)).toBe('application/octet-stream');
    expect(exactType('Image/PNG; q=1', RESPONSE_KINDS.binary)).toBe('image/png');
  });

  it('has a type for every body that a mock writes', () => {
    for (const kind of [...Object.values(BODY_KINDS), ...Object.values(RESPONSE_KINDS)]) {
      if (kind.contentType !== undefined) expect(kind.covers(kind.contentType)).toBe(true);
    }
  });
});

it.each([
  [{ type: 'string', format: 'binary' }, true],
  [{ type: ['string', 'null'], format: 'binary' }, true],
  [{ type: 'string', contentMediaType: 'application/octet-stream' }, true],
  [{ type: 'string', contentMediaType: 'application/octet-stream', contentEncoding: 'base64' }, false],
  [{ type: 'string' }, false],
  [{ type: 'object', format: 'binary' }, false],
  [{ format: 'binary' }, false],
  [true, false],
])('a schema %j stands for bytes: %s', (schema, expected) => {
  expect(isBytes(schema)).toBe(expected);
});
