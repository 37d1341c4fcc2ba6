import type { GenerateOptions } from '../generate/generate.js';
import type { OptionSpecs, Parsed } from './args.js';
import type { Io } from './io.js';

/** Where input is. */
export const INPUT: OptionSpecs = {
  specs: { type: 'string', value: 'DIR', help: 'folder of the OpenAPI documents (default: specs)' },
  breakers: { type: 'string', value: 'FILE', help: 'the breaker YAML (default: breakers.yaml in the folder of documents)' },
};

export const SERVICES: OptionSpecs = {
  service: { type: 'string', multiple: true, value: 'NAME', help: 'only this service; may be repeated' },
};

export const OUTPUT: OptionSpecs = {
  out: { type: 'string', value: 'DIR', help: 'where a folder per service is written (default: generated)' },
  msw: { type: 'boolean', help: 'write MSW mocks (default: where the package.json above the output names msw)' },
  'no-msw': { type: 'boolean', help: 'write no mocks' },
  tests: { type: 'boolean', help: 'write tests (default: where it names msw and vitest)' },
  'no-tests': { type: 'boolean', help: 'write no tests' },
};

export const REPORT: OptionSpecs = {
  json: { type: 'boolean', help: 'print the result as JSON' },
  quiet: { type: 'boolean', short: 'q', help: 'print errors only' },
  verbose: { type: 'boolean', help: 'print every repair and warning' },
  color: { type: 'boolean', help: 'use colors (default: in a terminal, unless NO_COLOR is set)' },
  'no-color': { type: 'boolean', help: 'use no colors' },
  help: { type: 'boolean', short: 'h', help: 'show this help' },
};

export function generateOptions(parsed: Parsed, io: Io): GenerateOptions {
  return {
    cwd: io.cwd,
    specs: parsed.text('specs'),
    breakers: parsed.text('breakers'),
    out: parsed.text('out'),
    services: parsed.list('service'),
    msw: parsed.choice('msw'),
    tests: parsed.choice('tests'),
  };
}
