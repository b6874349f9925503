import type { ManifestOptions } from '../render/index.ts';
import { CliError } from './context.ts';
import { EXIT } from './exit-code.ts';

type Images = ManifestOptions['images'];

/** Words of `--image` and what they name. */
const IMAGES = {
  sluice: 'sluice',
  otelcol: 'otelcol',
  'fluent-bit': 'fluentBit',
} as const satisfies Record<string, keyof Images>;

/** Of `--image sluice=registry/sluice:1`, repeatable: those that do not come from where they usually do. */
export function parseImageFlags(values: readonly string[] | undefined): Partial<Images> {
  return Object.fromEntries(
    (values ?? []).map((value) => {
      const [, name = '', image = ''] = /^([^=]*)=(\S+)$/.exec(value) ?? [];
      if (!Object.hasOwn(IMAGES, name)) {
        throw new CliError(EXIT.usage, 'SL0903', `--image takes NAME=IMAGE, got \`${value}\``, [
          `names:  ${Object.keys(IMAGES).join(', ')}`,
        ]);
      }
      return [IMAGES[name as keyof typeof IMAGES], image];
    }),
  );
}
