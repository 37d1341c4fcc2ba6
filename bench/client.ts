import { type Operation, ServiceClient, type ServiceDefinition } from '../runtime/index.js';
import type { ContactAnswer } from './contact.js';

/** A hand-written client with what a generated one has: default policies, a token, a version header. */
export const service: ServiceDefinition = {
  name: 'bench',
  baseUrl: 'https://bench.example.com',
  security: [{ type: 'bearer' }],
  policies: {},
};

const common = { service: 'bench', namespace: 'contacts', headers: { version: '2021-07-28' } } as const;
const responses = [
  { status: 200, kind: 'json', success: true },
  { status: 400, kind: 'json' },
  { status: 401, kind: 'json' },
  { status: 422, kind: 'json' },
] as const;

export const contactsGet: Operation<{ contactId: string }, ContactAnswer> = {
  ...common,
  id: 'contacts.get',
  name: 'get',
  method: 'GET',
  path: '/contacts/{contactId}',
  params: [{ key: 'contactId', in: 'path', required: true }],
  responses,
};

export const contactsCreate: Operation<{ body: ContactAnswer }, ContactAnswer> = {
  ...common,
  id: 'contacts.create',
  name: 'create',
  method: 'POST',
  path: '/contacts/',
  body: { kind: 'json', contentType: 'application/json', required: true },
  responses,
};

export { ServiceClient };
