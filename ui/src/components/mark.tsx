export type MarkState = 'ok' | 'warning' | 'failing' | 'waiting';

const SHAPES: Readonly<Record<MarkState, string>> = { ok: '●', warning: '!', failing: '✗', waiting: '○' };

/** A status by shape and colour; the word beside it is for the caller to write. */
export function Mark({ state }: { readonly state: MarkState }) {
  return (
    <span class={`mark mark-${state}`} aria-hidden="true">
      {SHAPES[state]}
    </span>
  );
}
