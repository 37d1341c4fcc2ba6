import type { IncomingMessage, ServerResponse } from 'node:http';
import { secured } from '../headers.js';
import { problem } from '../json.js';
import { pathOf, toRequest } from './request.js';
import { send } from './send.js';

/** Answers a request of Node's by a function in the style of `fetch`, which gets the path, too. Never rejects. */
export async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  answer: (request: Request, path: string) => Promise<Response>,
): Promise<void> {
  let converted: Request;
  try {
    converted = toRequest(request, response);
  } catch {
    await send(await secured(problem('bad_request', 'This is no request that can be answered here.'), false), response);
    return;
  }
  await send(await answer(converted, pathOf(request) ?? ''), response);
}
