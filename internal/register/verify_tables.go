package register

import (
	"bytes"
	"strconv"

	"bevis/internal/ledger"
)

// current holds every index row against what the newest body says.
func (v *verifier) current() error {
	seen := map[string]bool{}
	err := v.each("SELECT k, org, register, id, version, seq, at, code, title, status, owner, due, period_from, period_to FROM current ORDER BY k", 14, func(r row) error {
		id, _ := r.text(3)
		path := "current/" + show(r[0])
		sub := v.subjects[id]
		if sub == nil {
			v.r.Wrong(path, "current.extra")
			return nil
		}
		if seen[id] {
			v.r.Wrong(path, "current.extra")
			return nil
		}
		seen[id] = true
		i := sub.last.index
		want := row{sub.k, org, sub.kind, id, sub.version, sub.seq, sub.at, i.Code, i.Title, i.Status, i.Owner, micros(i.Due), micros(i.From), micros(i.To)}
		if !equalRows(r, want) {
			v.r.Wrong(path, "current.column", "ID", id)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for id := range v.subjects {
		if !seen[id] {
			v.r.Wrong("current/"+id, "current.missing")
		}
	}
	return nil
}

func equalRows(got, want row) bool {
	for i, w := range want {
		switch x := w.(type) {
		case int64:
			if n, ok := got.int(i); !ok || n != x {
				return false
			}
		case string:
			if s, ok := got.text(i); !ok || s != x {
				return false
			}
		}
	}
	return true
}

type linkKey struct{ from, rel, to, since int64 }

// links holds every link row against the links of the bodies.
func (v *verifier) links() error {
	want := map[linkKey]int64{}
	for _, sub := range v.subjects {
		for _, s := range sub.spans.rows {
			to := v.subjects[s.link.To]
			if to == nil {
				v.r.Wrong("link/"+strconv.FormatInt(sub.k, 10), "link.target", "ID", s.link.To)
				continue
			}
			want[linkKey{sub.k, int64(s.link.Rel), to.k, s.since}] = s.until
		}
	}
	err := v.each("SELECT from_k, rel, to_k, since, until FROM link", 5, func(r row) error {
		path := "link/" + show(r[0]) + "-" + show(r[1]) + "-" + show(r[2]) + "@" + show(r[3])
		var n [5]int64
		for i := range n {
			var ok bool
			if n[i], ok = r.int(i); !ok {
				v.r.Wrong(path, "link.extra")
				return nil
			}
		}
		key := linkKey{n[0], n[1], n[2], n[3]}
		until, ok := want[key]
		delete(want, key)
		if !ok {
			v.r.Wrong(path, "link.extra")
		} else if until != n[4] {
			v.r.Wrong(path, "link.until")
		}
		return nil
	})
	for k := range want {
		v.r.Wrong("link/"+strconv.FormatInt(k.from, 10)+"-"+strconv.FormatInt(k.rel, 10)+"-"+strconv.FormatInt(k.to, 10)+"@"+strconv.FormatInt(k.since, 10), "link.missing")
	}
	return err
}

// refs holds the blob references against the bodies.
func (v *verifier) refs() error {
	err := v.each("SELECT org, sha256, id, version FROM blob_ref", 4, func(r row) error {
		digest, _ := r.text(1)
		id, _ := r.text(2)
		n, okN := r.int(3)
		key := digest + "/" + id + "/" + strconv.FormatInt(n, 10)
		if o, ok := r.int(0); !ok || o != org || !okN || !v.wantRefs[key] {
			v.r.Wrong("blob_ref/"+key, "blob_ref.extra")
			return nil
		}
		delete(v.wantRefs, key)
		return nil
	})
	for key := range v.wantRefs {
		v.r.Wrong("blob_ref/"+key, "blob_ref.missing")
	}
	return err
}

// head holds the head row against the tree.
func (v *verifier) head() error {
	found := false
	err := v.each("SELECT org, size, root FROM head", 3, func(r row) error {
		o, okOrg := r.int(0)
		size, okSize := r.int(1)
		root, _ := r.bytes(2)
		want := v.tree.Root()
		if !okOrg || o != org {
			v.r.Wrong("head/"+show(r[0]), "head.extra")
			return nil
		}
		found = true
		if !okSize || size != v.tree.Size() || !bytes.Equal(root, want[:]) {
			v.r.Wrong("head/"+show(r[0]), "head.value")
		}
		return nil
	})
	if err == nil && !found && v.tree.Size() > 0 {
		v.r.Wrong("head/1", "head.missing")
	}
	return err
}

// checkpoints verifies every signature and that each signed root is the tree's.
func (v *verifier) checkpoints() error {
	newest := int64(0)
	err := v.each("SELECT org, size, note FROM checkpoint ORDER BY size", 3, func(r row) error {
		path := "checkpoint/" + show(r[1])
		o, okOrg := r.int(0)
		size, okSize := r.int(1)
		text, okText := r.bytes(2)
		if !okOrg || o != org || !okSize || !okText {
			v.r.Wrong(path, "checkpoint.column")
			return nil
		}
		c, err := v.key.OpenCheckpoint(text)
		if err != nil {
			v.r.Wrong(path, "checkpoint.signature")
			return nil //nolint:nilerr // the finding is recorded
		}
		if c.Size != size {
			v.r.Wrong(path, "checkpoint.column")
			return nil
		}
		if size > v.tree.Size() {
			v.r.Wrong(path, "checkpoint.beyond", "Size", v.tree.Size())
			return nil
		}
		if root := v.rootAt[size]; root != c.Root && (size != 0 || c.Root != (&ledger.Tree{}).Root()) {
			v.r.Wrong(path, "checkpoint.root")
			return nil
		}
		newest = size
		return nil
	})
	if err == nil && v.s.cfg.Signer != nil && newest < v.tree.Size() {
		v.r.Unknown("checkpoint", "checkpoint.unsigned", "Signed", newest, "Size", v.tree.Size())
	}
	return err
}
