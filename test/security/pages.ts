import { SECRETS } from './secrets.js';
import type { World } from './world.js';

const TOKENS = [undefined, SECRETS.healthToken, SECRETS.adminToken, SECRETS.wrongToken];

/** All that the health handler answers to whoever asks, with headers: with and without a token, and with secrets in every part of the request. */
export async function pages({ health, registry }: World, paths: readonly string[], accept = '*/*'): Promise<string> {
  const open = registry.list().find((circuit) => circuit.snapshot().state === 'open');
  const names = [
    encodeURIComponent(open?.name ?? ''),
    encodeURIComponent(SECRETS.askedPath),
    `%ff${encodeURIComponent(SECRETS.askedPath)}`,
  ];
  const urls = paths.flatMap((path) => (path.includes('{name}') ? names.map((name) => path.replace('{name}', name)) : [path]));
  const unknown = [`/${encodeURIComponent(SECRETS.askedPath)}`, `/health/${encodeURIComponent(SECRETS.askedPath)}`];
  const texts: string[] = [];
  // What changes nothing goes first: the circuits are to be seen as they are.
  for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT', 'POST']) {
    for (const path of [...urls, ...unknown]) {
      for (const token of TOKENS) texts.push(await page(health, method, path, token, accept));
    }
  }
  return texts.join('\n');
}

async function page(health: World['health'], method: string, path: string, token: string | undefined, accept: string): Promise<string> {
  const request = new Request(`http://health.test${path}?key=${encodeURIComponent(SECRETS.askedQuery)}`, {
    method,
    headers: { accept, 'x-asked': SECRETS.askedHeader, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
    ...(method === 'POST' && token === SECRETS.healthToken ? { body: SECRETS.askedBody } : {}),
  });
  const response = await health(request);
  return [response.status, response.statusText, JSON.stringify([...response.headers]), await beginning(response)].join('\n');
}

/** The body; of a stream of events, which does not end, its first piece. */
async function beginning(response: Response): Promise<string> {
  if (response.headers.get('content-type')?.startsWith('text/event-stream') !== true) return response.text();
  const reader = response.body?.getReader();
  const first = await reader?.read();
  await reader?.cancel();
  return new TextDecoder().decode(first?.value);
}
