/** Signing in: OAuth 2 for calls of any client, and stores for its tokens. */

export { SignInError, type SignInReason } from '../errors/sign-in-error.js';
export type { Account, AccountStatus } from './account.js';
export { type OAuth, oauth } from './oauth.js';
export type { OAuthOptions } from './options.js';
export { type SharedTokenOptions, sharedToken } from './shared-token.js';
export type { TokenStore, Unlock } from './store.js';
export { memoryTokens } from './stores/memory-tokens.js';
export { type RedisTokensOptions, redisTokens, type TokenCommand } from './stores/redis-tokens.js';
export type { Tokens } from './tokens.js';
