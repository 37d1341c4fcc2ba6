// Programs that must not compile. An expected error that does not come is an error itself.
import { call } from 'fuseline';
import { contactsGet, contactsSearch, GhlClient } from 'fuseline/ghl';
import { LyrioClient } from 'fuseline/lyrio';
import { RetellClient } from 'fuseline/retell';
import { SendGridClient } from 'fuseline/sendgrid';

const ghl = new GhlClient({ token: 'test' });
const sendgrid = new SendGridClient({ token: 'test' });
const retell = new RetellClient({ token: 'test' });
const lyrio = new LyrioClient({ token: 'test' });

export async function params(): Promise<void> {
  // @ts-expect-error TS2322 a path parameter is a string
  await ghl.contacts.get({ contactId: 1 });
  // @ts-expect-error TS2345 a required parameter is missing
  await ghl.contacts.get({});
  // @ts-expect-error TS2561 a misspelt parameter
  await ghl.contacts.get({ contactID: 'ctc_1' });
  // @ts-expect-error TS2739 a required property of the body is missing
  await sendgrid.mail.send({ body: { subject: 'no recipient' } });
  // @ts-expect-error TS2322 not a value of the enumeration
  await lyrio.calls.syncSummary({ body: { contact_id: 'lyr_1', activity_type: 'human_call', call_id: 'call_1' } });
}

export function credentials(): readonly unknown[] {
  // The name of the scheme in the document, so that the next one is refused for its name.
  const right = new GhlClient({ credentials: { bearer: 'secret' } });
  // @ts-expect-error TS2561 no such security scheme, and the compiler suggests the right one
  return [right, new GhlClient({ credentials: { beare: 'secret' } })];
}

export async function methods(): Promise<void> {
  // @ts-expect-error TS2353 the search is a POST: what a GET would have in its query is no argument
  await ghl.contacts.search({ locationId: 'loc_1', pageLimit: 20 });
  // @ts-expect-error TS2353 and there is no way to name another method
  await ghl.contacts.search({ body: { locationId: 'loc_1', pageLimit: 20 } }, { method: 'GET' });
  // @ts-expect-error TS2339 nor one to go past the operations
  await ghl.get('/contacts/search');
  // @ts-expect-error TS2353 a descriptor takes the params of its own operation
  await call(ghl, contactsSearch, { contactId: 'ctc_1' });
  // @ts-expect-error TS2339 an operation that is not there
  await retell.calls.listAll();
}

export async function results(): Promise<void> {
  const { contact } = await ghl.contacts.get({ contactId: 'ctc_1' });
  // @ts-expect-error TS2322 a name may be missing
  const name: string = contact?.firstName;
  // @ts-expect-error TS2551 no such property
  contact?.firstNames;
  const answer = await call(ghl, contactsGet, { contactId: name }).result();
  // @ts-expect-error TS2339 a result may be an error
  answer.data;
}

export async function errors(): Promise<void> {
  const answer = await ghl.contacts.search({ body: { locationId: 'loc_1', pageLimit: 20 } }).result();
  if (answer.ok || answer.error.kind !== 'http') return;
  // What the document declares can be used, so that the next two are refused for what they are.
  if (answer.error.status === 429) console.log(answer.error.body.message);
  // @ts-expect-error TS2367 the document declares no 418
  if (answer.error.status === 418) return;
  // @ts-expect-error TS2339 the body of a declared error has declared properties
  answer.error.body.reasons;
}

export async function fallbacks(): Promise<void> {
  // @ts-expect-error TS2322 a fallback gives what the operation gives
  new GhlClient({ fallbacks: { 'contacts.get': { contact: { firstName: 1 } } } });
  // @ts-expect-error TS2322 a function, too
  new GhlClient({ fallbacks: { 'contacts.get': () => 'nobody' } });
  // @ts-expect-error TS2353 an operation that is not there
  new GhlClient({ fallbacks: { 'contacts.fetch': { contact: {} } } });
  // @ts-expect-error TS2353 an operation of another service
  new RetellClient({ fallbacks: { 'contacts.get': { contact: {} } } });
  // @ts-expect-error TS2559 of one call, too
  await ghl.contacts.get({ contactId: 'ctc_1' }, { fallback: { contact: 'nobody' } });
  // @ts-expect-error TS2345 ids are checked wherever they are given
  ghl.breaker('contacts.fetch');
  // @ts-expect-error TS2345 and here
  ghl.describe('contacts.fetch');
}
