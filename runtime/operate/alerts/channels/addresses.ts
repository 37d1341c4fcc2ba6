import { ConfigurationError } from '../../../errors/configuration-error.js';

/** Is it this machine? What is sent there needs no encryption. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/**
 * A URL from a variable, which is a secret and shown nowhere.
 *
 * @throws {ConfigurationError} naming the variable, where it is none, or not encrypted.
 */
export function secretUrl(text: string, variable: string, what: string): string {
  return checked(text, `environment variable ${variable}`, what, true);
}

/** A URL from an option. @throws {ConfigurationError} */
export function publicUrl(text: string, option: string, what: string, encrypted: boolean): string {
  return checked(text, option, what, encrypted);
}

function checked(text: string, option: string, what: string, encrypted: boolean): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const fine = url?.protocol === 'https:' || (url?.protocol === 'http:' && (!encrypted || isLoopback(url.hostname)));
  if (url === undefined || !fine)
    throw new ConfigurationError(option, '(not shown)', `${what}, which begins with https://`, 'It may be a secret.');
  return text;
}
