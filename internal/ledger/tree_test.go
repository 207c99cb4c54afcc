package ledger_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"bevis/internal/ledger"
)

// grown is a tree of n leaves with all its stored hashes, made three times: by
// this package, by tlog, and by another implementation of RFC 6962.
type grown struct {
	tree    *ledger.Tree
	hashes  []tlog.Hash
	leaves  [][]byte
	compact *compact.Range
	roots   []tlog.Hash // of every size from 0
}

func (g *grown) ReadHashes(at []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(at))
	for i, p := range at {
		if p < 0 || p >= int64(len(g.hashes)) {
			return nil, errors.New("no such hash")
		}
		out[i] = g.hashes[p]
	}
	return out, nil
}

type fatal interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

func grow(t fatal, n int) *grown {
	t.Helper()
	factory := compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}
	g := &grown{tree: &ledger.Tree{}, compact: factory.NewEmptyRange(0), roots: []tlog.Hash{(&ledger.Tree{}).Root()}}
	for i := range n {
		leaf := binary.BigEndian.AppendUint64([]byte("leaf "), uint64(i*i))
		g.leaves = append(g.leaves, leaf)
		want, err := tlog.StoredHashes(int64(i), leaf, g)
		if err != nil {
			t.Fatal(err)
		}
		var got []tlog.Hash
		g.tree.Append(ledger.Hash(leaf), func(n ledger.Node) {
			if n.Pos != int64(len(g.hashes)+len(got)) {
				t.Fatalf("leaf %d stores at %d, not %d", i, n.Pos, len(g.hashes)+len(got))
			}
			got = append(got, n.Hash)
		})
		if len(got) != len(want) {
			t.Fatalf("leaf %d stores %d hashes, tlog %d", i, len(got), len(want))
		}
		for j := range want {
			if got[j] != want[j] {
				t.Fatalf("leaf %d: hash %d differs from tlog's", i, j)
			}
		}
		g.hashes = append(g.hashes, got...)
		g.roots = append(g.roots, g.tree.Root())
		if err := g.compact.Append(rfc6962.DefaultHasher.HashLeaf(leaf), nil); err != nil {
			t.Fatal(err)
		}
	}
	return g
}

func TestTreeAgainstTwoOthers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 300).Draw(t, "size")
		g := grow(t, n)
		root := g.tree.Root()
		want, err := tlog.TreeHash(int64(n), g)
		if err != nil || want != root || g.tree.Size() != int64(n) {
			t.Fatalf("%d leaves: root %s, tlog %s, %v", n, root, want, err)
		}
		other, err := g.compact.GetRootHash(nil)
		if err != nil || !bytes.Equal(other, root[:]) {
			t.Fatalf("%d leaves: root %s, compact range %x, %v", n, root, other, err)
		}
		edge := g.tree.Edge()
		if len(edge) != len(g.compact.Hashes()) {
			t.Fatalf("edge of %d, compact range of %d", len(edge), len(g.compact.Hashes()))
		}
		for i, h := range g.compact.Hashes() {
			if !bytes.Equal(h, edge[i][:]) {
				t.Fatalf("edge %d differs", i)
			}
		}

		// Proofs made from our hashes are accepted by the other's verifier, and
		// only for what they prove.
		i := rapid.IntRange(0, n-1).Draw(t, "index")
		in, err := tlog.ProveRecord(int64(n), int64(i), g)
		if err != nil {
			t.Fatal(err)
		}
		leafHash := rfc6962.DefaultHasher.HashLeaf(g.leaves[i])
		if err := proof.VerifyInclusion(rfc6962.DefaultHasher, uint64(i), uint64(n), leafHash, raw(in), root[:]); err != nil {
			t.Fatalf("inclusion of %d in %d: %v", i, n, err)
		}
		if j := rapid.IntRange(0, n-1).Draw(t, "other index"); j != i {
			if proof.VerifyInclusion(rfc6962.DefaultHasher, uint64(j), uint64(n), leafHash, raw(in), root[:]) == nil ||
				tlog.CheckRecord(in, int64(n), root, int64(j), ledger.Hash(g.leaves[i])) == nil {
				t.Fatalf("the proof for %d proves %d", i, j)
			}
		}
		m := rapid.IntRange(1, n).Draw(t, "earlier size")
		con, err := tlog.ProveTree(int64(n), int64(m), g)
		if err != nil {
			t.Fatal(err)
		}
		if err := proof.VerifyConsistency(rfc6962.DefaultHasher, uint64(m), uint64(n), raw(con), g.roots[m][:], root[:]); err != nil {
			t.Fatalf("consistency of %d and %d: %v", m, n, err)
		}
		if m < n {
			wrong := g.roots[m]
			wrong[0] ^= 1
			if tlog.CheckTree(con, int64(n), root, int64(m), wrong) == nil {
				t.Fatal("the proof proves another beginning")
			}
		}
	})
}

func raw(hs []tlog.Hash) [][]byte {
	out := make([][]byte, len(hs))
	for i := range hs {
		out[i] = hs[i][:]
	}
	return out
}

// A tree goes on from its stored hashes or its edge as if it had never stopped.
func TestTreeIsLoaded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 200).Draw(t, "size")
		m := rapid.IntRange(0, n).Draw(t, "loaded at")
		g := grow(t, n)
		loaded, err := ledger.LoadTree(int64(m), g)
		if err != nil || loaded.Size() != int64(m) || loaded.Root() != g.roots[m] {
			t.Fatalf("loaded %d of %d: %v", m, n, err)
		}
		fromEdge, err := ledger.TreeFromEdge(int64(m), loaded.Edge())
		if err != nil {
			t.Fatal(err)
		}
		kept := loaded.Clone()
		for i := m; i < n; i++ {
			pos := tlog.StoredHashIndex(0, int64(i))
			for _, tree := range []*ledger.Tree{loaded, fromEdge} {
				p := pos
				tree.Append(ledger.Hash(g.leaves[i]), func(x ledger.Node) {
					if x.Pos != p || x.Hash != g.hashes[p] {
						t.Fatalf("leaf %d: stored hash %d differs", i, x.Pos)
					}
					p++
				})
			}
		}
		if loaded.Root() != g.roots[n] || fromEdge.Root() != g.roots[n] {
			t.Fatal("went on to another root")
		}
		if kept.Size() != int64(m) || kept.Root() != g.roots[m] {
			t.Fatal("a clone moved with its original")
		}
	})
}

func TestTreeFromEdgeRefuses(t *testing.T) {
	g := grow(t, 11) // 1011: three subtrees
	edge := g.tree.Edge()
	for _, tc := range []struct {
		size int64
		edge []tlog.Hash
	}{{11, edge[:2]}, {11, nil}, {12, edge}, {0, edge[:1]}, {-1, edge}, {-1, nil}, {15, edge}} {
		if _, err := ledger.TreeFromEdge(tc.size, tc.edge); err == nil {
			t.Errorf("%d hashes pass for the edge of %d leaves", len(tc.edge), tc.size)
		}
	}
	if _, err := ledger.LoadTree(11, &grown{}); err == nil {
		t.Error("loaded from hashes that are not there")
	}
	if e, err := ledger.TreeFromEdge(0, nil); err != nil || e.Root() != (&ledger.Tree{}).Root() {
		t.Errorf("the empty tree: %v", err)
	}
}
