import { nearest } from '../../runtime/errors/nearest.js';
import { parse, UsageError } from './args.js';
import { COMMANDS } from './commands.js';
import { commandHelp, mainHelp } from './help.js';
import { EXIT, type Io } from './io.js';
import { installedPackage } from './package-folder.js';

/** Runs the `fuseline` command and returns the exit code. Never throws. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  try {
    return await dispatch(args, io);
  } catch (error) {
    if (error instanceof UsageError) {
      io.stderr(`${error.message}\nSee \`fuseline ${error.command === undefined ? '' : `${error.command} `}--help\`.\n`);
      return EXIT.usage;
    }
    const told = error instanceof Error ? error : new Error(String(error));
    io.stderr(`fuseline: ${args.includes('--verbose') ? (told.stack ?? told.message) : told.message}\n`);
    return EXIT.error;
  }
}

async function dispatch(args: readonly string[], io: Io): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined) {
    io.stderr(mainHelp());
    return EXIT.usage;
  }
  if (name === '--help' || name === '-h' || name === 'help') {
    const about = name === 'help' ? rest[0] : undefined;
    if (about !== undefined && !Object.hasOwn(COMMANDS, about)) throw new UsageError(unknownCommand(about));
    io.stdout(about === undefined ? mainHelp() : commandHelp(about));
    return EXIT.done;
  }
  if (name === '--version') {
    io.stdout(`${(await installedPackage())?.version ?? 'unknown'}\n`);
    return EXIT.done;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) throw new UsageError(unknownCommand(name));
  const parsed = parse(rest, command.options, name);
  if (parsed.flag('help')) {
    io.stdout(commandHelp(name));
    return EXIT.done;
  }
  const extra = parsed.positionals[command.positionals.length];
  if (extra !== undefined) throw new UsageError(`Unexpected argument "${extra}".`, name);
  return command.run(parsed, io);
}

function unknownCommand(name: string): string {
  if (name.startsWith('-')) return `Expected a command, found the option ${name}. For example: fuseline generate ${name}`;
  const names = Object.keys(COMMANDS);
  const meant = nearest(name, names);
  return `Unknown command "${name}", expected ${names.join(', ')}.${meant === undefined ? '' : ` Did you mean ${meant}?`}`;
}
