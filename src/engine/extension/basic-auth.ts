import type { Static } from 'typebox';
import type { Issue } from '../../diagnostics/index.ts';
import { type Clock, errorMessage, Type } from '../../lib/index.ts';
import type { Authenticate, RequestCredentials } from '../../otlp/index.ts';
import { defineExtension } from '../component.ts';
import { Secret, settingsObject } from '../settings/schema.ts';
import { textOrFile, watchFile } from '../settings/watched-file.ts';
import { type PasswordCheck, parseHtpasswd } from './htpasswd.ts';

const BasicAuthConfig = settingsObject({
  htpasswd: settingsObject({ file: Type.String(), inline: Secret }),
  client_auth: settingsObject({
    username: Type.String(),
    username_file: Type.String(),
    password: Secret,
    password_file: Type.String(),
  }),
});
type BasicAuthConfig = Static<typeof BasicAuthConfig>;

/** User and password, by HTTP's Basic scheme: those a client sends, or those a server knows. */
export const basicAuthExtension = defineExtension({
  schema: BasicAuthConfig,
  check: checkBasicAuth,
  authenticates: ({ htpasswd }) => (htpasswd === undefined ? ['client'] : ['server']),
  create({ htpasswd, client_auth: clientAuth = {} }, { deps }) {
    if (htpasswd === undefined) {
      const credentials = createCredentials(clientAuth, deps.clock);
      return {
        credentials,
        async start() {
          await credentials.headers();
          return [];
        },
        shutdown: async () => {},
      };
    }
    let passwords: PasswordCheck = () => false;
    return {
      authenticate: createAuthenticate((user, password) => passwords(user, password)),
      async start() {
        const file = htpasswd.file ? watchFile(htpasswd.file, deps).text() : '';
        passwords = parseHtpasswd(`${file}\n${htpasswd.inline ?? ''}`);
        return [];
      },
      shutdown: async () => {},
    };
  },
});

/** Source: basicauthextension config.go at 0.148. */
function checkBasicAuth({ htpasswd, client_auth: clientAuth }: BasicAuthConfig): Issue[] {
  const issue = (message: string, path: readonly string[], code = 'SL0105'): Issue[] => [
    { code, severity: 'error', message, path },
  ];
  if (htpasswd !== undefined && clientAuth !== undefined) {
    return issue('`htpasswd` and `client_auth` exclude each other', ['client_auth'], 'SL0114');
  }
  if (clientAuth !== undefined) {
    return clientAuth.username?.includes(':')
      ? issue('`username` must not contain a colon', ['client_auth', 'username'])
      : [];
  }
  if (htpasswd === undefined) return issue('one of `htpasswd` and `client_auth` is required', [], 'SL0102');
  if (!htpasswd.file && !htpasswd.inline)
    return issue('one of `file` and `inline` is required', ['htpasswd'], 'SL0102');
  try {
    parseHtpasswd(htpasswd.inline ?? '');
    return [];
  } catch (error) {
    return issue(errorMessage(error), ['htpasswd', 'inline']);
  }
}

/** Files outweigh values, as in the Collector. */
function createCredentials(
  {
    username,
    username_file: userFile,
    password,
    password_file: passwordFile,
  }: NonNullable<BasicAuthConfig['client_auth']>,
  clock: Clock,
): RequestCredentials {
  const user = textOrFile(username, userFile, clock);
  const secret = textOrFile(password, passwordFile, clock);
  return {
    headers: () => ({ authorization: `Basic ${Buffer.from(`${user()}:${secret()}`).toString('base64')}` }),
  };
}

function createAuthenticate(check: PasswordCheck): Authenticate {
  return (metadata) => {
    const header = metadata['authorization']?.[0];
    if (header === undefined || header === '') return 'no basic auth provided';
    const [, encoded] = /^Basic ([A-Za-z0-9+/]*={0,2})$/i.exec(header) ?? [];
    const text = encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString();
    const colon = text.indexOf(':');
    if (colon < 0) return 'the authorization is not of the scheme Basic';
    return check(text.slice(0, colon), text.slice(colon + 1)) ? undefined : 'invalid credentials';
  };
}
