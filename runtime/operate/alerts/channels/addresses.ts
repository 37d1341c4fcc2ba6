import { ConfigurationError } from '../../../errors/configuration-error.js';

/** Whether a host is this machine. Requests to it need no encryption. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/**
 * Checks a URL from a variable. It is a secret, and never shown.
 *
 * @throws {ConfigurationError} with the variable, if its value is not a URL, or not encrypted.
 */
export function secretUrl(text: string, variable: string, what: string): string {
  return checked(text, `environment variable ${variable}`, what, true);
}

/** Checks a URL from an option. @throws {ConfigurationError} with the option, if it is not a URL, or not encrypted but must be. */
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
