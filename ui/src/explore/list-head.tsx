import type { ViewerRetention } from '../../../src/server/api.ts';
import { FilterBox } from '../components/filter-box.tsx';
import { thousands, timeOfDay } from '../shell/format.ts';
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

interface RetentionLineProps {
  readonly retention: ViewerRetention;
  readonly shown: number;
  readonly total: number;
  readonly noun: string;
  readonly itemNoun: string;
}

/** How much is on screen, and how much is kept at all. */
export function RetentionLine({ retention, shown, total, noun, itemNoun }: RetentionLineProps) {
  const oldest = retention.oldest === null ? '' : ` · oldest ${timeOfDay(retention.oldest, false)}`;
  return (
    <p class="retention muted">
      {shown < total ? `${thousands(shown)} of ${thousands(total)}` : thousands(total)} {noun} · kept{' '}
      {thousands(retention.kept)} of {thousands(retention.capacity)} {itemNoun}
      {oldest}
    </p>
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
