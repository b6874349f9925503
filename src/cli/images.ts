import type { ManifestOptions } from '../render/index.ts';
import { CliError } from './context.ts';
import { EXIT } from './exit-code.ts';

type Images = ManifestOptions['images'];

/** By the words that `--image` takes. */
const PROGRAMS = {
  otelcol: 'otelcol',
  sluice: 'sluice',
  'fluent-bit': 'fluentBit',
} as const satisfies Record<string, keyof Images>;

/** The programs that Pods run: the Collector and the Fluent Bit whose components and plugins are known, and this version of Sluice. */
function defaultImages(version: string): Images {
  return {
    otelcol: 'otel/opentelemetry-collector-contrib:0.149.0',
    sluice: `sluice:${version}`,
    fluentBit: 'fluent/fluent-bit:5.1.1',
  };
}

/** `--image sluice=registry.example.com/sluice:1.2.3`, for those that come from elsewhere. */
export function parseImageFlags(flags: readonly string[] | undefined, version: string): Images {
  const given = (flags ?? []).map((flag) => {
    const [word = '', image = ''] = [flag.slice(0, flag.indexOf('=')), flag.slice(flag.indexOf('=') + 1)];
    if (flag.includes('=') && Object.hasOwn(PROGRAMS, word) && /^[-\w.:/@]+$/.test(image)) {
      return [PROGRAMS[word as keyof typeof PROGRAMS], image] as const;
    }
    throw new CliError(EXIT.usage, 'SL0903', `--image: \`${flag}\` is not <program>=<image>`, [
      `programs:  ${Object.keys(PROGRAMS).join(', ')}`,
    ]);
  });
  return { ...defaultImages(version), ...Object.fromEntries(given) };
}
