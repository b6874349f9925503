import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { tokenizeLine } from './highlight.ts';

interface YamlLinesProps {
  readonly label: string;
  /** Without line breaks at their ends. */
  readonly lines: readonly string[];
  /** Number of the first line. */
  readonly from?: number;
  /** Lines that stand out, such as the other end of a link. */
  readonly marked?: ReadonlySet<number>;
  /** Where the reader was sent; it is scrolled to. */
  readonly target?: number | undefined;
  /** Stands in the margin of a line. */
  readonly margin?: (line: number) => ComponentChildren;
  /** Stands below a line. */
  readonly below?: (line: number) => ComponentChildren;
}

/** A text of YAML with line numbers. */
export function YamlLines({ label, lines, from = 1, marked, target, margin, below }: YamlLinesProps) {
  const frame = useRef<HTMLElement>(null);
  useEffect(() => {
    if (target === undefined) return;
    const row = frame.current?.querySelector<HTMLElement>(`[data-line="${target}"]`);
    // The text alone is scrolled, not the page.
    if (frame.current && row) frame.current.scrollTop = row.offsetTop - frame.current.clientHeight / 2;
  }, [target]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section class="yaml" aria-label={label} ref={frame} tabIndex={0}>
      {lines.map((text, index) => {
        const line = from + index;
        const highlight = line === target ? ' yaml-target' : marked?.has(line) ? ' yaml-marked' : '';
        return (
          <div key={line} class={`yaml-row${highlight}`} data-line={line}>
            <span class="yaml-margin">{margin?.(line)}</span>
            <span class="yaml-number">{line}</span>
            <code class="yaml-line">
              {tokenizeLine(text).map((token, position) => (
                <span key={position} class={`yaml-${token.kind}`}>
                  {token.text}
                </span>
              ))}
            </code>
            {below?.(line)}
          </div>
        );
      })}
    </section>
  );
}
