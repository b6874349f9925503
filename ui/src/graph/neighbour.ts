import type { Layout } from './layout.ts';
import type { PlacedNode } from './lines.ts';

/** Where an arrow key leads from a node: right and left along the edges, up and down within the column. */
export function neighbour(layout: Layout, id: string, key: string): string | undefined {
  const here = layout.nodes.find(({ node }) => node.id === id);
  if (here === undefined) return undefined;
  switch (key) {
    case 'ArrowRight':
      return nearest(here, connected(layout, 'from', id))?.node.id;
    case 'ArrowLeft':
      return nearest(here, connected(layout, 'to', id))?.node.id;
    case 'ArrowDown':
      return nearest(
        here,
        inColumn(layout, here, (y) => y > here.y),
      )?.node.id;
    case 'ArrowUp':
      return nearest(
        here,
        inColumn(layout, here, (y) => y < here.y),
      )?.node.id;
    default:
      return undefined;
  }
}

function connected({ nodes, edges }: Layout, end: 'from' | 'to', id: string): readonly PlacedNode[] {
  const other = end === 'from' ? 'to' : 'from';
  const ids = new Set(edges.filter(({ edge }) => edge[end] === id).map(({ edge }) => edge[other]));
  return nodes.filter(({ node }) => ids.has(node.id));
}

function inColumn({ nodes }: Layout, { x }: PlacedNode, where: (y: number) => boolean): readonly PlacedNode[] {
  return nodes.filter((placed) => placed.x === x && where(placed.y));
}

function nearest({ y }: PlacedNode, candidates: readonly PlacedNode[]): PlacedNode | undefined {
  return candidates.toSorted((a, b) => Math.abs(a.y - y) - Math.abs(b.y - y))[0];
}
