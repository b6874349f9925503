/** Whether records with this tag go where `pattern` stands behind `match`: `*` is any text, everything else itself. */
export function matchesTag(pattern: string, tag: string): boolean {
  const [head = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return pattern === tag;
  if (!tag.startsWith(head)) return false;
  let from = head.length;
  for (const part of rest.slice(0, -1)) {
    const found = tag.indexOf(part, from);
    if (found < 0) return false;
    from = found + part.length;
  }
  const last = rest.at(-1)!;
  return tag.length - last.length >= from && tag.endsWith(last);
}
