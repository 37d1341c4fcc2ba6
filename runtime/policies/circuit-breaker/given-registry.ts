import { must } from '../../errors/given.js';
import { BreakerRegistry } from './registry.js';

/** Returns the registry. @throws {ConfigurationError} if it is something else, or made by another copy of fuseline. */
export function givenRegistry(option: string, value: BreakerRegistry): BreakerRegistry {
  must(value instanceof BreakerRegistry, option, value, 'a BreakerRegistry');
  return value;
}
