import { BUNDLE_MOST } from '#contract/model/bundle.ts'

/** What a bundle may have: it comes from outside. The manifest and the signature fit into memory; the parts need not. */
export const bundleLimits = {
  /** Bytes of the ZIP. */
  file: BUNDLE_MOST,
  /** Bytes of all files that are read, unpacked. */
  total: BUNDLE_MOST,
  /** Bytes of one part: the largest flash that these chips address directly. */
  part: 32 * 1024 ** 2,
  manifest: 256 * 1024,
  signature: 8 * 1024,
  /** Files and folders in it, named by the manifest or not. */
  entries: 512,
  /** Folders within folders. */
  depth: 8,
  /** Characters of a path. */
  path: 255,
  builds: 32,
  parts: 64,
  /** Above `ratioFrom` bytes: unpacked to packed. Images are mostly code, or padding between code. */
  ratio: 200,
  ratioFrom: 16 * 1024 ** 2,
} as const
