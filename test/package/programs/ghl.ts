import { type ContactGetResult, type ContactsGetError, GhlClient } from 'fuseline/ghl';

const ghl = new GhlClient({
  token: 'test',
  baseUrl: process.env['VENDOR'],
  retry: false,
  breaker: { failureThreshold: 2 },
  fallbacks: { 'contacts.get': ({ params }) => ({ contact: { id: params.contactId, firstName: 'Mara' } }) },
});
const sources: string[] = [];
for (let turn = 0; turn < 5; turn++) {
  const answer = await ghl.contacts.get({ contactId: 'ctc_1' }).result();
  const data: ContactGetResult | undefined = answer.ok ? answer.data : undefined;
  const error: ContactsGetError | Error | undefined = answer.ok ? undefined : answer.error;
  sources.push(answer.ok ? `${answer.source} ${data?.contact?.firstName}` : String(error));
}
console.log(JSON.stringify({ sources, state: ghl.breaker('contacts.get').state }));
