interface SparklineProps {
  /** Oldest first. */
  readonly values: readonly number[];
  /** A sentence that says what is drawn. */
  readonly label: string;
  readonly tone?: string;
  readonly height?: number;
  /** Where the ground line stands: at zero, or at the least value so that small changes show. */
  readonly ground?: 'zero' | 'least';
}

const WIDTH = 240;
/** More points than this are not seen at the size of a sparkline. */
const MAX_POINTS = 120;

/** A small line over time. Its text alternative is the label; exact figures stand beside it. */
export function Sparkline({ values, label, tone = 'traces', height = 36, ground = 'zero' }: SparklineProps) {
  const points = thin(values);
  const min = ground === 'zero' ? 0 : Math.min(...points);
  const span = Math.max(...points) - min || 1;
  const x = (index: number) => (points.length < 2 ? WIDTH : (index * WIDTH) / (points.length - 1));
  const y = (value: number) => height - 2 - ((value - min) / span) * (height - 4);
  const line = points.map((value, index) => `${x(index).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
  return (
    <svg
      class={`sparkline signal-${tone}`}
      viewBox={`0 0 ${WIDTH} ${height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <line class="sparkline-base" x1="0" x2={WIDTH} y1={height - 1} y2={height - 1} />
      {points.length > 1 && (
        <>
          <polygon class="sparkline-area" points={`0,${height} ${line} ${WIDTH},${height}`} />
          <polyline class="sparkline-line" points={line} />
        </>
      )}
    </svg>
  );
}

/** Means of equal groups. */
function thin(values: readonly number[]): readonly number[] {
  const group = Math.ceil(values.length / MAX_POINTS);
  if (group <= 1) return values;
  const thinned: number[] = [];
  for (let end = values.length; end > 0; end -= group) {
    const part = values.slice(Math.max(0, end - group), end);
    thinned.unshift(part.reduce((total, value) => total + value, 0) / part.length);
  }
  return thinned;
}
