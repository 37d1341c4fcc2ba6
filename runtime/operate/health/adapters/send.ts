import type { ServerResponse } from 'node:http';

/** Sends a response on one of Node's: its headers at once, and its body as fast as the client takes it. Never rejects. */
export async function send(source: Response, target: ServerResponse): Promise<void> {
  const { body, headers, status } = source;
  // The client went away, or someone else has answered, while the response was made.
  if (target.destroyed || target.writableEnded || target.headersSent) {
    await body?.cancel().catch(() => undefined);
    return;
  }
  target.statusCode = status;
  for (const [name, value] of headers) if (name !== 'set-cookie') target.setHeader(name, value);
  const cookies = headers.getSetCookie();
  if (cookies.length > 0) target.setHeader('set-cookie', cookies);
  if (body === null) {
    target.end();
    return;
  }
  // What has a length is there at once, and goes out with its headers in one packet.
  if (!headers.has('content-length')) target.flushHeaders();
  await pump(body, target);
}

async function pump(body: ReadableStream<Uint8Array>, target: ServerResponse & { flush?(): void }): Promise<void> {
  const reader = body.getReader();
  const cancel = (): void => void reader.cancel().catch(() => undefined);
  target.once('close', cancel);
  // The source may fail while the client takes nothing: nobody reads then, and the connection would stay for ever.
  reader.closed.catch(() => target.destroy());
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done || target.destroyed || target.writableEnded) break;
      const room = target.write(value);
      // Compressing middleware collects what it is given until it is told to pass it on.
      target.flush?.();
      if (!room) await drained(target);
    }
    target.end();
  } catch {
    // The source failed in the middle: a response that only ended would look complete.
    target.destroy();
    cancel();
  } finally {
    target.off('close', cancel);
  }
}

function drained(target: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      target.off('drain', done);
      target.off('close', done);
      resolve();
    };
    target.on('drain', done);
    target.on('close', done);
    if (target.destroyed) done();
  });
}
