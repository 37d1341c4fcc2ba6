import type { IncomingMessage, ServerResponse } from 'node:http';
import { secured } from '../headers.js';
import { problem } from '../json.js';
import { pathOf, toRequest } from './request.js';
import { send } from './send.js';

/** Answers a request of Node with a function in the style of `fetch`, which also receives the path. Never rejects. */
export async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  answer: (request: Request, path: string) => Promise<Response>,
): Promise<void> {
  let converted: Request;
  try {
    converted = toRequest(request, response);
  } catch {
    await send(await secured(problem('bad_request', 'This request cannot be answered here.'), false), response);
    return;
  }
  await send(await answer(converted, pathOf(request) ?? ''), response);
}
