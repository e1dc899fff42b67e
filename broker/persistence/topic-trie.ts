interface Node<T> {
  children: Map<string, Node<T>>
  values: Map<string, T>
}

/** Topic filters with one value for each client, found by topic in time that depends on its levels only. */
export class TopicTrie<T> {
  size = 0
  private readonly root: Node<T> = newNode()

  set(filter: string, client: string, value: T): void {
    let node = this.root
    for (const level of filter.split('/')) {
      let child = node.children.get(level)
      if (!child) {
        child = newNode()
        node.children.set(level, child)
      }
      node = child
    }
    if (!node.values.has(client)) this.size += 1
    node.values.set(client, value)
  }

  delete(filter: string, client: string): void {
    const path: [Node<T>, string][] = []
    let node = this.root
    for (const level of filter.split('/')) {
      const child = node.children.get(level)
      if (!child) return
      path.push([node, level])
      node = child
    }
    if (node.values.delete(client)) this.size -= 1
    for (const [parent, level] of path.reverse()) {
      const child = parent.children.get(level)
      if (!child || child.values.size > 0 || child.children.size > 0) return
      parent.children.delete(level)
    }
  }

  /** The values of all filters that match, the widest filters first. */
  match(topic: string): T[] {
    const found: T[] = []
    this.collect(this.root, topic.split('/'), 0, found)
    return found
  }

  private collect(node: Node<T>, levels: string[], index: number, found: T[]): void {
    const rest = node.children.get('#')
    if (rest) found.push(...rest.values.values())
    const level = levels[index]
    if (level === undefined) {
      found.push(...node.values.values())
      return
    }
    const any = node.children.get('+')
    if (any) this.collect(any, levels, index + 1, found)
    const exact = node.children.get(level)
    if (exact) this.collect(exact, levels, index + 1, found)
  }
}

function newNode<T>(): Node<T> {
  return { children: new Map(), values: new Map() }
}
