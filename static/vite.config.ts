/// Builds the page into `dist/`, which the server embeds; assets live under `/assets/`.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  base: '/',
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    // A content security policy without `data:` must be possible.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
  },
  server: {
    // The help opens the guides of docs/guide.
    fs: { allow: ['..'] },
    proxy: { '/api': process.env['BV_TEST_URL'] ?? 'http://127.0.0.1:8080' },
  },
  test: {
    environment: 'happy-dom',
    include: ['src/**/*.test.ts'],
    restoreMocks: true,
  },
});
