import type { OptionSpecs } from './args.js';
import { COMMANDS } from './commands.js';

export function mainHelp(): string {
  const rows = Object.entries(COMMANDS).map(([name, { summary }]) => [name, summary] as const);
  return `Typed API clients with a circuit breaker on every operation, from OpenAPI and one YAML.

Usage: fuseline <command> [options]

Commands:
${table(rows)}

Options:
${table([
  ['-h, --help', 'show this help, or the help of a command'],
  ['--version', 'print the version'],
])}

Exit codes: 0 done, 1 error, 2 wrong usage, 3 stale (check).
`;
}

export function commandHelp(name: string): string {
  const command = COMMANDS[name];
  if (command === undefined) return mainHelp();
  return `${command.about.join('\n')}

Usage: fuseline ${name} ${command.usage}

Options:
${optionTable(command.options)}
`;
}

function optionTable(options: OptionSpecs): string {
  return table(
    Object.entries(options).map(([name, { short, value, help }]) => [
      `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`,
      help,
    ]),
  );
}

function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([first]) => first.length));
  return rows.map(([first, second]) => `  ${first.padEnd(width)}  ${second}`).join('\n');
}
