import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

// biome-ignore lint/style/noDefaultExport: Vite looks for it
export default defineConfig({
  plugins: [react()],
  build: {
    target: 'es2023',
    // What the control plane may serve for ever lies here, with hashes in its names.
    assetsDir: 'assets',
    sourcemap: false,
    chunkSizeWarningLimit: 1_200,
  },
  server: { proxy: { '/api': 'http://127.0.0.1:9000' } },
})
