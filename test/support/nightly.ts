/** Whether the tests run in their long form: `npm run test:nightly`. */
export const NIGHTLY = (process.env['FUSELINE_NIGHTLY'] ?? '') !== '';
