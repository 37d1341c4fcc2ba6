import { must } from '../../errors/given.js';
import { isInstance } from '../../errors/readable.js';
import { BreakerRegistry } from './registry.js';

/** Returns the registry. @throws {ConfigurationError} if it is something else, or made by another copy of fuseline. */
export function givenRegistry(option: string, value: BreakerRegistry): BreakerRegistry {
  must(isInstance(value, BreakerRegistry), option, value, 'a BreakerRegistry');
  return value;
}
