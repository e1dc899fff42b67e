export { CalculationEvaluator } from './calculation-evaluator.ts'
export { createCalculationsRouter } from './calculations.router.ts'
export { CalculationsService } from './calculations.service.ts'
export { LiveCalculations } from './live-calculations.ts'
