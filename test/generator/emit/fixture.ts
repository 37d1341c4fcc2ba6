import type { JsonSchema, OperationModel, ParamModel, ResponseModel, ServiceModel, TypeRef } from '../../../generator/model/types.js';
import type { ServicePolicies } from '../../../runtime/config/types.js';

export const schemaType = (name: string): TypeRef => ({ kind: 'schema', name });
export const ref = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });

export function json(status: ResponseModel['status'], name: string, success = typeof status === 'number' && status < 300): ResponseModel {
  return {
    status,
    success,
    kind: 'json',
    contentType: 'application/json',
    description: undefined,
    schema: ref(name),
    type: schemaType(name),
    headers: [],
  };
}

export function empty(status: ResponseModel['status'], success = true): ResponseModel {
  return {
    status,
    success,
    kind: 'none',
    contentType: undefined,
    description: undefined,
    schema: undefined,
    type: { kind: 'builtin', text: 'undefined' },
    headers: [],
  };
}

export function param(key: string, place: ParamModel['in'], more: Partial<ParamModel> = {}): ParamModel {
  return {
    key,
    wire: key,
    in: place,
    required: place === 'path',
    description: undefined,
    deprecated: false,
    schema: { type: 'string' },
    style: undefined,
    explode: undefined,
    allowReserved: false,
    ...more,
  };
}

export function operation(
  id: string,
  method: OperationModel['method'],
  path: string,
  more: Partial<OperationModel> & Pick<OperationModel, 'responses' | 'resultType'>,
): OperationModel {
  const [namespace = '', name = ''] = id.split('.');
  const upper = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
  return {
    id,
    name,
    typeName: upper(namespace) + upper(name),
    operationId: undefined,
    method,
    path,
    server: undefined,
    summary: undefined,
    description: undefined,
    deprecated: false,
    params: [],
    constantHeaders: {},
    idempotencyHeader: undefined,
    body: undefined,
    security: undefined,
    location: { file: 'specs/acme.yaml', line: 1, column: 1 },
    ...more,
  };
}

const object = (properties: Record<string, JsonSchema>, required: string[] = [], more: object = {}): JsonSchema => ({
  type: 'object',
  properties,
  ...(required.length > 0 ? { required } : {}),
  ...more,
});

const string: JsonSchema = { type: 'string' };

