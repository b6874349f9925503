import type { Signal } from '../../../src/pdata/index.ts';

/** The letter of a signal: T, M or L. */
export function SignalBadge({ signal }: { readonly signal: Signal }) {
  return (
    <abbr class={`signal-badge signal-${signal}`} title={signal}>
      {signal[0].toUpperCase()}
    </abbr>
  );
}
