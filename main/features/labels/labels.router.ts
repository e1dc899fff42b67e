import { labelSizes, labelsOn } from '#contract/model/label.ts'
import type { Procedures } from '#features/access/index.ts'
import type { LabelsService } from './labels.service.ts'

export function createLabelsRouter({ labels }: Procedures, service: LabelsService) {
  return {
    sizes: labels.sizes.handler(() => ({
      sizes: labelSizes.map((size) => {
        const { name, product, kind, width, height } = size
        return { name, product, kind, width, height, labels: labelsOn(size) }
      }),
    })),
    preview: labels.preview.handler(async ({ input, context }) => ({
      svg: await service.preview(context.scope, input),
    })),
    make: labels.make.handler(({ input, context }) => service.make(context.scope, input, context.audit)),
  }
}
