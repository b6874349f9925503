import type { Issue } from '../../diagnostics/index.ts';
import { type ComponentConfig, type ComponentId, componentType, type OtelcolConfig } from '../../otelcol/index.ts';
import type { AuthenticatorSide } from '../component.ts';
import type { Registry } from '../registry.ts';
import { settingsOf } from '../settings/normalise.ts';

type Path = readonly (string | number)[];

interface AuthReference {
  readonly extension: ComponentId;
  readonly path: Path;
}

/** Every `auth.authenticator` in settings, wherever it stands. */
export function authReferences(settings: unknown, path: Path = []): AuthReference[] {
  if (typeof settings !== 'object' || settings === null) return [];
  return Object.entries(settings).flatMap(([key, value]) => {
    const name = key === 'auth' ? (value as { readonly authenticator?: unknown } | null)?.authenticator : undefined;
    if (typeof name !== 'string') return authReferences(value, [...path, key]);
    return [{ extension: name as ComponentId, path: [...path, key, 'authenticator'] }];
  });
}

/** As the Collector when it starts: what a pipeline uses must name an extension that runs and is an authenticator of its side. */
export function checkAuthenticators(config: OtelcolConfig, registry: Registry): Issue[] {
  const pipelines = Object.values(config.service.pipelines);
  const used = (section: 'receivers' | 'exporters') => new Set(pipelines.flatMap((pipeline) => pipeline[section]));
  const check = (section: 'receivers' | 'exporters', side: AuthenticatorSide): Issue[] =>
    [...used(section)].flatMap((id) => {
      const settings: ComponentConfig | undefined = config[section][id];
      return authReferences(settings, [section, id]).flatMap((reference) => checkReference(reference, side));
    });
  const checkReference = ({ extension, path }: AuthReference, side: AuthenticatorSide): Issue[] => {
    if (!Object.hasOwn(config.extensions, extension) || !config.service.extensions.includes(extension)) {
      const message = `authenticator \`${extension}\` is not an extension of the service`;
      const help = `define it under \`extensions\` and name it in \`service.extensions\``;
      return [{ code: 'SL0406', severity: 'error', message, path, help }];
    }
    const factory = registry.extensions[componentType(extension)];
    if (factory === undefined) return [];
    const sides = factory.authenticates?.(settingsOf(config.extensions[extension], factory.schema)) ?? [];
    if (sides.includes(side)) return [];
    const whom = side === 'client' ? 'exporters' : 'receivers';
    const message = `extension \`${extension}\` does not authenticate ${whom}`;
    return [{ code: 'SL0406', severity: 'error', message, path }];
  };
  return [...check('receivers', 'server'), ...check('exporters', 'client')];
}
