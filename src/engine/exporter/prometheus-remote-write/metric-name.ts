/** What the suffixes of a name depend on. */
export type NamedType = 'gauge' | 'counter' | 'other';

export interface MetricNaming {
  readonly namespace: string;
  /** Units and `_total` become part of the name. */
  readonly addSuffixes: boolean;
}

/** Source: otlptranslator metric_namer.go at 1.0.0. */
const UNITS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    d: 'days',
    h: 'hours',
    min: 'minutes',
    s: 'seconds',
    ms: 'milliseconds',
    us: 'microseconds',
    ns: 'nanoseconds',
    By: 'bytes',
    KiBy: 'kibibytes',
    MiBy: 'mebibytes',
    GiBy: 'gibibytes',
    TiBy: 'tibibytes',
    KBy: 'kilobytes',
    MBy: 'megabytes',
    GBy: 'gigabytes',
    TBy: 'terabytes',
    m: 'meters',
    V: 'volts',
    A: 'amperes',
    J: 'joules',
    W: 'watts',
    g: 'grams',
    Cel: 'celsius',
    Hz: 'hertz',
    '1': '',
    '%': 'percent',
  }),
);
const PER_UNITS: ReadonlyMap<string, string> = new Map(
  Object.entries({ s: 'second', m: 'minute', h: 'hour', d: 'day', w: 'week', mo: 'month', y: 'year' }),
);

/** The name a metric has in Prometheus; undefined where nothing of it would be left. */
export function metricName(
  { name, unit, type }: { readonly name: string; readonly unit: string; readonly type: NamedType },
  { namespace, addSuffixes }: MetricNaming,
): string | undefined {
  const made = addSuffixes ? suffixedName(name, { unit, type, namespace }) : plainName(name, namespace);
  if (made === '') return undefined;
  return made === name || /[^_]/.test(made) ? made : undefined;
}

function plainName(name: string, namespace: string): string {
  const [own, prefix] = [name, namespace].map((text) =>
    text
      .split(/[^A-Za-z0-9:_]+/u)
      .filter(Boolean)
      .join('_'),
  );
  if (namespace !== '') return `${prefix}_${own}`;
  return /^[0-9]/.test(own!) ? `_${own}` : own!;
}

function suffixedName(
  name: string,
  { unit, type, namespace }: { readonly unit: string; readonly type: NamedType; readonly namespace: string },
): string {
  let tokens = name.split(/[^A-Za-z0-9:]+/u).filter(Boolean);
  const [main, per] = unitParts(unit).map(cleanUnit) as [string, string];
  tokens.push(...unitTokens(tokens, main, per));
  if (type === 'counter') tokens = [...tokens.filter((token) => token !== 'total'), 'total'];
  if (unit === '1' && type === 'gauge') tokens = [...tokens.filter((token) => token !== 'ratio'), 'ratio'];
  const joined = (namespace === '' ? tokens : [namespace, ...tokens]).join('_');
  return /^[0-9]/.test(joined) ? `_${joined}` : joined;
}

/** What the unit adds to the name, unless it stands there. */
function unitTokens(tokens: readonly string[], main: string, per: string): string[] {
  const ownPer = per === 'per_' ? '' : per.replace(/_$/, '');
  const addsPer = ownPer !== '' && !tokens.includes(ownPer);
  const ownMain = tokens.includes(main) ? '' : main;
  const lastMain = addsPer ? ownMain.replace(/_$/, '') : ownMain;
  return [...(lastMain === '' ? [] : [lastMain]), ...(addsPer ? [ownPer] : [])];
}

/** `By/s` is `bytes` and `per_second`; what stands in braces is a note for people. */
function unitParts(unit: string): [main: string, per: string] {
  const slash = unit.indexOf('/');
  const [main, per] = slash < 0 ? [unit, ''] : [unit.slice(0, slash), unit.slice(slash + 1)];
  const known = (text: string, words: ReadonlyMap<string, string>) => {
    const bare = text.trim();
    return bare === '' || /[{}]/.test(bare) ? '' : (words.get(bare) ?? bare);
  };
  const perWord = known(per, PER_UNITS);
  return [known(main, UNITS), perWord === '' ? '' : `per_${perWord}`];
}

function cleanUnit(unit: string): string {
  return unit
    .replace(/[^A-Za-z0-9:]/gu, '_')
    .replace(/_+/g, '_')
    .replace(/^_/, '');
}

/** The unit as metadata has it. */
export function unitName(unit: string): string {
  return unitParts(unit).map(cleanUnit).filter(Boolean).join('_').replace(/^_/, '').replace(/_$/, '');
}
