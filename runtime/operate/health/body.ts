/** The largest body of a POST, in bytes. Operators send a few words. */
export const MAX_BODY_BYTES = 64 * 1024;

/** Returns the request with its body read to the end; undefined if the body is larger than `MAX_BODY_BYTES`. */
export async function withBody(request: Request): Promise<Request | undefined> {
  const announced = Number(request.headers.get('content-length') ?? 0);
  if (announced > MAX_BODY_BYTES) {
    await request.body?.cancel();
    return undefined;
  }
  const bytes = await read(request.body);
  if (bytes === undefined) return undefined;
  const { url, method, headers, signal } = request;
  return new Request(url, { method, headers, signal, body: bytes.byteLength === 0 ? null : bytes });
}

/** Reads a body and counts its bytes, because `content-length` can be wrong or missing. */
async function read(body: ReadableStream<Uint8Array> | null): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop cancels the stream.
  for await (const chunk of body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}
