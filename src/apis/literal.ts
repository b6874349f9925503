/**
 * The text a user string stands for. Nothing in it is ever expanded: `$` and `${…}` are plain text. Manifests written for
 * upstream escape a dollar sign as `$$`, because its Collector expands; so `$$` means one `$` here too.
 */
export function literal(text: string): string {
  return text.replaceAll('$$', '$');
}
