import type { Route } from '../health/route.js';
import { PAGE, SCRIPT_DIGEST, STYLE_DIGEST } from './page.generated.js';

/** Allows only the page's own script and style, no request to another host, and no markup from text. */
const POLICY = [
  "default-src 'none'",
  `script-src '${SCRIPT_DIGEST}'`,
  `style-src '${STYLE_DIGEST}'`,
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

/** The route of the page. The page is the same for everyone, and holds no data. */
export const pageRoute: Route = {
  method: 'GET',
  path: '/dashboard',
  permission: 'none',
  handle: () => new Response(PAGE, { headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': POLICY } }),
};
