/** The parts of oidc-provider that tests use; it brings no types. */
declare module 'oidc-provider' {
  import type { RequestListener } from 'node:http';

  interface Saved {
    save(): Promise<string>;
  }

  interface Found {
    destroy(): Promise<void>;
  }

  export default class Provider {
    constructor(issuer: string, configuration: object);
    callback(): RequestListener;
    readonly Client: { find(id: string): Promise<object | undefined> };
    readonly Grant: new (
      fields: object,
    ) => Saved & { addOIDCScope(scope: string): void };
    readonly RefreshToken: new (
      fields: object,
    ) => Saved;
    readonly AccessToken: { find(token: string): Promise<Found | undefined> };
    readonly ClientCredentials: { find(token: string): Promise<Found | undefined> };
  }
}
