import type { PipelineRules, PipelineStatus, RuleStatus } from '../../../src/server/api.ts';
import { Link } from '../components/link.tsx';
import { Mark } from '../components/mark.tsx';
import { thousands } from '../shell/format.ts';
import { usePolled } from '../shell/use-polled.ts';

/** What became of each rule of a pipeline. Where the overview does not send all of them every second, the page asks for more. */
export function RulesPanel({ status }: { readonly status: PipelineStatus }) {
  const { kind, name, rules } = status;
  const hasMore = rules !== undefined && rules.items.length < rules.count;
  const { data } = usePolled<PipelineRules>(
    hasMore ? `/api/v1/pipelines/${kind}/${encodeURIComponent(name)}/rules` : undefined,
  );
  const shown = data ?? rules;
  if (shown === undefined) return null;
  return (
    <section class="panel" aria-label="Rules">
      <RulesTable rules={shown} status={status} />
    </section>
  );
}

function RulesTable({ rules, status }: { readonly rules: PipelineRules; readonly status: PipelineStatus }) {
  const { count, failing, items } = rules;
  return (
    <>
      <p class="muted">
        {count === 1 ? '1 rule' : `${thousands(count)} rules`}
        {items.length < count && `, ${thousands(items.length)} shown: those that failed, then from the top`}
        {failing > 0 && (
          <>
            {', '}
            <Mark state="warning" /> {failing === 1 ? '1 fails' : `${thousands(failing)} fail`} on data now
          </>
        )}
      </p>
      <div class="rules-scroll">
        <table class="rules" aria-label="What became of each rule">
          <thead>
            <tr>
              <th scope="col">Rule</th>
              <th scope="col" class="numeric">
                Matched
              </th>
              <th scope="col" class="numeric">
                Failed
              </th>
              <th scope="col">Text</th>
            </tr>
          </thead>
          <tbody>
            {items.map((rule) => (
              <Rule key={`${rule.field} ${rule.text}`} rule={rule} status={status} />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function Rule({ rule, status }: { readonly rule: RuleStatus; readonly status: PipelineStatus }) {
  const { field, asked, matched, failed, text, error, source } = rule;
  const label = field.replace(/^spec\./, '');
  const isIdle = matched === 0 && failed === 0 && asked > 0;
  return (
    <tr>
      <th scope="row">
        {source === undefined ? (
          label
        ) : (
          <Link href={`/pipelines/${status.kind}/${status.name}?tab=yaml&line=${source.line}`}>{label}</Link>
        )}
      </th>
      <td class="numeric">{isIdle ? 'never' : thousands(matched)}</td>
      <td class="numeric">
        {failed > 0 && <Mark state="warning" />} {thousands(failed)}
      </td>
      <td>
        <code>{text}</code>
        {error !== undefined && <p class="rule-error">{error}</p>}
      </td>
    </tr>
  );
}
