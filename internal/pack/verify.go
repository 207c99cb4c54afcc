package pack

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/mod/sumdb/tlog"

	"bevis/internal/ledger"
	"bevis/internal/register"
)

// Options say how to verify.
type Options struct {
	Trust     *Trust // nil: the package is judged against the key it carries
	Reperform bool   // run every check again on the enclosed datasets
	Kinds     []register.Kind
}

// proofLimit bounds a proof file that is read into memory, in bytes.
const proofLimit = 512 << 20

// Verify checks a package offline. Everything it finds is in the report; an error
// means that it could not be done at all.
func Verify(ctx context.Context, name string, o Options) (*ledger.Report, error) {
	v := &verifier{ctx: ctx, o: o, r: &ledger.Report{}, kinds: map[string]register.Kind{}, sha: map[string][]string{}, bad: map[string]bool{}}
	for _, k := range append([]register.Kind{register.Anchors, register.Erasures}, o.Kinds...) {
		v.kinds[k.Name()] = k
	}
	src, err := openSource(name, v.r)
	if err != nil {
		return nil, err
	}
	if src != nil {
		v.src = src
		err := v.run()
		if err := errors.Join(err, src.close()); err != nil {
			return nil, err
		}
	}
	v.r.Decide()
	return v.r, nil
}

type verifier struct {
	ctx      context.Context
	o        Options
	r        *ledger.Report
	src      source
	kinds    map[string]register.Kind
	manifest Manifest
	key      ledger.Key
	sha      map[string][]string // digest → members
	bad      map[string]bool     // members reported already

	mu      sync.Mutex
	found   []*entry         // as read, in no order
	entries map[int64]*entry // by ledger index
	byID    map[string][]*entry
	tree    Tree
	scope   Scope
}

// entry is one file under proofs/entries, read.
type entry struct {
	path string
	f    EntryFile
	want ledger.Leaf // what its leaf must say; At, Prev and After are the leaf's own
	body register.Body
	d    register.Derived
	seen bool
}

func (v *verifier) run() error {
	if !v.readManifest() {
		return v.ctx.Err()
	}
	for _, step := range []func() error{v.members, v.sortEntries, v.readTree, v.leaves, v.earlier, v.history, v.window, v.anchors} {
		if err := step(); err != nil {
			return err
		}
	}
	if v.o.Reperform {
		return v.reperform()
	}
	return nil
}

// wrong reports a member once.
func (v *verifier) wrong(path, code string, args ...any) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.bad[path] {
		v.bad[path] = true
		v.r.Wrong(path, code, args...)
	}
}

// read takes a small member into memory; ok is false when it is reported.
func (v *verifier) read(name string) (raw []byte, ok bool) {
	m, err := v.src.open(name)
	if err == nil && m.Size() <= proofLimit {
		raw, err = io.ReadAll(m)
		err = errors.Join(err, m.Close())
	}
	if err != nil || raw == nil {
		v.wrong(name, "pack.member_unreadable")
		return nil, false
	}
	return raw, true
}

// readManifest reads and judges the manifest; false means that nothing else can be
// looked at.
func (v *verifier) readManifest() bool {
	if !slices.Contains(v.src.names(), manifestName) {
		v.r.Wrong(manifestName, "pack.manifest_missing")
		return false
	}
	raw, ok := v.read(manifestName)
	if !ok {
		return false
	}
	m, err := parseManifest(raw)
	if m.Key == "" { // not even a manifest's shape
		v.wrong(manifestName, "pack.manifest")
		return false
	}
	v.manifest = m
	if m.Format != FormatVersion {
		v.r.Unknown(manifestName, "pack.format", "Format", m.Format)
		return false
	}
	key, kerr := ledger.ParseKey(m.Key)
	if kerr != nil {
		v.wrong(manifestName, "pack.manifest")
		return false
	}
	v.key = key
	v.r.Key = ledger.KeyReport{Fingerprint: key.Fingerprint(), Origin: key.Origin}
	if err != nil {
		v.wrong(manifestName, "pack.manifest")
	} else {
		sig, serr := hex.DecodeString(m.Signature)
		msg, merr := m.message()
		if serr != nil || merr != nil || m.Signature != strings.ToLower(m.Signature) || !key.Verify(msg, sig) {
			v.wrong(manifestName, "pack.signature")
		}
	}
	if t := v.o.Trust; t != nil && len(t.Fingerprints) > 0 {
		v.r.Key.Trusted = slices.Contains(t.Fingerprints, key.Fingerprint())
		if !v.r.Key.Trusted {
			v.r.Wrong(keyName, "key.unknown")
		}
	}
	return true
}

