// node scripts/strip-types.ts <folder>: what an image has of Sluice is JavaScript, so that a Pod needs no compiler.
import { stripFolder } from '../testbed/image/javascript.ts';

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  process.stderr.write('usage: node scripts/strip-types.ts <folder>\n');
  process.exitCode = 2;
} else {
  stripFolder(folder);
}
