package ledger

import (
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// Node is one stored hash of the tree; Pos is its tlog.StoredHashIndex.
type Node struct {
	Pos  int64
	Hash tlog.Hash
}

// Tree is the right edge of a Merkle tree: enough to append and to know the
// root, O(log n) in size. The zero Tree is empty.
type Tree struct {
	size int64
	edge []tlog.Hash // perfect subtrees from the largest to the smallest
}

// Size is the number of leaves.
func (t *Tree) Size() int64 { return t.size }

// Root is the RFC 6962 tree hash.
func (t *Tree) Root() tlog.Hash {
	if t.size == 0 {
		h, _ := tlog.TreeHash(0, nil) // SHA-256 of nothing; cannot fail
		return h
	}
	r := t.edge[len(t.edge)-1]
	for i := len(t.edge) - 2; i >= 0; i-- {
		r = tlog.NodeHash(t.edge[i], r)
	}
	return r
}

// Append adds a leaf hash and calls store for every hash that is now fixed, in
// rising order of Pos.
func (t *Tree) Append(leaf tlog.Hash, store func(Node)) {
	n := t.size
	pos := tlog.StoredHashIndex(0, n)
	h := leaf
	store(Node{pos, h})
	for m := n; m&1 == 1; m >>= 1 {
		last := len(t.edge) - 1
		h = tlog.NodeHash(t.edge[last], h)
		t.edge = t.edge[:last]
		pos++
		store(Node{pos, h})
	}
	t.edge = append(t.edge, h)
	t.size++
}

// Clone returns an independent copy.
func (t *Tree) Clone() *Tree {
	return &Tree{size: t.size, edge: append([]tlog.Hash(nil), t.edge...)}
}

// Edge lists the perfect subtrees from the largest to the smallest: the compact
// range [0, Size).
func (t *Tree) Edge() []tlog.Hash { return append([]tlog.Hash(nil), t.edge...) }

// TreeFromEdge rebuilds a tree from its size and compact range.
func TreeFromEdge(size int64, edge []tlog.Hash) (*Tree, error) {
	bits := 0
	for m := size; m > 0; m &= m - 1 {
		bits++
	}
	if size < 0 || bits != len(edge) {
		return nil, fmt.Errorf("ledger: %d hashes do not make the edge of %d leaves", len(edge), size)
	}
	return &Tree{size: size, edge: append([]tlog.Hash(nil), edge...)}, nil
}

// LoadTree reads the right edge of a tree of the given size from stored hashes.
func LoadTree(size int64, r tlog.HashReader) (*Tree, error) {
	var pos []int64
	start := int64(0)
	for level := 62; level >= 0; level-- {
		if size&(1<<level) != 0 {
			pos = append(pos, tlog.StoredHashIndex(level, start>>level))
			start += 1 << level
		}
	}
	if len(pos) == 0 {
		return &Tree{}, nil
	}
	edge, err := r.ReadHashes(pos)
	if err != nil {
		return nil, fmt.Errorf("ledger: load the tree's edge: %w", err)
	}
	return TreeFromEdge(size, edge)
}
