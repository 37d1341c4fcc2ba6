import type { SlackOptions } from '../../../config/alert-types.js';
import { givenMethods, givenName } from '../../../errors/given.js';
import { checkedLater, type OptionTable } from '../../../errors/option-table.js';

/** The options that all channels have. `startAlerts` checks the values, because channels of the user's own have them, too. */
export const COMMON_OPTIONS: OptionTable<Omit<SlackOptions, 'urlEnv'> & { readonly name?: string | undefined }> = {
  name: givenName,
  minSeverity: checkedLater,
  timeoutMs: checkedLater,
  maxAttempts: checkedLater,
};

/** The check of a dispatcher, such as a `ProxyAgent` of undici. */
export const givenDispatcher = givenMethods('an object with a function dispatch', 'dispatch');
