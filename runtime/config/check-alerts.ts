import { alertBlocks } from './alert-secrets.js';
import { ALERT_DEFAULTS, RULE_DEFAULTS } from './alert-types.js';
import { KnownNames } from './known-names.js';
import { isMapping } from './mapping.js';
import { quote } from './quote.js';
import { mergedChannels, readAlerts } from './read-alerts.js';
import type { PlacedFinding } from './validate.js';
import { duration } from './value-checks.js';

const COMMON = ['type', 'min_severity', 'timeout_seconds', 'max_attempts'];

/** The keys of each type of channel. `needs` are required keys (one of each list); `takes` are optional keys. */
const TYPES: Readonly<Record<string, { readonly needs: readonly (readonly string[])[]; readonly takes: readonly string[] }>> = {
  slack: { needs: [['url_env']], takes: [] },
  webhook: { needs: [['url_env', 'url'], ['secret_env']], takes: [] },
  pagerduty: { needs: [['routing_key_env']], takes: ['endpoint', 'dedup'] },
  email: { needs: [['host', 'url_env'], ['from'], ['to']], takes: ['port', 'security', 'user_env', 'password_env'] },
};

/** Finds faults of `alerts` that a schema cannot detect: channels that lack a key in an environment, and unknown services. */
export function checkAlerts(data: unknown, services: Iterable<string>): readonly PlacedFinding[] {
  const blocks = alertBlocks(data);
  const known = new KnownNames(services);
  const found = new Map<string, PlacedFinding>();
  const add = (finding: PlacedFinding): void => {
    const key = JSON.stringify([finding.code, finding.path, finding.message]);
    if (!found.has(key)) found.set(key, finding);
  };
  for (const { environment, path, block } of blocks) {
    if (!isMapping(block)) continue;
    const steps = path.map(String);
    const layers = blocks.filter((each) => each.environment === undefined || each.environment === environment).map((each) => each.block);
    for (const [name, channel] of mergedChannels(layers)) {
      if (channel === false) continue;
      // Reported at the environment if it changes the channel, otherwise at the channel itself.
      const here = isMapping(block['channels']) && Object.hasOwn(block['channels'], name);
      for (const finding of channelFindings(name, channel))
        add({ ...finding, path: [...(here ? steps : ['alerts']), 'channels', name, ...finding.path] });
    }
    for (const name of Object.keys(isMapping(block['services']) ? block['services'] : {})) {
      if (!known.has(name)) add(unknownService(name, known, [...steps, 'services', name]));
    }
    for (const finding of windowFindings(data, environment, steps)) add(finding);
  }
  return [...found.values()];
}

function channelFindings(name: string, channel: Readonly<Record<string, unknown>>): readonly PlacedFinding[] {
  const type = String(channel['type'] ?? '');
  const shape = Object.hasOwn(TYPES, type) ? TYPES[type] : undefined;
  // A wrong type is reported elsewhere.
  if (shape === undefined) {
    if (type !== '') return [];
    return [
      {
        code: 'missing-key',
        message: `the channel ${quote(name)} has no \`type\`, expected slack, webhook, pagerduty or email`,
        path: [],
        anchor: 'key',
      },
    ];
  }
  const found: PlacedFinding[] = [];
  for (const keys of shape.needs) {
    const given = keys.filter((key) => channel[key] !== undefined);
    const wanted = keys.map((key) => `\`${key}\``).join(' or ');
    if (given.length === 0)
      found.push({ code: 'missing-key', message: `the ${type} channel ${quote(name)} lacks ${wanted}`, path: [], anchor: 'key' });
    if (given.length > 1)
      found.push({
        code: 'conflicting-keys',
        message: `the ${type} channel ${quote(name)} has ${given.map((key) => `\`${key}\``).join(' and ')}, expected only one of them`,
        path: [given[1] ?? ''],
        anchor: 'key',
      });
  }
  const takes = [...COMMON, ...shape.needs.flat(), ...shape.takes];
  for (const key of Object.keys(channel)) {
    if (takes.includes(key) || !ALL_KEYS.includes(key)) continue;
    const hint =
      key === 'url'
        ? 'Its URL is a secret: put it into a variable and write `url_env: NAME_OF_THE_VARIABLE`.'
        : `Known here: ${takes.join(', ')}.`;
    found.push({ code: 'unknown-key', message: `a ${type} channel has no \`${key}\``, hint, path: [key], anchor: 'key' });
  }
  if (type === 'email') {
    const { user_env: user, password_env: password, url_env: url } = channel;
    if ((user === undefined) !== (password === undefined))
      found.push({
        code: 'missing-key',
        message: `the email channel ${quote(name)} has only one of \`user_env\` and \`password_env\`, expected both or neither`,
        path: [],
        anchor: 'key',
      });
    for (const key of ['port', 'security', 'user_env', 'password_env'])
      if (url !== undefined && channel[key] !== undefined)
        found.push({
          code: 'conflicting-keys',
          message: `\`${key}\` is part of the URL that \`url_env\` names, expected only one of the two`,
          path: [key],
          anchor: 'key',
        });
  }
  return found;
}

const ALL_KEYS = [...new Set([...COMMON, ...Object.values(TYPES).flatMap(({ needs, takes }) => [...needs.flat(), ...takes])])];

/** Returns a hint, not an error: the name can be that of a circuit of `protect` or `getCircuitBreaker`, which are not in the file. */
function unknownService(name: string, known: KnownNames, path: readonly string[]): PlacedFinding {
  return {
    severity: 'warning',
    code: 'unknown-service',
    message: `there is no service ${quote(name)} in this file, so these rules hold only for a circuit of that name`,
    hint: known.meant(name) ?? `Known here: ${known.list('none')}.`,
    path,
    anchor: 'key',
  };
}

/** Finds a window that is shorter than the check interval. Such a window would contain either no calls or all of them. */
function windowFindings(data: unknown, environment: string | undefined, path: readonly string[]): readonly PlacedFinding[] {
  const settings = readAlerts(data, environment);
  if (settings === undefined) return [];
  const { checkIntervalMs = ALERT_DEFAULTS.checkIntervalMs } = settings;
  const each = [
    { at: ['rules'], rules: settings.rules },
    ...Object.entries(settings.services).map(([name, rules]) => ({ at: ['services', name, 'rules'], rules })),
  ];
  return each.flatMap(({ at, rules }): PlacedFinding[] => {
    const rule = rules.lowSuccessRate;
    if (rule === false) return [];
    const windowMs = (typeof rule === 'object' ? rule.windowMs : undefined) ?? RULE_DEFAULTS.lowSuccessRate.windowMs;
    if (!(windowMs < checkIntervalMs)) return [];
    const message = `the window of low_success_rate (${duration(windowMs)}) is shorter than the time between two looks (${duration(checkIntervalMs)}), expected it to be longer`;
    return [
      {
        code: 'window-too-short',
        message,
        hint: 'Raise `window_seconds` or lower `check_interval_seconds`.',
        path: [...path, ...at, 'low_success_rate'],
        anchor: 'key',
      },
    ];
  });
}
