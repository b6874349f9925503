interface Family {
  readonly head: readonly string[];
  readonly lines: string[];
}

/** One exposition of several processes' metrics: each series gets a label that says whose it is. */
export function mergeMetrics(texts: ReadonlyMap<string, string>): string {
  const families = new Map<string, Family>();
  for (const [workload, text] of texts) addText(families, workload, text);
  return [...families]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { head, lines }]) => `${[...head, ...lines].join('\n')}\n`)
    .join('');
}

function addText(families: Map<string, Family>, workload: string, text: string): void {
  let family: Family | undefined;
  let head: string[] = [];
  for (const line of text.split('\n')) {
    if (line.startsWith('# HELP ')) head = [line];
    else if (line.startsWith('# TYPE ')) {
      const name = line.split(' ')[2]!;
      family = families.get(name) ?? { head: [...head, line], lines: [] };
      families.set(name, family);
    } else if (line !== '') family?.lines.push(withLabel(line, workload));
  }
}

/** `a{b="c"} 1` → `a{workload="x",b="c"} 1` */
function withLabel(line: string, workload: string): string {
  const end = line.search(/[{ ]/);
  const rest = line.slice(end);
  const label = `workload="${workload}"`;
  return `${line.slice(0, end)}{${label}${rest.startsWith('{') ? `,${rest.slice(1)}` : `}${rest}`}`;
}
