import type { ServiceModel } from '../../model/types.js';
import { jsDoc, propertyName } from '../code/escape.js';
import { schemesIn } from '../credentials.js';
import { operationsOf } from '../names.js';

const WIDTH = 140;

/**
 * Writes the option `credentials` of a client with the names of the document's security schemes, so that the compiler checks them. Empty if no scheme
 * has a name. `type` imports a type of fuseline.
 */
export function credentialsType(model: ServiceModel, type: (name: string) => string): string {
  const alternatives = [...model.security, ...operationsOf(model).flatMap(({ security }) => security ?? [])];
  const schemes = alternatives.flatMap(schemesIn);
  const kinds = new Map(schemes.flatMap((scheme) => (scheme.scheme === undefined ? [] : [[scheme.scheme, scheme.type] as const])));
  if (kinds.size === 0) return '';
  const basic = schemes.some((scheme) => scheme.type === 'basic') ? [type('BasicCredentials')] : [];
  const properties = [...kinds].map(
    ([name, kind]) => `readonly ${propertyName(name)}?: ${type(kind === 'basic' ? 'BasicCredentials' : 'TokenCredential')} | undefined`,
  );
  const doc = jsDoc(['Credentials by the names of the security schemes. A scheme that is not named uses `token`.'], '  ');
  const flat = `  readonly credentials?: ${[...basic, `{ ${properties.join('; ')} }`, 'undefined'].join(' | ')};\n`;
  if (flat.length <= WIDTH + 1) return doc + flat;
  const object = `{\n${properties.map((property) => `        ${property};\n`).join('')}      }`;
  return `${doc}  readonly credentials?:\n${[...basic, object, 'undefined'].map((part) => `    | ${part}`).join('\n')};\n`;
}
