import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A vendor on loopback whose first answer is good and whose next are not. */
export interface Vendor {
  readonly url: string;
  /** Method and path of every request that came, in order. */
  readonly requests: readonly string[];
  close(): void;
}

/** Starts one. `answer` is the JSON body of the good answer; without it the good answer is an empty 202. */
export async function startVendor(answer?: unknown): Promise<Vendor> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const good = requests.push(`${request.method} ${request.url}`) === 1;
    request.resume().on('end', () => {
      if (good && answer === undefined) response.writeHead(202).end();
      else
        response
          .writeHead(good ? 200 : 500, { 'content-type': 'application/json' })
          .end(JSON.stringify(good ? answer : { message: 'down' }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () => server.close(),
  };
}
