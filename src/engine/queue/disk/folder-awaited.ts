/** The folder of a queue is about to be left by whoever has it: nothing fails, it is tried again. */
export class FolderAwaited extends Error {}
