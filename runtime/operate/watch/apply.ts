import { systemClock } from '../../clock.js';
import { CURRENT, userObject } from '../../user-code.js';
import { AppliedFile } from './applied-file.js';
import { fileOnDisk, readSource } from './config-file.js';
import { type ApplyOptions, applyOptions, placeOf, type Reload, targetOf } from './options.js';

/**
 * Reads a breaker YAML once and puts it in force for running clients and for those made later. The file is a layer over what each client
 * was generated with, key by key: what it does not say stays. All services get their new settings together, or none does.
 *
 * Client options and environment variables stay stronger. A second call replaces what the first one said, and so does `watchBreakers`.
 *
 * @throws {DiagnosticError} naming file, line and column of each error, if the file cannot be used; then nothing has changed
 * @throws {ConfigurationError} if an option is out of range
 *
 * @example
 * const ghl = new GhlClient({ token });
 * const { services } = await applyBreakers({ file: 'breakers.yaml', clients: ghl });
 */
export async function applyBreakers(given: ApplyOptions): Promise<Reload> {
  const options = applyOptions(given);
  const target = targetOf(options);
  const { shown, path } = placeOf(options);
  const file = new AppliedFile(shown, target, options.clock ?? systemClock);
  const reading = await readSource(CURRENT, userObject(options.source ?? fileOnDisk(path)), shown, path);
  const loaded = 'bytes' in reading ? await file.parse(reading.bytes) : { config: undefined, diagnostics: [await reading.explain()] };
  return file.apply(loaded);
}
