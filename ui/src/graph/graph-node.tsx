import type { FlowNode } from '../../../src/flow/flow-graph.ts';
import { Mark } from '../components/mark.tsx';
import { shortNumber } from '../shell/format.ts';
import { overview } from '../shell/live.ts';
import { backendWord, type Drop, describeNode, dropsOf, processWord, queuePercent } from './words.ts';

interface GraphNodeProps {
  readonly node: FlowNode;
  readonly place: Readonly<Record<'left' | 'top' | 'width' | 'height', string>>;
  readonly isSelected: boolean;
  /** Whether the tab key stops here. */
  readonly isStop: boolean;
  readonly onFocus: () => void;
  readonly onOpen: () => void;
}

/** One node, and under it what is lost there. */
export function GraphNode({ node, place, isSelected, isStop, onFocus, onOpen }: GraphNodeProps) {
  const drops = dropsOf(node);
  return (
    <>
      <button
        type="button"
        class={`node node-${node.stage}`}
        style={place}
        data-node={node.id}
        tabIndex={isStop ? 0 : -1}
        aria-pressed={isSelected}
        aria-label={describeNode(node)}
        title={node.label}
        onFocus={onFocus}
        onClick={onOpen}
      >
        <span class="node-label">{node.label}</span>
        <Figure node={node} />
      </button>
      {drops.length > 0 && <Drops node={node} drops={drops} left={place.left} top={place.top} height={place.height} />}
    </>
  );
}

function Figure({ node }: { readonly node: FlowNode }) {
  const percent = queuePercent(node);
  const state = backendWord(node) ?? processWord(node, overview.value?.processes);
  if (percent !== undefined) {
    return (
      <span class={percent > 80 ? 'gauge gauge-high' : 'gauge'}>
        <span class="gauge-bar">
          <span style={{ width: `${percent}%` }} />
        </span>
        {percent} %
      </span>
    );
  }
  const filtered = node.live?.filteredPerSecond ?? 0;
  if (filtered > 0) return <span class="node-state">▼ {shortNumber(filtered)}/s</span>;
  if (state === undefined) return null;
  return (
    <span class="node-state">
      <Mark state={state.mark} /> {state.word}
    </span>
  );
}

interface DropsProps {
  readonly node: FlowNode;
  readonly drops: readonly Drop[];
  readonly left: string;
  readonly top: string;
  readonly height: string;
}

/** What most is lost by; the lane has room for one line, the panel for all. */
function Drops({ node, drops, left, top, height }: DropsProps) {
  const now = node.live?.droppedPerSecond ?? 0;
  const [{ cause, items }, ...more] = drops;
  return (
    <div
      class={now > 0 ? 'drops drops-now' : 'drops'}
      style={{ left, top: `calc(${top} + ${height} + 1px)` }}
      aria-hidden="true"
    >
      ▼ {cause.replace(' by the backend', '')} {shortNumber(items)}
      {now > 0 && ` · ${shortNumber(now)}/s`}
      {more.length > 0 && ` · ${more.length} more`}
    </div>
  );
}
