import { FilterBox } from '../components/filter-box.tsx';
import { hrefWith, navigate, route } from '../shell/route.ts';

interface ListHeadProps {
  readonly filterLabel: string;
  readonly placeholder: string;
  /** Services of everything that is kept. */
  readonly services: readonly string[];
}

/** Filter and service of a list; both are in the address. */
export function ListHead({ filterLabel, placeholder, services }: ListHeadProps) {
  const service = route.value.query.get('service') ?? '';
  const options = [...new Set([...services, service])].filter((name) => name !== '').sort();
  return (
    <div class="list-head">
      <FilterBox label={filterLabel} placeholder={placeholder} />
      <select
        aria-label="Service"
        value={service}
        onChange={(event) => navigate(hrefWith({ service: event.currentTarget.value }), { replace: true })}
      >
        <option value="">all services</option>
        {options.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}

/** The query of the list from the address, as the API takes it. */
export function listQuery(extra: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams(extra);
  for (const name of ['q', 'service', 'traceId']) {
    const value = route.value.query.get(name);
    if (value !== null && value !== '') query.set(name, value);
  }
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

export function isFiltered(): boolean {
  return ['q', 'service', 'traceId'].some((name) => (route.value.query.get(name) ?? '') !== '');
}
