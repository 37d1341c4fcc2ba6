import { BreakerRegistry } from 'fuseline';
import { GhlClient } from 'fuseline/ghl';
import { ghlMocks } from 'fuseline/ghl/msw';
import { FakeClock, mockTransport } from 'fuseline/testing';

const clock = new FakeClock();
const mock = mockTransport(ghlMocks.contactsGet.error(500));
const ghl = new GhlClient({
  token: 'test',
  dispatcher: mock,
  clock,
  registry: new BreakerRegistry(),
  env: {},
  retry: false,
  breaker: { failureThreshold: 2, successThreshold: 1, recoveryTimeoutMs: 60_000 },
});
const states: string[] = [];
for (let turn = 0; turn < 3; turn++) {
  await ghl.contacts.get({ contactId: 'ctc_1' }, { fallback: false }).catch(() => undefined);
  states.push(ghl.breaker('contacts.get').state);
}
mock.use(ghlMocks.contactsGet());
await clock.advance(60_000);
states.push(ghl.breaker('contacts.get').state);
const { contact } = await ghl.contacts.get({ contactId: 'ctc_1' });
states.push(ghl.breaker('contacts.get').state);
console.log(JSON.stringify({ states, answered: contact !== undefined, requests: mock.requests.length }));
