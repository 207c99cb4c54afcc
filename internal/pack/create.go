package pack

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"bevis/internal/authz"
	"bevis/internal/blob"
	"bevis/internal/evidence"
	"bevis/internal/fault"
	"bevis/internal/i18n"
	"bevis/internal/ledger"
	"bevis/internal/pack/zipfile"
	"bevis/internal/register"
	"bevis/internal/scope"
	"bevis/internal/window"
)

// Service holds the verbs on packages.
type Service struct {
	Store   *register.Store
	Blobs   blob.Store
	Policy  authz.Policy
	Signer  *ledger.Signer
	Version string // of the product
}

// Made is a finished package.
type Made struct {
	File      string `json:"file"`
	SHA256    string `json:"sha256"` // of the zip; of the manifest for a folder
	Artefacts int    `json:"artefacts"`
}

// Create writes the package of a window to out: a zip if the name ends in .zip,
// else a folder that must not exist. A window that is not sealed needs draft.
// Nothing is left at out when it fails.
func (s *Service) Create(ctx context.Context, name, out string, draft bool) (made Made, err error) {
	by, err := s.Policy.Require(ctx, authz.PackageCreate)
	if err != nil {
		return made, err
	}
	w, err := window.Find(s.Store.Live(ctx), name)
	if err != nil {
		return made, err
	}
	if err := by.InWindow(w.ID.String()); err != nil {
		return made, err
	}
	if w.Value.Status != window.Sealed && !draft {
		return made, fault.New(fault.Invalid, "pack.not_sealed", "Code", w.Value.Code)
	}
	if _, err := os.Lstat(out); err == nil {
		return made, fault.New(fault.Invalid, "pack.exists", "File", out)
	}
	b := &builder{s: s, ctx: ctx, window: w, lang: i18n.Of(ctx)}
	if err := b.freeze(); err != nil {
		return made, err
	}
	made, err = b.write(out)
	if err != nil {
		return made, err
	}
	err = s.Store.Write(ctx, by.Actor(), func(tx *register.Tx) error {
		info, err := os.Stat(out)
		if err != nil {
			return fmt.Errorf("pack: %w", err)
		}
		_, err = Exports.Create(tx, Export{Window: w.ID.String(), SHA256: made.SHA256, Size: info.Size(), Artefacts: made.Artefacts, Draft: b.draft, By: by.ID}, "")
		return err
	})
	return made, err
}

// builder is one package being made.
type builder struct {
	s      *Service
	ctx    context.Context
	lang   i18n.Lang
	window register.Entry[window.Window]
	draft  bool
	sample bool

	note    []byte // signed checkpoint of the state that is packed
	size    int64
	root    tlog.Hash
	start   int64 // first leaf at or after the window's beginning
	asOf    int64 // entries up to this index are in
	reader  register.Reader
	members []window.Member
	last    map[string]int64 // entry → last ledger index of its versions in the package
	leftOut []LeftOut
	newest  string // genTime of the newest timestamp, "" for none
	out     *writer
	paths   map[string][]string // blob digest → members that carry it
	wanted  []string            // blob digests that packed versions of evidence speak of
	docs    documents
}

func (b *builder) t(key string, args ...any) string { return i18n.In(b.lang, key, args...) }

// freeze decides which state is packed.
func (b *builder) freeze() (err error) {
	if b.note, err = b.s.Store.Checkpoint(b.ctx); err != nil {
		return err
	}
	c, err := b.s.Signer.Key().OpenCheckpoint(b.note)
	if err != nil {
		return fmt.Errorf("pack: own checkpoint: %w", err)
	}
	b.size, b.root = c.Size, c.Root
	b.asOf = b.size - 1
	seal := b.window.Value.Seal
	b.draft = seal == nil
	if seal != nil {
		b.asOf = seal.Index
	}
	b.reader = b.s.Store.At(b.ctx, b.asOf)
	cal, err := b.window.Value.Calendar()
	if err != nil {
		return err
	}
	from, _ := b.window.Value.Bounds(cal)
	before, err := b.s.Store.IndexAt(b.ctx, from)
	if err != nil {
		return err
	}
	b.start = min(before+1, b.size)
	org, err := scope.Current(b.reader)
	if err != nil {
		return err
	}
	b.sample = org.Value.Sample
	if b.members, err = b.contents(); err != nil {
		return err
	}
	return b.afterSeal()
}

