import { hostname } from 'node:os';
import type { Background } from '../../background.js';
import { type Clock, MAX_TIMER_MS } from '../../clock.js';
import { ALERT_DEFAULTS, type AlertRules, type ResolvedRules } from '../../config/alert-types.js';
import { flag, oneOf, text } from '../../errors/checks.js';
import { ConfigurationError } from '../../errors/configuration-error.js';
import { givenClock, givenFunction, givenObject } from '../../errors/given.js';
import { namesOf, refuseInherited } from '../../errors/known-options.js';
import { checkedLater, type OptionTable } from '../../errors/option-table.js';
import { isList } from '../../errors/readable.js';
import { givenRegistry } from '../../policies/circuit-breaker/given-registry.js';
import { type BreakerRegistry, defaultRegistry } from '../../policies/circuit-breaker/registry.js';
import { CURRENT, chance, quietly, userFunction, userObject } from '../../user-code.js';
import type { AlertChannel, ChannelProblem } from './channel.js';
import { channelOf } from './channels/from-settings.js';
import { type AlertConfig, givenConfig, type LoadedAlertConfig, throwLostErrors } from './given-config.js';
import { isSeverity, resolveRules, takenRules } from './rules.js';

export interface AlertOptions {
  /** The channels, besides those of `config`. There must be at least one, here or there. */
  readonly channels?: readonly AlertChannel[] | undefined;
  /** The rules. They override those of `config`. */
  readonly rules?: AlertRules | undefined;
  /** Rules for single services. */
  readonly services?: Readonly<Record<string, AlertRules>> | undefined;
  /** How long a circuit that opens again is not reported again, in milliseconds. Its end is reported. Default 300,000. */
  readonly cooldownMs?: number | undefined;
  /**
   * The subject of an incident. `service` (default): circuits of one service that open together are one incident, whose messages name them.
   * `circuit`: each circuit has its own incidents.
   */
  readonly groupBy?: 'service' | 'circuit' | undefined;
  /** How often success rates are checked, in milliseconds. Openings and recoveries are reported immediately. Default 15,000. */
  readonly checkIntervalMs?: number | undefined;
  /** Whether alerts are on. If false, nothing is watched or sent, and no variable is required. Default true. */
  readonly enabled?: boolean | undefined;
  /**
   * The result of `loadBreakers`, or its `config` alone. Its `alerts` block applies to everything that is not given here. Give the whole result, so that
   * errors of the file are thrown.
   */
  readonly config?: AlertConfig | LoadedAlertConfig | undefined;
  /** The registry whose circuits are watched. Default: the registry that clients share. */
  readonly registry?: BreakerRegistry | undefined;
  /** The name of the environment, for the block of the YAML and for messages. Default: `FUSELINE_ENV`, else `NODE_ENV`. */
  readonly environment?: string | undefined;
  /** The environment variables with the secrets. Default: those of the process. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** The page about the circuits. Messages link to it. */
  readonly dashboardUrl?: string | undefined;
  /** The URL of your copy of the runbooks. `{page}` stands for a page name; without it, `/<page>.md` is added. Default: the copy in the package. */
  readonly runbookUrl?: string | undefined;
  /** The name of this process in messages. Default: the name of the machine. */
  readonly source?: string | undefined;
  /** Called if a message was not delivered. Its errors are dropped. Default: a warning of the process. */
  readonly onChannelError?: ((problem: ChannelProblem) => void) | undefined;
  /** The source of time, for tests. */
  readonly clock?: Clock | undefined;
  /** The source of jitter and ids, 0 to 1, for tests. If it throws, `Math.random` takes its place. */
  readonly random?: (() => number) | undefined;
}

/** The checks of options by themselves. `resolveOptions` checks what depends on `config`. */
export const ALERT_OPTIONS: OptionTable<AlertOptions> = {
  channels: (option, value: unknown) => {
    if (!isList(value)) throw new ConfigurationError(option, value, 'a list of channels');
  },
  rules: checkedLater,
  services: givenObject,
  cooldownMs: checkedLater,
  groupBy: oneOf('service', 'circuit'),
  checkIntervalMs: checkedLater,
  enabled: flag,
  config: checkedLater,
  registry: givenRegistry,
  environment: text,
  env: givenObject,
  dashboardUrl: checkedLater,
  runbookUrl: checkedLater,
  source: text,
  onChannelError: givenFunction,
  clock: givenClock,
  random: givenFunction,
};

const CHANNEL = namesOf<AlertChannel>({ name: 1, minSeverity: 1, keepsState: 1, timeoutMs: 1, maxAttempts: 1, open: 1 });

/** Checked options, with their defaults. */
export interface Resolved {
  readonly enabled: boolean;
  readonly channels: readonly AlertChannel[];
  readonly cooldownMs: number;
  readonly groupBy: 'service' | 'circuit';
  readonly checkIntervalMs: number;
  readonly registry: BreakerRegistry;
  readonly environment: string | undefined;
  readonly dashboardUrl: string | undefined;
  readonly runbookUrl: string | undefined;
  readonly source: string;
  readonly background: Background;
  /** Never throws: see `chance`. */
  readonly draw: () => number;
  readonly secret: (variable: string, what: string) => string;
  readonly rulesOf: (service: string) => ResolvedRules;
  readonly onProblem: (problem: ChannelProblem) => void;
}

/**
 * Checks the options and fills in defaults.
 *
 * @throws {DiagnosticError} with the errors of the file, if `config` could not be loaded.
 * @throws {ConfigurationError} with the option, the value and the expected values.
 */
