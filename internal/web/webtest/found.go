package webtest

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"bevis/internal/account"
	"bevis/internal/app"
	"bevis/internal/authz"
	"bevis/internal/framework"
	"bevis/internal/scope"
)

// founding is a workspace as it was founded, to be laid out again for the next test:
// founding one hashes the first administrator's password at its full cost and loads
// the criteria.
type founding struct {
	now   time.Time // the clock after it
	files []file
}

type file struct {
	name string
	mode fs.FileMode
	data []byte
}

var (
	foundings  = map[string]founding{}
	foundingMu sync.Mutex
)

// found opens a newly founded workspace whose categories are cats.
func (h *House) found(cats framework.Categories) {
	h.T.Helper()
	foundingMu.Lock()
	defer foundingMu.Unlock()
	o := app.Options{Dir: filepath.Join(h.T.TempDir(), "data"), Clock: h.clock}
	key := fmt.Sprint(h.now.UnixMicro(), cats)
	f, ok := foundings[key]
	if !ok {
		a, err := app.Init(h.Operator, o, app.Founding{
			Organisation: scope.Organisation{Name: "Norrsken Exempel AB", Zone: "Europe/Stockholm", Categories: cats},
			Admin:        account.NewUser{Email: "administrator@norrsken.example", Name: "Amina Yusuf", Roles: []authz.Role{authz.Administrator}, Password: Password},
		})
		h.Must(err)
		account.CheapForTests(h.T, a.Accounts)
		h.Must(a.Accounts.ResetPassword(h.Operator, "administrator@norrsken.example", Password))
		h.Must(a.Close())
		f = founding{now: h.now, files: h.pick(o.Dir)}
		foundings[key] = f
	} else {
		h.lay(o.Dir, f.files)
		h.now = f.now
	}
	var err error
	h.App, err = app.Open(h.Operator, o)
	h.Must(err)
	account.CheapForTests(h.T, h.App.Accounts)
}

// pick reads what stands in a directory, lay writes it into another.
func (h *House) pick(dir string) (out []file) {
	h.T.Helper()
	h.Must(filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		f := file{mode: info.Mode()}
		if f.name, err = filepath.Rel(dir, path); err != nil {
			return err
		}
		if !e.IsDir() {
			f.data, err = os.ReadFile(path)
		}
		out = append(out, f)
		return err
	}))
	return out
}

func (h *House) lay(dir string, files []file) {
	h.T.Helper()
	for _, f := range files {
		path := filepath.Join(dir, f.name)
		if f.mode.IsDir() {
			h.Must(os.MkdirAll(path, f.mode.Perm()))
		} else {
			h.Must(os.WriteFile(path, f.data, f.mode.Perm()))
		}
	}
}
