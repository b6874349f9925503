import type { SecretText } from '../../pipeline/index.ts';
import type { BlockSource } from '../otelcol/rendered-config.ts';

/** The Fluent Bit of a cluster as files, and what must stand beside them. */
export interface RenderedFluentBit {
  /** By path in the container: `/fluent-bit/etc/fluent-bit.conf`. No secret is in them. */
  readonly files: Readonly<Record<string, string>>;
  /** By path: files whose text is a secret. Never to be printed. */
  readonly secretFiles: Readonly<Record<string, SecretText>>;
  /** Value of each environment variable the files refer to; never to be printed. */
  readonly secrets: Readonly<Record<string, string>>;
  /** The variables whose Secrets this compile was not given. */
  readonly missingSecrets: Readonly<Record<string, SecretText>>;
  /** By file and line of a section's header (`/fluent-bit/etc/fluent-bit.conf:12`): the user's field it comes from. */
  readonly sourceMap: Readonly<Record<string, BlockSource>>;
}
