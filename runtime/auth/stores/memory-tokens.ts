import type { TokenStore } from '../store.js';
import type { Tokens } from '../tokens.js';

/**
 * Keeps tokens in the memory of this process. Good for client credentials, and for tests. A refresh token that works once is lost with the process: give
 * it a store that stays.
 *
 * @example
 * const store = memoryTokens();
 */
export function memoryTokens(): TokenStore {
  const all = new Map<string, Tokens>();
  return {
    load: (account) => all.get(account),
    save: (account, tokens) => {
      all.set(account, tokens);
    },
  };
}