/** A service with one operation of every kind. */
export const acme: ServiceModel = {
  name: 'acme',
  clientName: 'AcmeClient',
  title: 'Acme leads',
  description: undefined,
  version: '1.2.0',
  baseUrl: 'https://api.acme.example/v1',
  otherServers: [{ url: 'https://eu.acme.example', description: 'Europe' }],
  security: [{ type: 'bearer' }],
  namespaces: [
    {
      name: 'contacts',
      className: 'ContactsApi',
      description: 'People who asked about a home.',
      operations: [
        operation('contacts.get', 'GET', '/contacts/{contactId}', {
          operationId: 'getContact',
          summary: 'Get a contact.',
          params: [param('contactId', 'path'), param('fields', 'query', { schema: { type: 'array', items: string }, explode: false })],
          constantHeaders: { Version: '2021-07-28' },
          responses: [json(200, 'ContactsGetResult'), json(404, 'Problem'), json('5XX', 'Problem', false)],
          resultType: schemaType('ContactsGetResult'),
        }),
        operation('contacts.search', 'POST', '/contacts/search', {
          summary: 'Search contacts.',
          body: {
            kind: 'json',
            contentType: 'application/json',
            required: true,
            description: undefined,
            schema: ref('ContactsSearchBody'),
            type: schemaType('ContactsSearchBody'),
          },
          responses: [json(200, 'ContactPage'), json('default', 'Problem', false)],
          resultType: schemaType('ContactPage'),
        }),
        operation('contacts.delete', 'DELETE', '/contacts/{contactId}', {
          params: [param('contactId', 'path')],
          responses: [empty(204)],
          resultType: { kind: 'builtin', text: 'undefined' },
          deprecated: true,
        }),
        operation('contacts.list', 'GET', '/contacts/', {
          params: [param('limit', 'query', { schema: { type: 'integer' } }), param('onBehalfOf', 'header', { wire: 'on-behalf-of' })],
          responses: [json(200, 'ContactPage'), json(202, 'Job')],
          resultType: { kind: 'union', members: [schemaType('ContactPage'), schemaType('Job')] },
        }),
      ],
    },
    {
      name: 'files',
      className: 'FilesApi',
      description: undefined,
      operations: [
        operation('files.upload', 'POST', '/files:upload', {
          body: {
            kind: 'multipart',
            contentType: 'multipart/form-data',
            required: true,
            description: undefined,
            schema: ref('FilesUploadBody'),
            type: schemaType('FilesUploadBody'),
          },
          responses: [{ ...empty(202), headers: ['x-message-id'] }],
          resultType: { kind: 'builtin', text: 'undefined' },
          server: 'https://upload.acme.example',
        }),
        operation('files.download', 'GET', '/files/{file-id}.{ext}/(raw)', {
          params: [param('fileId', 'path', { wire: 'file-id' }), param('ext', 'path')],
          responses: [
            { ...empty(200), kind: 'binary', contentType: 'application/octet-stream', type: { kind: 'builtin', text: 'Uint8Array' } },
          ],
          resultType: { kind: 'builtin', text: 'Uint8Array' },
          security: [],
        }),
        operation('files.ping', 'HEAD', '/ping', {
          responses: [{ ...empty(200), kind: 'any', type: { kind: 'builtin', text: 'unknown' } }],
          resultType: { kind: 'builtin', text: 'unknown' },
        }),
      ],
    },
  ],
  schemas: {
    Contact: object(
      {
        id: { type: 'string', example: 'con_77', description: 'Contact id.' },
        email: { type: ['string', 'null'], format: 'email' },
        phone: { type: 'string', pattern: '^\\+[1-9]\\d{6,14}$' },
        stage: { type: 'string', enum: ['new', 'warm', 'hot'], default: 'new' },
        kind: { const: 'person' },
        score: { type: 'integer', minimum: 0, maximum: 100 },
        custom: { type: 'object', additionalProperties: true },
        tags: { type: 'array', items: string, minItems: 1, uniqueItems: true },
        referrer: ref('Contact'),
        '65+': { type: 'boolean', deprecated: true },
        anything: {},
      },
      ['id', 'email', 'kind'],
      { description: 'A person who asked about a home.' },
    ),
    Animal: { oneOf: [ref('Cat'), ref('Dog')] },
    Cat: object({ type: { const: 'cat' }, lives: { type: 'integer' } }, ['type']),
    Dog: {
      allOf: [object({ type: { const: 'dog' } }, ['type']), object({ name: string, born: { type: 'string', format: 'date' } }, ['name'])],
    },
    Named: { allOf: [ref('Contact'), object({ nickname: string })], required: ['phone'] },
    EitherId: {
      type: 'object',
      properties: { id: string, email: string },
      anyOf: [{ required: ['id'] }, { required: ['email'] }],
    },
    Open: object({ id: string }, [], { additionalProperties: true }),
    Scores: { type: 'object', additionalProperties: { type: 'number' } },
    Job: object({ jobId: string }, ['jobId']),
    Problem: object({ message: string, code: { type: 'integer' } }, ['message']),
    ContactPage: object({ contacts: { type: 'array', items: ref('Contact') }, total: { type: 'integer' }, pet: ref('Animal') }, [
      'contacts',
    ]),
    ContactsGetParams: object({ contactId: string, fields: { type: 'array', items: string } }, ['contactId']),
    ContactsGetResult: object({ contact: { anyOf: [ref('Contact'), { type: 'null' }] }, named: ref('Named'), open: ref('Open') }),
    ContactsSearchBody: object({ query: string, pageLimit: { type: 'integer', maximum: 100, default: 20 }, filter: ref('EitherId') }, [
      'query',
    ]),
    ContactsSearchParams: object({ body: ref('ContactsSearchBody') }, ['body']),
    ContactsDeleteParams: object({ contactId: string }, ['contactId']),
    ContactsListParams: object({ limit: { type: 'integer' }, onBehalfOf: string }),
    FilesUploadBody: object({ file: { type: 'string', format: 'binary' }, note: string, scores: ref('Scores') }, ['file']),
    FilesUploadParams: object({ body: ref('FilesUploadBody') }, ['body']),
    FilesDownloadParams: object({ fileId: string, ext: string }, ['fileId', 'ext']),
  },
  diagnostics: [],
};

export const acmePolicies: ServicePolicies = {
  defaults: { failureThreshold: 5, successThreshold: 3, timeoutMs: 60_000, halfOpenMaxCalls: 2, recoveryTimeoutMs: 60_000 },
  service: { failureThreshold: 3, timeoutMs: 30_000 },
  resources: { files: { timeoutMs: 120_000 } },
  operations: {
    'contacts.search': { idempotent: true, timeoutMs: 5_000 },
    'contacts.get': {
      fallback: [
        { kind: 'lastGood', maxAgeMs: 300_000 },
        { kind: 'value', value: { contact: null } },
      ],
    },
    'files.upload': { retryEnabled: false },
    'files.ping': { enabled: false },
  },
  environments: { production: { service: { failureThreshold: 4 } } },
};
