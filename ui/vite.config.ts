import preact from '@preact/preset-vite';
import { defineConfig } from 'vite';

/** `npx vite ui` serves the client with hot reload in front of an engine that runs on the default port. */
export default defineConfig({
  plugins: [preact({ devToolsEnabled: false, prefreshEnabled: true })],
  build: {
    outDir: '../dist/ui',
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { host: '127.0.0.1', proxy: { '/api': 'http://127.0.0.1:4390' } },
});
