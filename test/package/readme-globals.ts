/** What the README's examples take for granted, as global declarations: what an example declares itself goes before. */
export const README_GLOBALS = `
declare const GhlClient: typeof import('fuseline/ghl').GhlClient;
declare const ghl: import('fuseline/ghl').GhlClient;
declare const store: { currentToken(): Promise<string> };
declare const token: string;
declare const cache: { find(contactId: string): import('fuseline/ghl').Contact };
`;
