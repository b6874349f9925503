const TYPE = /^[a-zA-Z][0-9a-zA-Z_]{0,62}$/;
const NAME = /^[^\p{Z}\p{C}\p{S}]{1,1024}$/u;

/** What is wrong with a component id by the Collector's rules; undefined when nothing is. */
export function componentIdProblem(id: string): string | undefined {
  const slash = id.indexOf('/');
  const type = slash < 0 ? id : id.slice(0, slash);
  if (!TYPE.test(type)) return 'its type must start with a letter and hold at most 63 letters, digits and underscores';
  if (slash === id.length - 1) return 'the name after the slash is missing';
  if (slash >= 0 && !NAME.test(id.slice(slash + 1))) {
    return 'its name must be at most 1024 characters without spaces, symbols and control characters';
  }
  return undefined;
}
