export { PastRunsScreen } from './past-runs.tsx'
export { ResultListScreen } from './result-list.tsx'
