import { useEffect, useRef, useState } from 'preact/hooks';
import { hrefWith, navigate, route } from '../shell/route.ts';

const DELAY_MS = 200;

/** The filter of a list; its text is the `q` of the address. */
export function FilterBox({ label, placeholder }: { readonly label: string; readonly placeholder: string }) {
  const inAddress = route.value.query.get('q') ?? '';
  const [text, setText] = useState(inAddress);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => setText(inAddress), [inAddress]);
  const change = (next: string) => {
    setText(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => navigate(hrefWith({ q: next }), { replace: true }), DELAY_MS);
  };
  return (
    <div class="filter">
      <input
        type="search"
        data-filter
        aria-label={label}
        placeholder={placeholder}
        maxLength={200}
        spellcheck={false}
        autocomplete="off"
        value={text}
        onInput={(event) => change(event.currentTarget.value)}
      />
      <span class="key" aria-hidden="true">
        /
      </span>
    </div>
  );
}
