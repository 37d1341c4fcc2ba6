import type { BodyKind, ResponseKind } from '../../runtime/client/descriptor.js';

/** `application/json; charset=utf-8` -> `application/json`. */
export function mediaType(name: string): string {
  return (name.split(';', 1)[0] ?? '').trim().toLowerCase();
}

export function isJson(name: string): boolean {
  const type = mediaType(name);
  return type === 'application/json' || type === 'text/json' || type.endsWith('+json') || type === '*/*' || type === 'application/*';
}

/** How a request body of this media type is written. */
export function bodyKind(name: string): BodyKind {
  const type = mediaType(name);
  if (isJson(type)) return 'json';
  if (type === 'multipart/form-data') return 'multipart';
  if (type === 'application/x-www-form-urlencoded') return 'urlencoded';
  return isText(type) ? 'text' : 'binary';
}

/** How a response body of this media type is read. */
export function responseKind(name: string): ResponseKind {
  const type = mediaType(name);
  if (isJson(type)) return 'json';
  return isText(type) ? 'text' : 'binary';
}

function isText(type: string): boolean {
  return /^text\/|^application\/(xml|yaml|x-yaml|x-ndjson|ndjson|jsonl|javascript|graphql|csv|sql)$|\+(xml|yaml)$/.test(type);
}

const BODY_ORDER: readonly BodyKind[] = ['json', 'multipart', 'urlencoded', 'text', 'binary'];
const RESPONSE_ORDER: readonly ResponseKind[] = ['json', 'text', 'binary'];

/** The media type that a client sends: JSON before forms before text before anything else; plain JSON before `+json`. */
export function preferredBody<T extends string>(types: readonly T[]): T | undefined {
  return lowest(types, (type) => BODY_ORDER.indexOf(bodyKind(type)) * 2 + jsonRank(type));
}

/** The media type that a client reads. */
export function preferredResponse<T extends string>(types: readonly T[]): T | undefined {
  return lowest(types, (type) => RESPONSE_ORDER.indexOf(responseKind(type)) * 2 + jsonRank(type));
}

function jsonRank(type: string): number {
  return isJson(type) && mediaType(type) !== 'application/json' ? 1 : 0;
}

function lowest<T>(items: readonly T[], rank: (item: T) => number): T | undefined {
  let best: T | undefined;
  for (const item of items) if (best === undefined || rank(item) < rank(best)) best = item;
  return best;
}
