import { type ApiPromise, type CallOptions, type ClientOptions, HttpError, type Operation, type ServiceClient } from 'fuseline';
import { GhlClient } from 'fuseline/ghl';
import { SendGridClient } from 'fuseline/sendgrid';
import { operation, testClient } from '../support/client.js';
import { SECRETS } from './secrets.js';

/** A client, and calls that carry every kind of secret. */
export interface Caller {
  readonly name: string;
  readonly client: (options: Omit<ClientOptions, 'credentials'>) => ServiceClient;
  readonly calls: (client: ServiceClient, options: CallOptions) => readonly ApiPromise<unknown, unknown>[];
}

const everything: Operation = operation({
  id: 'things.everything',
  method: 'PUT',
  path: '/things/{id}',
  params: [
    { key: 'id', in: 'path' },
    { key: 'q', in: 'query' },
    { key: 'of', in: 'header', wire: 'X-Of' },
    { key: 'session', in: 'cookie' },
  ],
  body: { kind: 'json', contentType: 'application/json' },
  idempotencyHeader: 'Idempotency-Key',
});
const PARAMS = {
  id: SECRETS.path,
  q: { deep: [SECRETS.query] },
  of: SECRETS.headerParameter,
  session: SECRETS.cookie,
  body: { [SECRETS.requestBody]: SECRETS.requestBody },
};

/** A service by hand, for what no generated client has. */
const acme = (name: string, security: Operation['security']): Caller => ({
  name,
  client: (options) => testClient(options, { security: security ?? [], operations: { everything } }),
  calls: (client, options) => [
    client.call(everything, PARAMS as never, options as never),
    client.call(everything, { ...PARAMS, id: `${SECRETS.path}\ud800` } as never, options as never),
    client.call(everything, { ...PARAMS, q: `${SECRETS.query}\ud800` } as never, options as never),
    client.call(everything, { ...PARAMS, of: `${SECRETS.headerParameter}\n` } as never, options as never),
    client.call(everything, { ...PARAMS, body: { [SECRETS.requestBody]: 1n } } as never, options as never),
  ],
});

const file = (): File => new File([SECRETS.file], `${SECRETS.fileName}.pdf`, { type: 'application/pdf' });

export const CALLERS: readonly Caller[] = [
  {
    name: 'ghl',
    client: (options) => new GhlClient(options),
    calls: (client, given) => {
      const ghl = client as unknown as GhlClient;
      const options: object = given;
      return [
        ghl.contacts.get({ contactId: SECRETS.path }, options),
        ghl.contacts.list({ locationId: SECRETS.query, query: SECRETS.query }, options),
        ghl.contacts.search({ body: { locationId: SECRETS.requestBody, pageLimit: 1 } }, options),
        ghl.oauth.createToken(
          { body: { client_id: 'app', client_secret: SECRETS.form, grant_type: 'refresh_token', refresh_token: SECRETS.form } },
          options,
        ),
        ghl.conversations.uploadMessageAttachments(
          { body: { conversationId: SECRETS.part, contactId: 'c', locationId: 'l', attachmentUrls: [], fileAttachment: [file()] } },
          options,
        ),
      ] as readonly ApiPromise<unknown, unknown>[];
    },
  },
  {
    name: 'sendgrid',
    client: (options) => new SendGridClient(options),
    calls: (client, given) => {
      const sendgrid = client as unknown as SendGridClient;
      const options: object = given;
      return [
        sendgrid.apiKeys.get({ api_key_id: SECRETS.path, onBehalfOf: SECRETS.headerParameter }, options),
        sendgrid.apiKeys.create({ onBehalfOf: SECRETS.headerParameter, body: { name: SECRETS.requestBody } }, options),
        sendgrid.mail.send({ body: { personalizations: [], from: { email: SECRETS.requestBody } } }, options),
      ] as readonly ApiPromise<unknown, unknown>[];
    },
  },
  acme('basic', [{ type: 'basic' }]),
  acme('key-in-header', [{ type: 'apiKey', in: 'header', name: 'X-Key' }]),
  acme('key-in-query', [{ type: 'apiKey', in: 'query', name: 'key' }]),
  acme('key-in-cookie', [{ type: 'apiKey', in: 'cookie', name: 'key' }]),
];

/** The token of a caller, so that each place of a credential has a secret of its own. */
export function tokenOf({ name }: Caller): string {
  if (name === 'key-in-header') return SECRETS.keyInHeader;
  if (name === 'key-in-query') return SECRETS.keyInQuery;
  return name === 'key-in-cookie' ? SECRETS.keyInCookie : SECRETS.token;
}

/** What the caller of a failed call gets on purpose, and only by asking for it by name. */
export function answerOf(error: unknown): unknown {
  const told = error instanceof Error && 'lastError' in error ? error.lastError : error;
  return told instanceof HttpError ? [told.body, told.headers] : undefined;
}
