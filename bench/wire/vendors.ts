import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { CallSetup, Candidate } from './candidate.js';

const load = createRequire(import.meta.url);

/** Of retell-sdk, what is used here: `client.d.ts`, `resources/call.d.ts`, `internal/request-options.d.ts`. */
interface RetellModule {
  readonly Retell: new (options: {
    apiKey: string;
    baseURL: string;
    timeout?: number;
    logLevel: 'off';
  }) => {
    readonly call: {
      retrieve(id: string, options: { signal?: AbortSignal }): PromiseLike<unknown>;
      createPhoneCall(body: { from_number: string; to_number: string }, options: { signal?: AbortSignal }): PromiseLike<unknown>;
    };
  };
}

/** Of @sendgrid/client: `src/client.d.ts`; its request takes neither a timeout nor a signal (`@sendgrid/helpers/classes/request.d.ts`). */
interface SendGridModule {
  readonly Client: new () => {
    setApiKey(key: string): void;
    setDefaultRequest(key: 'baseUrl', value: string): void;
    request(request: { url: string; method: 'GET' | 'POST'; body?: object }): Promise<unknown>;
  };
}

/** Of @gohighlevel/api-client: `dist/lib/HighLevel.d.ts`; every method takes axios' request options last (`dist/lib/code/contacts/contacts.d.ts`). */
interface HighLevelModule {
  readonly HighLevel: new (config: {
    privateIntegrationToken: string;
    logLevel: string;
  }) => {
    readonly contacts: {
      getContact(params: { contactId: string }, options: AxiosOptions): Promise<unknown>;
      createContact(body: { locationId: string }, options: AxiosOptions): Promise<unknown>;
    };
  };
}

interface AxiosOptions {
  readonly baseURL: string;
  readonly timeout?: number;
  readonly signal?: AbortSignal;
}

/** The vendors' SDKs as they come, but for where they call. */
export function vendors(): readonly Candidate[] {
  return [retell(), sendgrid(), highLevel()];
}

/** `retell-sdk 5.66.1`, as installed. */
function titled(name: string): string {
  const { version } = JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url), 'utf8')) as {
    version: string;
  };
  return `${name} ${version}`;
}

function retell(): Candidate {
  const { Retell } = load('retell-sdk') as RetellModule;
  const client = ({ origin, timeoutMs }: CallSetup): InstanceType<RetellModule['Retell']> =>
    new Retell({ apiKey: 'bench', baseURL: origin, logLevel: 'off', ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }) });
  const options = ({ signal }: CallSetup): { signal?: AbortSignal } => (signal === undefined ? {} : { signal });
  return {
    name: titled('retell-sdk'),
    takesTimeout: true,
    takesSignal: true,
    read: async (setup) => client(setup).call.retrieve('c1', options(setup)),
    create: async (setup) => client(setup).call.createPhoneCall({ from_number: '+15550100001', to_number: '+15550100002' }, options(setup)),
  };
}

function sendgrid(): Candidate {
  const { Client } = load('@sendgrid/client') as SendGridModule;
  const client = ({ origin }: CallSetup): InstanceType<SendGridModule['Client']> => {
    const made = new Client();
    made.setApiKey('SG.bench');
    made.setDefaultRequest('baseUrl', origin);
    return made;
  };
  return {
    name: titled('@sendgrid/client'),
    takesTimeout: false,
    takesSignal: false,
    read: (setup) => client(setup).request({ url: '/v3/marketing/contacts/c1', method: 'GET' }),
    create: (setup) => client(setup).request({ url: '/v3/marketing/lists', method: 'POST', body: { name: 'leads' } }),
  };
}

function highLevel(): Candidate {
  const { HighLevel } = load('@gohighlevel/api-client') as HighLevelModule;
  const client = (): InstanceType<HighLevelModule['HighLevel']> => new HighLevel({ privateIntegrationToken: 'bench', logLevel: 'none' });
  const options = ({ origin, timeoutMs, signal }: CallSetup): AxiosOptions => ({
    baseURL: origin,
    ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }),
    ...(signal === undefined ? {} : { signal }),
  });
  return {
    name: titled('@gohighlevel/api-client'),
    takesTimeout: true,
    takesSignal: true,
    read: (setup) => client().contacts.getContact({ contactId: 'c1' }, options(setup)),
    create: (setup) => client().contacts.createContact({ locationId: 'l1' }, options(setup)),
  };
}
