import { signal } from '@preact/signals';

/** Where the reader is. Path and query hold everything that a pasted link must bring back. */
export interface Route {
  readonly path: string;
  readonly query: URLSearchParams;
}

export const route = signal<Route>(readRoute());

addEventListener('popstate', () => {
  route.value = readRoute();
});

/** Goes to a path of this UI; `replace` leaves no entry in the history, for what changes with every key stroke. */
export function navigate(href: string, options: { readonly replace?: boolean } = {}): void {
  if (href === location.pathname + location.search) return;
  history[options.replace ? 'replaceState' : 'pushState'](null, '', href);
  route.value = readRoute();
}

/** The present address with some query parameters changed; an empty value removes one. */
export function hrefWith(changes: Readonly<Record<string, string>>, path = route.value.path): string {
  const query = new URLSearchParams(route.value.query);
  for (const [name, value] of Object.entries(changes)) {
    if (value === '') query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString();
  return text === '' ? path : `${path}?${text}`;
}

function readRoute(): Route {
  const path = location.pathname;
  const trace = /^\/traces\/([0-9a-f]{32})$/i.exec(path);
  if (trace !== null) history.replaceState(null, '', `/explore/traces/${trace[1]}${location.search}`);
  return { path: location.pathname, query: new URLSearchParams(location.search) };
}
