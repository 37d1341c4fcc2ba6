import type { BodyKind, HttpMethod, ParamStyle, ResponseKind, SecurityDescriptor } from '../../runtime/call/client/descriptor.js';
import type { Diagnostic } from '../../runtime/config/diagnostic.js';

/** A JSON Schema of the bundle (2020-12 dialect, as in OpenAPI 3.1). `$ref` is always `#/components/schemas/<name>`. */
export type JsonSchema = boolean | { readonly [key: string]: unknown };

/** One service, ready to be emitted: every `$ref` resolves and every name is final. */
export interface ServiceModel {
  /** The name in the breaker YAML: `ghl`. */
  readonly name: string;
  /** `GhlClient`. */
  readonly clientName: string;
  readonly title: string;
  readonly description: string | undefined;
  /** The documents' versions, for the header comment. */
  readonly version: string;
  /** The default base URL, without a trailing slash. Undefined if the document names no server; callers must then give the client a URL. */
  readonly baseUrl: string | undefined;
  /** The other declared servers. */
  readonly otherServers: readonly { readonly url: string; readonly description: string | undefined }[];
  /** The credentials of operations without a declaration of their own. */
  readonly security: readonly SecurityDescriptor[];
  /** Sorted by name. */
  readonly namespaces: readonly NamespaceModel[];
  /**
   * Self-contained schemas under their final names, for openapi-typescript: the vendors' components, and one entry for every type of an
   * operation (`ContactsGetParams`, `ContactsGetBody`, `ContactsGetResult`, error bodies) that is not just a reference.
   */
  readonly schemas: Readonly<Record<string, JsonSchema>>;
  /** Everything that was repaired, widened or dropped, each once. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface NamespaceModel {
  /** camelCase: `contacts`, a property of the client. */
  readonly name: string;
  /** `ContactsApi`. */
  readonly className: string;
  readonly description: string | undefined;
  /** In document order. */
  readonly operations: readonly OperationModel[];
}

export interface OperationModel {
  /** `contacts.get`. */
  readonly id: string;
  /** The method's name: `get`. */
  readonly name: string;
  /** The start of exported types and the name of the descriptor constant: `ContactsGet` -> `ContactsGetParams`, `contactsGet`. */
  readonly typeName: string;
  /** As in the document. */
  readonly operationId: string | undefined;
  readonly method: HttpMethod;
  readonly path: string;
  /** The base URL if the operation or its path overrides the service's. */
  readonly server: string | undefined;
  readonly summary: string | undefined;
  readonly description: string | undefined;
  readonly deprecated: boolean;
  /** The parameters that a caller gives. Constants are not in this list. */
  readonly params: readonly ParamModel[];
  readonly constantHeaders: Readonly<Record<string, string>>;
  readonly idempotencyHeader: string | undefined;
  readonly body: BodyModel | undefined;
  readonly responses: readonly ResponseModel[];
  /** Undefined: the service's. */
  readonly security: readonly SecurityDescriptor[] | undefined;
  /** The type of the result, in terms of exported type names: `ContactsGetResult`, `Contact[]`, `undefined`. */
  readonly resultType: TypeRef;
  /** The place in the documents, for messages. */
  readonly location: { readonly file: string; readonly line: number; readonly column: number };
}

export interface ParamModel {
  /** The property of the params object. Final, unique within the operation, never `body`. */
  readonly key: string;
  readonly wire: string;
  readonly in: 'path' | 'query' | 'header' | 'cookie';
  readonly required: boolean;
  readonly description: string | undefined;
  readonly deprecated: boolean;
  readonly schema: JsonSchema;
  /** Undefined: the default of its place. */
  readonly style: ParamStyle | undefined;
  readonly explode: boolean | undefined;
  readonly allowReserved: boolean;
}

export interface BodyModel {
  readonly kind: BodyKind;
  readonly contentType: string;
  readonly required: boolean;
  readonly description: string | undefined;
  readonly schema: JsonSchema;
  readonly type: TypeRef;
  /** Parts of a multipart body that `encoding` declares as one JSON text. */
  readonly jsonParts?: readonly string[];
}

export interface ResponseModel {
  readonly status: number | `${1 | 2 | 3 | 4 | 5}XX` | 'default';
  readonly success: boolean;
  readonly kind: ResponseKind;
  readonly contentType: string | undefined;
  readonly description: string | undefined;
  /** Undefined if there is no body or no schema. */
  readonly schema: JsonSchema | undefined;
  readonly type: TypeRef;
  /** The declared response headers, in lower case. */
  readonly headers: readonly string[];
}

/**
 * A type as generated signatures write it: a key of `schemas` (exported by types.ts), or one of the few built-in types. `union` occurs only
 * if an operation has several success bodies.
 */
export type TypeRef =
  | { readonly kind: 'schema'; readonly name: string }
  | { readonly kind: 'builtin'; readonly text: 'undefined' | 'unknown' | 'string' | 'Uint8Array' }
  | { readonly kind: 'union'; readonly members: readonly TypeRef[] };
