import { describe, expect, it } from 'vitest';
import { ALERT_DEFAULTS, RULE_DEFAULTS } from '../../../runtime/config/alert-types.js';
import { parseBreakers } from '../../../runtime/config/index.js';
import { ALERT_DEFINITIONS, ALERTS_SCHEMA } from '../../../runtime/config/schema-alerts.js';
import { expectation } from '../../../runtime/config/schema-settings.js';
import { SEND_DEFAULTS } from '../../../runtime/operate/alerts/outbox.js';
import { messages } from './messages.js';

const file = (alerts: string): string => `circuit_breaker: { services: { ghl: {}, retell: {} } }\nalerts:\n${alerts}`;

describe('what becomes of alerts', () => {
  const text = file(`  cooldown_seconds: 120
  check_interval_seconds: 5
  dashboard_url: https://ops.example.com/circuits
  runbook_url: https://wiki.example.com/{page}
  rules:
    circuit_open_long: { after_seconds: 600 }
    low_success_rate: { below: 0.9, window_seconds: 60, minimum_calls: 50 }
    circuit_half_open: false
  services:
    retell: { rules: { low_success_rate: { below: 0.8 }, circuit_half_open: true } }
  channels:
    ops: { type: slack, url_env: SLACK_WEBHOOK_URL, min_severity: warning, timeout_seconds: 2.5 }
    hook: { type: webhook, url: https://hooks.example.com/fuseline, secret_env: HOOK_SECRET, max_attempts: 2 }
    pager: { type: pagerduty, routing_key_env: PD_KEY, endpoint: https://events.eu.pagerduty.com/v2/enqueue, dedup: circuit }
    mail: { type: email, host: smtp.example.com, user_env: SMTP_USER, password_env: SMTP_PASSWORD, from: a@example.com, to: [b@example.com] }
environments:
  staging:
    alerts:
      cooldown_seconds: 0
      rules: { low_success_rate: false, circuit_open: { severity: warning } }
      services: { ghl: { rules: { low_success_rate: true } } }
      channels: { pager: false, ops: { min_severity: critical } }
  off:
    alerts: { enabled: false }
`);
  const { config, diagnostics } = parseBreakers(text, 'b.yaml');

  it('every setting', () => {
    expect(diagnostics).toEqual([]);
    const rules = {
      circuitOpenLong: { afterMs: 600_000 },
      lowSuccessRate: { below: 0.9, windowMs: 60_000, minimumCalls: 50 },
      circuitHalfOpen: false,
    };
    expect(config?.alerts()).toEqual({
      enabled: true,
      cooldownMs: 120_000,
      checkIntervalMs: 5_000,
      dashboardUrl: 'https://ops.example.com/circuits',
      runbookUrl: 'https://wiki.example.com/{page}',
      rules,
      services: {
        retell: { ...rules, lowSuccessRate: { below: 0.8, windowMs: 60_000, minimumCalls: 50 }, circuitHalfOpen: true },
      },
      channels: {
        ops: { type: 'slack', urlEnv: 'SLACK_WEBHOOK_URL', minSeverity: 'warning', timeoutMs: 2_500 },
        hook: { type: 'webhook', url: 'https://hooks.example.com/fuseline', secretEnv: 'HOOK_SECRET', maxAttempts: 2 },
        pager: {
          type: 'pagerduty',
          routingKeyEnv: 'PD_KEY',
          endpoint: 'https://events.eu.pagerduty.com/v2/enqueue',
          dedup: 'circuit',
        },
        mail: {
          type: 'email',
          host: 'smtp.example.com',
          userEnv: 'SMTP_USER',
          passwordEnv: 'SMTP_PASSWORD',
          from: 'a@example.com',
          to: ['b@example.com'],
        },
      },
    });
  });

  it('an environment is stronger, key by key', () => {
    const staging = config?.alerts('staging');
    expect(staging).toMatchObject({ cooldownMs: 0, checkIntervalMs: 5_000, enabled: true });
    expect(staging?.rules).toMatchObject({ lowSuccessRate: false, circuitOpen: { severity: 'warning' }, circuitHalfOpen: false });
    expect(staging?.services['ghl']).toMatchObject({ lowSuccessRate: true });
    expect(staging?.services['retell']).toMatchObject({ lowSuccessRate: false, circuitHalfOpen: true });
    expect(Object.keys(staging?.channels ?? {})).toEqual(['ops', 'hook', 'mail']);
    expect(staging?.channels['ops']).toEqual({
      type: 'slack',
      urlEnv: 'SLACK_WEBHOOK_URL',
      minSeverity: 'critical',
      timeoutMs: 2_500,
    });
    expect(config?.alerts('off')?.enabled).toBe(false);
    expect(config?.alerts('unknown')).toEqual(config?.alerts());
  });

  it('nothing where nothing is said', () => {
    expect(parseBreakers('circuit_breaker: {}\n', 'b.yaml').config?.alerts('production')).toBeUndefined();
    const { config: bare } = parseBreakers('circuit_breaker: {}\nalerts:\n', 'b.yaml');
    expect(bare?.alerts()).toBeUndefined();
  });
});

