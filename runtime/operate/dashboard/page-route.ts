import type { Route } from '../health/route.js';
import { PAGE, SCRIPT_DIGEST, STYLE_DIGEST } from './page.generated.js';

/** Nothing but the page's own script and style runs, nothing is asked of another host, and no text becomes markup. */
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

/** The page: the same for everyone, and without data. */
export const pageRoute: Route = {
  method: 'GET',
  path: '/dashboard',
  permission: 'none',
  handle: () => new Response(PAGE, { headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': POLICY } }),
};
