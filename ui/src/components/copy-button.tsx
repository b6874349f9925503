import { useRef, useState } from 'preact/hooks';

const SHOWN_MS = 1500;

interface CopyButtonProps {
  /** Or how to make it, where that takes time. */
  readonly text: string | (() => string);
  readonly label?: string;
}

/** Copies a text and says so. */
export function CopyButton({ text, label = 'Copy' }: CopyButtonProps) {
  const [said, setSaid] = useState<'Copied' | 'Select and copy by hand' | undefined>(undefined);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(typeof text === 'string' ? text : text());
      setSaid('Copied');
    } catch {
      // No clipboard on an address that is neither secure nor localhost.
      setSaid('Select and copy by hand');
    }
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setSaid(undefined), SHOWN_MS);
  };
  return (
    <button type="button" class="button button-small" onClick={copy}>
      <span aria-live="polite">{said ?? label}</span>
    </button>
  );
}
