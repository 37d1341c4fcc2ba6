import type { HttpMethod } from '../../config/types.js';

/** The descriptors in generated code. They are plain data. */

export type { HttpMethod };

/** How an array or object parameter is written into the URL (OpenAPI `style`; `form` is the default of queries). */
export type ParamStyle = 'simple' | 'form' | 'spaceDelimited' | 'pipeDelimited' | 'deepObject' | 'json';

export interface ParamDescriptor {
  /** Property of the params object. */
  readonly key: string;
  /** Name in the request. Default: the value of `key`. */
  readonly wire?: string;
  readonly in: 'path' | 'query' | 'header' | 'cookie';
  readonly required?: true;
  /** Default: `simple` in paths and headers, `form` in queries. */
  readonly style?: ParamStyle;
  /** Default, as in OpenAPI: true for `form` and `deepObject`, false otherwise. */
  readonly explode?: boolean;
  readonly allowReserved?: true;
}

/** How a request body is written. */
export type BodyKind = 'json' | 'multipart' | 'urlencoded' | 'text' | 'binary';

export interface BodyDescriptor {
  readonly kind: BodyKind;
  readonly contentType: string;
  readonly required?: true;
  /** Parts of a multipart body that are sent as one JSON text, even if they are lists. */
  readonly jsonParts?: readonly string[];
}

/**
 * How a response body is decoded. `json`: parsed; a wrong content type is an error. `text`: a string. `binary`: a `Uint8Array`.
 * `none`: not read, the result is undefined. `any`: the document declares no schema; the body is parsed if its content type is
 * JSON, other text is a string, and an empty body is undefined.
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
 * One of the alternatives by which an operation can be called: a scheme, or several that are all needed. `none` is last in a list with others, and means
 * that the operation can also be called without credentials.
 */
export type SecurityDescriptor =
  | { readonly type: 'none' }
  | SchemeDescriptor
  | { readonly type: 'all'; readonly of: readonly SchemeDescriptor[] };

/**
 * One operation of a service. The type parameters are those of the generated signature, and exist only at compile time.
 *
 * @typeParam P type of the params object
 * @typeParam R type of the response data
 * @typeParam E HTTP errors that the document declares
 */
export interface Operation<P = unknown, R = unknown, E = unknown> {
  /** `namespace.name`. This id is used in the breaker YAML, in metrics and in `fallbacks`. */
  readonly id: string;
  readonly service: string;
  readonly namespace: string;
  readonly name: string;
  readonly method: HttpMethod;
  /** Path template with `{wire}` placeholders. It is appended to the base URL without changes, so a trailing slash is significant. */
  readonly path: string;
  /** Base URL of this operation, if it differs from the service's. */
  readonly server?: string;
  readonly params?: readonly ParamDescriptor[];
  /** Headers with a constant value, such as an API version. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: BodyDescriptor;
  readonly responses: readonly ResponseDescriptor[];
  /** Default: the schemes of the service. `[]` means that no credentials are sent. */
  readonly security?: readonly SecurityDescriptor[];
  /** Header for the idempotency key, if the document declares one. All attempts of a call send the same key. */
  readonly idempotencyHeader?: string;
  readonly deprecated?: true;
  /** Exists only for the types, never at run time. Declared as a method, so that an operation of any types is an `Operation`. */
  types?(params: P): readonly [R, E];
}