// members hashes every member and compares with the manifest, on all processors.
func (v *verifier) members() error {
	names := v.src.names()
	listed := map[string]File{}
	for _, f := range v.manifest.Files {
		listed[f.Path] = f
	}
	there := map[string]bool{}
	for _, n := range names {
		there[n] = true
		if _, ok := listed[n]; !ok && n != manifestName {
			v.wrong(n, "pack.member_extra")
		}
	}
	if _, zip := v.src.(*zipSource); zip {
		want := make([]string, 0, len(names))
		for _, f := range v.manifest.Files {
			want = append(want, f.Path)
		}
		if want = append(want, manifestName); !slices.Equal(want, names) && len(want) == len(names) {
			v.r.Wrong("(zip)", "pack.order")
		}
	}
	var wg sync.WaitGroup
	var count, size atomic.Int64
	jobs := make(chan File)
	for range 2 {
		wg.Go(func() {
			buf := make([]byte, 1<<18)
			h := sha256.New()
			for f := range jobs {
				h.Reset()
				raw, n, err := v.member(f.Path, h, buf)
				if err != nil {
					v.wrong(f.Path, "pack.member_unreadable")
					continue
				}
				if n != f.Size || hex.EncodeToString(h.Sum(nil)) != f.SHA256 {
					v.wrong(f.Path, "pack.member_altered")
				}
				if raw != nil {
					v.readEntry(f.Path, raw)
				}
				count.Add(1)
				size.Add(n)
			}
		})
	}
	for _, f := range v.manifest.Files {
		if v.ctx.Err() != nil {
			break
		}
		v.sha[f.SHA256] = append(v.sha[f.SHA256], f.Path)
		if !there[f.Path] {
			v.wrong(f.Path, "pack.member_missing")
			continue
		}
		jobs <- f
	}
	close(jobs)
	wg.Wait()
	v.r.Checked.Artefacts, v.r.Checked.Bytes = count.Load(), size.Load()
	return v.ctx.Err()
}

// member writes a member to w and returns its size, and what it says if it is a
// version, so that its file is opened once.
func (v *verifier) member(name string, w io.Writer, buf []byte) (raw []byte, n int64, err error) {
	m, err := v.src.open(name)
	if err != nil {
		return nil, 0, err
	}
	if strings.HasPrefix(name, entriesDir) && m.Size() <= proofLimit {
		if raw, err = io.ReadAll(m); err == nil {
			_, err = w.Write(raw)
		}
		n = int64(len(raw))
	} else {
		n, err = io.CopyBuffer(w, struct{ io.Reader }{m}, buf)
	}
	return raw, n, errors.Join(err, m.Close())
}

// sortEntries orders the versions that were read by ledger index and by identity,
// and looks whether the blobs that they name are there.
func (v *verifier) sortEntries() error {
	if err := v.ctx.Err(); err != nil {
		return err
	}
	slices.SortFunc(v.found, func(a, b *entry) int { return strings.Compare(a.path, b.path) })
	v.entries, v.byID = map[int64]*entry{}, map[string][]*entry{}
	for _, e := range v.found {
		for _, d := range e.d.Blobs {
			if len(v.sha[d]) == 0 {
				v.wrong(e.path, "pack.blob_missing", "SHA256", d)
			}
		}
		if v.entries[e.f.Index] != nil {
			v.wrong(e.path, "pack.entry")
			continue
		}
		v.entries[e.f.Index] = e
		v.byID[e.f.ID] = append(v.byID[e.f.ID], e)
		v.r.Checked.Entries++
	}
	for _, es := range v.byID {
		slices.SortFunc(es, func(a, b *entry) int { return int(a.f.Version - b.f.Version) })
	}
	return nil
}

