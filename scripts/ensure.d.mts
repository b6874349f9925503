export const root: string;
export function nodePath(): string;
export function ensureDependencies(): void;
export function ensureUi(): void;
