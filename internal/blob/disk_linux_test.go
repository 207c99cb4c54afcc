package blob_test

import (
	"bytes"
	"io"
	"path/filepath"
	"syscall"
	"testing"

	"bevis/internal/blob/blobtest"
	"bevis/internal/fault"
)

// F3: a disk that is full or became read-only is said so, loses nothing that was
// acknowledged, keeps nothing half, and works again when it is mended.
func TestDiskFaults(t *testing.T) {
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=1m,mode=0700"); err != nil {
		t.Skipf("skipped: mounting a small disk needs root: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(disk, syscall.MNT_DETACH); err != nil {
			t.Errorf("unmount %s: %v", disk, err)
		}
	})
	d := open(t, filepath.Join(disk, "blobs"))
	first, err := d.Put(t.Context(), bytes.NewReader(blobtest.Bytes(1, 500<<10)), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 { // a failed attempt must not eat the space of the next one
		_, err = d.Put(t.Context(), bytes.NewReader(blobtest.Bytes(2, 700<<10)), 1<<20)
		if !fault.Is(err, "blob.disk_full") || fault.KindOf(err) != fault.Unavailable {
			t.Fatalf("full disk: %v", err)
		}
	}
	if all := blobtest.All(t, d); len(all) != 1 {
		t.Errorf("kept %v", all)
	}
	noTemporaries(t, disk)
	if _, err := d.Put(t.Context(), bytes.NewReader(blobtest.Bytes(3, 300<<10)), 1<<20); err != nil {
		t.Errorf("what fits: %v", err)
	}

	if err := syscall.Mount("", disk, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Put(t.Context(), bytes.NewReader([]byte("x")), 1); !fault.Is(err, "blob.disk_failed") {
		t.Errorf("read-only disk, put: %v", err)
	}
	if err := d.Delete(t.Context(), first.SHA256); !fault.Is(err, "blob.delete") {
		t.Errorf("read-only disk, delete: %v", err)
	}
	if err := d.Verify(t.Context(), first.SHA256); err != nil {
		t.Errorf("read-only disk, verify: %v", err)
	}
	if err := syscall.Mount("", disk, "", syscall.MS_REMOUNT, ""); err != nil {
		t.Fatal(err)
	}
	if err := d.Delete(t.Context(), first.SHA256); err != nil {
		t.Fatal(err)
	}
	r := io.LimitReader(bytes.NewReader(blobtest.Bytes(2, 700<<10)), 700<<10)
	if ref, err := d.Put(t.Context(), r, 1<<20); err != nil || d.Verify(t.Context(), ref.SHA256) != nil {
		t.Errorf("after space came back: %v", err)
	}
}

// A pipe in the place of a blob must not make the verifier wait for ever.
func TestPipeInPlaceOfBlob(t *testing.T) {
	dir := t.TempDir()
	d := open(t, dir)
	digest := blobtest.Digest([]byte("x"))
	if _, err := d.Put(t.Context(), bytes.NewReader([]byte("x")), 1); err != nil {
		t.Fatal(err)
	}
	if err := d.Delete(t.Context(), digest); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(dir, digest[:2], digest), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := d.Verify(t.Context(), digest); !fault.Is(err, "blob.damaged") {
		t.Errorf("verify: %v", err)
	}
}