// contents lists what the window speaks of: for a sealed one what its manifest
// says, which no later erasure can shrink.
func (b *builder) contents() ([]window.Member, error) {
	seal := b.window.Value.Seal
	if seal == nil {
		return window.Contents(b.reader, &b.window)
	}
	r, err := b.s.Blobs.Open(b.ctx, seal.Manifest)
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Close() }()
	var m struct {
		Entries []window.Sealable `json:"entries"`
	}
	if err := json.NewDecoder(r).Decode(&m); err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "blob.damaged", "SHA256", seal.Manifest)
	}
	var out []window.Member
	for _, e := range m.Entries { // versions of an entry stand together
		if n := len(out); n == 0 || out[n-1].ID != e.ID {
			out = append(out, window.Member{Register: e.Register, ID: e.ID})
		}
	}
	return out, nil
}

// afterSeal adds what may follow the sealed state: the seal itself, timestamps,
// and tombstones of what is in scope.
func (b *builder) afterSeal() error {
	b.last = map[string]int64{}
	for _, m := range b.members {
		b.last[m.ID] = b.asOf
	}
	b.last[b.window.ID.String()] = b.size - 1
	now := b.s.Store.At(b.ctx, b.size-1)
	anchors, err := register.Anchors.All(now, register.Query{Oldest: true})
	if err != nil {
		return err
	}
	for _, a := range anchors {
		b.include(register.Anchors.Name(), a.ID.String())
	}
	erased, err := register.Erasures.All(now, register.Query{Oldest: true})
	if err != nil {
		return err
	}
	for _, e := range erased {
		if _, in := b.last[e.Value.Subject]; in {
			b.include(register.Erasures.Name(), e.ID.String())
		}
	}
	return nil
}

func (b *builder) include(registerName, id string) {
	if _, in := b.last[id]; !in {
		b.members = append(b.members, window.Member{Register: registerName, ID: id})
	}
	b.last[id] = b.size - 1
}

func (b *builder) write(out string) (made Made, err error) {
	b.out = &writer{names: map[string]bool{}}
	b.paths = map[string][]string{}
	asZip := strings.HasSuffix(strings.ToLower(out), ".zip")
	dir := filepath.Dir(out)
	if asZip {
		f, err := os.CreateTemp(dir, ".bevis-package-*")
		if err != nil {
			return made, fault.Wrap(err, fault.Unavailable, "pack.write", "File", out)
		}
		defer func() {
			err = errors.Join(err, ignoreClosed(f.Close()))
			if err != nil {
				err = errors.Join(err, os.Remove(f.Name()))
			}
		}()
		if b.out.zip, err = zipfile.NewWriter(f); err != nil {
			return made, err
		}
		if made, err = b.fill(); err != nil {
			return made, err
		}
		if err := errors.Join(b.out.zip.Close(), f.Sync()); err != nil {
			return made, fault.Wrap(err, fault.Unavailable, "pack.write", "File", out)
		}
		if made.SHA256, err = fileSHA256(f); err != nil {
			return made, err
		}
		if err := errors.Join(f.Close(), os.Rename(f.Name(), out)); err != nil {
			return made, fault.Wrap(err, fault.Unavailable, "pack.write", "File", out)
		}
		made.File = out
		return made, nil
	}
	b.out.dir = out
	if err := os.Mkdir(out, 0o755); err != nil { //nolint:gosec // a package is made to be handed on
		return made, fault.Wrap(err, fault.Unavailable, "pack.write", "File", out)
	}
	made, err = b.fill()
	if err != nil {
		return made, errors.Join(err, os.RemoveAll(out))
	}
	made.File = out
	return made, nil
}

