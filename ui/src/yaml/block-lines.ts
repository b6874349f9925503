/** Line of every block of a rendered configuration, by its keys joined with slashes: `exporters/otlp_grpc/tracepipeline-a`. */
export function blockLines(yaml: string): ReadonlyMap<string, number> {
  const lines = new Map<string, number>();
  const open: { readonly indent: number; readonly path: string }[] = [];
  for (const [index, line] of yaml.split('\n').entries()) {
    const match = /^( *)("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s#:'"-][^#]*?):(?:\s|$)/.exec(line);
    if (match === null) continue;
    const indent = match[1].length;
    while ((open.at(-1)?.indent ?? -1) >= indent) open.pop();
    const key = match[2].replace(/^(['"])(.*)\1$/, '$2');
    const path = `${open.length === 0 ? '' : `${open.at(-1)?.path}/`}${key}`;
    open.push({ indent, path });
    if (!lines.has(path)) lines.set(path, index + 1);
  }
  return lines;
}
