import { createHash } from 'node:crypto'
import { ExpectedError } from '#contract/errors.ts'
import { type ChipFamily, chipFamilies } from '#contract/model/board.ts'
import type { BundleBuild, BundleFacts } from '#contract/model/bundle.ts'
import { bundleLimits } from './bundle-limits.ts'
import type { BundleSource } from './bundle-source.ts'
import { type Manifest, type ManifestBuild, parseManifest } from './manifest.ts'
import { below, insidePath } from './part-path.ts'
import { bounded, type PartStore, readAll } from './part-store.ts'
import { type FoundPart, readBuild } from './read-build.ts'
import { broken, readSignature } from './signature.ts'

export interface ReadBundle {
  facts: BundleFacts
  /** Byte for byte as they came: the signature is over them. */
  manifest: Uint8Array
  signature: Uint8Array | null
}

/**
 * Reads a bundle and puts its parts into `store`. What it returns has passed every check that needs no board; when it
 * throws, parts may be left in the store.
 *
 * @throws ExpectedError `bundle_*`, `parts_overlap`, and those of `parsePartitionTable`
 */
export async function readBundle(
  source: BundleSource,
  { store, signal }: { store: PartStore; signal: AbortSignal },
): Promise<ReadBundle> {
  const { folder, path } = findManifest(source)
  const manifestBytes = await readAll(source.open(path), { limit: bundleLimits.manifest, what: path })
  const manifest = parseManifest(manifestBytes)
  const signature = await readBeside(source, below(folder, 'signature.json'))
  const signer = signature === null ? null : readSignature(signature, manifestBytes)
  if (signer !== null) requireHashes(manifest)
  const { builds, skippedChips } = sortBuilds(manifest)

  const read: BundleBuild[] = []
  const found = new PartsOf(source, { folder, store, signal })
  for (const { chip, build } of builds) {
    const parts: FoundPart[] = []
    for (const part of build.parts) parts.push(await found.find(part))
    signal.throwIfAborted()
    const { kind } = manifest
    read.push(await readBuild({ chip, build, kind, parts, bytesOf: (sha256) => store.bytes(sha256) }))
  }
  return {
    facts: {
      name: manifest.name,
      version: manifest.version,
      kind: manifest.kind,
      makesKeys: manifest.makesKeys,
      improv: manifest.improv,
      isSimulated: manifest.simulated,
      builds: read,
      skippedChips,
      size: found.bytes,
      contentHash: contentHash(manifestBytes, signature, read),
      signer,
    },
    manifest: manifestBytes,
    signature,
  }
}

/**
 * Manifest, signature and the parts that the manifest names: what a bundle is, whatever lies beside it.
 *
 * @throws ExpectedError `bundle_manifest_missing`, `bundle_manifest_invalid`, `bundle_part_missing`, `bundle_path_refused`
 */
export async function bundleFilesOf(source: BundleSource): Promise<string[]> {
  const { folder, path } = findManifest(source)
  const { builds } = parseManifest(
    await readAll(source.open(path), { limit: bundleLimits.manifest, what: path }),
  )
  const signature = below(folder, 'signature.json')
  const files = new Set(source.paths.includes(signature) ? [path, signature] : [path])
  for (const part of builds.flatMap(({ parts }) => parts)) {
    const inside = below(folder, insidePath(part.path))
    if (!source.paths.includes(inside)) throw new ExpectedError('bundle_part_missing', { path: part.path })
    files.add(inside)
  }
  return [...files]
}

/** The one nearest to the top; its folder is where its paths begin. */
function findManifest({ paths }: BundleSource): { folder: string; path: string } {
  const depth = (path: string) => path.split('/').length
  const manifests = paths
    .filter((path) => path === 'manifest.json' || path.endsWith('/manifest.json'))
    .toSorted((a, b) => depth(a) - depth(b))
  const [path, next] = manifests
  // Of two at one depth neither is "the" manifest.
  if (path === undefined || (next !== undefined && depth(next) === depth(path)))
    throw new ExpectedError('bundle_manifest_missing')
  return { path, folder: path.slice(0, Math.max(0, path.lastIndexOf('/'))) }
}

