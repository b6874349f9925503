import { get } from 'node:http';
import { StringDecoder } from 'node:string_decoder';
import { type MetricsSample, takeSample } from '../../flow/index.ts';
import type { Clock } from '../../lib/index.ts';

/** Of the metrics of one Pod; what is larger is not read. */
const MOST_BYTES = 4 * 1024 * 1024;

export type Scraped =
  | { readonly status: 'answered'; readonly sample: MetricsSample }
  | { readonly status: 'silent'; readonly problem: string };

export interface ScrapeOptions {
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** What the metrics of one Pod say; every failure of the Pod is a value. Rejects with the reason of the abort only. */
export async function scrape(url: string, { clock, timeoutMs, signal }: ScrapeOptions): Promise<Scraped> {
  const late = new AbortController();
  const timer = clock.after(timeoutMs, () => late.abort());
  try {
    const text = await fetchText(url, AbortSignal.any([signal, late.signal]));
    const taken = takeSample(text, clock.nowMs());
    return taken.status === 'taken'
      ? { status: 'answered', sample: taken.sample }
      : { status: 'silent', problem: taken.problem };
  } catch (error) {
    signal.throwIfAborted();
    return { status: 'silent', problem: late.signal.aborted ? 'no answer in time' : (error as Error).message };
  } finally {
    timer.cancel();
  }
}

/** A connection for each request: between two rounds as many would stay open as there are nodes. */
function fetchText(url: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false, signal, headers: { accept: 'text/plain' } }, (response) => {
      if (response.statusCode !== 200) {
        response.destroy();
        return reject(new Error(`status ${response.statusCode}`));
      }
      const decoder = new StringDecoder('utf8');
      let text = '';
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > MOST_BYTES) return response.destroy(new Error('the answer is too large'));
        text += decoder.write(chunk);
      });
      response.on('end', () => resolve(text + decoder.end()));
      response.on('error', reject);
      // A connection that breaks within the answer ends it without an error of its own.
      response.on('close', () => reject(new Error('the answer broke off')));
    });
    request.on('error', reject);
  });
}
