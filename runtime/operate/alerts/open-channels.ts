import type { AlertChannel, AlertSender } from './channel.js';
import type { Resolved } from './options.js';
import { Outbox } from './outbox.js';

/** Opens all channels, or none. @throws {ConfigurationError} naming the option or the environment variable. */
export function openAll({ enabled, channels, secret, environment, clock, random, onProblem }: Resolved): readonly Outbox[] {
  if (!enabled) return [];
  const opened: (readonly [AlertChannel, AlertSender])[] = [];
  try {
    for (const channel of channels) {
      const unavailable = (cause: string, why: string): void =>
        onProblem({
          channel: channel.name,
          kind: 'unavailable',
          cause,
          attempts: 0,
          alert: null,
          lost: 0,
          message: `alert channel ${channel.name}: ${why}`,
        });
      opened.push([channel, channel.open({ secret, environment: environment ?? null, unavailable })]);
    }
  } catch (error) {
    for (const [, sender] of opened) sender.close?.();
    throw error;
  }
  return opened.map(([channel, sender]) => new Outbox(channel, sender, { clock, random, onProblem }));
}
