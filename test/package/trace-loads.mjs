// node --import ./trace-loads.mjs program.js: lists every file that is loaded from then on, one to a line, in the file that TRACE names.
import { appendFileSync } from 'node:fs';
import { createRequire, register } from 'node:module';
import { fileURLToPath } from 'node:url';

// The hooks run in a thread of their own, so the file is what they share with this one.
const hooks = `
  import { appendFileSync } from 'node:fs';
  import { fileURLToPath } from 'node:url';
  export async function load(url, context, next) {
    if (url.startsWith('file:')) appendFileSync(process.env.TRACE, fileURLToPath(url) + '\\n');
    return next(url, context);
  }`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);

// What CommonJS modules require of one another passes the hooks by.
const { cache } = createRequire(fileURLToPath(import.meta.url));
process.on('exit', () => appendFileSync(process.env.TRACE, Object.keys(cache).join('\n')));
