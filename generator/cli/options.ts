import type { GenerateOptions } from '../generate/generate.js';
import type { OptionSpecs, Parsed } from './args.js';
import type { Io } from './io.js';

/** Options that name the input. */
export const INPUT: OptionSpecs = {
  specs: { type: 'string', value: 'DIR', help: 'folder of the OpenAPI documents (default: specs)' },
  breakers: {
    type: 'string',
    value: 'FILE',
    help: 'the breaker YAML (default: breakers.yaml here, or else in the folder of the documents)',
  },
};

export const SERVICES: OptionSpecs = {
  service: { type: 'string', multiple: true, value: 'NAME', help: 'only this service; can be repeated' },
};

export const OUTPUT: OptionSpecs = {
  out: { type: 'string', value: 'DIR', help: 'output folder, with a subfolder per service (default: generated)' },
  msw: { type: 'boolean', help: 'write MSW mocks (default: if the package.json above the output folder names msw)' },
  'no-msw': { type: 'boolean', help: 'do not write mocks' },
  tests: { type: 'boolean', help: 'write tests (default: if that package.json names msw and vitest)' },
  'no-tests': { type: 'boolean', help: 'do not write tests' },
};

/** The option `environment`. `byDefault` names the environment that applies without it. */
export function environmentOption(byDefault: string): OptionSpecs {
  return {
    environment: { type: 'string', value: 'NAME', help: `the block of \`environments\` in the YAML (default: ${byDefault})` },
  };
}

const AS_JSON: OptionSpecs = { json: { type: 'boolean', help: 'print the result as JSON' } };

const DISPLAY: OptionSpecs = {
  color: { type: 'boolean', help: 'use colors (default: in a terminal, unless NO_COLOR is set)' },
  'no-color': { type: 'boolean', help: 'do not use colors' },
  help: { type: 'boolean', short: 'h', help: 'show this help' },
};

/** Options of a command that only prints its result. */
export const PRINT: OptionSpecs = { ...AS_JSON, ...DISPLAY };

/** Options of a command that also reports what it does. */
export const REPORT: OptionSpecs = {
  ...AS_JSON,
  quiet: { type: 'boolean', short: 'q', help: 'print errors only' },
  verbose: { type: 'boolean', help: 'print every repair and warning' },
  ...DISPLAY,
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
