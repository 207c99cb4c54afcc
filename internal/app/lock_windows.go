package app

import (
	"errors"
	"os"
	"path/filepath"

	"golang.org/x/sys/windows"

	"bevis/internal/fault"
)

// lockDir takes the data directory for this process alone. The lock ends with the
// process, however it ends.
func lockDir(name string) (*os.File, error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "app.dir", "Dir", filepath.Dir(name))
	}
	flags := uint32(windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY)
	if err := windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, &windows.Overlapped{}); err != nil {
		return nil, errors.Join(fault.Wrap(err, fault.Busy, "app.locked", "Dir", filepath.Dir(name)), f.Close())
	}
	return f, nil
}
