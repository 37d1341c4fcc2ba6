/**
 * Run as a process of its own, because the dispatcher of the global `fetch` stays for the life of a process: loads undici as `process.argv[2]` says, and
 * prints whose dispatcher `fetch` has then. With `process.argv[3]`, the program has one of its own.
 */
import { post } from '../../runtime/operate/alerts/channels/http.js';
import { getThing, testClient } from './client.js';
import { json, Loopback } from './loopback.js';

const KEY = Symbol.for('undici.globalDispatcher.1');
const current = (): unknown => Reflect.get(globalThis, KEY);

const [, , what, own] = process.argv;
const mine = own === undefined ? undefined : { dispatch: () => true };
if (mine !== undefined) Object.defineProperty(globalThis, KEY, { value: mine, writable: true });

const server = (await Loopback.start()).answer(json({ id: 1 }));
const acme = testClient({ token: 't', baseUrl: server.origin });
if (what === 'client') await acme.call(getThing, { id: 1 });
else await post({ url: server.origin, body: '{}', signal: AbortSignal.timeout(60_000), now: 0, dispatcher: undefined });

const after = current();
const { Agent } = await import('undici');
const whose = after === mine ? 'of the program' : after instanceof Agent ? 'of the package undici' : 'of Node';
console.log(`${after === undefined ? 'none' : whose}; requests ${server.requests.length}`);
process.exit();
