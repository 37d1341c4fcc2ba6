import { isDevelopment } from '../../errors/call-site.js';
import { MAX_CONNECTIONS, PROXY_VARIABLES } from '../transport/shared.js';
import type { ClientOptions } from './options.js';

/** The effective value of a setting that no YAML has. */
export interface ClientSetting {
  /** The option of the client, or what the environment decides. */
  readonly option: 'redirects' | 'compression' | 'captureStack' | 'maxConnections' | 'proxy';
  readonly shown: string;
  readonly origin: string;
}

/** What decides the settings. */
export interface ClientSettingsQuery {
  /** Name of the environment. */
  readonly environment: string | undefined;
  /** The variables of the process. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The options of the client. Default: none are given. */
  readonly given?: Pick<ClientOptions, 'redirects' | 'compression' | 'captureStack' | 'dispatcher' | 'transport'>;
}

const DEFAULT = 'built-in default';

/** Returns the settings that are options of a client or variables of the process, and never in the YAML. Values of variables can hold a password, so proxies are only named. */
export function clientSettings({ environment, env, given = {} }: ClientSettingsQuery): readonly ClientSetting[] {
  const { redirects, compression, captureStack } = given;
  const option = (name: 'redirects' | 'compression' | 'captureStack', value: unknown, usual: unknown, origin = DEFAULT): ClientSetting =>
    value === undefined ? { option: name, shown: String(usual), origin } : { option: name, shown: String(value), origin: 'client options' };
  const traces = isDevelopment(environment);
  return [
    option('redirects', redirects, 'error'),
    option('compression', compression, true),
    option('captureStack', captureStack, traces, traces ? `environment ${environment}` : DEFAULT),
    ...connectionSettings(env, given),
  ];
}

function connectionSettings(
  env: ClientSettingsQuery['env'],
  { dispatcher, transport }: NonNullable<ClientSettingsQuery['given']>,
): readonly ClientSetting[] {
  const elsewhere = dispatcher !== undefined ? 'dispatcher' : transport === 'fetch' ? 'fetch' : undefined;
  if (elsewhere !== undefined) {
    const decided = { shown: `decided by ${elsewhere}`, origin: 'client options' };
    return [
      { option: 'maxConnections', ...decided },
      { option: 'proxy', ...decided },
    ];
  }
  const most = env['FUSELINE_MAX_CONNECTIONS'] ?? '';
  const proxies = PROXY_VARIABLES.filter((name) => (env[name] ?? '') !== '');
  return [
    {
      option: 'maxConnections',
      shown: most === '' ? String(MAX_CONNECTIONS) : most,
      origin: most === '' ? DEFAULT : 'environment variable FUSELINE_MAX_CONNECTIONS',
    },
    {
      option: 'proxy',
      shown: proxies.length === 0 ? 'none' : 'on',
      origin: proxies.length === 0 ? DEFAULT : `environment variable ${proxies.join(', ')}`,
    },
  ];
}
