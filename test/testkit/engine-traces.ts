import { readdirSync, readFileSync } from 'node:fs';
import { parseProcessStat } from '../../src/lib/index.ts';

/** Where else than in its documents an engine could show something. */

/** Command lines and environments of a process group. */
export function processesOf(group: number): string {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .flatMap((pid) => {
      try {
        if (parseProcessStat(readFileSync(`/proc/${pid}/stat`, 'utf8')).group !== group) return [];
        return ['cmdline', 'environ'].map((file) => readFileSync(`/proc/${pid}/${file}`, 'latin1'));
      } catch {
        return []; // it has ended
      }
    })
    .join('\n');
}

/** The first events of every topic. */
export async function firstEvents(api: string): Promise<string> {
  const abort = new AbortController();
  const response = await fetch(`${api}/api/v1/stream?topics=stats,graph,configuration`, { signal: abort.signal });
  let text = '';
  for await (const chunk of response.body!) {
    text += new TextDecoder().decode(chunk as Uint8Array);
    if (/event: configuration[\s\S]*event: stats[\s\S]*event: stats/.test(text)) break;
  }
  abort.abort();
  return text;
}
