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
      return slack({ ...settings, name });
    case 'webhook':
      return webhook({ ...settings, name });
    case 'pagerduty':
      return pagerDuty({ ...settings, name });
    case 'email':
      return email({ ...settings, name });
  }
}
