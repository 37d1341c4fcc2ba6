import type { ServerResponse } from 'node:http';

/** Sends a response through a response of Node: its headers immediately, its body as fast as the client accepts it. Never rejects. */
export async function send(source: Response, target: ServerResponse): Promise<void> {
  const { body, headers, status } = source;
  // The client disconnected, or other code answered, while the response was made.
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
  // A body with a known length is complete, and is sent with its headers in one packet.
  if (!headers.has('content-length')) target.flushHeaders();
  await pump(body, target);
}

async function pump(body: ReadableStream<Uint8Array>, target: ServerResponse & { flush?(): void }): Promise<void> {
  const reader = body.getReader();
  const cancel = (): void => void reader.cancel().catch(() => undefined);
  target.once('close', cancel);
  // The source can fail while the client accepts nothing. Then no read reports it, and the connection would stay open forever.
  reader.closed.catch(() => target.destroy());
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done || target.destroyed || target.writableEnded) break;
      const room = target.write(value);
      // Compressing middleware buffers until `flush`.
      target.flush?.();
      if (!room) await drained(target);
    }
    target.end();
  } catch {
    // The source failed in the middle. A normal end would make the response look complete.
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
