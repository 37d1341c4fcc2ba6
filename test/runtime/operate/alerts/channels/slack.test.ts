import { slack } from 'fuseline/alerts';
import { describe, expect, it } from 'vitest';
import { slackMessage } from '../../../../../runtime/operate/alerts/channels/slack.js';
import { Loopback, text } from '../../../../support/loopback.js';
import { alert } from '../alert.js';
import { withChannel } from './setup.js';

interface Block {
  readonly type: string;
  readonly text?: { readonly type: string; readonly text: string };
  readonly fields?: readonly { readonly type: string; readonly text: string }[];
  readonly elements?: readonly { readonly type: string; readonly text: string }[];
}
const blocks = (message: ReturnType<typeof slackMessage>): readonly Block[] => message['blocks'] as readonly Block[];

it('posts blocks and a text for notifications to the URL of the variable', async () => {
  const server = await Loopback.start();
  try {
    server.answer(text('ok', 'text/plain'));
    const { open, problems } = withChannel(slack({ urlEnv: 'SLACK_URL' }), { SLACK_URL: `${server.origin}/services/T0/B0/x\n` });
    open();
    const seen = await server.request(1);
    expect([seen.method, seen.url, seen.headers['content-type']]).toEqual(['POST', '/services/T0/B0/x', 'application/json; charset=utf-8']);
    const message = JSON.parse(String(seen.body)) as ReturnType<typeof slackMessage>;
    expect(message['text']).toBe('[CRITICAL] ghl: circuit open, calls are refused');
    expect(blocks(message).map(({ type }) => type)).toEqual(['header', 'section', 'context']);
    expect(blocks(message)[0]?.text).toEqual({
      type: 'plain_text',
      text: ':red_circle: ghl: circuit open, calls are refused',
      emoji: true,
    });
    expect(blocks(message)[1]?.fields?.map((field) => field.text)).toContain('*Why:* one failure');
    expect(blocks(message)[2]?.elements?.[0]?.text).toMatch(
      /^<https:\/\/wiki\.example\.com\/circuit-open\|Runbook> · <https:\/\/ops\.example\.com\/circuits\|Dashboard> · incident ghl-\w+$/,
    );
    expect(problems).toEqual([]);
  } finally {
    await server.stop();
  }
});

describe('the message', () => {
  it('keeps what users named from becoming a format, a link or a mention', () => {
    const nasty = '<!channel> & <https://evil.example|click> *bold* _it_ ~no~ `code`';
    const message = slackMessage(alert({ service: nasty, circuit: nasty, why: nasty, incident: 'a_b' }));
    const fields = blocks(message)[1]?.fields ?? [];
    const why = fields.find((field) => field.text.startsWith('*Why:*'))?.text ?? '';
    expect(why).toContain('&lt;!channel&gt; &amp; &lt;https://evil.example|click&gt;');
    expect(why.replace('*Why:*', '')).not.toMatch(/[*_~`](?!\u200b)/);
    expect(JSON.stringify(message)).not.toContain('<!');
  });

  it('leaves ids and paths as they are, for who copies them', () => {
    const message = slackMessage(alert({ incident: 'ghl_eu-abc', runbook: 'node_modules/fuseline/docs/runbooks/circuit-open.md' }));
    expect(blocks(message)[1]?.fields?.map(({ text }) => text)).toContain('*Why:* 3 failures in a row (http_503 ×3)');
    expect(blocks(message)[2]?.elements?.[0]?.text).toMatch(/^Runbook: node_modules\/fuseline\/.* · incident ghl_eu-abc$/);
  });

  it('escapes links so that they end where they should', () => {
    const message = slackMessage(alert({ dashboard: 'https://ops.example.com/?a=1&b=<x>|y', runbook: 'docs/a.md' }));
    expect(blocks(message)[2]?.elements?.[0]?.text).toMatch(
      /^Runbook: docs\/a\.md · <https:\/\/ops\.example\.com\/\?a=1&amp;b=%3Cx%3E%7Cy\|Dashboard> · /,
    );
  });

  it('stays within the lengths that Slack takes', () => {
    const long = '&'.repeat(5_000);
    const message = slackMessage(alert({ title: long, why: long, callersGet: long, circuit: long, service: 'x' }));
    expect(blocks(message)[0]?.text?.text.length).toBeLessThanOrEqual(150);
    for (const field of blocks(message)[1]?.fields ?? []) {
      expect(field.text.length).toBeLessThanOrEqual(2_000);
      expect(field.text).not.toMatch(/&(?!amp;)/);
    }
    expect(blocks(message)[1]?.fields?.length).toBeLessThanOrEqual(10);
  });

  it.each([
    ['critical', 'firing', ':red_circle:'],
    ['warning', 'firing', ':large_yellow_circle:'],
    ['info', 'update', ':information_source:'],
    ['info', 'resolved', ':large_green_circle:'],
  ] as const)('%s %s has the sign %s', (severity, status, sign) => {
    expect(blocks(slackMessage(alert({ severity, status })))[0]?.text?.text).toMatch(new RegExp(`^${sign} `));
  });
});

describe('its secret', () => {
  const start = (options: Parameters<typeof slack>[0], env: Record<string, string>) => () => withChannel(slack(options), env);

  it('must be there', () => {
    expect(start({ urlEnv: 'SLACK_URL' }, {})).toThrow(
      'environment variable SLACK_URL is undefined, expected the URL of an incoming webhook of Slack',
    );
    expect(start({ urlEnv: 'SLACK_URL' }, { SLACK_URL: ' ' })).toThrow('environment variable SLACK_URL is undefined');
  });

  it('must be a URL that nobody can read on the way, and is not shown', () => {
    for (const url of ['http://hooks.slack.com/S3CRET', 'S3CRET', 'ftp://example.com/S3CRET']) {
      expect(start({ urlEnv: 'SLACK_URL' }, { SLACK_URL: url })).toThrow(
        'environment variable SLACK_URL is "(not shown)", expected the URL of an incoming webhook of Slack, which begins with https://. It may be a secret.',
      );
    }
    expect(start({ urlEnv: 'SLACK_URL' }, { SLACK_URL: 'https://hooks.slack.com/x' })).not.toThrow();
  });

  it('is not shown where it stands instead of its name', () => {
    let message = '';
    try {
      start({ urlEnv: 'https://hooks.slack.com/S3CRET' }, {})();
    } catch (error) {
      message = String(error);
    }
    expect(message).toContain(
      'the name of a variable is undefined, expected the name of the environment variable with the URL of an incoming webhook',
    );
    expect(message).not.toContain('S3CRET');
  });
});