async function readBeside(source: BundleSource, path: string): Promise<Uint8Array | null> {
  if (!source.paths.includes(path)) return null
  return readAll(source.open(path), { limit: bundleLimits.signature, what: path })
}

/** A signature is over the manifest: only with the hash in it does it cover a part. */
function requireHashes({ builds }: Manifest): void {
  for (const { parts } of builds)
    for (const { path, sha256 } of parts)
      if (sha256 === undefined)
        throw broken(`it does not cover ${path}, which has no sha256 in manifest.json`)
}

function sortBuilds({ builds }: Manifest): {
  builds: { chip: ChipFamily; build: ManifestBuild }[]
  skippedChips: string[]
} {
  const known: { chip: ChipFamily; build: ManifestBuild }[] = []
  const skippedChips: string[] = []
  for (const [index, build] of builds.entries()) {
    const chip = chipFamilies.find((family) => family === build.chipFamily)
    if (chip === undefined) skippedChips.push(build.chipFamily)
    else if (known.some((one) => one.chip === chip))
      throw new ExpectedError('bundle_manifest_invalid', {
        issues: `builds[${index}].chipFamily: ${chip} is there twice`,
      })
    else known.push({ chip, build })
  }
  if (known.length === 0)
    throw new ExpectedError('bundle_chips_unsupported', { chips: skippedChips.join(', ') })
  return { builds: known, skippedChips }
}

/** The files that a manifest names, each read once. */
class PartsOf {
  readonly #source: BundleSource
  readonly #options: { folder: string; store: PartStore; signal: AbortSignal }
  readonly #found = new Map<string, { sha256: string; size: number }>()
  bytes = 0

  constructor(source: BundleSource, options: { folder: string; store: PartStore; signal: AbortSignal }) {
    this.#source = source
    this.#options = options
  }

  async find({ path, offset, sha256, size }: ManifestBuild['parts'][number]): Promise<FoundPart> {
    const inside = below(this.#options.folder, insidePath(path))
    const found = this.#found.get(inside) ?? (await this.#read(inside, path))
    this.#found.set(inside, found)
    if (size !== undefined && size !== found.size)
      throw new ExpectedError('bundle_part_changed', {
        path,
        field: 'size',
        actual: found.size,
        expected: size,
      })
    if (sha256 !== undefined && sha256 !== found.sha256)
      throw new ExpectedError('bundle_part_changed', {
        path,
        field: 'SHA-256',
        actual: found.sha256,
        expected: sha256,
      })
    return { path, offset, ...found }
  }

  async #read(inside: string, path: string): Promise<{ sha256: string; size: number }> {
    const { store, signal } = this.#options
    if (!this.#source.paths.includes(inside)) throw new ExpectedError('bundle_part_missing', { path })
    const room = Math.min(bundleLimits.part, bundleLimits.total - this.bytes)
    const content = bounded(this.#source.open(inside), { limit: room, what: path })
    const found = await store.put(untilAborted(content, signal))
    if (found.size === 0) throw new ExpectedError('bundle_part_empty', { path })
    this.bytes += found.size
    return found
  }
}

async function* untilAborted(
  content: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of content) {
    signal.throwIfAborted()
    yield chunk
  }
}

function contentHash(
  manifest: Uint8Array,
  signature: Uint8Array | null,
  builds: readonly BundleBuild[],
): string {
  const hash = createHash('sha256').update(manifest).update('\n')
  if (signature !== null) hash.update(signature)
  for (const { chip, parts } of builds)
    for (const { path, sha256 } of parts) hash.update(`\n${chip} ${path} ${sha256}`)
  return hash.digest('hex')
}
