import { type ParseOptions, parseBreakers } from '../../../runtime/config/index.js';

/** Everything found in a text, one line each: `line:column+length severity code message | hint`. */
export function messages(text: string, options: ParseOptions = {}): string[] {
  return parseBreakers(text, 'breakers.yaml', options).diagnostics.map(({ line, column, length, severity, code, message, hint }) => {
    const place = line === undefined ? '' : `${line}:${column}+${length} `;
    return `${place}${severity} ${code} ${message}${hint === undefined ? '' : ` | ${hint}`}`;
  });
}

/** Settings of the service `ghl` as a whole file; they begin at 3:12. */
export function ghl(settings: string): string {
  return `circuit_breaker:\n  services:\n    ghl: { ${settings} }\n`;
}
