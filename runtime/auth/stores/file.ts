/** A store of tokens in files. By itself, because it needs Node's file system, which browsers and workers do not have. */

export { type FileTokensOptions, fileTokens } from './file-tokens.js';
