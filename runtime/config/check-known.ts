import { givenOptions } from '../errors/option-table.js';
import type { BreakersConfig } from './breakers-config.js';
import { checkOperations, checkServices } from './check-names.js';
import type { Diagnostic } from './diagnostic.js';
import { LOAD_OPTIONS, type ParseOptions } from './load.js';
import { inFileOrder } from './source.js';

/**
 * Checks a configuration against the OpenAPI documents, which can be read only after the configuration that names them. Returns the same diagnostics
 * as `loadBreakers` with the same options, except for the names below `resilience.timeout`, which were checked when the file was read.
 */
export function checkKnown(config: BreakersConfig, options: ParseOptions): readonly Diagnostic[] {
  const known: ParseOptions = givenOptions('checkKnown', options, LOAD_OPTIONS);
  const findings = [
    ...(known.knownServices === undefined ? [] : checkServices(config, known.knownServices)),
    ...[...config.services.values()].flatMap((service) =>
      checkOperations(service, known.knownOperations?.(service.name), known.generated?.(service.name)),
    ),
  ];
  return inFileOrder(findings.map(({ path, anchor, ...finding }) => config.source.diagnose(path, anchor, finding)));
}