// readEntry reads one version and computes what its leaf must say.
func (v *verifier) readEntry(name string, raw []byte) {
	e := &entry{path: name}
	if err := json.Unmarshal(raw, &e.f); err != nil || !ledger.IsCanonical(raw) {
		v.wrong(name, "pack.proof")
		return
	}
	if v.understand(e) {
		v.mu.Lock()
		v.found = append(v.found, e)
		v.mu.Unlock()
	}
}

// understand computes commitment and references of an entry.
func (v *verifier) understand(e *entry) bool {
	f := &e.f
	e.want = ledger.Leaf{Kind: f.Register, Subject: f.ID, Version: f.Version}
	if bytes.Equal(f.Body, []byte("null")) {
		return true // erased: history looks for the tombstone
	}
	salt, err := hex.DecodeString(f.Salt)
	if err != nil || json.Unmarshal(f.Body, &e.body) != nil {
		v.wrong(e.path, "pack.proof")
		return false
	}
	e.want.C = ledger.Commit(salt, f.Body)
	k := v.kinds[f.Register]
	if k == nil {
		v.mu.Lock()
		v.r.Unknown(e.path, "entry.unknown_register", "Register", f.Register)
		v.mu.Unlock()
		return true
	}
	if e.d, err = register.Derive(k, e.body.Value); err != nil {
		v.wrong(e.path, "entry.decode")
		return false
	}
	e.want.Blobs = ledger.CommitBlobs(salt, e.d.Blobs)
	return true
}

func (v *verifier) readTree() error {
	raw, ok := v.read(treeName)
	if !ok || json.Unmarshal(raw, &v.tree) != nil || !ledger.IsCanonical(raw) {
		v.wrong(treeName, "pack.proof")
	}
	if raw, ok = v.read(scopeName); !ok || json.Unmarshal(raw, &v.scope) != nil || !ledger.IsCanonical(raw) || v.scope.Window != v.manifest.Window {
		v.wrong(scopeName, "pack.proof")
	}
	if raw, ok = v.read(keyName); ok && string(raw) != v.manifest.Key+"\n" {
		v.wrong(keyName, "pack.key")
	}
	note, ok := v.read(noteName)
	if !ok {
		return nil
	}
	c, err := v.key.OpenCheckpoint(note)
	if err != nil || c.Size != v.tree.Size || c.Size != v.manifest.Size || hex.EncodeToString(c.Root[:]) != v.tree.Root || v.tree.Origin != v.key.Origin {
		v.wrong(noteName, "pack.checkpoint")
	}
	return nil
}

func unhex(in []string) ([]tlog.Hash, bool) {
	out := make([]tlog.Hash, len(in))
	for i, s := range in {
		if len(s) != 2*tlog.HashSize { // before decoding: hex.Decode does not look where it writes
			return nil, false
		}
		if _, err := hex.Decode(out[i][:], []byte(s)); err != nil {
			return nil, false
		}
	}
	return out, true
}

// lines reads a member line by line.
func (v *verifier) lines(name string, each func(line []byte) bool) {
	m, err := v.src.open(name)
	if err != nil {
		v.wrong(name, "pack.member_unreadable")
		return
	}
	s := bufio.NewScanner(m)
	s.Buffer(make([]byte, 1<<16), 1<<22)
	for s.Scan() {
		if !each(s.Bytes()) {
			v.wrong(name, "pack.leaf")
			break
		}
	}
	if err := errors.Join(s.Err(), m.Close()); err != nil {
		v.wrong(name, "pack.member_unreadable")
	}
}

