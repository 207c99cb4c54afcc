package pack_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"bevis/internal/ledger"
	"bevis/internal/pack"
)

// region is a stretch of the zip's bytes that belongs to one member's data, or to
// the framing.
type region struct {
	from, to int64
	name     string
}

func regions(t *testing.T, name string) []region {
	t.Helper()
	z, err := zip.OpenReader(name)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	var out []region
	for _, f := range z.File {
		at, err := f.DataOffset()
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, region{at, at + int64(f.CompressedSize64), f.Name})
	}
	return out
}

// Threat T24: whichever byte of a package changes, it is not valid any more, and
// the verifier says where. A sample of the offsets is tried, a prime apart, more
// densely in the manifest and the proofs; BEVIS_EVERY_BYTE=1 tries all of them.
func TestThreat_T24_EveryByteOfTheZip(t *testing.T) {
	m := sample(t)
	content, err := os.ReadFile(m.zip)
	if err != nil {
		t.Fatal(err)
	}
	rs := regions(t, m.zip)
	member := make([]string, len(content))
	for _, r := range rs {
		for i := r.from; i < r.to; i++ {
			member[i] = r.name
		}
	}
	var offsets []int
	for i := range content {
		step := 499
		switch {
		case os.Getenv("BEVIS_EVERY_BYTE") != "":
			step = 1
		case member[i] == "manifest.json" || strings.HasPrefix(member[i], "proofs/") && !strings.HasPrefix(member[i], "proofs/entries/"):
			step = 131
		case member[i] == "":
			step = 61
		}
		if i%step == 0 {
			offsets = append(offsets, i)
		}
	}
	t.Logf("%d bytes, %d changes", len(content), len(offsets))
	jobs := make(chan int)
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		name := filepath.Join(t.TempDir(), "p.zip")
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
		wg.Go(func() {
			f, err := os.OpenFile(name, os.O_RDWR, 0)
			if err != nil {
				t.Error(err)
				for range jobs {
				}
				return
			}
			defer f.Close()
			for i := range jobs {
				flipped := content[i] ^ byte(1<<(i%8))
				_, err := f.WriteAt([]byte{flipped}, int64(i))
				if err != nil {
					t.Error(err)
				}
				r, err := pack.Verify(t.Context(), name, pack.Options{Kinds: kinds})
				where := fmt.Sprintf("byte %d (%s), %#x becomes %#x", i, member[i], content[i], flipped)
				switch {
				case err != nil:
					t.Errorf("%s: %v", where, err)
				case r.Verdict == ledger.Valid:
					t.Errorf("%s: valid", where)
				case r.Verdict != ledger.Invalid && !has(r, "manifest.json", "pack.format"):
					t.Errorf("%s: %s", where, r.Verdict)
				case !has(r, "(zip)", "") && (member[i] == "" || !has(r, member[i], "")):
					t.Errorf("%s: reported as %v", where, codes(r))
				}
				if _, err := f.WriteAt([]byte{content[i]}, int64(i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for _, i := range offsets {
		jobs <- i
	}
	close(jobs)
	wg.Wait()
	for _, cut := range []int{0, 1, 21, 22, 1000, len(content) / 2, len(content) - 1} {
		name := filepath.Join(t.TempDir(), "cut.zip")
		if err := os.WriteFile(name, content[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		if r := verify(t, name, pack.Options{}); r.Verdict != ledger.Invalid || !has(r, "(zip)", "") {
			t.Errorf("the first %d bytes: %s %v", cut, r.Verdict, codes(r))
		}
	}
	longer := filepath.Join(t.TempDir(), "longer.zip")
	if err := os.WriteFile(longer, append(bytes.Clone(content), 0), 0o600); err != nil {
		t.Fatal(err)
	}
	if r := verify(t, longer, pack.Options{}); r.Verdict != ledger.Invalid {
		t.Errorf("a byte more: %s", r.Verdict)
	}
}

// The same for a folder: the first, a middle and the last byte of every member.
func TestEveryMemberOfTheFolder(t *testing.T) {
	m := sample(t)
	for _, p := range m.parts {
		name := filepath.Join(m.dir, filepath.FromSlash(p.name))
		for _, i := range slices.Compact([]int{0, len(p.data) / 2, len(p.data) - 1}) {
			if len(p.data) == 0 {
				continue
			}
			changed := bytes.Clone(p.data)
			changed[i] ^= 2
			if err := os.WriteFile(name, changed, 0o600); err != nil {
				t.Fatal(err)
			}
			if r := verify(t, m.dir, pack.Options{}); r.Verdict != ledger.Invalid || !has(r, p.name, "") {
				t.Errorf("%s, byte %d of %d: %s %v", p.name, i, len(p.data), r.Verdict, codes(r))
			}
		}
		if err := os.WriteFile(name, p.data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if r := verify(t, m.dir, pack.Options{}); r.Verdict != ledger.Valid {
		t.Fatalf("put back: %v", codes(r))
	}
}

func lastOf(t *testing.T, parts []part, dir string) string {
	t.Helper()
	name := ""
	for _, p := range parts {
		if strings.HasPrefix(p.name, dir) && p.name > name {
			name = p.name
		}
	}
	if name == "" {
		t.Fatalf("no member under %s", dir)
	}
	return name
}

// What is done to a package without the ledger's key: nothing goes unnoticed.
// repaired means that the forger wrote the manifest's digests and sizes again.
func TestWithoutTheKey(t *testing.T) {
	m := sample(t)
	sealName := "proofs/seal.json"
	reorder := func(parts []part) []part {
		parts[0], parts[1] = parts[1], parts[0]
		return parts
	}
	index := slices.IndexFunc(m.parts, func(p part) bool { return p.name == "index.html" })
	for name, tc := range map[string]struct {
		change func(parts []part) []part
		path   string
		code   string
	}{
		"a letter of a page":  {func(p []part) []part { p[index].data[100] ^= 1; return p }, "index.html", "pack.member_altered"},
		"a member removed":    {func(p []part) []part { return drop(p, "index.html") }, "index.html", "pack.member_missing"},
		"a member added":      {func(p []part) []part { return append([]part{{"extra.txt", []byte("x")}}, p...) }, "extra.txt", "pack.member_extra"},
		"a member renamed":    {func(p []part) []part { p[index].name = "index2.html"; return p }, "index2.html", "pack.member_extra"},
		"two members swapped": {reorder, "(zip)", "pack.order"},
		"two contents swapped": {func(p []part) []part {
			p[index].data, p[0].data = p[0].data, p[index].data
			return p
		}, "index.html", "pack.member_altered"},
		"a member emptied":    {func(p []part) []part { p[index].data = nil; return p }, "index.html", "pack.member_altered"},
		"the seal removed":    {func(p []part) []part { return drop(p, sealName) }, sealName, "pack.member_missing"},
		"no manifest":         {func(p []part) []part { return drop(p, "manifest.json") }, "manifest.json", "pack.manifest_missing"},
		"nothing but a manif": {func(p []part) []part { return []part{p[len(p)-1]} }, "index.html", "pack.member_missing"},
	} {
		r := verify(t, writeParts(t, tc.change(clone(m.parts))), pack.Options{})
		if r.Verdict != ledger.Invalid || !has(r, tc.path, tc.code) {
			t.Errorf("%s: %s %v", name, r.Verdict, codes(r))
		}
		parts := tc.change(clone(m.parts))
		if !slices.ContainsFunc(parts, func(p part) bool { return p.name == "manifest.json" }) {
			continue
		}
		r = verify(t, writeParts(t, repair(t, parts, nil)), pack.Options{})
		if r.Verdict != ledger.Invalid || !has(r, "manifest.json", "pack.signature") {
			t.Errorf("%s, repaired: %s %v", name, r.Verdict, codes(r))
		}
	}
	for name, change := range map[string]func(*pack.Manifest){
		"no signature":          func(m *pack.Manifest) { m.Signature = "" },
		"another signature":     func(m *pack.Manifest) { m.Signature = strings.Repeat("00", 64) },
		"upper-case signature":  func(m *pack.Manifest) { m.Signature = strings.ToUpper(m.Signature) },
		"not sample data":       func(m *pack.Manifest) { m.Sample = !m.Sample },
		"another day":           func(m *pack.Manifest) { m.Created = "2020-01-01T00:00:00.000000Z" },
		"another title":         func(m *pack.Manifest) { m.Title += " " },
		"another window":        func(m *pack.Manifest) { m.Window = "win_other" },
		"draft":                 func(m *pack.Manifest) { m.Draft = true },
		"another size":          func(m *pack.Manifest) { m.Size++ },
		"another member's size": func(m *pack.Manifest) { m.Files[0].Size++ },
		"a member twice":        func(m *pack.Manifest) { m.Files = append(m.Files, m.Files[0]) },
	} {
		parts := clone(m.parts)
		edit(t, find(t, parts, "manifest.json"), change)
		if r := verify(t, writeParts(t, parts), pack.Options{}); r.Verdict != ledger.Invalid || !has(r, "manifest.json", "") {
			t.Errorf("%s: %s %v", name, r.Verdict, codes(r))
		}
	}
	spaced := clone(m.parts)
	p := find(t, spaced, "manifest.json")
	p.data = bytes.Replace(p.data, []byte(`,"size"`), []byte(`, "size"`), 1)
	if r := verify(t, writeParts(t, spaced), pack.Options{}); r.Verdict != ledger.Invalid {
		t.Errorf("a blank in the manifest: %s", r.Verdict)
	}
}

// Threat T25: a package signed by another key speaks for that key alone.
func TestThreat_T25_AnotherKey(t *testing.T) {
	m := sample(t)
	other, err := ledger.GenerateKey(m.key.Origin)
	if err != nil {
		t.Fatal(err)
	}
	parts := clone(m.parts)
	find(t, parts, "proofs/ledger.pub").data = []byte(other.String() + "\n")
	// The forger signs the tree as well; the timestamps are over the true key's
	// checkpoints, which do not verify under another key.
	cp := find(t, parts, "proofs/checkpoint")
	c, err := m.key.OpenCheckpoint(cp.data)
	if err != nil {
		t.Fatal(err)
	}
	if cp.data, err = other.SignCheckpoint(c); err != nil {
		t.Fatal(err)
	}
	name := writeParts(t, repair(t, parts, &other))
	if r := verify(t, name, pack.Options{}); r.Verdict != ledger.Invalid || !has(r, "proofs/entries/anchor/", "pack.anchor") || has(r, "manifest.json", "") {
		t.Errorf("with timestamps: %s %v", r.Verdict, codes(r))
	}

	// Where no timestamp ties the key down, only the reader's own knowledge does.
	s := newShop(t, filepath.Join(t.TempDir(), "ws"))
	s.clock = day(t, "2026-05-02")
	s.add("2026-02-01", "a review")
	w := s.seal(s.open())
	parts = readParts(t, s.pack(w, "p.zip", false))
	s.must(s.Close())
	if other, err = ledger.GenerateKey(s.key.Origin); err != nil {
		t.Fatal(err)
	}
	find(t, parts, "proofs/ledger.pub").data = []byte(other.String() + "\n")
	cp = find(t, parts, "proofs/checkpoint")
	if c, err = s.key.OpenCheckpoint(cp.data); err != nil {
		t.Fatal(err)
	}
	if cp.data, err = other.SignCheckpoint(c); err != nil {
		t.Fatal(err)
	}
	name = writeParts(t, repair(t, parts, &other))
	if r := verify(t, name, pack.Options{}); r.Verdict != ledger.Valid || r.Key.Trusted || r.Key.Fingerprint != other.Fingerprint() {
		t.Errorf("without --trust: %s %+v %v", r.Verdict, r.Key, codes(r))
	}
	if r := verify(t, name, pack.Options{Trust: &pack.Trust{Fingerprints: []string{s.key.Fingerprint()}}}); r.Verdict != ledger.Invalid || r.Key.Trusted || !has(r, "proofs/ledger.pub", "key.unknown") {
		t.Errorf("with --trust: %s %+v %v", r.Verdict, r.Key, codes(r))
	}
	// A timestamp is demanded and there is none.
	if r := verify(t, name, pack.Options{Trust: &pack.Trust{Fingerprints: []string{other.Fingerprint()}, Roots: m.root}}); r.Verdict != ledger.Incomplete || !r.Key.Trusted || !has(r, "proofs", "pack.anchor_wanted") {
		t.Errorf("unanchored: %s %v", r.Verdict, codes(r))
	}
}

// Even who holds the ledger's key cannot leave out or change what the ledger says:
// each of these is signed with the true key over repaired digests.
func TestWithTheKey(t *testing.T) {
	m := sample(t)
	evd := "proofs/entries/evidence/" + m.shop.twoFiles.ID.String() + "/"
	gone := "proofs/entries/evidence/" + m.shop.erased.ID.String() + "/"
	entry := func(name string, change func(*pack.EntryFile)) func([]part) []part {
		return func(p []part) []part { edit(t, find(t, p, name), change); return p }
	}
	tree := func(change func(*pack.Tree)) func([]part) []part {
		return func(p []part) []part { edit(t, find(t, p, "proofs/tree.json"), change); return p }
	}
	scoped := func(change func(*pack.Scope)) func([]part) []part {
		return func(p []part) []part { edit(t, find(t, p, "proofs/scope.json"), change); return p }
	}
	lines := func(name string, change func([][]byte) [][]byte) func([]part) []part {
		return func(p []part) []part {
			x := find(t, p, name)
			ls := bytes.SplitAfter(x.data, []byte("\n"))
			x.data = bytes.Join(change(ls[:len(ls)-1]), nil)
			return p
		}
	}
	bodyOf := func(e *pack.EntryFile, old, new string) {
		if !bytes.Contains(e.Body, []byte(old)) {
			t.Fatalf("%s is not in %s", old, e.Body)
		}
		e.Body = bytes.Replace(e.Body, []byte(old), []byte(new), 1)
	}
	seal := find(t, m.parts, "proofs/seal.json")
	for name, tc := range map[string]struct {
		change func([]part) []part
		path   string
		code   string
	}{
		"a newer version hidden":  {func(p []part) []part { return drop(p, evd+"2.json") }, "proofs/entries/evidence/", "pack.member_missing"},
		"an older version hidden": {func(p []part) []part { return drop(p, evd+"1.json") }, "proofs/entries/evidence/", "pack.member_missing"},
		"an item hidden":          {func(p []part) []part { return drop(drop(p, evd+"1.json"), evd+"2.json") }, "proofs/scope.json", "pack.left_out"},
		"an item hidden and counted": {func(p []part) []part {
			p = drop(drop(p, evd+"1.json"), evd+"2.json")
			return leaveOut(t, p, "evidence", 2)
		}, "proofs/entries/evidence/", "pack.seal_missing"},
		"a tombstone hidden":           {func(p []part) []part { return drop(p, find(t, p, "proofs/entries/erasure/").name) }, gone, "pack.erased"},
		"a timestamp hidden":           {func(p []part) []part { return drop(p, find(t, p, "proofs/entries/anchor/").name) }, "proofs/", ""},
		"an entry's sentence":          {entry(evd+"1.json", func(e *pack.EntryFile) { bodyOf(e, "Access review", "Access rewiev") }), evd + "1.json", "pack.entry"},
		"an entry's actor":             {entry(evd+"1.json", func(e *pack.EntryFile) { bodyOf(e, "operator:tester", "operator:nobody") }), evd + "1.json", "pack.entry"},
		"an entry's salt":              {entry(evd+"1.json", func(e *pack.EntryFile) { e.Salt = strings.Repeat("00", 32) }), evd + "1.json", "pack.entry"},
		"an entry under another index": {entry(evd+"2.json", func(e *pack.EntryFile) { e.Index += 1000 }), "proofs/", ""},
		"an entry under another id":    {entry(evd+"1.json", func(e *pack.EntryFile) { e.ID = "evd_other" }), evd + "1.json", "pack.entry"},
		"an entry as another version":  {entry(evd+"2.json", func(e *pack.EntryFile) { e.Version = 3 }), evd + "2.json", "pack.entry"},
		"an entry of another register": {entry(evd+"1.json", func(e *pack.EntryFile) { e.Register = "control" }), evd + "1.json", ""},
		"said to be erased":            {entry(evd+"1.json", func(e *pack.EntryFile) { e.Salt, e.Body = "", []byte("null") }), evd + "1.json", "pack.erased"},
		"an invented entry": {func(p []part) []part {
			x := *find(t, p, evd+"2.json")
			x.name, x.data = evd+"3.json", bytes.Clone(x.data)
			edit(t, &x, func(e *pack.EntryFile) { e.Index, e.Version = 1_000_000, 3 })
			return slices.Insert(p, len(p)-1, x)
		}, evd + "3.json", "pack.no_leaf"},
		"the same entry twice": {func(p []part) []part {
			x := *find(t, p, evd+"2.json")
			x.name = evd + "3.json"
			return slices.Insert(p, len(p)-1, x)
		}, evd + "3.json", "pack.entry"},
		"a file of evidence": {func(p []part) []part {
			for i := range p {
				if bytes.Equal(p[i].data, []byte("user,keep\nbo,yes\n")) {
					p[i].data = []byte("user,keep\nbo,no\n")
				}
			}
			return p
		}, evd, "pack.blob_missing"},
		"a leaf kept back":   {lines("proofs/leaves.ndjson", func(l [][]byte) [][]byte { return slices.Delete(l, 3, 4) }), "proofs/leaves.ndjson", ""},
		"the last leaf":      {lines("proofs/leaves.ndjson", func(l [][]byte) [][]byte { return l[:len(l)-1] }), "proofs/leaves.ndjson", "pack.tree"},
		"two leaves swapped": {lines("proofs/leaves.ndjson", func(l [][]byte) [][]byte { l[1], l[2] = l[2], l[1]; return l }), "proofs/leaves.ndjson", ""},
		"a leaf twice":       {lines("proofs/leaves.ndjson", func(l [][]byte) [][]byte { return append(l, l[len(l)-1]) }), "proofs/leaves.ndjson", ""},
		"a leaf's text":      {lines("proofs/leaves.ndjson", func(l [][]byte) [][]byte { l[2] = bytes.Replace(l[2], []byte("T"), []byte("t"), 1); return l }), "proofs/leaves.ndjson", ""},
		"an early leaf":      {lines("proofs/earlier.ndjson", func(l [][]byte) [][]byte { return l[1:] }), "proofs/entries/", "pack.no_leaf"},
		"an early proof": {lines("proofs/earlier.ndjson", func(l [][]byte) [][]byte {
			return append([][]byte{bytes.Replace(l[0], []byte(`"proof":["`), []byte(`"proof":["00`), 1)}, l[1:]...)
		}), "proofs/earlier.ndjson", ""},
		"another root":       {tree(func(x *pack.Tree) { x.Root = strings.Repeat("0", 64) }), "proofs/", ""},
		"another size":       {tree(func(x *pack.Tree) { x.Size++ }), "proofs/", "pack.checkpoint"},
		"another origin":     {tree(func(x *pack.Tree) { x.Origin = "other" }), "proofs/checkpoint", "pack.checkpoint"},
		"another beginning":  {tree(func(x *pack.Tree) { x.Edge[0] = strings.Repeat("0", 64) }), "proofs/leaves.ndjson", "pack.tree"},
		"a beginning moved":  {tree(func(x *pack.Tree) { x.Start, x.Edge = 0, []string{} }), "proofs/", ""},
		"no anchor proofs":   {tree(func(x *pack.Tree) { x.Anchors = []pack.Consistency{} }), "proofs/entries/anchor/", "pack.anchor"},
		"an anchor's proof":  {tree(func(x *pack.Tree) { x.Anchors[0].Proof = append(x.Anchors[0].Proof, strings.Repeat("0", 64)) }), "proofs/entries/anchor/", "pack.anchor"},
		"more said left out": {scoped(func(x *pack.Scope) { x.LeftOut[0].Count++ }), "proofs/scope.json", "pack.left_out"},
		"less said left out": {scoped(func(x *pack.Scope) { x.LeftOut = x.LeftOut[1:] }), "proofs/scope.json", "pack.left_out"},
		"sealed a bit later": {scoped(func(x *pack.Scope) { x.AsOf++ }), "proofs/seal.json", "pack.seal"},
		"another key's text": {func(p []part) []part { find(t, p, "proofs/ledger.pub").data = []byte("other\n"); return p }, "proofs/ledger.pub", "pack.key"},
		"the seal swapped": {func(p []part) []part {
			edit(t, find(t, p, "proofs/seal.json"), func(v *map[string]any) { (*v)["entries"] = []any{} })
			return p
		}, "proofs/seal.json", "pack.seal"},
		"the seal of another": {func(p []part) []part {
			find(t, p, "proofs/seal.json").data = append(bytes.Clone(seal.data), ' ')
			return p
		}, "proofs/seal.json", "pack.seal"},
		"no seal":         {func(p []part) []part { return drop(p, "proofs/seal.json") }, "proofs/seal.json", ""},
		"no checkpoint":   {func(p []part) []part { return drop(p, "proofs/checkpoint") }, "proofs/checkpoint", ""},
		"no tree":         {func(p []part) []part { return drop(p, "proofs/tree.json") }, "proofs/tree.json", ""},
		"no leaves":       {func(p []part) []part { return drop(p, "proofs/leaves.ndjson") }, "proofs/leaves.ndjson", ""},
		"no scope":        {func(p []part) []part { return drop(p, "proofs/scope.json") }, "proofs/scope.json", ""},
		"no early leaves": {func(p []part) []part { return drop(p, "proofs/earlier.ndjson") }, "proofs/earlier.ndjson", ""},
		"no key":          {func(p []part) []part { return drop(p, "proofs/ledger.pub") }, "proofs/ledger.pub", ""},
		"the window hidden": {func(p []part) []part {
			return slices.DeleteFunc(p, func(x part) bool { return strings.HasPrefix(x.name, "proofs/entries/window/") })
		}, "proofs/entries/window/", "pack.window"},
		"the window as before the seal": {func(p []part) []part { return drop(p, lastOf(t, p, "proofs/entries/window/")) }, "proofs/scope.json", "pack.left_out"},
	} {
		r := verify(t, writeParts(t, repair(t, tc.change(clone(m.parts)), &m.key)), pack.Options{})
		if r.Verdict != ledger.Invalid || !has(r, tc.path, tc.code) || has(r, "manifest.json", "") {
			t.Errorf("%s: %s %v", name, r.Verdict, codes(r))
		}
	}
	// The way these are made leaves a package that nobody touched valid.
	if r := verify(t, writeParts(t, repair(t, clone(m.parts), &m.key)), pack.Options{}); r.Verdict != ledger.Valid {
		t.Errorf("untouched: %v", codes(r))
	}
}

// leaveOut says in scope.json that n more leaves of a kind stayed out of scope.
func leaveOut(t *testing.T, p []part, kind string, n int) []part {
	t.Helper()
	edit(t, find(t, p, "proofs/scope.json"), func(s *pack.Scope) {
		for i := range s.LeftOut {
			if s.LeftOut[i].Kind == kind && s.LeftOut[i].Reason == pack.OutOfScope {
				s.LeftOut[i].Count += n
				return
			}
		}
		s.LeftOut = append(s.LeftOut, pack.LeftOut{Kind: kind, Reason: pack.OutOfScope, Count: n})
	})
	return p
}
