import type { BundleFacts } from '#contract/model/bundle.ts'

/** Where the parts of a bundle go while it is read, named by their content. */
export interface PartStore {
  put(content: AsyncIterable<Uint8Array>): Promise<{ sha256: string; size: number }>
  bytes(sha256: string): Promise<Uint8Array>
}

/** What this feature needs of whoever knows the forms of bundles; `main/engine` binds it to `firmware/`. */
export interface BundleReader {
  /**
   * Reads a ZIP, and puts its parts into `store`. What it returns has passed every check that needs no board.
   * @throws ExpectedError `bundle_…`, `parts_overlap`, `partition_table_invalid`; the signal's reason
   */
  read(
    file: string,
    options: { store: PartStore; signal: AbortSignal },
  ): Promise<{ facts: BundleFacts; manifest: Uint8Array; signature: Uint8Array | null }>
}
