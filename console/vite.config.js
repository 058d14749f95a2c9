import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

// biome-ignore lint/style/noDefaultExport: Vite looks for it
export default defineConfig({
  plugins: [react()],
  build: {
    target: 'es2023',
    // Those that know light-dark() by themselves: what stands in for it elsewhere needs a colour scheme that no style sheet sets here.
    cssTarget: ['chrome123', 'edge123', 'firefox120', 'safari17.5'],
    // What the control plane may serve for ever lies here, with hashes in its names.
    assetsDir: 'assets',
    sourcemap: false,
    chunkSizeWarningLimit: 1_200,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            // What the first page cannot do without comes in one piece: fifty small ones cost a head and a wait each.
            { name: 'base', tags: ['$initial'] },
            // What most views have in common, too.
            { name: 'common', test: /console\/src|@mantine|@tanstack|@floating-ui|@tabler/, minShareCount: 24 },
          ],
        },
      },
    },
  },
  server: { proxy: { '/api': 'http://127.0.0.1:9000' } },
})
