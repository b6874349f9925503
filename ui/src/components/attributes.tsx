import { Fragment } from 'preact';
import type { AttributeDocument } from '../../../src/server/api.ts';

interface AttributesProps {
  readonly title: string;
  readonly attributes: readonly AttributeDocument[];
  readonly open?: boolean;
}

/** A folding list of attributes with their types. */
export function Attributes({ title, attributes, open = true }: AttributesProps) {
  if (attributes.length === 0) return null;
  return (
    <details class="section" open={open}>
      <summary>
        {title} <span class="muted">{attributes.length}</span>
      </summary>
      <AttributeTable attributes={attributes} label={title} />
    </details>
  );
}

export function AttributeTable({
  attributes,
  label,
}: {
  readonly attributes: readonly AttributeDocument[];
  readonly label: string;
}) {
  return (
    <table class="attributes" aria-label={label}>
      <tbody>
        {attributes.map(({ key, type, value }, index) => (
          <tr key={`${index} ${key}`}>
            <th scope="row">
              <BreakableKey text={key === '' ? '(empty key)' : key} />
            </th>
            <td>
              <span class="attribute-value">{value}</span> <span class="attribute-type">{type}</span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Long keys break after their separators, not in the middle of a word. */
function BreakableKey({ text }: { readonly text: string }) {
  return (
    <>
      {text.split(/(?<=[._/-])/).map((part, index) => (
        <Fragment key={`${index} ${part}`}>
          {part}
          <wbr />
        </Fragment>
      ))}
    </>
  );
}
