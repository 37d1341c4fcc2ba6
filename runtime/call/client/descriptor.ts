import type { HttpMethod } from '../../config/types.js';

/** What generated code says about one operation: plain data, no behaviour. */

export type { HttpMethod };

/** How an array or object parameter is written into the URL (OpenAPI `style`; `form` is the default of queries). */
export type ParamStyle = 'simple' | 'form' | 'spaceDelimited' | 'pipeDelimited' | 'deepObject' | 'json';

export interface ParamDescriptor {
  /** Property of the params object. */
  readonly key: string;
  /** Name on the wire; left out if it equals `key`. */
  readonly wire?: string;
  readonly in: 'path' | 'query' | 'header' | 'cookie';
  readonly required?: true;
  /** Left out for the default of its place: `simple` in paths and headers, `form` in queries. */
  readonly style?: ParamStyle;
  /** Left out for OpenAPI's default: true for `form` and `deepObject`, false otherwise. */
  readonly explode?: boolean;
  readonly allowReserved?: true;
}

/** How a request body is written. */
export type BodyKind = 'json' | 'multipart' | 'urlencoded' | 'text' | 'binary';

export interface BodyDescriptor {
  readonly kind: BodyKind;
  readonly contentType: string;
  readonly required?: true;
  /** Parts of a multipart body that travel as one JSON text, even if they are lists. */
  readonly jsonParts?: readonly string[];
}

/**
 * How a response body is read. `json`: parsed, a wrong content type is an error. `text`: a string. `binary`: a Uint8Array.
 * `none`: nothing is read, the result is undefined. `any`: the document declares no schema; JSON is parsed where the server says
 * it is JSON, other text is a string, and an empty body is undefined.
 */
export type ResponseKind = 'json' | 'text' | 'binary' | 'none' | 'any';

export interface ResponseDescriptor {
  /** An exact code, a range such as `2XX`, or `default`. */
  readonly status: number | `${1 | 2 | 3 | 4 | 5}XX` | 'default';
  readonly kind: ResponseKind;
  /** True if the operation's result is one of several variants and this one is a success (2xx, or a declared 3xx). */
  readonly success?: true;
}

/** One security scheme: where its secret is sent. `scheme` is its name in the document, left out if the name is of no use. */
export type SchemeDescriptor =
  | { readonly type: 'bearer'; readonly scheme?: string }
  | { readonly type: 'basic'; readonly scheme?: string }
  | { readonly type: 'apiKey'; readonly in: 'header' | 'query' | 'cookie'; readonly name: string; readonly scheme?: string };

/**
 * One of the alternatives by which an operation can be called: a scheme, or several that are all needed. `none`, beside others and last: the operation
 * can be called without credentials, too.
 */
export type SecurityDescriptor =
  | { readonly type: 'none' }
  | SchemeDescriptor
  | { readonly type: 'all'; readonly of: readonly SchemeDescriptor[] };

/**
 * One operation of a service. The type parameters carry what the generated signature promises; they exist at compile time only.
 *
 * @typeParam P params object, @typeParam R result, @typeParam E errors that the document declares
 */
export interface Operation<P = unknown, R = unknown, E = unknown> {
  /** `namespace.name`, the id used in the breaker YAML, in metrics, and in `fallbacks`. */
  readonly id: string;
  readonly service: string;
  readonly namespace: string;
  readonly name: string;
  readonly method: HttpMethod;
  /** Path template with `{wire}` placeholders, joined to the base URL as it stands (a trailing slash matters). */
  readonly path: string;
  /** Base URL of this operation, if it differs from the service's. */
  readonly server?: string;
  readonly params?: readonly ParamDescriptor[];
  /** Headers that never vary, such as a version constant. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: BodyDescriptor;
  readonly responses: readonly ResponseDescriptor[];
  /** Left out: the service's. `[]`: no credentials are sent. */
  readonly security?: readonly SecurityDescriptor[];
  /** Header that carries one idempotency key per logical call, where the document has such a parameter. */
  readonly idempotencyHeader?: string;
  readonly deprecated?: true;
  /** Type carrier; never present at run time. A method, so that an operation of any types is an `Operation`. */
  types?(params: P): readonly [R, E];
}
