export { ITEM_NOUN, SIGNALS, type Signal } from './signal.ts';
