import { pascalCase, words } from './words.js';

/**
 * Returns the word that a service's exports begin with: `Ghl` for `ghl`. If a title spells the service's name with capitals inside, the
 * exports do too: `SendGrid` for `sendgrid`. A title entirely in capitals (`GHL API`) has no effect.
 */
export function clientWord(service: string, titles: readonly string[]): string {
  const plain = words(service).join('');
  for (const title of titles) {
    for (const spelt of title.split(/[^A-Za-z0-9]+/)) {
      if (spelt.toLowerCase() === plain && /^[A-Z]/.test(spelt) && /[a-z]/.test(spelt)) return spelt;
    }
  }
  const word = pascalCase(words(service));
  return /^\p{L}/u.test(word) ? word : `Api${word}`;
}
