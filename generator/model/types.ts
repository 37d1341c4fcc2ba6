import type { BodyKind, HttpMethod, ParamStyle, ResponseKind, SecurityDescriptor } from '../../runtime/client/descriptor.js';
import type { Diagnostic } from '../../runtime/config/diagnostic.js';

/** A JSON Schema of the bundle (2020-12 dialect, as OpenAPI 3.1 has it). `$ref` is always `#/components/schemas/<name>`. */
export type JsonSchema = boolean | { readonly [key: string]: unknown };

/** One service, ready to be emitted: every `$ref` resolves, every name is final. */
export interface ServiceModel {
  /** As in the breaker YAML: `ghl`. */
  readonly name: string;
  /** `GhlClient`. */
  readonly clientName: string;
  readonly title: string;
  readonly description: string | undefined;
  /** Documents' versions, for the header comment. */
  readonly version: string;
  /** The first is the default base URL, without a trailing slash. `undefined`: the document names none and the client must be given one. */
  readonly baseUrl: string | undefined;
  /** Other declared servers. */
  readonly otherServers: readonly { readonly url: string; readonly description: string | undefined }[];
  /** Of operations that say nothing of their own. */
  readonly security: readonly SecurityDescriptor[];
  /** Sorted by name. */
  readonly namespaces: readonly NamespaceModel[];
  /**
   * Self-contained schemas under their final names, for openapi-typescript: vendors' components, and one entry for every
   * operation-level type (`ContactsGetParams`, `ContactsGetBody`, `ContactsGetResult`, error bodies) that is not just a reference.
   */
  readonly schemas: Readonly<Record<string, JsonSchema>>;
  /** What was repaired, widened or dropped; each once. */
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
  /** Method name: `get`. */
  readonly name: string;
  /** Of exported types and of the descriptor constant: `ContactsGet` -> `ContactsGetParams`, `contactsGet`. */
  readonly typeName: string;
  /** As the document has it. */
  readonly operationId: string | undefined;
  readonly method: HttpMethod;
  readonly path: string;
  /** Base URL where the operation or its path overrides the service's. */
  readonly server: string | undefined;
  readonly summary: string | undefined;
  readonly description: string | undefined;
  readonly deprecated: boolean;
  /** What a user gives; constants are not here. */
  readonly params: readonly ParamModel[];
  readonly constantHeaders: Readonly<Record<string, string>>;
  readonly idempotencyHeader: string | undefined;
  readonly body: BodyModel | undefined;
  readonly responses: readonly ResponseModel[];
  /** `undefined`: the service's. */
  readonly security: readonly SecurityDescriptor[] | undefined;
  /** Type expressions in terms of exported type names: `ContactsGetResult`, `Contact[]`, `undefined`. */
  readonly resultType: TypeRef;
  /** Where in the documents, for messages. */
  readonly location: { readonly file: string; readonly line: number; readonly column: number };
}

export interface ParamModel {
  /** Property of the params object; final, unique within the operation and never `body`. */
  readonly key: string;
  readonly wire: string;
  readonly in: 'path' | 'query' | 'header' | 'cookie';
  readonly required: boolean;
  readonly description: string | undefined;
  readonly deprecated: boolean;
  readonly schema: JsonSchema;
  /** `undefined`: the default of its place. */
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
  /** Parts of a multipart body whose `encoding` says that they travel as one JSON text. */
  readonly jsonParts?: readonly string[];
}

export interface ResponseModel {
  readonly status: number | `${1 | 2 | 3 | 4 | 5}XX` | 'default';
  readonly success: boolean;
  readonly kind: ResponseKind;
  readonly contentType: string | undefined;
  readonly description: string | undefined;
  /** `undefined` where there is no body or no schema. */
  readonly schema: JsonSchema | undefined;
  readonly type: TypeRef;
  /** Declared response headers, lower case. */
  readonly headers: readonly string[];
}

/**
 * A type as generated signatures spell it: a key of `schemas` (exported by types.ts), or one of the few built-in spellings.
 * `union` appears only where an operation has several success bodies.
 */
export type TypeRef =
  | { readonly kind: 'schema'; readonly name: string }
  | { readonly kind: 'builtin'; readonly text: 'undefined' | 'unknown' | 'string' | 'Uint8Array' }
  | { readonly kind: 'union'; readonly members: readonly TypeRef[] };
