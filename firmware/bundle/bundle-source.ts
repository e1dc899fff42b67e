/** Where a bundle is read from: a ZIP, or a folder. Nothing is unpacked before it is asked for. */
export interface BundleSource {
  /** Paths of its files, with `/` between folders, relative, without `.` and `..`. */
  readonly paths: readonly string[]
  /** The content of one of `paths`, a piece at a time. */
  open(path: string): AsyncIterable<Uint8Array>
  close(): Promise<void>
}
