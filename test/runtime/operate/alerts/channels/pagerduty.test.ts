import { pagerDuty } from 'fuseline/alerts';
import { describe, expect, it } from 'vitest';
import { pagerDutyEvent } from '../../../../../runtime/operate/alerts/channels/pagerduty.js';
import { json, Loopback } from '../../../../support/loopback.js';
import { alert } from '../alert.js';
import { withChannel } from './setup.js';

const KEY = 'R0KEY';

async function withServer(work: (server: Loopback) => Promise<void>): Promise<void> {
  const server = await Loopback.start();
  try {
    await work(server.answer(json({ status: 'success' }, 202)));
  } finally {
    await server.stop();
  }
}

const eventOf = async (server: Loopback, n: number): Promise<Record<string, unknown>> =>
  JSON.parse(String((await server.request(n)).body)) as Record<string, unknown>;

describe('PagerDuty', () => {
  it('an incident triggers and resolves under one key', () =>
    withServer(async (server) => {
      const channel = pagerDuty({ routingKeyEnv: 'KEY', endpoint: `${server.origin}/v2/enqueue` });
      const { open, close } = withChannel(channel, { KEY });
      open();
      const trigger = await eventOf(server, 1);
      expect(server.requests[0]?.url).toBe('/v2/enqueue');
      expect(trigger).toEqual({
        routing_key: KEY,
        event_action: 'trigger',
        dedup_key: expect.stringMatching(/^ghl-\w+$/),
        client: 'fuseline',
        client_url: 'https://ops.example.com/circuits',
        links: [
          { href: 'https://wiki.example.com/circuit-open', text: 'Runbook' },
          { href: 'https://ops.example.com/circuits', text: 'Dashboard' },
        ],
        payload: {
          summary: '[CRITICAL] ghl: circuit open, calls are refused',
          source: 'host-1',
          severity: 'critical',
          timestamp: '2026-01-01T00:00:00.000Z',
          component: 'ghl',
          group: 'ghl',
          class: 'circuit_open',
          custom_details: expect.objectContaining({ Why: 'one failure', Runbook: 'https://wiki.example.com/circuit-open' }),
        },
      });
      close();
      expect(await eventOf(server, 2)).toEqual({ routing_key: KEY, event_action: 'resolve', dedup_key: trigger['dedup_key'] });
    }));

  it('what is only for information wakes nobody, and the end comes although its rule is off', () =>
    withServer(async (server) => {
      const channel = pagerDuty({ routingKeyEnv: 'KEY', endpoint: server.origin });
      const { open, close, clock } = withChannel(channel, { KEY }, { rules: { circuitRecovered: false } });
      open();
      await eventOf(server, 1);
      await clock.advance(60_000);
      open();
      close();
      expect(await eventOf(server, 2)).toMatchObject({ event_action: 'resolve' });
    }));

  it('processes may share one incident per circuit', () => {
    const message = alert({ environment: null });
    expect(pagerDutyEvent(message, KEY, 'circuit')['dedup_key']).toBe('fuseline/ghl');
    expect(pagerDutyEvent(alert({ status: 'resolved' }), KEY, 'circuit')['dedup_key']).toBe('fuseline/production/ghl');
    expect(pagerDutyEvent(message, KEY, 'incident')['dedup_key']).toBe('ghl-abc');
  });

  it('stays within the lengths that it takes, and links only to pages', () => {
    const event = pagerDutyEvent(
      alert({ title: 'x'.repeat(3_000), circuit: 'y'.repeat(400), runbook: 'node_modules/a.md', dashboard: null }),
      KEY,
      'circuit',
    ) as { dedup_key: string; payload: { summary: string } };
    expect(event.payload.summary).toHaveLength(1_024);
    expect(event.dedup_key).toHaveLength(255);
    expect(event).not.toHaveProperty('links');
    expect(event).not.toHaveProperty('client_url');
  });

  it.each<[Parameters<typeof pagerDuty>[0], Record<string, string>, string]>([
    [{ routingKeyEnv: 'KEY' }, {}, 'environment variable KEY is undefined, expected the integration key of PagerDuty'],
    [{ routingKeyEnv: 'KEY', endpoint: 'http://events.example.com' }, { KEY }, 'endpoint of channel pagerduty is "(not shown)"'],
    [{ routingKeyEnv: 'KEY', dedup: 'host' as never }, { KEY }, `dedup of channel pagerduty is "host", expected 'incident' or 'circuit'`],
  ])('refuses %j', (options, env, message) => {
    expect(() => withChannel(pagerDuty(options), env)).toThrow(message);
  });
});