export function resolveOptions(options: AlertOptions, background: Background): Resolved {
  const { registry = defaultRegistry, random = Math.random, onChannelError = warn } = options;
  const { scope } = background;
  const env = options.env ?? (typeof process === 'undefined' ? {} : process.env);
  const environment = options.environment ?? (env['FUSELINE_ENV'] || env['NODE_ENV'] || undefined);
  const config = givenConfig(options.config);
  const file = config === undefined ? undefined : withoutPrototype(CURRENT.invoke(userObject(config), 'alerts', environment));
  const enabled = options.enabled ?? file?.enabled ?? true;
  const groupBy = options.groupBy ?? file?.groupBy ?? 'service';
  if (groupBy !== 'service' && groupBy !== 'circuit') throw new ConfigurationError('groupBy', groupBy, "'service' or 'circuit'");
  const channels = [
    ...Object.entries(file?.channels ?? {}).map(([name, settings]) => channelOf(name, settings)),
    ...(options.channels ?? []),
  ];
  if (enabled && channels.length === 0) throwLostErrors(options);
  if (enabled) checkChannels(channels);
  const rules = [takenRules(file?.rules), takenRules(options.rules)];
  const services = [takenServices(file?.services), takenServices(options.services)];
  const rulesOf = (service: string): ResolvedRules =>
    resolveRules(services[0]?.get(service) ?? rules[0], rules[1], services[1]?.get(service));
  // All rules are checked now, so that a fault is found at the start and not in the first outage.
  for (const service of ['', ...Object.keys(options.services ?? {})]) rulesOf(service);
  return {
    enabled,
    channels,
    cooldownMs: duration('cooldownMs', options.cooldownMs ?? file?.cooldownMs ?? ALERT_DEFAULTS.cooldownMs, 0),
    groupBy,
    checkIntervalMs: duration('checkIntervalMs', options.checkIntervalMs ?? file?.checkIntervalMs ?? ALERT_DEFAULTS.checkIntervalMs, 1),
    registry,
    environment,
    dashboardUrl: link('dashboardUrl', options.dashboardUrl ?? file?.dashboardUrl),
    runbookUrl: link('runbookUrl', options.runbookUrl ?? file?.runbookUrl),
    source: options.source ?? hostname(),
    background,
    draw: () => chance(scope, userFunction(random)),
    secret: secretsFrom(env),
    rulesOf,
    onProblem: (problem) => void quietly(scope, userFunction(onChannelError), problem),
  };
}

/** Returns a copy that inherits nothing from `Object.prototype`. */
function withoutPrototype<T extends object>(settings: T | undefined): T | undefined {
  return settings && Object.assign(Object.create(null), settings);
}

/** Returns the reader of secrets in the environment. Secrets are never shown. */
function secretsFrom(env: Readonly<Record<string, string | undefined>>): Resolved['secret'] {
  return (variable, what) => {
    // The user can have given the secret itself instead of a name. It must not appear in a log.
    if (typeof variable !== 'string' || !/^[A-Za-z_][A-Za-z0-9_]{0,99}$/.test(variable))
      throw new ConfigurationError(
        'the name of a variable',
        undefined,
        `the name of the environment variable with ${what}`,
        'What was given is not shown: it may be the secret itself.',
      );
    const value = env[variable]?.trim();
    if (value === undefined || value === '') throw new ConfigurationError(`environment variable ${variable}`, undefined, what);
    return value;
  };
}

function checkChannels(channels: readonly AlertChannel[]): void {
  if (channels.length === 0)
    throw new ConfigurationError(
      'channels',
      channels,
      'at least one channel',
      'Give one in code, such as slack({ urlEnv: "SLACK_WEBHOOK_URL" }), or below `alerts.channels` of the YAML.',
    );
  const names = new Set<string>();
  for (const channel of channels) {
    if (typeof channel?.name !== 'string' || channel.name === '' || typeof channel.open !== 'function')
      throw new ConfigurationError(
        'channels',
        channel,
        'channels made by slack, webhook, pagerDuty or email, or objects with name and open',
      );
    refuseInherited('a channel', channel, CHANNEL, 'channels.');
    const { name, minSeverity, timeoutMs, maxAttempts } = channel;
    if (names.has(name))
      throw new ConfigurationError('channels', name, 'a name that no other channel has', 'Give one of them another `name`.');
    names.add(name);
    if (minSeverity !== undefined && !isSeverity(minSeverity))
      throw new ConfigurationError(`minSeverity of channel ${name}`, minSeverity, "'critical', 'warning' or 'info'");
    if (timeoutMs !== undefined) duration(`timeoutMs of channel ${name}`, timeoutMs, 1);
    if (maxAttempts !== undefined && !(Number.isSafeInteger(maxAttempts) && maxAttempts >= 1))
      throw new ConfigurationError(`maxAttempts of channel ${name}`, maxAttempts, 'a whole number, 1 or more');
  }
}

function duration(option: string, given: unknown, least: number): number {
  if (typeof given === 'number' && given >= least && given <= MAX_TIMER_MS) return given;
  throw new ConfigurationError(option, given, `milliseconds from ${least} to ${MAX_TIMER_MS}`);
}

function link(option: string, given: string | undefined): string | undefined {
  if (given === undefined || (URL.canParse(given) && /^https?:/.test(given))) return given;
  throw new ConfigurationError(option, given, 'a URL that begins with https:// or http://');
}

function takenServices(services: Readonly<Record<string, AlertRules>> | undefined): ReadonlyMap<string, AlertRules | undefined> {
  return new Map(Object.entries(services ?? {}).map(([service, rules]) => [service, takenRules(rules)]));
}

function warn({ message }: ChannelProblem): void {
  if (typeof process !== 'undefined') process.emitWarning(message, 'FuselineAlertWarning');
}
