/** Where a value stands in its document: keys of mappings and indexes of sequences. */
export type Path = readonly (string | number)[];

/** Writes a path as people do: `spec.output.otlp.headers[0].name`, with `["a.b"]` for keys that are not plain words. */
export function formatPath(path: Path): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (!/^[\p{L}\p{N}_$/-]+$/u.test(step)) text += `[${JSON.stringify(step)}]`;
    else text += text === '' ? step : `.${step}`;
  }
  return text;
}
