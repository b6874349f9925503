/** How names of attributes become names of labels. Source: otlptranslator label_namer.go at 1.0.0. */
export interface LabelNaming {
  /** Several underscores in a row stay so. */
  readonly keepUnderscores: boolean;
  /** `_a` becomes `key_a`. */
  readonly prefixUnderscore: boolean;
}

/** Undefined where nothing of the name would be left. */
export type LabelNamer = (name: string) => string | undefined;

/** Names come again and again; what is remembered of them is bounded. */
const REMEMBERED = 4096;

export function createLabelNamer(naming: LabelNaming): LabelNamer {
  const known = new Map<string, string | undefined>();
  return (name) => {
    if (known.has(name)) return known.get(name);
    const made = labelName(name, naming);
    if (known.size >= REMEMBERED) known.clear();
    known.set(name, made);
    return made;
  };
}

function labelName(name: string, { keepUnderscores, prefixUnderscore }: LabelNaming): string | undefined {
  if (name === '') return undefined;
  let made = sanitized(name, keepUnderscores);
  if (/^[0-9]/.test(made)) made = `key_${made}`;
  else if (prefixUnderscore && made.startsWith('_') && !made.startsWith('__')) made = `key${made}`;
  return /^_*$/.test(made) ? undefined : made;
}

function sanitized(name: string, keepUnderscores: boolean): string {
  if (keepUnderscores) return name.replace(/[^A-Za-z0-9]/gu, '_');
  const isReserved = name.length >= 4 && name.startsWith('__') && name.endsWith('__');
  const collapsed = (isReserved ? name.slice(2, -2) : name).replace(/[^A-Za-z0-9]+/gu, '_');
  return isReserved ? `__${collapsed}__` : collapsed;
}
