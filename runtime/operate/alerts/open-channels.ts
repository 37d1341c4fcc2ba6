import { ConfigurationError } from '../../errors/configuration-error.js';
import { CURRENT, forgiven, quietly, userFunction, userObject } from '../../user-code.js';
import type { AlertChannel } from './channel.js';
import type { Resolved } from './options.js';
import { type OpenedChannel, Outbox } from './outbox.js';

/** Opens all channels, or none. @throws {ConfigurationError} with the option or the environment variable. */
export function openAll(setup: Resolved): readonly Outbox[] {
  if (!setup.enabled) return [];
  const opened: OpenedChannel[] = [];
  try {
    for (const channel of setup.channels) opened.push(open(channel, setup));
  } catch (error) {
    for (const { close } of opened) if (close !== undefined) quietly(CURRENT, close);
    throw error;
  }
  return opened.map((each) => new Outbox(each, setup));
}

function open(channel: AlertChannel, { secret, environment, onProblem }: Resolved): OpenedChannel {
  const { name } = channel;
  const unavailable = (cause: string, why: string): void =>
    onProblem({ channel: name, kind: 'unavailable', cause, attempts: 0, alert: null, lost: 0, message: `alert channel ${name}: ${why}` });
  const sender = forgiven(CURRENT.invoke(userObject(channel), 'open', { secret, environment: environment ?? null, unavailable }));
  if (typeof sender?.send !== 'function') throw new ConfigurationError(`open of channel ${name}`, sender, 'to return an object with send');
  const { close } = sender;
  return { channel, sender: userObject(sender), close: typeof close === 'function' ? userFunction(close.bind(sender)) : undefined };
}
