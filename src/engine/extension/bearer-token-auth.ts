import type { Static } from 'typebox';
import type { Issue } from '../../diagnostics/index.ts';
import { Type } from '../../lib/index.ts';
import type { EngineDeps } from '../component.ts';
import { defineExtension } from '../component.ts';
import { Secret, settingsObject } from '../settings/schema.ts';
import { watchFile } from '../settings/watched-file.ts';
import { equalSecrets } from './equal-secrets.ts';

const BearerTokenConfig = settingsObject({
  header: Type.String(),
  scheme: Type.String(),
  token: Secret,
  tokens: Type.Array(Secret),
  filename: Type.String(),
});
type BearerTokenConfig = Static<typeof BearerTokenConfig>;

/** Source: bearertokenauthextension factory.go at 0.149. */
const defaultBearerToken = { header: 'Authorization', scheme: 'Bearer' };

/** A token in a header: the first a client sends, any of them opens a server. */
export const bearerTokenAuthExtension = defineExtension({
  schema: BearerTokenConfig,
  check: checkBearerToken,
  authenticates: () => ['client', 'server'],
  create(settings, { deps }) {
    const name = (settings.header || defaultBearerToken.header).toLowerCase();
    const values = createValues(settings, deps);
    return {
      credentials: { headers: () => ({ [name]: values()[0] ?? '' }) },
      authenticate(metadata) {
        const [sent] = metadata[name] ?? [];
        if (sent === undefined) return `the header ${name} is missing`;
        // Every one is looked at, so that the time says nothing about which was right.
        const matches = values().filter((value) => equalSecrets(value, sent)).length;
        return matches > 0 ? undefined : 'scheme or token does not match';
      },
      async start() {
        values();
        return [];
      },
      shutdown: async () => {},
    };
  },
});

/** What may stand in the header. A file outweighs tokens; its empty lines, which the Collector takes for a token, are none. */
function createValues(settings: BearerTokenConfig, { clock, log }: EngineDeps): () => readonly string[] {
  const { filename, token, tokens = [], scheme = defaultBearerToken.scheme } = settings;
  const withScheme = (text: string) => (scheme === '' ? text : `${scheme} ${text}`);
  if (!filename) {
    const values = (token === undefined ? tokens : [token]).map(withScheme);
    return () => values;
  }
  const file = watchFile(filename, { clock, onError: (message) => log.error('token file', { message }) });
  let text: string | undefined;
  let values: readonly string[] = [];
  return () => {
    const current = file.text();
    if (current !== text) {
      const lines = current.split('\n').map((line) => line.trim());
      values = lines.filter((line) => line !== '').map(withScheme);
      text = current;
    }
    return values;
  };
}

function checkBearerToken({ token, tokens = [], filename }: BearerTokenConfig): Issue[] {
  const issue = (code: string, message: string, path: readonly string[]): Issue[] => [
    { code, severity: 'error', message, path },
  ];
  if (!token && tokens.length === 0 && !filename)
    return issue('SL0102', 'one of `token`, `tokens` and `filename` is required', []);
  return token && tokens.length > 0 ? issue('SL0114', '`token` and `tokens` exclude each other', ['tokens']) : [];
}
