/** Four mock vendors on loopback, clients of theirs that have something to do all the time, and outages that come and go. */
import type { BreakerRegistry } from 'fuseline';
import { GhlClient } from 'fuseline/ghl';
import { LyrioClient } from 'fuseline/lyrio';
import { getCircuitBreaker, protect } from 'fuseline/protect';
import { RetellClient } from 'fuseline/retell';
import { SendGridClient } from 'fuseline/sendgrid';
import { MockServer, type OutageKind } from 'fuseline/testing';
import { delay, http, type RequestHandler } from 'msw';
import { ghlHandlers } from '../../generated/ghl/msw.js';
import { lyrioHandlers } from '../../generated/lyrio/msw.js';
import { retellHandlers } from '../../generated/retell/msw.js';
import { sendgridHandlers } from '../../generated/sendgrid/msw.js';

type Vendor = 'ghl' | 'sendgrid' | 'retell' | 'lyrio';
/** `flaky`: a third of the requests fail. */
type Trouble = OutageKind | 'flaky' | undefined;

/** What happens when, in seconds; then it begins again. */
const STORY: readonly (readonly [second: number, vendor: Vendor, trouble: Trouble, text: string])[] = [
  [6, 'ghl', 'errors', 'GHL answers 500'],
  [20, 'retell', 'hang', 'Retell takes requests and answers none'],
  [44, 'retell', undefined, 'Retell is back'],
  [50, 'ghl', undefined, 'GHL is back'],
  [62, 'sendgrid', 'flaky', 'SendGrid fails every third request'],
  [76, 'lyrio', 'reset', 'Lyrio drops connections, and lead scoring, which needs it, waits'],
  [100, 'sendgrid', undefined, 'SendGrid is well again'],
  [104, 'lyrio', undefined, 'Lyrio is back'],
  [125, 'ghl', undefined, 'All is well; the story begins again'],
];

/** How long a vendor's answer takes, in milliseconds: most of the time, and at worst. */
const LATENCY: { readonly [V in Vendor]: readonly [usual: number, worst: number] } = {
  ghl: [35, 220],
  sendgrid: [18, 90],
  retell: [60, 400],
  lyrio: [25, 120],
};

/** The demo's vendors and their traffic. Runs until the process ends. */
export async function startVendors(registry: BreakerRegistry, tell: (text: string) => void): Promise<void> {
  const start = (name: Vendor, handlers: (baseUrl: string) => RequestHandler[]): Promise<MockServer> =>
    MockServer.start((baseUrl) => [slowly(...LATENCY[name]), ...handlers(baseUrl)]);
  const servers: { readonly [V in Vendor]: MockServer } = {
    ghl: await start('ghl', ghlHandlers),
    sendgrid: await start('sendgrid', sendgridHandlers),
    retell: await start('retell', retellHandlers),
    lyrio: await start('lyrio', lyrioHandlers),
  };
  // Thresholds and fallbacks are those of specs/breakers.yaml; only the times are shortened for the show.
  const options = (name: Vendor) => ({
    baseUrl: servers[name].url,
    token: 'demo-token',
    registry,
    timeoutMs: 1_500,
    totalTimeoutMs: 4_000,
    retry: { baseDelayMs: 50 },
    breaker: { recoveryTimeoutMs: 8_000 },
  });
  const ghl = new GhlClient({ ...options('ghl'), fallbacks: { 'users.get': ({ params }) => ({ id: params.userId, name: 'on duty' }) } });
  const sendgrid = new SendGridClient(options('sendgrid'));
  const retell = new RetellClient(options('retell'));
  const lyrio = new LyrioClient(options('lyrio'));
  const circuit = (name: string, follows: readonly string[] = []) => getCircuitBreaker(name, { registry, follows });
  const score = protect(() => delay(4 + Math.random() * 12), { breaker: circuit('lead-scoring', ['lyrio']) });
  const geocode = protect(() => delay(2 + Math.random() * 6), { breaker: circuit('geocoding') });

  const mail = {
    personalizations: [{ to: [{ email: 'mara@example.com' }] }],
    from: { email: 'homes@example.com' },
    subject: 'A house near the park',
    content: [{ type: 'text/plain', value: 'The viewing is on Friday at four.' }],
  };
  repeat(8, () => ghl.contacts.get({ contactId: `cnt_${Math.floor(Math.random() * 5)}` }));
  repeat(2, () => ghl.users.get({ userId: 'usr_demo' }));
  repeat(0.5, () => ghl.contacts.create({ body: { locationId: 'loc_demo', firstName: 'Mara' } }));
  repeat(3, () => sendgrid.mail.send({ body: mail }));
  repeat(1, () => sendgrid.templates.get({ template_id: 'd-welcome' }));
  repeat(4, () => retell.agents.get({ agent_id: 'agent_buyer_07' }));
  repeat(1, () => retell.concurrency.get());
  repeat(2, () =>
    lyrio.calls.syncSummary({ body: { contact_id: 'lyr_1', activity_type: 'ai_call', call_id: 'call_1', sentiment: 'Positive' } }),
  );
  repeat(5, () => score());
  repeat(1, () => geocode());
  tellStory(servers, tell);
}

/** Does something that many times a second, whatever comes of it. */
function repeat(perSecond: number, work: () => PromiseLike<unknown>): void {
  // Errors are what the dashboard is there to show.
  setInterval(() => void Promise.resolve(work()).catch(() => undefined), 1_000 / perSecond);
}

function slowly(usual: number, worst: number): RequestHandler {
  // Answers nothing, so that the next handler does; late.
  return http.all('*', async () => {
    const rare = Math.random() ** 6;
    await delay(usual * (0.7 + Math.random() * 0.6) + (worst - usual) * rare);
  });
}

function tellStory(servers: { readonly [V in Vendor]: MockServer }, tell: (text: string) => void): void {
  const troubles = new Map<Vendor, Trouble>();
  for (const [second, vendor, trouble, text] of STORY) {
    setTimeout(() => {
      tell(text);
      troubles.set(vendor, trouble);
      servers[vendor].outage = trouble === 'flaky' ? undefined : trouble;
      if (second === STORY.at(-1)?.[0]) tellStory(servers, tell);
    }, second * 1_000);
  }
  const flicker = setInterval(() => {
    for (const [vendor, trouble] of troubles) if (trouble === 'flaky') servers[vendor].outage = Math.random() < 0.33 ? 'errors' : undefined;
  }, 40);
  setTimeout(() => clearInterval(flicker), (STORY.at(-1)?.[0] ?? 0) * 1_000);
}
