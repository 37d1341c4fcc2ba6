import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';

/** What a server says of itself on the console; nothing of it is about a test. */
const { info, warn } = console;

/**
 * A real authorization server on loopback (oidc-provider), whose refresh tokens work once: one that is used again ends everything that was given for it.
 * Beside it an API that takes its access tokens.
 */
export class AuthorizationServer {
  readonly origin: string;
  /** Requests for a token, in the order of their arrival. */
  readonly requests: IncomingMessage[] = [];
  /** Statuses of the answers of the API. */
  readonly answers: number[] = [];
  readonly #server: Server;
  readonly #provider: Provider;
  readonly #waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  #held: Promise<void> | undefined;

  private constructor(server: Server) {
    this.#server = server;
    this.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    console.info = console.warn = () => undefined;
    this.#provider = new Provider(this.origin, {
      clients: [
        {
          client_id: 'app',
          client_secret: 'hush: &+%',
          grant_types: ['client_credentials', 'refresh_token', 'authorization_code'],
          redirect_uris: ['http://127.0.0.1/callback'],
          response_types: ['code'],
        },
        {
          client_id: 'form',
          client_secret: 'hush: &+%',
          token_endpoint_auth_method: 'client_secret_post',
          grant_types: ['client_credentials'],
          redirect_uris: [],
          response_types: [],
        },
      ],
      features: { clientCredentials: { enabled: true }, devInteractions: { enabled: false } },
      rotateRefreshToken: true,
      ttl: { AccessToken: 3_600, ClientCredentials: 3_600, RefreshToken: 86_400, Grant: 86_400, IdToken: 3_600 },
      findAccount: (_: unknown, accountId: string) => ({ accountId, claims: () => ({ sub: accountId }) }),
    });
    const answer = this.#provider.callback();
    console.info = info;
    console.warn = warn;
    server.on('request', (request, response) => {
      if (request.url === '/token') void this.#give(request, response, answer);
      else void this.#api(request, response);
    });
  }

  static async start(): Promise<AuthorizationServer> {
    const server = createServer({ keepAliveTimeout: 60_000 });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new AuthorizationServer(server);
  }

  /** Someone signs in. Returns the first refresh token. */
  async signIn(accountId: string): Promise<string> {
    const provider = this.#provider;
    const grant = new provider.Grant({ accountId, clientId: 'app' });
    grant.addOIDCScope('openid offline_access');
    const grantId = await grant.save();
    const client = await provider.Client.find('app');
    const about = { scope: 'openid offline_access', gty: 'authorization_code', claims: {}, rotations: 0 };
    return new provider.RefreshToken({ accountId, client, grantId, ...about }).save();
  }

  /** Ends an access token before its time. */
  async revoke(token: string): Promise<void> {
    await (await this.#provider.AccessToken.find(token))?.destroy();
  }

  /** Holds requests for a token before the server sees them. Returns what lets them go. */
  hold(): () => void {
    let release: () => void = () => undefined;
    this.#held = new Promise((resolve) => {
      release = resolve;
    });
    return () => {
      this.#held = undefined;
      release();
    };
  }

  /** Settles once that many requests for a token have arrived. */
  arrived(count: number): Promise<void> {
    return this.requests.length >= count ? Promise.resolve() : new Promise((resolve) => this.#waiting.push({ count, resolve }));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #give(request: IncomingMessage, response: ServerResponse, answer: ReturnType<Provider['callback']>): Promise<void> {
    this.requests.push(request);
    for (const waiting of this.#waiting.filter(({ count }) => count <= this.requests.length)) waiting.resolve();
    await this.#held;
    // A client that was killed meanwhile is gone with its request.
    if (!request.socket.destroyed) answer(request, response);
  }

  async #api(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const token = request.headers.authorization?.replace('Bearer ', '') ?? '';
    const provider = this.#provider;
    const known = (await provider.AccessToken.find(token)) ?? (await provider.ClientCredentials.find(token));
    const status = known === undefined ? 401 : 200;
    this.answers.push(status);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ method: request.method }));
  }
}