describe('faults', () => {
  it.each<[string, string, string]>([
    ['an unknown key', '  cooldown: 5\n', '3:3+8 error unknown-key Unknown key `cooldown` in `alerts`. | Did you mean `cooldown_seconds`?'],
    [
      'an unknown rule',
      '  rules: { circuit_opened: true }\n',
      '3:12+14 error unknown-key Unknown key `circuit_opened` in `alerts.rules`. | Did you mean `circuit_open`?',
    ],
    [
      'a bad share',
      '  rules: { low_success_rate: { below: 95 } }\n',
      '3:39+2 error bad-value `below` is 95, expected a share above 0, up to 1, such as 0.95.',
    ],
    [
      'a bad severity',
      '  rules: { circuit_open: { severity: urgent } }\n',
      '3:38+6 error bad-value `severity` is "urgent", expected critical, warning or info.',
    ],
    [
      'a bad type',
      '  channels: { ops: { type: slak, url_env: A } }\n',
      '3:28+4 error bad-value `type` is "slak", expected slack, webhook, pagerduty or email. | Did you mean `slack`?',
    ],
    [
      'no type',
      '  channels: { ops: { url_env: A } }\n',
      '3:15+3 error missing-key The channel "ops" has no `type`, expected slack, webhook, pagerduty or email.',
    ],
    [
      'slack without a variable',
      '  channels: { ops: { type: slack } }\n',
      '3:15+3 error missing-key The slack channel "ops" lacks `url_env`.',
    ],
    [
      'a webhook without a target',
      '  channels: { ops: { type: webhook, secret_env: A } }\n',
      '3:15+3 error missing-key The webhook channel "ops" lacks `url_env` or `url`.',
    ],
    [
      'a webhook with two targets',
      '  channels: { ops: { type: webhook, secret_env: A, url: https://a.example.com, url_env: B } }\n',
      '3:52+3 error conflicting-keys The webhook channel "ops" has `url_env` and `url`, expected only one of them.',
    ],
    [
      'a key of another type',
      '  channels: { ops: { type: slack, url_env: A, to: a@example.com } }\n',
      '3:47+2 error unknown-key A slack channel has no `to`. | Known here: type, min_severity, timeout_seconds, max_attempts, url_env.',
    ],
    [
      'half of a login',
      '  channels: { ops: { type: email, host: h, from: a@b.c, to: a@b.c, user_env: A } }\n',
      '3:15+3 error missing-key The email channel "ops" has only one of `user_env` and `password_env`, expected both or neither.',
    ],
    [
      'a window that no look fits into',
      '  check_interval_seconds: 60\n  rules: { low_success_rate: { window_seconds: 30 } }\n',
      '4:12+16 error window-too-short The window of low_success_rate (30 s) is shorter than the time between two looks (60 s), expected it to be longer. | Raise `window_seconds` or lower `check_interval_seconds`.',
    ],
    [
      'a service that is not there',
      '  services: { reteel: { rules: { circuit_open: false } } }\n',
      '3:15+6 warning unknown-service There is no service "reteel" in this file, so these rules hold only for a circuit of that name. | Did you mean `retell`?',
    ],
  ])('%s', (_, alerts, expected) => {
    expect(messages(file(alerts))).toEqual([expected]);
  });

  it('an environment that leaves a channel incomplete', () => {
    const text = `${file('  channels: { ops: { type: slack, url_env: A } }\n')}environments: { live: { alerts: { channels: { ops: { type: webhook } } } } }\n`;
    expect(messages(text)).toEqual(['4:47+3 error missing-key The webhook channel "ops" lacks `secret_env`.']);
  });
});

