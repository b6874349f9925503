/** Text as HTML or SVG shows it, in elements and in quoted attributes. */
export function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

export type Attributes = Readonly<Record<string, string | number>>;

/** An element around markup that is safe already. */
export function element(name: string, attributes: Attributes, content?: string | readonly string[]): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeText(coordinate(value))}"`);
  const inner = typeof content === 'string' ? content : content?.join('');
  return inner === undefined ? `<${name}${written.join('')}/>` : `<${name}${written.join('')}>${inner}</${name}>`;
}

/** Tenths of a pixel are enough, and keep files small. */
function coordinate(value: string | number): string {
  return typeof value === 'number' ? String(Math.round(value * 10) / 10) : value;
}

export interface TableCell {
  readonly text: string;
  /** The head of its row. */
  readonly isHead?: boolean;
  readonly isNumber?: boolean;
  readonly className?: string;
}

/** A table with a caption, in a box of its own that scrolls where the page is narrow. */
export function table(caption: string, header: readonly string[], rows: readonly (readonly TableCell[])[]): string {
  const head = header.map((title) => element('th', { scope: 'col' }, escapeText(title)));
  const body = rows.map((row) => element('tr', {}, row.map(tableCell)));
  const content = [
    element('caption', {}, escapeText(caption)),
    element('thead', {}, element('tr', {}, head)),
    element('tbody', {}, body),
  ];
  return element(
    'div',
    { class: 'scroll', role: 'region', tabindex: 0, 'aria-label': caption },
    element('table', {}, content),
  );
}

function tableCell({ text, isHead = false, isNumber = false, className }: TableCell): string {
  const classes = [...(isNumber ? ['number'] : []), ...(className === undefined ? [] : [className])];
  const attributes = { ...(isHead && { scope: 'row' }), ...(classes.length > 0 && { class: classes.join(' ') }) };
  return element(isHead ? 'th' : 'td', attributes, escapeText(text));
}