func ignoreClosed(err error) error {
	if errors.Is(err, os.ErrClosed) {
		return nil
	}
	return err
}

func fileSHA256(f *os.File) (string, error) {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return "", fmt.Errorf("pack: %w", err)
	}
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("pack: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// fill writes all members and the manifest last.
func (b *builder) fill() (Made, error) {
	for _, step := range []func() error{b.proofs, b.entries, b.documents, b.others} {
		if err := step(); err != nil {
			return Made{}, err
		}
	}
	m := Manifest{
		Format: FormatVersion, Product: "bevis " + b.s.Version, Window: b.window.ID.String(), Title: b.window.Value.Title(),
		Sample: b.sample, Draft: b.draft, Created: b.s.Store.Now().Format(ledger.TimeFormat), Key: b.s.Signer.Key().String(), Size: b.size, Files: b.out.files,
	}
	raw, err := m.sign(b.s.Signer.Sign)
	if err != nil {
		return Made{}, err
	}
	if err := b.out.bytes(b.ctx, manifestName, raw); err != nil {
		return Made{}, err
	}
	last := b.out.files[len(b.out.files)-1]
	return Made{SHA256: last.SHA256, Artefacts: len(b.out.files)}, nil
}

// proofs writes the tree, the leaves and what ties earlier entries to it.
func (b *builder) proofs() error {
	hashes := b.s.Store.Hashes(b.ctx)
	edge, err := ledger.LoadTree(b.start, hashes)
	if err != nil {
		return err
	}
	t := Tree{Origin: b.s.Signer.Key().Origin, Size: b.size, Root: hex.EncodeToString(b.root[:]), Start: b.start, Edge: hexes(edge.Edge()), Anchors: []Consistency{}}
	anchors, err := register.Anchors.All(b.s.Store.At(b.ctx, b.size-1), register.Query{Oldest: true})
	if err != nil {
		return err
	}
	for _, a := range anchors {
		p, err := a.Value.Parse()
		if err != nil {
			return err
		}
		proof, err := tlog.ProveTree(b.size, p.Checkpoint.Size, hashes)
		if err != nil {
			return fmt.Errorf("pack: prove anchor: %w", err)
		}
		b.newest = max(b.newest, a.Value.Time)
		t.Anchors = append(t.Anchors, Consistency{p.Checkpoint.Size, hex.EncodeToString(p.Checkpoint.Root[:]), hexes(proof)})
	}
	if err := b.out.canonical(b.ctx, treeName, t); err != nil {
		return err
	}
	if err := b.out.bytes(b.ctx, noteName, b.note); err != nil {
		return err
	}
	if err := b.out.bytes(b.ctx, keyName, []byte(b.s.Signer.Key().String()+"\n")); err != nil {
		return err
	}
	if seal := b.window.Value.Seal; seal != nil {
		if err := b.blob(sealName, seal.Manifest); err != nil {
			return err
		}
	}
	counts := map[LeftOut]int{}
	err = b.out.add(b.ctx, leavesName, -1, func(dst io.Writer) error {
		return b.s.Store.Leaves(b.ctx, b.start, b.size, func(l register.Leaf) error {
			leaf, err := ledger.ParseLeaf(l.Record)
			if err != nil {
				return err
			}
			switch last, in := b.last[leaf.Subject]; {
			case !in:
				counts[LeftOut{Kind: leaf.Kind, Reason: OutOfScope}]++
			case l.Index > last:
				counts[LeftOut{Kind: leaf.Kind, Reason: AfterSeal}]++
			}
			return writeLine(dst, Line{l.Index, string(l.Record)})
		})
	})
	if err != nil {
		return err
	}
	b.leftOut = []LeftOut{}
	for k, n := range counts {
		k.Count = n
		b.leftOut = append(b.leftOut, k)
	}
	slices.SortFunc(b.leftOut, func(x, y LeftOut) int { return strings.Compare(x.Kind+x.Reason, y.Kind+y.Reason) })
	return b.out.canonical(b.ctx, scopeName, Scope{Window: b.window.ID.String(), AsOf: b.asOf, LeftOut: b.leftOut})
}

func hexes(hs []tlog.Hash) []string {
	out := make([]string, len(hs))
	for i, h := range hs {
		out[i] = hex.EncodeToString(h[:])
	}
	return out
}

func writeLine(dst io.Writer, v any) error {
	raw, err := ledger.Canonical(v)
	if err != nil {
		return err
	}
	_, err = dst.Write(append(raw, '\n'))
	return err
}

// entries writes every version of everything in scope, and what ties the early
// ones to the tree.
func (b *builder) entries() error {
	var early []Earlier
	hashes := b.s.Store.Hashes(b.ctx)
	for _, m := range b.members {
		vs, err := b.s.Store.RawVersions(b.ctx, m.ID, b.last[m.ID])
		if err != nil {
			return err
		}
		for _, v := range vs {
			f := EntryFile{Index: v.Seq, Register: v.Register, ID: v.ID, Version: v.Version, Salt: hex.EncodeToString(v.Salt), Body: json.RawMessage(v.Body)}
			if v.Body == nil {
				f.Salt, f.Body = "", json.RawMessage("null")
			}
			if err := b.wants(v); err != nil {
				return err
			}
			if err := b.out.canonical(b.ctx, fmt.Sprintf("%s%s/%s/%d.json", entriesDir, v.Register, v.ID, v.Version), f); err != nil {
				return err
			}
			if v.Seq >= b.start {
				continue
			}
			proof, err := tlog.ProveRecord(b.size, v.Seq, hashes)
			if err != nil {
				return fmt.Errorf("pack: prove entry %d: %w", v.Seq, err)
			}
			err = b.s.Store.Leaves(b.ctx, v.Seq, v.Seq+1, func(l register.Leaf) error {
				early = append(early, Earlier{l.Index, string(l.Record), hexes(proof)})
				return nil
			})
			if err != nil {
				return err
			}
		}
	}
	slices.SortFunc(early, func(x, y Earlier) int { return int(x.Index - y.Index) })
	return b.out.add(b.ctx, earlierName, -1, func(dst io.Writer) error {
		for _, e := range early {
			if err := writeLine(dst, e); err != nil {
				return err
			}
		}
		return nil
	})
}

// wants notes which files a version of an item of evidence speaks of.
func (b *builder) wants(v register.Raw) error {
	if v.Body == nil || v.Register != evidence.Items.Name() {
		return nil
	}
	var body register.Body
	if err := json.Unmarshal(v.Body, &body); err != nil {
		return fmt.Errorf("pack: entry %d: %w", v.Seq, err)
	}
	d, err := register.Derive(evidence.Items, body.Value)
	if err != nil {
		return fmt.Errorf("pack: entry %d: %w", v.Seq, err)
	}
	b.wanted = append(b.wanted, d.Blobs...)
	return nil
}

// others writes the files that no document led to: those of an item's earlier
// versions, and of items that are in only because a newer one stands for them.
func (b *builder) others() error {
	for _, digest := range slices.Compact(slices.Sorted(slices.Values(b.wanted))) {
		if len(b.paths[digest]) > 0 {
			continue
		}
		if err := b.blob(filesDir+digest, digest); err != nil {
			return err
		}
	}
	return nil
}

// blob copies stored bytes into a member. Bytes that are not what their digest
// says stop the package: it would carry a broken proof.
func (b *builder) blob(name, digest string) error {
	r, err := b.s.Blobs.Open(b.ctx, digest)
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	if err := b.out.add(b.ctx, name, r.Size(), func(dst io.Writer) error {
		_, err := io.Copy(dst, r)
		return err
	}); err != nil {
		return err
	}
	if got := b.out.files[len(b.out.files)-1].SHA256; got != digest {
		return fault.New(fault.Unavailable, "blob.damaged", "SHA256", digest)
	}
	b.paths[digest] = append(b.paths[digest], name)
	return nil
}
