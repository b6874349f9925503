/** One sample of a text exposition: name and labels as written, and its value. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Reads Prometheus' text format as far as a Collector's own metrics use it: no timestamps. */
export function parsePrometheusText(text: string): Sample[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const match = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
      if (match === null) throw new Error(`not a sample: ${line}`);
      return { name: match[1]!, labels: parseLabels(match[2] ?? ''), value: Number(match[3]) };
    });
}

function parseLabels(text: string): Record<string, string> {
  const pairs = text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)",?/g);
  return Object.fromEntries([...pairs].map((match) => [match[1]!, match[2]!.replace(/\\(.)/g, '$1')]));
}
