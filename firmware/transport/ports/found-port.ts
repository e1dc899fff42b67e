/** A port as the operating system lists it, before it is told what it is and whether it opens. */
export interface FoundPort {
  path: string
  vendorId: string | null
  productId: string | null
  serialNumber: string | null
  manufacturer: string | null
  /** The socket that it is plugged into, as this system counts sockets; null where that is not told. */
  location: string | null
}
