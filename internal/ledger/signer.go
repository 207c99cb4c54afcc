package ledger

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/mod/sumdb/tlog"

	"bevis/internal/fault"
)

// Signer signs checkpoints and remembers, outside the database and its backups,
// the last one it signed. Before each signature it demands a proof that the new
// tree contains the remembered one, so a database that was restored to an older
// state and went on differently is never signed (threat T23).
type Signer struct {
	key   PrivateKey
	state string // file
}

// NewSigner returns a signer whose memory is the file state.
func NewSigner(key PrivateKey, state string) *Signer { return &Signer{key: key, state: state} }

// Key is the public half.
func (s *Signer) Key() Key { return s.key.Key }

// Sign signs a message that is not a checkpoint, for example a package manifest.
func (s *Signer) Sign(message []byte) ([]byte, error) { return s.key.Sign(message) }

// Last is the last signed checkpoint; ok is false when none was ever signed here.
func (s *Signer) Last() (c Checkpoint, ok bool, err error) {
	raw, err := os.ReadFile(s.state)
	if errors.Is(err, fs.ErrNotExist) {
		return Checkpoint{}, false, nil
	}
	if err != nil {
		return Checkpoint{}, false, fmt.Errorf("ledger: read signer state: %w", err)
	}
	c, err = s.key.OpenCheckpoint(raw)
	if err != nil {
		return Checkpoint{}, false, fault.Wrap(err, fault.Conflict, "ledger.state_damaged", "File", filepath.Base(s.state))
	}
	return c, true, nil
}

// Checkpoint signs the tree (size, root) after proving that it extends the last
// signed one; hashes are the tree's stored hashes. It fails with fault.Conflict
// and key ledger.fork when the tree is smaller than, or not an extension of,
// what was signed before.
func (s *Signer) Checkpoint(size int64, root tlog.Hash, hashes tlog.HashReader) ([]byte, error) {
	last, ok, err := s.Last()
	if err != nil {
		return nil, err
	}
	if ok {
		if err := extends(last, size, root, hashes); err != nil {
			return nil, fault.Wrap(err, fault.Conflict, "ledger.fork", "Signed", last.Size, "Size", size)
		}
	}
	signed, err := s.key.SignCheckpoint(Checkpoint{Origin: s.key.Origin, Size: size, Root: root})
	if err != nil {
		return nil, err
	}
	if ok && last.Size == size {
		return signed, nil // Ed25519 is deterministic: the same note again
	}
	if err := writeFile(s.state, signed); err != nil {
		return nil, fmt.Errorf("ledger: remember the signature: %w", err)
	}
	return signed, nil
}

func extends(last Checkpoint, size int64, root tlog.Hash, hashes tlog.HashReader) error {
	if last.Size > size {
		return fmt.Errorf("ledger: %d leaves were signed, there are %d", last.Size, size)
	}
	if last.Size == 0 {
		return nil
	}
	if last.Size == size {
		if last.Root != root {
			return fmt.Errorf("ledger: another root was signed at size %d", size)
		}
		return nil
	}
	proof, err := tlog.ProveTree(size, last.Size, hashes)
	if err != nil {
		return fmt.Errorf("ledger: prove consistency: %w", err)
	}
	return tlog.CheckTree(proof, size, root, last.Size, last.Root)
}

// writeFile replaces a small file durably: temporary file, fsync, rename, fsync
// of the folder.
func writeFile(name string, data []byte) error {
	dir := filepath.Dir(name)
	f, err := os.CreateTemp(dir, ".signed-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // gone already once it was renamed
	if _, err := f.Write(data); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), name); err != nil {
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
