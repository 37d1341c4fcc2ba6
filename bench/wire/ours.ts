import { GhlClient } from '../../generated/ghl/index.js';
import { RetellClient } from '../../generated/retell/index.js';
import { SendGridClient } from '../../generated/sendgrid/index.js';
import { BreakerRegistry } from '../../runtime/index.js';
import type { CallSetup, Candidate } from './candidate.js';

/** A registry of its own: the circuit that one fault opened must not refuse the next. */
function clientOptions({ origin }: CallSetup): { baseUrl: string; token: string; registry: BreakerRegistry; env: Record<string, string> } {
  return { baseUrl: origin, token: 'bench', registry: new BreakerRegistry(), env: {} };
}

function callOptions({ timeoutMs, signal }: CallSetup): { timeoutMs?: number; signal?: AbortSignal } {
  return { ...(timeoutMs === undefined ? {} : { timeoutMs }), ...(signal === undefined ? {} : { signal }) };
}

const takes = { takesTimeout: true, takesSignal: true } as const;

/** The generated clients, with the thresholds of `specs/breakers.yaml` and nothing else. */
export const OURS: readonly Candidate[] = [
  {
    name: 'fuseline/ghl',
    ...takes,
    read: (setup) => new GhlClient(clientOptions(setup)).contacts.get({ contactId: 'c1' }, callOptions(setup)),
    create: (setup) => new GhlClient(clientOptions(setup)).contacts.create({ body: { locationId: 'l1' } }, callOptions(setup)),
  },
  {
    name: 'fuseline/retell',
    ...takes,
    read: (setup) => new RetellClient(clientOptions(setup)).calls.get({ call_id: 'c1' }, callOptions(setup)),
    create: (setup) =>
      new RetellClient(clientOptions(setup)).calls.createPhone(
        { body: { from_number: '+15550100001', to_number: '+15550100002' } },
        callOptions(setup),
      ),
  },
  {
    name: 'fuseline/sendgrid',
    ...takes,
    read: (setup) => new SendGridClient(clientOptions(setup)).contacts.get({ id: 'c1' }, callOptions(setup)),
    create: (setup) => new SendGridClient(clientOptions(setup)).lists.create({ body: { name: 'leads' } }, callOptions(setup)),
  },
];
