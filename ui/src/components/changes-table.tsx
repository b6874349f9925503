interface Change {
  readonly path: string;
  /** Absent: there was none. */
  readonly before?: string;
  /** Absent: it is gone. */
  readonly after?: string;
}

/** What was and what is, a row for each place. */
export function ChangesTable({ label, changes }: { readonly label: string; readonly changes: readonly Change[] }) {
  return (
    <table class="attributes" aria-label={label}>
      <tbody>
        {changes.map(({ path, before, after }) => (
          <tr key={path}>
            <th scope="row">{path}</th>
            <td>
              {before !== undefined && <del>{before}</del>} {after !== undefined && <ins>{after}</ins>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
