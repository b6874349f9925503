import type { Static } from 'typebox';
import { CodedError, Type } from '../../lib/index.ts';
import type { ComponentId } from '../../otelcol/index.ts';
import { settingsObject } from './schema.ts';

/** `auth`: the extension that authenticates. That it exists and is of the right side is checked with the whole configuration. */
export const AuthConfig = settingsObject({ authenticator: Type.Unsafe<ComponentId>({ type: 'string' }) });
export type AuthConfig = Static<typeof AuthConfig>;

/** The extension was checked by its settings and still does not do what they promise. */
export function noAuthenticator(extension: ComponentId, whom: 'exporters' | 'receivers'): CodedError {
  return new CodedError('invalid_config', `extension ${extension} does not authenticate ${whom}`);
}
