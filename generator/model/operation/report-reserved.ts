import { quote } from '../../../runtime/config/quote.js';
import type { Reporter } from '../../read/reporter.js';
import { safeMethod } from '../names/method-name.js';
import { RESERVED_CONSTANTS, whyReserved } from '../names/reserved.js';
import { capitalise } from '../names/words.js';
import type { OperationName } from './assign-names.js';
import type { DerivedNamespaces } from './namespaces.js';
import type { RawOperation } from './raw-operation.js';

interface Named {
  readonly given: ReadonlyMap<RawOperation, OperationName>;
  /** The names of the YAML. They were chosen, so nothing is reported about them. */
  readonly chosen: Readonly<Record<string, string>>;
  readonly derived: DerivedNamespaces;
  readonly reporter: Reporter;
}

/** Reports, once each, the namespaces, methods and constants that are not called as the document calls them, because that name is reserved. */
export function reportReserved({ given, chosen, derived, reporter }: Named): void {
  for (const [operation, { namespace, name }] of given) {
    if (Object.hasOwn(chosen, operation.key)) continue;
    const hint = (suggestion: string): string => `To choose a name, set it in \`names\`: ${quote(operation.key)}: ${suggestion}.`;
    const wanted = derived.renamed.get(namespace);
    if (wanted !== undefined && derived.of(operation) === namespace) {
      reporter.warning(operation.at, {
        code: 'namespace-renamed',
        message: `The namespace "${wanted}" is called ${namespace}, because ${whyReserved(wanted)}.`,
        hint: hint(`other.${name}`),
        once: namespace,
      });
    }
    const plain = name.slice(0, -1);
    if (safeMethod(plain) === name) {
      reporter.warning(operation.at, {
        code: 'operation-renamed',
        message: `The method "${plain}" of ${namespace} is called ${name}, because ${whyReserved(plain)}.`,
        hint: hint(`${namespace}.other`),
      });
    }
    const constant = namespace + capitalise(name);
    if (RESERVED_CONSTANTS.has(constant)) {
      reporter.warning(operation.at, {
        code: 'constant-renamed',
        message: `The constant of ${namespace}.${name} is called ${constant}Operation, because generated modules use the name ${constant}.`,
        hint: hint(`${namespace}.other`),
      });
    }
  }
}
