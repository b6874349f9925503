import type { PipelineKind } from '../api.ts';

/** `tracepipeline/audit`, as the command line calls it. */
export function pipelineName(ref: { readonly kind: PipelineKind; readonly name: string }): string {
  return `${ref.kind.toLowerCase()}/${ref.name}`;
}

/** `1,204 spans`, `1 span`; nouns form their plural with an s. */
export function count(itemCount: number, plural: string): string {
  return `${thousands(itemCount)} ${itemCount === 1 ? plural.replace(/s$/, '') : plural}`;
}

export function thousands(n: number): string {
  return n.toLocaleString('en-US');
}

/** `4 s`, `5 min`, `3 h`, `2 d`: the largest whole unit. */
export function roughDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** `1.2k`, `44.3k`, `210`, `3.4M`: three significant digits at most. */
export function shortNumber(n: number): string {
  if (n < 10) return String(Math.round(n * 10) / 10);
  if (n < 1000) return String(Math.round(n));
  const units = ['k', 'M', 'G', 'T'];
  let value = n;
  let unit = -1;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${Number(value.toPrecision(3))}${units[unit]}`;
}

/** First letter upper case, unless it begins an address; one full stop at the end. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  if (trimmed === '') return '';
  const first = /^\S+[.:]\w/.test(trimmed) ? trimmed.charAt(0) : trimmed.charAt(0).toUpperCase();
  return first + trimmed.slice(1) + (/[.!?]$/.test(trimmed) ? '' : '.');
}
