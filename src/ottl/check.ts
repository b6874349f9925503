import type { CheckedGroup, Group } from './group.ts';

/** All problems of a group. Pure: what it finds does not depend on where it runs. */
export function checkGroup(_group: Group): CheckedGroup {
  return { problems: [] };
}
