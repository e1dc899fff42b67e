import '@mantine/core/styles.css'
import '@mantine/spotlight/styles.css'
import '../theme/tokens.css'
import '../theme/base.css'
import '../theme/mantine.css'
import { createRoot } from 'react-dom/client'
import { startI18n } from '../i18n/i18n.ts'
import { App } from './app.tsx'

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no #root')

await startI18n()
createRoot(root).render(<App />)
