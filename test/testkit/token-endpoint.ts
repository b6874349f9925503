import { createServer } from 'node:http';
import { listen } from './free-port.ts';

/** An OAuth 2.0 token endpoint on loopback that knows one client. */
export interface TokenEndpoint {
  readonly url: string;
  stop(): Promise<void>;
}

export const TOKEN_CLIENT = { id: 'shop', secret: 'p4ss' } as const;

/** Gives the known client, whose secret comes in the header, a token that names its scopes. */
export async function startTokenEndpoint(): Promise<TokenEndpoint> {
  const known = `Basic ${Buffer.from(`${TOKEN_CLIENT.id}:${TOKEN_CLIENT.secret}`).toString('base64')}`;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    const isKnown = request.headers.authorization === known && form.get('grant_type') === 'client_credentials';
    response.writeHead(isKnown ? 200 : 401, { 'content-type': 'application/json' });
    const token = { access_token: `token for ${form.get('scope')}`, token_type: 'bearer', expires_in: 3600 };
    response.end(JSON.stringify(isKnown ? token : { error: 'invalid_client' }));
  });
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}/token`,
    stop() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