// leaves computes the tree from the compact range and the leaves, and holds each
// entry since the window's start against its leaf.
func (v *verifier) leaves() error {
	edge, ok := unhex(v.tree.Edge)
	t, err := ledger.TreeFromEdge(v.tree.Start, edge)
	if !ok || err != nil {
		v.wrong(treeName, "pack.proof")
		return nil //nolint:nilerr // the finding is recorded
	}
	left := map[LeftOut]int{}
	v.lines(leavesName, func(raw []byte) bool {
		var l Line
		if json.Unmarshal(raw, &l) != nil || l.Index != t.Size() {
			return false
		}
		leaf, err := ledger.ParseLeaf([]byte(l.Record))
		if err != nil {
			return false
		}
		t.Append(ledger.Hash([]byte(l.Record)), func(ledger.Node) {})
		if !v.match(l.Index, leaf) {
			reason := OutOfScope
			if len(v.byID[leaf.Subject]) > 0 {
				reason = AfterSeal
				if l.Index <= v.scope.AsOf { // a version of something in scope was kept back
					v.wrong(entriesDir+leaf.Kind+"/"+leaf.Subject, "pack.member_missing")
				}
			}
			left[LeftOut{Kind: leaf.Kind, Reason: reason}]++
		}
		return true
	})
	root := t.Root()
	if t.Size() != v.tree.Size || hex.EncodeToString(root[:]) != v.tree.Root {
		v.wrong(leavesName, "pack.tree")
	}
	said := map[LeftOut]int{}
	for _, l := range v.scope.LeftOut {
		said[LeftOut{Kind: l.Kind, Reason: l.Reason}] = l.Count
	}
	for k, n := range left {
		if said[k] != n {
			v.wrong(scopeName, "pack.left_out")
		}
		delete(said, k)
	}
	if len(said) > 0 {
		v.wrong(scopeName, "pack.left_out")
	}
	return v.ctx.Err()
}

// match holds the entry at a ledger index against its leaf; false if the package
// has no such entry.
func (v *verifier) match(index int64, leaf ledger.Leaf) bool {
	e := v.entries[index]
	if e == nil {
		return false
	}
	e.seen = true
	erased := bytes.Equal(e.f.Body, []byte("null"))
	same := leaf.Kind == e.want.Kind && leaf.Subject == e.want.Subject && leaf.Version == e.want.Version
	if !same || !erased && (leaf.C != e.want.C || v.kinds[leaf.Kind] != nil && leaf.Blobs != e.want.Blobs) {
		v.wrong(e.path, "pack.entry")
	}
	e.want = leaf
	return true
}

// earlier holds entries from before the window's start against leaves with an
// inclusion proof each.
func (v *verifier) earlier() error {
	root, ok := unhex([]string{v.tree.Root})
	if !ok {
		v.wrong(treeName, "pack.proof")
		return nil
	}
	v.lines(earlierName, func(raw []byte) bool {
		var e Earlier
		if json.Unmarshal(raw, &e) != nil {
			return false
		}
		leaf, err := ledger.ParseLeaf([]byte(e.Record))
		proof, ok := unhex(e.Proof)
		if err != nil || !ok || e.Index < 0 || e.Index >= v.tree.Size {
			return false
		}
		if tlog.CheckRecord(proof, v.tree.Size, root[0], e.Index, ledger.Hash([]byte(e.Record))) != nil {
			v.wrong(earlierName, "pack.inclusion", "Index", e.Index)
		}
		v.match(e.Index, leaf)
		return true
	})
	for _, e := range v.entries {
		if !e.seen {
			v.wrong(e.path, "pack.no_leaf")
		}
	}
	return v.ctx.Err()
}

// history checks that the versions of each entry follow each other without a hole
// and that what is erased has a tombstone.
func (v *verifier) history() error {
	erased := map[string][]int64{}
	for _, e := range v.entries {
		if e.f.Register != register.Erasures.Name() {
			continue
		}
		var t register.Erasure
		if json.Unmarshal(e.body.Value, &t) == nil {
			erased[t.Subject] = append(erased[t.Subject], t.Versions...)
		}
	}
	for id, es := range v.byID {
		var holes []int64
		prev := int64(-1)
		for i, e := range es {
			if e.f.Version != int64(i+1) || e.want.Prev != prev {
				v.wrong(e.path, "leaf.chain")
			}
			prev = e.f.Index
			if !bytes.Equal(e.f.Body, []byte("null")) {
				continue
			}
			holes = append(holes, e.f.Version)
			if !slices.Contains(erased[id], e.f.Version) {
				v.wrong(e.path, "pack.erased")
			}
		}
		if len(holes) > 0 {
			v.r.Erased = append(v.r.Erased, ledger.Erased{ID: id, Register: es[0].f.Register, Versions: holes})
		}
	}
	slices.SortFunc(v.r.Erased, func(a, b ledger.Erased) int { return strings.Compare(a.ID, b.ID) })
	return nil
}
