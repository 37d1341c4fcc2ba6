import { Wording } from './configuration-error.js';
import { givenReadable, must } from './given.js';
import { refuseUnknown } from './known-options.js';
import { isObject } from './readable.js';

/** The check of every option of a type. The compiler finds an option that is missing or too many. */
export type OptionTable<O> = { readonly [K in keyof Required<O>]: (option: string, value: never) => unknown };

/** The check of an option that the code behind the table checks, because the check needs more than the value. */
export function checkedLater(): void {}

/**
 * Returns a copy of the options, after each passed the check of its row. An option of value undefined is not given. `what` names the owner in messages:
 * `startAlerts`. `option` names the options themselves, and `place` stands before each option.
 *
 * Use the copy, and not the options: it has no prototype, so what some code adds to `Object.prototype` later is no option. Each option is read once: it
 * can be a getter.
 *
 * @throws {ConfigurationError} if the options are not an object, one of them does not exist, or one has a value that cannot work. A message never
 *   shows a text in place of the options, which can be a secret: `slack(process.env.SLACK_WEBHOOK_URL)`.
 */
export function givenOptions<O>(what: string, given: O, table: OptionTable<O>, option = `options of ${what}`, place = ''): O & object {
  must(isObject(given), option, typeof given === 'string' ? new Wording('a text') : given, 'an object');
  const options = given as Readonly<Record<string, unknown>>;
  refuseUnknown(what, options, new Set(Object.keys(table)), place);
  const taken: Record<string, unknown> = Object.create(null);
  for (const [name, check] of Object.entries(table) as [string, (option: string, value: unknown) => unknown][]) {
    if (!(name in options)) continue;
    const value = options[name];
    givenReadable(place + name, value);
    if (value !== undefined) check(place + name, value);
    taken[name] = value;
  }
  return taken as O & object;
}