describe('secrets in the file', () => {
  const slack = 'https://hooks.slack.com/services/T0/B0/abc';
  it.each<[string, string, string]>([
    ['a URL where the name of its variable belongs', `{ type: slack, url_env: ${slack} }`, slack],
    ['a URL of Slack anywhere', `{ type: webhook, secret_env: A, url: ${slack} }`, slack],
    ['a URL with a password', '{ type: webhook, secret_env: A, url: https://ann:pa55@example.com/x }', 'pa55'],
    ['a URL with a token', '{ type: webhook, secret_env: A, url: https://example.com/x?token=pa55 }', 'pa55'],
    [
      'a URL with a random part',
      '{ type: webhook, secret_env: A, url: https://example.com/h/9f8e7d6c5b4a39281706 }',
      '9f8e7d6c5b4a39281706',
    ],
    ['a UUID in a URL', '{ type: webhook, secret_env: A, url: https://example.com/0b9c1fbe-5ab3-4f2c-8d1e-0123456789ab }', '0b9c1fbe'],
    ['a key of PagerDuty', '{ type: pagerduty, routing_key: R0AAAAAAAAAAAAAAAAAAAAAAAAAAAA01 }', 'R0AAAAAAAAAAAA'],
    ['one in capitals as a name', '{ type: pagerduty, routing_key_env: R0AAAAAAAAAAAAAAAAAAAAAAAAAAAA01 }', 'R0AAAAAAAAAAAA'],
    ['a password by its key', '{ type: email, host: h, from: a@b.c, to: a@b.c, password: hunter2 }', 'hunter2'],
    ['a password of digits', '{ type: email, host: h, from: a@b.c, to: a@b.c, password: 4711 }', '4711'],
    ['a password as a name', '{ type: email, host: h, from: a@b.c, to: a@b.c, user_env: A, password_env: hunter2 }', 'hunter2'],
    ['a token by its form', '{ type: email, host: xoxb-1-2-3, from: a@b.c, to: a@b.c }', 'xoxb-1'],
    ['a URL instead of a channel', slack, slack],
  ])('%s', (_, channel, secret) => {
    const text = file(`  channels:\n    ops: ${channel}\n`);
    const { config, diagnostics } = parseBreakers(text, 'b.yaml');
    expect(config).toBeUndefined();
    const found = diagnostics.filter(({ code }) => code === 'secret-in-file');
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ severity: 'error', file: 'b.yaml', line: 4 });
    expect(found[0]?.message).toMatch(/^`\w+` looks like a secret, expected no secret in this file/);
    expect(text).toContain(secret);
    // Neither it nor any other finding near it shows the value.
    expect(JSON.stringify(diagnostics)).not.toContain(secret);
    expect(found[0]?.frame).toContain('•••');
  });

  it('names the key to use', () => {
    const [found] = parseBreakers(file('  channels: { ops: { type: email, password: x } }\n'), 'b.yaml').diagnostics.filter(
      ({ code }) => code === 'secret-in-file',
    );
    expect(found?.hint).toContain('write `password_env: NAME_OF_THE_VARIABLE`');
  });

  it('in an environment, too', () => {
    const text = `circuit_breaker: {}\nenvironments: { live: { alerts: { channels: { ops: { type: slack, url_env: ${slack} } } } } }\n`;
    expect(parseBreakers(text, 'b.yaml').diagnostics.map(({ code, line }) => [code, line])).toEqual([['secret-in-file', 2]]);
  });

  it.each([
    'https://hooks.example.com/fuseline',
    'https://example.com/api/v2/incidents/payment-team-2026-production',
    'http://127.0.0.1:8080/alerts?team=ops',
  ])('not %s', (url) => {
    expect(messages(file(`  channels: { ops: { type: webhook, secret_env: A, url: '${url}' } }\n`))).toEqual([]);
  });

  it('not the id of a dashboard', () => {
    expect(messages(file('  dashboard_url: https://grafana.example.com/d/ffa1b2c3d4e5f6a7b8c9d0/circuits\n'))).toEqual([]);
  });
});

it('the schema describes every key, and shows the defaults that hold', () => {
  const undescribed: string[] = [];
  const visit = (at: string, schema: unknown): void => {
    if (typeof schema !== 'object' || schema === null || '$ref' in schema) return;
    const { properties = {}, description } = schema as { properties?: Record<string, unknown>; description?: string };
    if (description === undefined || expectation(schema) === undefined) undescribed.push(at);
    for (const [key, child] of Object.entries(properties)) visit(`${at}.${key}`, child);
  };
  for (const [name, schema] of Object.entries({ alerts: ALERTS_SCHEMA, ...ALERT_DEFINITIONS })) visit(name, schema);
  expect(undescribed).toEqual([]);
  type Node = { readonly properties: Readonly<Record<string, Node>>; readonly default?: unknown };
  const { properties } = ALERTS_SCHEMA as unknown as Node;
  expect([properties['cooldown_seconds']?.default, properties['check_interval_seconds']?.default]).toEqual([
    ALERT_DEFAULTS.cooldownMs / 1_000,
    ALERT_DEFAULTS.checkIntervalMs / 1_000,
  ]);
  const channel = (ALERT_DEFINITIONS['alert_channel'] as unknown as Node).properties;
  expect({
    timeoutMs: Number(channel['timeout_seconds']?.default) * 1_000,
    maxAttempts: channel['max_attempts']?.default,
  }).toEqual(SEND_DEFAULTS);
  const rules = (ALERT_DEFINITIONS['alert_rules'] as unknown as Node).properties;
  const shown = (rule: string, key: string): unknown => rules[rule]?.properties[key]?.default;
  expect({
    circuitOpen: { severity: shown('circuit_open', 'severity') },
    circuitOpenLong: {
      severity: shown('circuit_open_long', 'severity'),
      afterMs: Number(shown('circuit_open_long', 'after_seconds')) * 1_000,
    },
    lowSuccessRate: {
      severity: shown('low_success_rate', 'severity'),
      below: shown('low_success_rate', 'below'),
      windowMs: Number(shown('low_success_rate', 'window_seconds')) * 1_000,
      minimumCalls: shown('low_success_rate', 'minimum_calls'),
    },
    circuitHalfOpen: { severity: shown('circuit_half_open', 'severity') },
    circuitRecovered: { severity: shown('circuit_recovered', 'severity') },
  }).toEqual(RULE_DEFAULTS);
});
