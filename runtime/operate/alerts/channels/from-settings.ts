import type { ChannelSettings } from '../../../config/alert-types.js';
import type { AlertChannel } from '../channel.js';
import { email } from './email.js';
import { pagerDuty } from './pagerduty.js';
import { slack } from './slack.js';
import { webhook } from './webhook.js';

/** Returns the channel that the YAML describes under a name. @throws {ConfigurationError} if its settings cannot work. */
export function channelOf(name: string, settings: ChannelSettings): AlertChannel {
  switch (settings.type) {
    case 'slack':
      return slack(optionsOf(name, settings));
    case 'webhook':
      return webhook(optionsOf(name, settings));
    case 'pagerduty':
      return pagerDuty(optionsOf(name, settings));
    case 'email':
      return email(optionsOf(name, settings));
  }
}

/** Returns the options of a channel's function, which says the type by its name. */
function optionsOf<S extends ChannelSettings>(name: string, { type: _, ...options }: S): Omit<S, 'type'> & { readonly name: string } {
  return { ...options, name };
}
