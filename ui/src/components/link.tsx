import type { ComponentChildren, JSX } from 'preact';
import { navigate } from '../shell/route.ts';

interface LinkProps extends Omit<JSX.IntrinsicElements['a'], 'href' | 'role' | 'children'> {
  readonly href: string;
  /** Leaves no entry in the history. */
  readonly replace?: boolean;
  readonly children: ComponentChildren;
}

/** An anchor that stays in the page; modified clicks do what the browser does. */
export function Link({ href, replace = false, children, ...rest }: LinkProps) {
  const onClick = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button !== 0) return;
    event.preventDefault();
    navigate(href, { replace });
  };
  return (
    <a {...rest} href={href} onClick={onClick}>
      {children}
    </a>
  );
}
